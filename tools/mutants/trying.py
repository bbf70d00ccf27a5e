"""Trying mutants: each in a copy of the project, against the one test named for it."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from tools.mutants.mutant import Mutant, NoLongerAppliesError

ROOT = Path(__file__).parents[2]
COPIED = ("src", "tests", "demo", "tools", "pyproject.toml")
PATIENCE = 300
"""Seconds after which a test that does not end counts as one that noticed: a mistake can hang a server."""

PASSED, FAILED = 0, 1
"""Of pytest's exit codes those that say something about the code; any other says that no test was run."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a mutant.

    Attributes:
        word: `killed`, `survived`, `does not apply` or `no test ran`.
        why: what there is to say besides; empty for a mutant that was killed.
    """

    mutant: Mutant
    word: str
    seconds: float
    why: str = ""


class Copies:
    """Copies of the project, one for each worker; a test runs in one that no other test uses."""

    def __init__(self, folder: Path, number: int) -> None:
        self._free: SimpleQueue[Path] = SimpleQueue()
        for name in range(number):
            self._free.put(_copy(folder / str(name)))

    @contextmanager
    def one(self) -> Iterator[Path]:
        """Borrow a copy."""
        tree = self._free.get()
        try:
            yield tree
        finally:
            self._free.put(tree)


def baseline(copies: Copies, mutants: Sequence[Mutant]) -> str:
    """Run every named test on the code as it is; return what pytest said if not all pass, else nothing.

    A test that fails anyway would kill every mutant.
    """
    with copies.one() as tree:
        done = _pytest(
            tree, "--numprocesses=2", "--dist=loadfile", *sorted({mutant.test for mutant in mutants})
        )
    return "" if done.returncode == PASSED else done.stdout[-4000:]


def tried(copies: Copies, mutant: Mutant) -> Outcome:
    """Make the mistake, run its test, take the mistake back."""
    began = time.monotonic()
    with copies.one() as tree:
        try:
            with mutant.within(tree):
                word, why = _verdict(tree, mutant)
        except NoLongerAppliesError as error:
            word, why = "does not apply", str(error)
        except subprocess.TimeoutExpired:
            word, why = "killed", ""
    return Outcome(mutant, word, time.monotonic() - began, why)


def _verdict(tree: Path, mutant: Mutant) -> tuple[str, str]:
    done = _pytest(tree, "-x", mutant.test)
    if done.returncode == FAILED:
        return "killed", ""
    if done.returncode == PASSED:
        return "survived", ""
    return "no test ran", done.stdout[-1000:]


def _pytest(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest on a copy; the packages are those of this environment, the project is the copy's own."""
    environment = {**os.environ, "PYTHONPATH": str(tree / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=no", *arguments]
    return subprocess.run(  # noqa: S603  (our own tests, named in this folder)
        command, cwd=tree, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def _copy(tree: Path) -> Path:
    tree.mkdir()
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
        else:
            shutil.copy2(source, tree / name)
    return tree
