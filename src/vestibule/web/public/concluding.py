"""What anybody can conclude from a partner's page, what it rests on, and what nobody can. Pure functions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from vestibule.ledger.counting import is_own_request
from vestibule.partners.register import Partner
from vestibule.recorder.public_record import PartnerRecord
from vestibule.verdict.company import is_same_entity
from vestibule.verdict.wording import GATE_ALONE
from vestibule.web.public.partner_page import Row
from vestibule.web.public.spans import Span


@dataclass(frozen=True, slots=True)
class Conclusion:
    """Something that the log shows of a partner, or does not.

    Attributes:
        what: what it is about, in short.
        words: what can be said of it.
    """

    what: str
    words: str


def ids_of_entity(partner: Partner, partners: Sequence[Partner]) -> tuple[Partner, ...]:
    """List every partner id of a partner's legal entity, its own first."""
    others = (one for one in partners if one.partner_id != partner.partner_id)
    return (partner, *(one for one in others if is_same_entity(one.legal_entity, partner.legal_entity)))


def is_counted_through(record: PartnerRecord) -> bool:
    """Say whether the partner's newest count matches the log's, and takes in its last request."""
    if not record.reconciliations or not record.reconciliations[-1].matches:
        return False
    size = record.reconciliations[-1].leaf.size
    last = [count.last for (_, kind, op, _), count in record.daily.items() if is_own_request(f"{kind}/{op}")]
    return all(index < size for index in last)


def provable(
    partner: Partner, record: PartnerRecord, spans: Sequence[Span], read: Row | None
) -> Iterator[Conclusion]:
    """Say what anybody can conclude, for whom the log is the one that everybody is shown."""
    name = partner.name
    if spans:
        asked = f"What is listed above, on those days, and nothing else; each signed by {name} itself."
    else:
        asked = f"Nothing, on no day: there is no privilege of {name} in {record.size} lines."
    yield Conclusion("What it could ask people for", asked)
    rests = f"an honest gate or an honest {name}" if is_counted_through(record) else GATE_ALONE
    yield Conclusion(
        "What it was given through connections",
        f"{_answers(read)}. Each has its line before it leaves; that none is missing rests on {rests}.",
    )
    yield Conclusion(
        "What it did about one person",
        "She can tell from her own file, and show it to whom she likes: every event, or that there is none.",
    )


def not_provable(partner: Partner, *, attested: bool) -> Iterator[Conclusion]:
    """Say what nobody can conclude.

    Args:
        partner: whose page it is.
        attested: whether anybody but the operator is asked to sign the log.
    """
    name = partner.name
    yield Conclusion("What it did afterwards", f"With what it received {name} can do what no log sees.")
    yield Conclusion(
        "Reads beside the gate", "Who runs the machines can read the database, which is recorded by no log."
    )
    yield Conclusion(
        "Whom it concerned",
        "The log names no person, no conversation, no message and no time of day; how many different people "
        "there were it knows only as at most.",
    )
    yield Conclusion(
        "Other ties, other names",
        f"That nothing else ties it and the operator, and that {partner.legal_entity} has no id under "
        "another name, is the word of the operator.",
    )
    if not attested:
        yield Conclusion(
            "That everybody is shown this log",
            "So far nobody but the operator signs it: keep a copy, and compare.",
        )


def _answers(read: Row | None) -> str:
    if read is None:
        return "No answer"
    return f"At most {read.events} {'answer' if read.events == 1 else 'answers'}"
