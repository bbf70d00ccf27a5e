"""Notices: one line each about something new in a log, or about the log itself."""

from dataclasses import dataclass
from enum import StrEnum

from vestibule.verdict import wording


class Kind(StrEnum):
    """What a notice is about; the values are what a webhook receives."""

    PARTNER = "partner"
    KEY = "key"
    PRIVILEGE = "privilege"
    WITHDRAWAL = "withdrawal"
    SUSPENSION = "suspension"
    RELATIONSHIP = "relationship"
    REPORT = "report"
    FIRST_READ = "first-read"
    FIRST_REFUSAL = "first-refusal"
    RECONCILIATION = "reconciliation"
    BREACH = "breach"
    SPLIT_VIEW = "split-view"
    SMALLER = "smaller"
    UNFIT = "unfit"
    NO_EPOCH = "no-epoch"
    NO_QUORUM = "no-quorum"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a reader should know.

    Attributes:
        kind: what it is about.
        day: UTC day number: the leaf's, or, without a leaf, that on which it was found.
        text: one line, for people.
        leaf: index of the leaf, None if it is about the log as a whole.
    """

    kind: Kind
    day: int
    text: str
    leaf: int | None = None

    def line(self) -> str:
        """Write it for people: day, leaf, kind, text."""
        where = "the log" if self.leaf is None else f"leaf {self.leaf}"
        return f"{wording.day(self.day)}  {where}  {self.kind}: {self.text}"

    def as_json(self) -> dict[str, str | int | None]:
        """Give its fields for programs."""
        return {"kind": str(self.kind), "day": wording.day(self.day), "leaf": self.leaf, "text": self.text}
