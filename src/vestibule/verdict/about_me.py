"""The second question, about one person: is any release recorded? From the public log and her own file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vestibule.ledger import tags
from vestibule.verdict import wording
from vestibule.verdict.company import company_of
from vestibule.verdict.grants import unfounded
from vestibule.verdict.lane import CheckedLane, check_lane
from vestibule.verdict.person_file import LANES
from vestibule.verdict.reconciled import reconciled
from vestibule.verdict.rests import breaches, rests_on
from vestibule.verdict.verdict import Answer, Verdict

if TYPE_CHECKING:
    from vestibule.ledger.leaf import Event
    from vestibule.verdict.company import Company
    from vestibule.verdict.log_view import LogView
    from vestibule.verdict.person_file import PersonFile

RELEASES = frozenset({"access", "exposure", "notify"})
"""Kinds by which something of a person reaches a partner. A dialog send reaches her, a refusal nobody."""
SOMEBODY = "this person"


@dataclass(frozen=True, slots=True)
class Found:
    """A leaf about the person, and whether her file opens it."""

    index: int
    event: Event
    opened: bool

    @property
    def is_release(self) -> bool:
        """Whether something of hers reached the partner."""
        return self.event.kind in RELEASES


def about_me(view: LogView, partner: str, person: PersonFile, called: str = SOMEBODY) -> Verdict:
    """Is any release to the partner's company recorded about this person?

    Args:
        view: the verified log.
        partner: a partner id on its register.
        person: her own file.
        called: her name, for the wording alone.

    Raises:
        UnknownPartner: if the register has no such partner.
        BadPersonFile: if the file is of another log, contradicts this one, or the log skips a counter.
    """
    company = company_of(view.history, partner)
    missing = tuple(one for one in company.partners if one not in person.partners)
    if missing:
        return _file_too_old(view, company, missing, called)
    lanes = {(one, lane): check_lane(view, person, one, lane) for one in company.partners for lane in LANES}
    found = [leaf for checked in lanes.values() for leaf in _leaves(checked)]
    return _verdict(view, company, lanes, found, called)


def _leaves(lane: CheckedLane) -> list[Found]:
    opened = [Found(one.index, one.event, opened=True) for one in lane.opened]
    return opened + [Found(index, event, opened=False) for index, event in lane.unopened]


def _verdict(
    view: LogView,
    company: Company,
    lanes: dict[tuple[str, str], CheckedLane],
    found: list[Found],
    called: str,
) -> Verdict:
    releases = [leaf for leaf in found if leaf.is_release]
    broken = breaches(view, company)
    whose = wording.honest(company, reconciled=reconciled(view, company))
    if releases:
        answer = Answer.PROVEN_YES
    elif broken or not all(leaf.opened for leaf in found):
        answer = Answer.NOT_PROVABLE
    else:
        answer = Answer.PROVEN_NO
    numbers = f"{len(releases)} of {called}'s {wording.count(len(found), 'event')}"
    return Verdict(
        question=wording.about_me(company, called),
        answer=answer,
        summary=numbers if releases else f"{numbers}; rests on {whose}",
        company=company,
        findings=(
            *_known_as(lanes),
            *map(_finding, sorted(found, key=lambda leaf: leaf.index)),
            *(line for checked in lanes.values() for line in unfounded(checked)),
            *broken,
        ),
        rests_on=rests_on(view, company, *_assumptions(answer, whose, called)),
    )


def _file_too_old(view: LogView, company: Company, missing: tuple[str, ...], called: str) -> Verdict:
    listed = ", ".join(missing)
    return Verdict(
        question=wording.about_me(company, called),
        answer=Answer.NOT_PROVABLE,
        summary=f"the person file says nothing about {listed}; download a newer one",
        company=company,
        findings=(),
        rests_on=rests_on(view, company),
    )


def _known_as(lanes: dict[tuple[str, str], CheckedLane]) -> tuple[str, ...]:
    return tuple(
        f"{partner} knows this person as {tags.partner_person_id(checked.key)}"
        for (partner, lane), checked in lanes.items()
        if lane == tags.SHARED
    )


def _finding(leaf: Found) -> str:
    event = leaf.event
    what = f"leaf {leaf.index}: {event.kind} {event.op} by {event.partner} on {wording.day(event.day)}"
    counted = f"{what}, {wording.count(event.n, 'item')}"
    return counted if leaf.opened else f"{counted}; not in the file, which may be older than the checkpoint"


def _assumptions(answer: Answer, whose: str, called: str) -> tuple[str, ...]:
    if answer is Answer.PROVEN_YES:
        return (wording.PLATFORM_ALONE,)
    return (f"honesty: {whose}", wording.subject(called))
