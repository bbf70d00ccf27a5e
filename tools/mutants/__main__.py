"""`python -m tools.mutants`: makes every mistake in turn, says which test noticed; exits 1 unless all are."""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tools.mutants import of_connections, of_gate, of_oauth, of_people, of_signing, of_web
from tools.mutants.mutant import Mutant
from tools.mutants.trying import Copies, Outcome, baseline, tried

EVERY: tuple[Mutant, ...] = (
    *of_signing.MUTANTS,
    *of_gate.MUTANTS,
    *of_connections.MUTANTS,
    *of_oauth.MUTANTS,
    *of_web.MUTANTS,
    *of_people.MUTANTS,
)


def main() -> int:
    """Try the mutants; 0 if each was killed by the test named for it."""
    arguments = _arguments()
    mutants = [mutant for mutant in EVERY if arguments.only in mutant.name or arguments.only in mutant.file]
    workers = min(os.cpu_count() or 1, len(mutants))
    if not mutants:
        print(f"no mutant has {arguments.only!r} in its name or file", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="vestibule-mutants-") as folder:
        copies = Copies(Path(folder), workers)
        if said := baseline(copies, mutants):
            print(f"the named tests do not all pass on the code as it is:\n{said}", file=sys.stderr)
            return 2
        with ThreadPoolExecutor(workers) as pool:
            return _told(pool.map(partial(tried, copies), mutants))


def _told(outcomes: Iterable[Outcome]) -> int:
    """Print the table as it comes; return the exit code."""
    print(f"{'what the server does wrong':62} {'file':42} {'':14} {'seconds':>7}  test")
    wrong = killed = 0
    for outcome in outcomes:
        mutant, test = outcome.mutant, outcome.mutant.test.removeprefix("tests/")
        file = mutant.file.removeprefix("src/vestibule/")
        print(f"{mutant.name:62} {file:42} {outcome.word:14} {outcome.seconds:7.1f}  {test}", flush=True)
        if outcome.word == "killed":
            killed += 1
        else:
            wrong += 1
            print(outcome.why, file=sys.stderr)
    print(f"{killed} killed, each by the test named for it; {wrong} not")
    return 1 if wrong else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make mutants ARGS=...", description=__doc__)
    parser.add_argument("--only", default="", help="those with this in their name or file")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
