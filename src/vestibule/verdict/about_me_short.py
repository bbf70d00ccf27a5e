"""The second question about one person, answered by her short proof instead of a replay."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from vestibule.ledger.days import SECONDS_A_DAY
from vestibule.verdict import meaning, wording
from vestibule.verdict.company import Company
from vestibule.verdict.errors import UnknownPartner
from vestibule.verdict.found import described, leaves_of
from vestibule.verdict.period import Span
from vestibule.verdict.rests import who_vouches
from vestibule.verdict.verdict import Answer, Verdict

if TYPE_CHECKING:
    from vestibule.verdict.found import Found
    from vestibule.verdict.short_history import ShortHistory


def about_me_short(short: ShortHistory, partner: str | None, called: str, *, tail_read: bool) -> Verdict:
    """Is any release to this partner, or to any in the proof, recorded about this person?

    Args:
        short: the checked proof, with what the log's tail adds to it if that was read.
        partner: an id in the proof; None for all of them.
        called: her name, for the wording alone.
        tail_read: whether the log behind the epoch was read.

    Raises:
        UnknownPartner: if the proof says nothing about this partner.
    """
    company = _company(short, partner)
    lanes = {place: lane for place, lane in short.lanes.items() if place[0] in company.partners}
    span = Span(None, 0, short.verified.checkpoint.size)
    found = leaves_of(lanes, span)
    answer, summary = _answer(short, found, called, tail_read=tail_read)
    return Verdict(
        question=wording.about_me(company, called, None),
        answer=answer,
        summary=summary,
        meaning=meaning.about_me(answer, company.name, called),
        company=company,
        findings=tuple(described(lanes, found, span)),
        rests_on=_rests_on(short, company, called, tail_read=tail_read),
    )


def _company(short: ShortHistory, partner: str | None) -> Company:
    if partner is None:
        number = wording.count(len(short.partners), "partner")
        return Company(f"any of {number}", "", short.partners)
    if partner not in short.partners:
        known = ", ".join(short.partners) or "none"
        raise UnknownPartner(f"no partner {partner!r} in this proof; it is about: {known}")
    return Company(partner, "", (partner,))


def _answer(short: ShortHistory, found: list[Found], called: str, *, tail_read: bool) -> tuple[Answer, str]:
    releases = sum(leaf.is_release for leaf in found)
    size = short.verified.checkpoint.size
    where = f"to checkpoint {size}" if tail_read else f"first {short.epoch.size} leaves"
    numbers = f"{releases} of {called}'s {wording.count(len(found), 'event')}, {where}"
    if releases:
        return Answer.PROVEN_YES, numbers
    if not all(leaf.opened for leaf in found):
        return Answer.NOT_PROVABLE, f"{numbers}; the proof is older than some of them"
    if not short.audited.auditors:
        return Answer.NOT_PROVABLE, f"{numbers}; {wording.MAP_UNAUDITED}"
    if not tail_read and (behind := _days_behind(short)) > 1:
        return Answer.NOT_PROVABLE, f"{numbers}; {wording.OLD_EPOCH.format(days=behind)}"
    return Answer.PROVEN_NO, f"{numbers}; rests on an auditor's replay and on {wording.GATE_ALONE}"


def _days_behind(short: ShortHistory) -> int:
    """Count the days from the epoch to the auditors' newest cosignature.

    Whoever makes the proof picks the epoch. There is one every day, so that an older one may be picked to
    leave out what came after it.
    """
    newest = max(one.at for one in short.audited.auditors)
    return newest // SECONDS_A_DAY - short.epoch.day


def _rests_on(short: ShortHistory, company: Company, called: str, *, tail_read: bool) -> tuple[str, ...]:
    checkpoint, epoch = short.verified.checkpoint, short.epoch
    root = base64.b64encode(checkpoint.root).decode()
    audited = short.audited
    auditors = ", ".join(one.name for one in audited.auditors)
    by = f"{auditors}, to size {audited.checkpoint.size}" if auditors else "nobody counted"
    where = f"leaf {short.epoch_index} of {wording.day(epoch.day)}"
    tags, leaves = wording.count(epoch.count, "tag"), wording.count(epoch.size, "leaf", "leaves")
    return (
        f"checkpoint: {checkpoint.origin}, size {checkpoint.size}, root {root}",
        f"epoch: {where}, {tags} of the first {leaves} in its map",
        f"leaves from {epoch.size} on: {'read here' if tail_read else 'not looked at'}",
        *who_vouches(short.verified, short.trust),
        f"replay: none here; by {by}. It finds out if the map leaves an event out",
        wording.SHORT_COUNTERS,
        f"honesty: {wording.GATE_ALONE}",
        wording.subject(called),
        *(line.format(name=company.name) for line in wording.ALWAYS),
    )
