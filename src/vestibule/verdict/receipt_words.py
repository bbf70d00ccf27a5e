"""What a receipt shows, in plain words: the leaf that everybody can see, and a private half if it has one."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from vestibule.ledger.epoch import EpochLeaf
from vestibule.ledger.leaf import (
    Event,
    Genesis,
    KeyLeaf,
    PartnerLeaf,
    PrivilegeLeaf,
    ReconcileLeaf,
    RelationshipLeaf,
    ReportLeaf,
    SuspensionLeaf,
    Withdrawal,
)
from vestibule.ledger.opening import NO_GRANT
from vestibule.verdict import wording
from vestibule.verdict.rests import who_vouches

if TYPE_CHECKING:
    from vestibule.ledger.leaf import Leaf, RegisterLeaf
    from vestibule.ledger.opening import Private
    from vestibule.verdict.receipt import Receipt
    from vestibule.verdict.trust import Trust

NO_PRIVATE_HALF = "nothing: the receipt has no private half, so that it is about nobody in particular"
ONE_LEAF = (
    "a receipt shows that this leaf is in the log; not what else is in it, and not that what it says is so"
)
NOT_CHECKED = (
    "that signature was not checked: its key is in another leaf (vestibule verify was-served --opening)"
)


def public(receipt: Receipt) -> tuple[str, ...]:
    """Say what everybody can see."""
    return f"on {wording.day(receipt.leaf.day)}: {leaf(receipt.leaf)}", receipt.text


def private(receipt: Receipt) -> tuple[str, ...]:
    """Say what the receipt shows beyond it; the leaf's commitment binds every word of it."""
    if not isinstance(receipt.leaf, Event):
        return ()
    if receipt.private is None:
        return (NO_PRIVATE_HALF,)
    return tuple(_opened(receipt.leaf, receipt.private, bound=receipt.lane_key is not None))


def rests_on(receipt: Receipt, trust: Trust) -> tuple[str, ...]:
    """List what the receipt rests on, and what it does not show."""
    return *who_vouches(receipt.verified, trust), ONE_LEAF


def leaf(found: Leaf) -> str:
    """Say what a leaf says."""
    if not isinstance(found, Event):
        return _registered(found)
    # An exposure shows 1 in the leaf, whatever the true number is.
    items = None if found.kind == "exposure" else found.n
    return f"{found.partner}: {wording.event(found, items, 'a person')}"


def _registered(found: RegisterLeaf) -> str:
    match found:
        case Genesis():
            said = f"the log {found.origin} begins"
        case PartnerLeaf():
            said = f"{found.legal_entity} is registered as {found.partner}: {found.name}, {found.home_origin}"
        case KeyLeaf():
            until = "" if found.until_day is None else f" to {wording.day(found.until_day)}"
            days = f"from {wording.day(found.from_day)}{until}"
            said = f"{found.partner}: key {found.key_id} is registered, {days}"
        case PrivilegeLeaf():
            until = wording.day(found.until_day)
            said = f"{found.partner}: may ask people for {found.scope} to {until}: {found.purpose}"
        case Withdrawal():
            said = f"{found.partner}: may no longer ask people for {found.scope}"
        case SuspensionLeaf():
            said = f"{found.partner}: {'no longer ' if found.lifted else ''}suspended by the {found.by}"
        case RelationshipLeaf():
            said = f"{found.partner} and the operator: {found.kind}, {found.band}"
        case ReconcileLeaf():
            said = f"{found.partner}: has signed its own counts over the first {found.size} leaves"
        case ReportLeaf():
            said = f"{found.partner}: {wording.report(found)}"
        case EpochLeaf():
            said = f"an epoch over the first {found.size} leaves, {found.count} of them events"
        case _:
            assert_never(found)
    return said


def _opened(event: Event, private: Private, *, bound: bool) -> list[str]:
    at = wording.moment(private.at)
    lines = [
        f"{event.partner} {wording.event(event, private.n)}",
        *([f"for this reason: {why}"] if (why := wording.reason(event, private.extra)) else []),
        *([f"she agreed {how}"] if (how := wording.how_agreed(private.extra)) else []),
        f"decided at {at} UTC; number {private.counter}, from 0 on, of the lane {private.lane}",
        f"{event.partner} knows this person as {private.person}"
        + ("" if bound else "; without the lane's key this is not checked"),
    ]
    if private.conversation:
        hashes = wording.count(len(private.messages), "message")
        lines.append(f"conversation {private.conversation}, with the SHA-256 of {hashes}")
    if private.grant != NO_GRANT:
        lines.append(f"it rests on the agreement in leaf {private.grant}")
    if private.request is not None:
        request = private.request
        lines.append(f"asked for by {request.method} {request.target_uri}, signed with {request.key_id}")
        lines.append(NOT_CHECKED)
    return lines
