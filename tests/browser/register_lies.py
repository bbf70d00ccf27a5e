"""Register leaves that no honest log has: what is told, and what the page says of it."""

from collections.abc import Callable
from typing import Any

from tests.verdict.log_builder import DAY, LogBuilder
from vestibule.ledger import canonical, leaf
from vestibule.ledger.fortnight import Fortnight

Tell = Callable[[LogBuilder], object]

FIRST = Fortnight.of(DAY - 14).first


def report(**other: Any) -> Tell:
    """Tell of a report with other fields than a leaf may have."""
    fields = leaf.ReportLeaf("jukebox", FIRST, 1, "agrees", 0, bytes(32), bytes(32), DAY).fields()
    return lambda log: log.entries.append(canonical.encode(fields | other))


REGISTER: dict[str, tuple[Tell, str]] = {
    "a suspension lifted twice": (
        lambda log: log.add(leaf.SuspensionLeaf("jukebox", "operator", lifted=True, day=log.day)),
        "expected a suspension to lift",
    ),
    "a tie with nobody": (
        lambda log: log.add(
            leaf.RelationshipLeaf("nobody", "payment", "much", DAY, None, "ab" * 32, log.day)
        ),
        "expected a registered partner, got nobody",
    ),
    "a report out of turn": (
        lambda log: log.add(leaf.ReportLeaf("jukebox", FIRST, 2, "agrees", 0, bytes(32), bytes(32), log.day)),
        "expected edition 1 of a report of jukebox, got 2",
    ),
    "a report of nobody": (
        lambda log: log.add(leaf.ReportLeaf("nobody", FIRST, 1, "agrees", 0, bytes(32), bytes(32), log.day)),
        "expected a registered partner, got nobody",
    ),
    "a report before the fortnight is over": (
        report(**{"from": FIRST + 14}),
        f"expected day {FIRST + 28} or later for a fortnight agrees, got {DAY}",
    ),
    "a report of a fortnight from a Tuesday": (
        report(**{"from": FIRST + 1}),
        f"expected the first day of a fortnight, got {FIRST + 1}",
    ),
    "a missing report with a table": (report(verdict="missing"), "expected no table of theirs"),
    "a report of more tolerance than all": (report(tolerance=101), "expected a tolerance of at most 100 %"),
    "a report of another verdict": (report(verdict="fine"), "expected a verdict like agrees"),
}
