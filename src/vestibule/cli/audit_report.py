"""How an audit is printed, for people and for programs."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vestibule.cli.report import printable, trusts
from vestibule.tlog.encoding import to_base64
from vestibule.verdict import wording
from vestibule.verdict.rests import who_vouches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vestibule.ledger.history import Breach, History
    from vestibule.verdict.trust import Trust
    from vestibule.verdict.vouched import Vouched

EXIT_CLEAN = 0
EXIT_BREACH = 4
NOT_AUDITED = (
    "that the right grant was in force for an event is checked by person and partner, not by an auditor",
    "a read of the database beside the gate is recorded by no log",
)


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit has found.

    Attributes:
        trust: whose keys.
        verified: the checkpoint that was audited, and who vouches for it.
        history: what its leaves say.
        breaches: what breaks a rule, in order of index.
        refused: why it is not cosigned; None if it may be.
        cosignature: the auditor's line over it; None without a key.
    """

    trust: Trust
    verified: Vouched
    history: History
    breaches: tuple[Breach, ...]
    refused: str | None
    cosignature: str | None = None

    @property
    def exit_code(self) -> int:
        """0 for a clean log, 4 for any other."""
        return EXIT_CLEAN if self.refused is None else EXIT_BREACH


def as_text(audit: Audit) -> str:
    """Write a report for people: the answer first, then what was counted, then every breach."""
    return "\n".join(printable(line) for line in _lines(audit))


def as_json(audit: Audit) -> str:
    """Write a report for programs."""
    checkpoint = audit.verified.checkpoint
    value: dict[str, Any] = {
        "trusts": trusts(audit.trust, audit.verified),
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": to_base64(checkpoint.root),
        "clean": audit.refused is None,
        "refused": audit.refused,
        "breaches": [{"leaf": one.index, "message": one.message} for one in audit.breaches],
        "epochs": len(audit.history.epochs),
        "totals": [
            {"partner": p, "kind": kind, "op": op, "basis": basis, "events": events, "items": items}
            for (p, kind, op, basis), (events, items) in sorted(audit.history.totals.items())
        ],
        "rests_on": list(_rests_on(audit)),
        "cosignature": audit.cosignature,
        "exit": audit.exit_code,
    }
    return json.dumps(value, indent=1)


def _lines(audit: Audit) -> Iterator[str]:
    yield trusts(audit.trust, audit.verified)
    yield ""
    yield f"Does every public leaf of {audit.verified.origin} keep the log's rules?   {_answer(audit)}"
    yield ""
    if audit.refused is not None and not audit.breaches:
        yield f"refused: {audit.refused}"
    if audit.breaches:
        yield "breaches"
        yield from (f"  leaf {one.index}: {one.message}" for one in audit.breaches)
    yield "found"
    yield from (f"  {line}" for line in _found(audit.history))
    yield "rests on"
    yield from (f"  {line}" for line in _rests_on(audit))


def _answer(audit: Audit) -> str:
    size = wording.count(audit.history.size, "leaf", "leaves")
    if audit.refused is None:
        return f"yes   (all {size}, to checkpoint {audit.verified.checkpoint.size})"
    if not audit.breaches:
        return "no"
    return f"no   ({wording.count(len(audit.breaches), 'breach', 'breaches')} in {size})"


def _found(history: History) -> Iterator[str]:
    if history.genesis is not None:
        yield f"days {wording.day(history.genesis.day)} to {wording.day(history.day)}"
    covered = f", the newest over {history.epochs[-1].leaf.size} leaves" if history.epochs else ""
    yield f"{wording.count(len(history.epochs), 'epoch')}{covered}; {wording.count(len(history.tags), 'tag')}"
    unequal = sum(not one.matches for one in history.reconciles)
    counts = wording.count(len(history.reconciles), "signed count of a partner", "signed counts of partners")
    yield f"{counts}, {unequal} of them unlike the log's"
    for partner in sorted({partner for partner, *_ in history.totals} | history.partners.keys()):
        yield from _of_partner(history, partner)


def _of_partner(history: History, partner: str) -> Iterator[str]:
    leaf = history.partners.get(partner)
    yield partner if leaf is None else f"{partner} ({leaf.name}, {leaf.legal_entity})"
    for (whose, kind, op, basis), (events, items) in sorted(history.totals.items()):
        if whose == partner:
            counted = wording.count(events, "event") + (f", {wording.count(items, 'item')}" if items else "")
            yield f"  {kind}/{op} on basis {basis}: {counted}"


def _rests_on(audit: Audit) -> Iterator[str]:
    checkpoint = audit.verified.checkpoint
    yield f"checkpoint: {checkpoint.origin}, size {checkpoint.size}, root {to_base64(checkpoint.root)}"
    yield from who_vouches(audit.verified, audit.trust)
    yield from NOT_AUDITED
