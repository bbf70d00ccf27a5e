"""Refuses unfinished work and god modules; prints how large modules and functions are.

Reads the Python files of the repository and writes nothing.
"""

import ast
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

MEASURED = ("src", "tests")
FINISHED = (*MEASURED, "demo", "bench")
"""Folders in which no leftover may stand; tools/ itself has to spell them."""

LEFTOVER = re.compile(
    r"\b(?:TODO|FIXME|XXX)\b|\braise NotImplementedError\b|\btime\.sleep\(|\bpytest\.mark\.(?:skip\b|xfail)"
)
MOST_MODULE_LINES = 500
MOST_FUNCTION_LINES = 70


@dataclass(frozen=True, slots=True)
class Sized:
    """A module or a function and its lines, a function's docstring left out."""

    place: str
    lines: int


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file, its path relative to the repository."""

    path: Path
    text: str

    def module(self) -> Sized:
        """Measure the whole file."""
        return Sized(str(self.path), self.text.count("\n"))

    def functions(self) -> Iterator[Sized]:
        """Measure every function, methods and inner functions too."""
        for node in ast.walk(ast.parse(self.text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield Sized(f"{self.path}:{node.lineno} {node.name}", _span(node) - _docstring(node))

    def leftovers(self) -> Iterator[str]:
        """Yield a complaint for each line that says the work is not done."""
        for number, line in enumerate(self.text.splitlines(), 1):
            if LEFTOVER.search(line):
                yield f"{self.path}:{number}: {line.strip()[:90]}"

    def too_large(self) -> Iterator[str]:
        """Yield a complaint for a file or a function over its limit."""
        for sized, most in chain(
            [(self.module(), MOST_MODULE_LINES)],
            ((function, MOST_FUNCTION_LINES) for function in self.functions()),
        ):
            if sized.lines > most:
                yield f"{sized.place}: {sized.lines} lines, more than {most}"


def _span(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _docstring(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return 0 if ast.get_docstring(node, clean=False) is None else _span(node.body[0])


def sources(root: Path, folder: str) -> list[Source]:
    """Read every Python file under one folder of the repository."""
    paths = sorted((root / folder).rglob("*.py"))
    return [Source(path.relative_to(root), path.read_text(encoding="utf-8")) for path in paths]


def distribution(what: str, sizes: Sequence[Sized]) -> str:
    """Say in one line how large these are: median, p90, p99 and the largest with its place."""
    if not sizes:
        return f"0 {what}"
    ordered = sorted(sizes, key=lambda sized: sized.lines)
    median, p90, p99 = (ordered[(len(ordered) - 1) * percent // 100].lines for percent in (50, 90, 99))
    largest = ordered[-1]
    return (
        f"{len(ordered)} {what}, lines: median {median}, p90 {p90}, p99 {p99},"
        f" largest {largest.lines} ({largest.place})"
    )


def main(root: Path) -> int:
    """Check the repository at `root` and return the exit status: 1 with complaints, else 0."""
    read = {folder: sources(root, folder) for folder in FINISHED}
    for folder in MEASURED:
        print(distribution(f"modules in {folder}", [source.module() for source in read[folder]]))
        print(
            distribution(f"functions in {folder}", [f for source in read[folder] for f in source.functions()])
        )
    complaints = [
        complaint
        for source in chain.from_iterable(read.values())
        for complaint in chain(source.leftovers(), source.too_large())
    ]
    print("\n".join(complaints) or "no leftovers, nothing too large")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parent.parent))
