"""The register leaf of an engagement report: what came of it, and what both tables can be held to."""

import re
from dataclasses import dataclass
from typing import Any, Final, Self

from vestibule.ledger.errors import LeafError
from vestibule.ledger.fields import NAME, Reader, b64, need_bytes, need_count, need_match
from vestibule.ledger.fortnight import Fortnight

AGREES: Final = "agrees"
DIFFERS: Final = "differs"
MISSING: Final = "missing"
MOST_PERCENT: Final = 100

_VERDICT = re.compile(f"{AGREES}|{DIFFERS}|{MISSING}")


@dataclass(frozen=True, slots=True)
class ReportLeaf:
    """A partner's report of a fortnight beside the platform's own, or that there is none.

    Attributes:
        partner: whose (wire `p`).
        first: the UTC day number of the fortnight's first day (wire `from`).
        edition: 1 for the first filing, one more for each correction; 0 if there is none (wire `edition`).
        verdict: `agrees`, `differs` or `missing` (wire `verdict`).
        tolerance: by how many percent a count may differ and yet agree (wire `tolerance`).
        ours: 32 bytes, the authentication code of the platform's table (wire `ours`, base64).
        theirs: the same of the partner's table, None if it is missing (wire `theirs`, left out then).
        day: UTC day number of this leaf (wire `d`).
    """

    partner: str
    first: int
    edition: int
    verdict: str
    tolerance: int
    ours: bytes
    theirs: bytes | None
    day: int

    def __post_init__(self) -> None:
        need_match("a partner id", NAME, self.partner)
        fortnight = self.fortnight
        need_count("an edition", self.edition)
        need_match("a verdict", _VERDICT, self.verdict)
        need_count("a tolerance", self.tolerance)
        if self.tolerance > MOST_PERCENT:
            raise LeafError(f"expected a tolerance of at most {MOST_PERCENT} %, got {self.tolerance}")
        need_bytes("a code", self.ours, 32)
        if self.theirs is not None:
            need_bytes("a code", self.theirs, 32)
        is_missing = self.verdict == MISSING
        if (self.edition == 0) != is_missing or (self.theirs is None) != is_missing:
            raise LeafError("expected edition 0 and no table of theirs where it is missing, and only there")
        need_count("a day", self.day)
        earliest = fortnight.due if is_missing else fortnight.over_on
        if self.day < earliest:
            raise LeafError(
                f"expected day {earliest} or later for a fortnight {self.verdict}, got {self.day}"
            )

    @property
    def fortnight(self) -> Fortnight:
        """Which one it is about."""
        return Fortnight(self.first)

    @property
    def is_late(self) -> bool:
        """Whether a first edition with this day is late."""
        return self.day >= self.fortnight.due

    def fields(self) -> dict[str, Any]:
        """Give the wire fields, `v` and `k` included."""
        wire: dict[str, Any] = {"v": 1, "k": "report", "p": self.partner, "from": self.first}
        wire |= {"edition": self.edition, "verdict": self.verdict, "tolerance": self.tolerance}
        wire |= {"ours": b64(self.ours), "d": self.day}
        return wire if self.theirs is None else wire | {"theirs": b64(self.theirs)}

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """Build from decoded fields; `v` and `k` are already taken."""
        return cls(
            partner=reader.text("p"),
            first=reader.number("from"),
            edition=reader.number("edition"),
            verdict=reader.text("verdict"),
            tolerance=reader.number("tolerance"),
            ours=reader.binary("ours"),
            theirs=reader.binary("theirs") if reader.has("theirs") else None,
            day=reader.number("d"),
        )
