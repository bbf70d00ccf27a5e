"""Record, then let go (docs/log.md, order of release). Nothing else in the house hands data to a partner.

Decided -> recorded, in a signed and published checkpoint -> connection, token and privilege read again from
the store and found unchanged -> released. If anything in between fails, the caller gets an exception and
the partner no data.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from vestibule.connections.grants import Refusal
from vestibule.gate.errors import Refused
from vestibule.ledger import tags
from vestibule.ledger.request import SignedRequest
from vestibule.recorder.drafts import Append, Draft, Recorded
from vestibule.recorder.errors import LogUnavailable, Overtaken
from vestibule.recorder.recorder import Recorder


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose refusal a refusal is.

    Attributes:
        partner_id: who asked.
        subject: the person of the token, `NOBODY` without a live token.
        op: the operation asked for.
        request: the signed request.
    """

    partner_id: str
    subject: bytes
    op: str
    request: SignedRequest


async def refuse(recorder: Recorder, caller: Caller, refusal: Refusal) -> Refused:
    """Record a refusal and return what the partner is told. It never names people or conversations."""
    draft = Draft(
        "refusal", caller.op, caller.partner_id, tags.SHARED, caller.subject, 0, request=caller.request
    )
    recorded = await recorder.append(Append((draft,)))
    return Refused(
        refusal.code, refusal.sentence, partner_id=caller.partner_id, op=caller.op, recorded=recorded
    )


async def record(recorder: Recorder, caller: Caller, append: Append) -> tuple[Recorded, ...]:
    """Record events, and carry out what they set in motion, where that is the release.

    Raises:
        Refused: if what an event stands on has ended meanwhile; nothing of it is recorded then.
        LogUnavailable: if the log cannot record, publish or carry it out now.
    """
    try:
        recorded = await recorder.append(append)
    except Overtaken as error:
        raise await refuse(recorder, caller, Refusal("overtaken", str(error))) from error
    if not recorded:
        raise LogUnavailable("expected a leaf for each event, got none")
    return recorded


async def release(
    recorder: Recorder,
    caller: Caller,
    drafts: tuple[Draft, ...],
    unchanged: Callable[[], Awaitable[bool]],
) -> tuple[Recorded, ...]:
    """Record what is about to be released, and return only when it may be.

    Args:
        recorder: the log.
        caller: who asked.
        drafts: one event for everybody of whom the answer carries anything.
        unchanged: reads connection, token and privilege again, from the store.

    Raises:
        Refused: if what the request stands on changed meanwhile; the leaves stand, nothing leaves.
        LogUnavailable: if the log cannot record or publish now.
    """
    recorded = await record(recorder, caller, Append(drafts))
    if not await unchanged():
        await recorder.keep_back(caller.partner_id, recorded)
        changed = Refusal(
            "overtaken", "connection, token or privilege changed while the request was under way"
        )
        raise await refuse(recorder, caller, changed)
    return recorded
