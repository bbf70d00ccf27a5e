"""From drafts to leaves: counters, tags, commitments, order. Pure but for the random bytes of commitments."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from vestibule.ledger import leaf as leaves
from vestibule.ledger import tags
from vestibule.ledger.commitment import commit
from vestibule.ledger.errors import LedgerError
from vestibule.ledger.opening import Private
from vestibule.recorder.drafts import Append, Draft, Effect, Registration
from vestibule.recorder.errors import Unrecordable
from vestibule.recorder.lanes import LaneName, Lanes


@dataclass(frozen=True, slots=True)
class Built:
    """A leaf that has everything but its place in the log.

    Attributes:
        append: which append of the pool it belongs to, and which item of it.
        sort_key: leaves of one batch stand in the order of their tags, so that arrival order stays private.
        lane: whose lane it is on, None for register leaves.
        ends: whether it ends a grant.
    """

    append: int
    item: int
    sort_key: bytes
    leaf: bytes
    lane: LaneName | None
    ends: bool
    counter: int
    r: bytes
    private: bytes
    effect: Effect | None


def build_event(draft: Draft, *, append: int, item: int, lanes: Lanes, day: int, at: int) -> Built:
    """Give an event its counter, tag and commitment."""
    name = (draft.partner, draft.lane, draft.subject)
    lane = lanes[name]
    counter = lane.next
    private = Private(
        person=tags.partner_person_id(lane.key),
        lane=draft.lane,
        counter=counter,
        partner=draft.partner,
        kind=draft.kind,
        op=draft.op,
        at=at,
        grant=draft.grant,
        conversation=draft.conversation,
        messages=draft.messages,
        n=draft.items or draft.n,
        request=draft.request,
        extra=dict(draft.extra),
    ).encode()
    r = secrets.token_bytes(32)
    tag = tags.tag(lane.key, counter)
    event = leaves.Event(
        kind=draft.kind,
        op=draft.op,
        partner=draft.partner,
        n=draft.n,
        basis=draft.basis,
        day=day,
        tag=tag,
        commitment=commit(r, private),
    )
    leaf = leaves.encode(event)
    lane.next += 1
    return Built(append, item, tag, leaf, name, draft.kind == "end", counter, r, private, draft.effect)


def build_registration(registration: Registration, *, append: int, item: int, day: int) -> Built:
    """Make a register leaf for the day it is placed on."""
    leaf = leaves.encode(registration.leaf_on(day))
    return Built(append, item, b"", leaf, None, False, 0, b"", b"", registration.effect)  # noqa: FBT003  (a field)


def build_append(append: Append, lanes: Lanes, *, number: int, day: int, at: int) -> list[Built]:
    """Build an append's leaves.

    Raises:
        Unrecordable: if one of them is not of the ledger's grammar; no counter has moved then.
    """
    built: list[Built] = []
    try:
        for item, draft in enumerate(append.items):
            if isinstance(draft, Registration):
                built.append(build_registration(draft, append=number, item=item, day=day))
            else:
                built.append(build_event(draft, append=number, item=item, lanes=lanes, day=day, at=at))
    except LedgerError as error:
        for leaf in built:
            if leaf.lane is not None:
                lanes[leaf.lane].next -= 1
        raise Unrecordable(str(error)) from error
    return built


def build(
    pool: Sequence[Append], lanes: Lanes, *, day: int, at: int
) -> tuple[list[Built], dict[int, Unrecordable]]:
    """Build the leaves of a pool in the order in which they go into the log.

    The order says nothing about arrival: events by tag, then ends by tag (an event that was decided before
    an end must not stand behind it), then register leaves (the same for withdrawals), in their order.

    Returns:
        the leaves, and by number the appends that do not make any.
    """
    everything: list[Built] = []
    refused: dict[int, Unrecordable] = {}
    for number, append in enumerate(pool):
        try:
            everything += build_append(append, lanes, number=number, day=day, at=at)
        except Unrecordable as error:
            refused[number] = error
    return sorted(everything, key=_place), refused


def _place(built: Built) -> tuple[int, bytes]:
    if built.lane is None:
        return 2, b""
    return (1 if built.ends else 0), built.sort_key
