"""Everybody and everything an act needs at hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from demo.people import NAMES, Person

if TYPE_CHECKING:
    from demo.printing import Printer
    from demo.stage import Stage


@dataclass(slots=True)
class Cast:
    """The people by name, the stage, the printer, and what one act leaves for the next.

    Attributes:
        talk: path of the conversation between Ana and Bob.
        group: path of the group's conversation.
        served: what Jukebox counts by the end, events and messages.
    """

    stage: Stage
    printer: Printer
    people: dict[str, Person] = field(default_factory=dict)
    talk: str = ""
    group: str = ""
    served: tuple[int, int] = (0, 0)

    def assemble(self) -> None:
        """Give everybody a browser."""
        self.people = {name: Person(name, self.stage.platform) for name in NAMES}

    def __getitem__(self, name: str) -> Person:
        return self.people[name]
