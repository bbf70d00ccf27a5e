"""`make bench`: prints, for each thing measured, what it is measured against and their ratio."""

import argparse
import os
import platform
from pathlib import Path

from bench import audit, history, leaves, reads, sends


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description="Measure, side by side in the same run.")
    parser.add_argument(
        "--corpus", type=Path, help="JSON lines (or .gz) with a `text` each, to send real words"
    )
    parser.add_argument("--messages", type=int, default=40_000, help="messages a round (default: 40000)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, taken in turn (default: 3)")
    parser.add_argument(
        "--only", choices=("sends", "reads", "leaves", "history", "audit"), help="one benchmark alone"
    )
    args = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    if args.only in (None, "sends"):
        sends.measure(args.corpus, args.messages, args.rounds)
    if args.only in (None, "reads"):
        reads.measure(args.rounds)
    if args.only in (None, "leaves"):
        leaves.measure(args.rounds)
    if args.only in (None, "audit"):
        audit.measure(args.rounds)
    if args.only in (None, "history"):
        history.measure(args.rounds)


if __name__ == "__main__":
    main()
