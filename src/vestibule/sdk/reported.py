"""What came of an engagement report, as the platform says and the public leaf holds it to. Values."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vestibule.ledger.engagement import Counted, Placed, authenticate
from vestibule.ledger.fortnight import read_day
from vestibule.ledger.report import ReportLeaf
from vestibule.sdk.errors import BadAnswer
from vestibule.sdk.typed import Fields
from vestibule.verdict.errors import BadReceipt

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from vestibule.ledger.engagement import Table
    from vestibule.verdict.receipt import Receipt


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of a report; 0 says that none came in time.

    Attributes:
        number: 1 for the first filing.
        verdict: `agrees`, `differs` or `missing`.
        late: whether the first filing came after its last day.
        tolerance: in percent.
        leaf: where its leaf stands in the log.
    """

    number: int
    verdict: str
    late: bool
    tolerance: int
    leaf: int


@dataclass(frozen=True, slots=True)
class Differs:
    """A day and place that both sides do not count alike."""

    placed: Placed
    ours: Counted
    theirs: Counted


@dataclass(frozen=True, slots=True)
class Reported:
    """An edition with what only partner and auditor may know of it.

    Attributes:
        period: the fortnight's label.
        our_key: the random key of the platform's table.
        their_key: the one of the partner's; empty in edition 0.
        differences: all rows that differ; `ours` is the platform's count, `theirs` the partner's.
        receipt: the proof of its leaf.
    """

    period: str
    edition: Edition
    our_key: bytes
    their_key: bytes
    differences: tuple[Differs, ...]
    receipt: str

    def platforms(self, own: Table) -> Table:
        """Give the platform's table, from the partner's own."""
        return {**own, **{row.placed: row.ours for row in self.differences}}

    def check(self, receipt: Receipt, partner: str, own: Table | None) -> None:
        """Hold what was said to the leaf: whose it is, what came of it, and both tables.

        Raises:
            BadReceipt: naming what does not hold.
        """
        leaf = receipt.leaf
        if not isinstance(leaf, ReportLeaf):
            raise BadReceipt(f"receipt of leaf {receipt.index}: expected a report, got {receipt.text:.200}")
        said = (partner, self.period, self.edition.number, self.edition.verdict, self.edition.tolerance)
        stands = (leaf.partner, leaf.fortnight.label, leaf.edition, leaf.verdict, leaf.tolerance)
        if stands != said:
            raise BadReceipt(f"receipt of leaf {receipt.index}: expected {said}, got {stands}")
        if own is None:
            return
        if leaf.theirs != authenticate(self.their_key, own):
            raise BadReceipt(f"receipt of leaf {receipt.index}: expected the code of our table, got another")
        if leaf.ours != authenticate(self.our_key, self.platforms(own)):
            said_ours = "the code of the table that the differences give"
            raise BadReceipt(f"receipt of leaf {receipt.index}: expected {said_ours}, got another")


@dataclass(frozen=True, slots=True)
class Period:
    """A fortnight, and what is on record of it, newest edition first.

    Attributes:
        period: its label.
        last_day: the last UTC day on which a report is in time, YYYY-MM-DD.
        due: whether one is owed that is not filed yet.
    """

    period: str
    last_day: str
    due: bool
    editions: tuple[Edition, ...]


def reported(answer: Mapping[str, Any]) -> Reported:
    """Read an edition; raises BadAnswer if it is something else."""
    fields = Fields("report answer", answer)
    keys = Fields("report answer: keys", fields.get("keys"))
    receipts = fields.texts("receipts")
    if len(receipts) != 1:
        raise BadAnswer(f"report answer: receipts: expected one, got {len(receipts)}")
    return Reported(
        fields.text("period"),
        _edition(Fields("report answer: edition", fields.get("edition"))),
        _key(keys, "ours"),
        _key(keys, "theirs"),
        tuple(map(_differs, fields.each("differences"))),
        receipts[0],
    )


def periods(answer: Mapping[str, Any]) -> tuple[Period, ...]:
    """Read the list of fortnights; raises BadAnswer if it is something else."""
    return tuple(
        Period(
            one.text("period"),
            one.text("last_day"),
            one.flag("due"),
            tuple(map(_edition, one.each("editions"))),
        )
        for one in Fields("reports answer", answer).each("periods")
    )


def _edition(fields: Fields) -> Edition:
    return Edition(
        number=fields.number("edition"),
        verdict=fields.text("verdict"),
        late=fields.flag("late"),
        tolerance=fields.number("tolerance"),
        leaf=fields.number("leaf"),
    )


def _differs(fields: Fields) -> Differs:
    day = read_day(fields.text("day"))
    if day is None:
        raise BadAnswer(f"report answer: day: expected YYYY-MM-DD, got {fields.text('day')!r:.40}")
    placed = Placed(day, fields.text("interface"), fields.text("surface"), fields.text("variant"))
    sends, clicks = (Fields(f"report answer: {name}", fields.get(name)) for name in ("sends", "clicks"))
    ours, theirs = (Counted(sends.number(whose), clicks.number(whose)) for whose in ("ours", "theirs"))
    return Differs(placed, ours, theirs)


def _key(fields: Fields, name: str) -> bytes:
    try:
        return base64.b64decode(fields.text(name), validate=True)
    except ValueError as error:
        raise BadAnswer(f"report answer: keys: {name}: expected base64") from error
