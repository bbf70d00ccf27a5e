"""`make fuzz`: the same parsers under atheris, which learns from the code's own branches what to change next.

Each parser runs in a process of its own. Findings stay under .cache/fuzz, and the exit code tells of them.
"""

import argparse
import importlib
import os
import random
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

CACHE = Path(__file__).resolve().parent.parent.parent / ".cache" / "fuzz"
EXECUTIONS = re.compile(r"^Done (\d+) runs", re.MULTILINE)


def main() -> int:
    arguments = argparse.ArgumentParser(prog="fuzz", description="Fuzz every parser in turn.")
    arguments.add_argument("--seconds", type=int, default=20, help="for each parser (default: 20)")
    arguments.add_argument("--only", help="words in the name of the parsers to fuzz")
    arguments.add_argument("--one", help=argparse.SUPPRESS)
    args = arguments.parse_args()
    if args.one:
        return _fuzz(args.one, args.seconds)
    names = _names(args.only or "")
    found = [name for name in names if not _run(name, args.seconds)]
    print(f"{len(names)} parsers, {len(found)} with findings" + "".join(f"\n  {name}" for name in found))
    return 1 if found else 0


def _names(words: str) -> list[str]:
    parsers = importlib.import_module("tests.malformed.parsers").PARSERS
    return [parser.name for parser in parsers if words in parser.name]


def _run(name: str, seconds: int) -> bool:
    """Fuzz one parser in a new process; print how often, and what was found."""
    command = [sys.executable, "-m", "tests.malformed.fuzz", "--one", name, "--seconds", str(seconds)]
    done = subprocess.run(
        command, capture_output=True, text=True, errors="replace", timeout=seconds + 120, check=False
    )
    times = EXECUTIONS.search(done.stderr)
    print(f"{name:<24} {int(times[1]) if times else 0:>10,} executions, exit {done.returncode}", flush=True)
    if done.returncode:
        print(done.stderr[-3000:] + done.stdout[-3000:])
    return done.returncode == 0


def _fuzz(name: str, seconds: int) -> int:
    atheris: Any = importlib.import_module("atheris")  # installed by `make fuzz` alone
    with atheris.instrument_imports(include=["vestibule"]):
        parsers = importlib.import_module("tests.malformed.parsers").PARSERS
    mutate = importlib.import_module("tests.malformed.mutation").mutate
    [parser] = [one for one in parsers if one.name == name]

    def change(data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)  # noqa: S311  (to be repeated, not to be secret)
        changed = mutate(data, parser.samples, chance.randrange)
        return bytes(atheris.Mutate(changed[:most], most) if chance.random() < 1 / 2 else changed[:most])

    def one(data: bytes) -> None:
        complaint = parser.complaint(data)
        if complaint is not None:
            raise AssertionError(complaint)

    atheris.Setup(_options(name, parser.samples, seconds), one, custom_mutator=change)
    atheris.Fuzz()
    return 0


def _options(name: str, samples: Sequence[bytes], seconds: int) -> list[str]:
    """Write the samples as the corpus to begin with; give libFuzzer's command line."""
    folder = CACHE / re.sub(r"\W+", "-", name)
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, sample in enumerate(samples):
        (corpus / f"sample-{number}").write_bytes(sample)
    limits = [
        f"-max_total_time={seconds}",
        "-max_len=20000",
        "-timeout=20",
        "-verbosity=1",
        "-print_final_stats=0",
    ]
    return [sys.argv[0], *limits, f"-artifact_prefix={folder}{os.sep}", str(corpus)]


if __name__ == "__main__":
    sys.exit(main())
