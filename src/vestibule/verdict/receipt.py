"""Receipts: the check a partner makes before it touches what it was given, and anybody can make later."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from vestibule.ledger import canonical, tags
from vestibule.ledger.commitment import Opening
from vestibule.ledger.errors import LedgerError
from vestibule.ledger.leaf import Event, Leaf, parse
from vestibule.ledger.opening import Private
from vestibule.ledger.statements import ASYNCHRONOUS
from vestibule.tlog.errors import QuorumError, TlogError
from vestibule.tlog.policy import NONE
from vestibule.tlog.proof import TlogProof
from vestibule.tlog.proof import verify as verify_proof
from vestibule.verdict.errors import BadReceipt
from vestibule.verdict.vouched import Vouched, vouched

if TYPE_CHECKING:
    from vestibule.ledger.request import SignedRequest
    from vestibule.verdict.trust import Trust

VERSION = 1


@dataclass(frozen=True, slots=True)
class Receipt:
    """A leaf shown to be in the log the policy trusts, and its private half where the receipt has one.

    Attributes:
        index: the leaf's place.
        leaf: what the public sees.
        text: the leaf's canonical JSON.
        private: the private half; it opens the leaf's commitment. None where the receipt has none, as for
            register leaves and in the receipts that everybody may have.
        lane_key: key of the shared lane; person and tag follow from it. None where the receipt has none.
        verified: the checkpoint it leads to, and who vouches for it.
    """

    index: int
    leaf: Leaf
    text: str
    private: Private | None
    lane_key: bytes | None
    verified: Vouched


@dataclass(frozen=True, slots=True)
class Release:
    """A receipt that a partner may act on: about its own request, in the one lane there can be.

    Attributes:
        index: the leaf's place.
        event: what the public sees.
        private: the private half.
        lane_key: makes the tags of this person's lane.
        person: this partner's id of her, made of the lane key.
        size: tree size of the checkpoint it leads to.
    """

    index: int
    event: Event
    private: Private
    lane_key: bytes
    person: str
    size: int


def open_receipt(text: str | bytes, trust: Trust) -> Receipt:
    """Check that a receipt's leaf is in the log and that its private half, and lane key, are that leaf's.

    Raises:
        BadReceipt: another log's receipt, a proof that leads elsewhere, another leaf's opening or lane key.
    """
    try:
        proof = TlogProof.parse(text)
        extra = _Extra(canonical.decode(proof.extra or b""))
        leaf_bytes = extra.text("leaf").encode()
        verified = _verified(proof, leaf_bytes, trust)
        leaf = parse(leaf_bytes)
        lane_key = private = None
        if isinstance(leaf, Event) and extra.has_opening:
            lane_key = extra.lane_key()
            private = extra.opening(proof.index, leaf, lane_key)
    except (TlogError, LedgerError) as error:
        raise BadReceipt(f"receipt: {error}") from error
    return Receipt(proof.index, leaf, leaf_bytes.decode(), private, lane_key, verified)


def check_release(text: str | bytes, trust: Trust, *, partner: str, request: SignedRequest) -> Release:
    """Check a receipt as the partner that asked: person and tag are the ones that the lane key gives.

    Whether the counter is new and the person the one asked for, is the caller's to compare. That the lane
    key is the one of her VRF proof, only the person can check; to her and to the partner it gives one id.

    Args:
        text: the receipt, a C2SP tlog-proof.
        trust: the policy.
        partner: the caller's own id.
        request: the caller's own signed request, which the opening must carry unchanged.

    Raises:
        BadReceipt: naming the first difference, expected and got.
    """
    receipt = open_receipt(text, trust)
    event, private = receipt.leaf, receipt.private
    where = f"receipt of leaf {receipt.index}"
    if not isinstance(event, Event):
        raise BadReceipt(f"{where}: expected an event, got a {type(event).__name__} leaf")
    if private is None:
        raise BadReceipt(f"{where}: expected an opening, got none")
    if event.partner != partner:
        raise BadReceipt(f"{where}: expected an event of partner {partner}, got one of {event.partner}")
    if private.lane != tags.SHARED:
        raise BadReceipt(f"{where}: expected the lane {tags.SHARED}, got {private.lane}")
    if receipt.lane_key is None:
        raise BadReceipt(f"{where}: expected a lane key, got none")
    _check_request(private, request, where)
    size = receipt.verified.checkpoint.size
    if private.counter >= size:
        raise BadReceipt(f"{where}: expected a counter below the log's size {size}, got {private.counter}")
    return Release(receipt.index, event, private, receipt.lane_key, private.person, size)


def _verified(proof: TlogProof, entry: bytes, trust: Trust) -> Vouched:
    try:
        verified = verify_proof(proof, entry, trust.policy)
    except QuorumError:
        if trust.statements.mode != ASYNCHRONOUS:
            raise
        # Such a platform hands receipts out before its witnesses have answered: they attest no time.
        verified = verify_proof(proof, entry, replace(trust.policy, quorum=NONE))
    return vouched(verified, proof.checkpoint_note, trust)


def _check_request(private: Private, request: SignedRequest, where: str) -> None:
    carried = private.request
    if carried is None:
        raise BadReceipt(f"{where}: expected our signed request in the opening, got none")
    if (carried.base, carried.signature) != (request.base, request.signature):
        raise BadReceipt(
            f"{where}: expected our {request.method} {request.target_uri:.200}, nonce {request.nonce}, "
            f"got {carried.method} {carried.target_uri:.200}, nonce {carried.nonce}"
        )


class _Extra:
    """The receipt's extra line: unsigned, hence believed only as far as leaf and commitment bear it out."""

    def __init__(self, value: dict[str, Any]) -> None:
        self._value = value
        if value.get("v") != VERSION:
            raise BadReceipt(f"receipt, extra: expected version {VERSION}, got {value.get('v')!r:.80}")

    @property
    def has_opening(self) -> bool:
        return "r" in self._value or "private" in self._value

    def text(self, name: str) -> str:
        found = self._value.get(name)
        if not isinstance(found, str):
            raise BadReceipt(f"receipt, extra: expected text in {name!r}, got {type(found).__name__}")
        return found

    def opening(self, index: int, event: Event, lane_key: bytes | None) -> Private:
        opening = Opening(index, self._binary("r"), self.text("private").encode())
        opening.opens(event)
        private = Private.parse(opening.private)
        if lane_key is not None:
            private.agrees_with(event, lane_key)
        return private

    def lane_key(self) -> bytes | None:
        return self._binary("lane_key") if "lane_key" in self._value else None

    def _binary(self, name: str) -> bytes:
        try:
            return base64.b64decode(self.text(name), validate=True)
        except ValueError:
            raise BadReceipt(f"receipt, extra: expected base64 in {name!r}") from None
