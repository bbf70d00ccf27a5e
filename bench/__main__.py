"""`make bench`: prints, for each thing measured, what it is measured against and their ratio."""

import argparse
import os
import platform
from collections.abc import Callable
from pathlib import Path

from bench import (
    api_reads,
    audit,
    deciding,
    dying,
    engagement,
    history,
    leaves,
    prefix_map,
    reads,
    recommending,
    sends,
    webhooks,
)

BENCHES: dict[str, Callable[[argparse.Namespace], None]] = {
    "sends": lambda args: sends.measure(args.corpus, args.messages, args.rounds),
    "reads": lambda args: reads.measure(args.rounds),
    "api-reads": lambda args: api_reads.measure(args.rounds),
    "deciding": lambda args: deciding.measure(args.rounds),
    "dying": lambda args: dying.measure(args.rounds),
    "webhooks": lambda args: webhooks.measure(args.rounds),
    "recommending": lambda args: recommending.measure(args.rounds),
    "leaves": lambda args: leaves.measure(args.rounds),
    "audit": lambda args: audit.measure(args.rounds),
    "history": lambda args: history.measure(args.rounds),
    "map": lambda args: prefix_map.measure(args.tags),
    "engagement": lambda args: engagement.measure(args.events, args.rounds),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description="Measure, side by side in the same run.")
    parser.add_argument(
        "--corpus", type=Path, help="JSON lines (or .gz) with a `text` each, to send real words"
    )
    parser.add_argument("--messages", type=int, default=40_000, help="messages a round (default: 40000)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, taken in turn (default: 3)")
    parser.add_argument("--tags", type=int, default=1_000_000, help="size of the map (default: 1000000)")
    parser.add_argument("--events", type=int, default=10_000_000, help="to count (default: 10000000)")
    parser.add_argument("--only", choices=tuple(BENCHES), help="one benchmark alone")
    args = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for name, bench in BENCHES.items():
        if args.only in (None, name):
            bench(args)


if __name__ == "__main__":
    main()
