"""One mistake: what is replaced where, and the test that has to notice."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


class NoLongerAppliesError(Exception):
    """The code that a mutant replaces is not there, or not only there."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A mistake in one file.

    Attributes:
        name: what the server does wrong with it.
        file: relative to the project's root.
        search: the code that is replaced; stands in the file exactly once.
        replace: what stands there instead.
        test: the test named for it, as pytest's node id; parameters may be left out.
    """

    name: str
    file: str
    search: str
    replace: str
    test: str

    def applied_to(self, source: str) -> str:
        """Return the file's content with the mistake in it.

        Raises:
            NoLongerAppliesError: unless what is replaced stands there exactly once.
        """
        found = source.count(self.search)
        if found != 1:
            raise NoLongerAppliesError(
                f"{self.file}: expected {self.search!r:.80} once, found it {found} times"
            )
        return source.replace(self.search, self.replace)

    @contextmanager
    def within(self, tree: Path) -> Iterator[None]:
        """Make the mistake in a copy of the project, and take it back.

        Raises:
            NoLongerAppliesError: if it cannot be made.
        """
        path = tree / self.file
        source = path.read_text(encoding="utf-8")
        path.write_text(self.applied_to(source), encoding="utf-8")
        try:
            yield
        finally:
            path.write_text(source, encoding="utf-8")
