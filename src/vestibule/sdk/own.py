"""What the platform keeps of a partner itself: its endpoint, what was sent there, its cards. Values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vestibule.ledger.leaf import KeyLeaf
from vestibule.sdk.typed import Fields
from vestibule.verdict.errors import BadReceipt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vestibule.verdict.receipt import Receipt


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where webhooks to this partner are sent.

    Attributes:
        url: the address.
        topics: what it is told of.
        disabled: why nothing is sent to it, "" while something is.
        failures: how many tries in a row have failed.
        keys: the public keys that webhooks are signed by, newest first, for `webhooks.verified`.
    """

    url: str
    topics: tuple[str, ...]
    disabled: str
    failures: int
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Try:
    """One try to deliver a webhook.

    Attributes:
        at: microseconds since 1970.
        status: the HTTP status, 0 without an answer.
        milliseconds: how long it took.
        answer: how the answer began, or what went wrong.
    """

    at: int
    status: int
    milliseconds: int
    answer: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook of the last 30 days.

    Attributes:
        id: its `webhook-id`.
        topic: such as `message.created`.
        state: `due`, `accepted` or `given up`.
        body: what was sent, or is to be.
        tries: oldest first.
    """

    id: str
    topic: str
    state: str
    body: str
    tries: tuple[Try, ...]


@dataclass(frozen=True, slots=True)
class Deliveries:
    """Some of the delivery log, newest first; `next` is the cursor of the next page, None at the end."""

    deliveries: tuple[Delivery, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class RegisteredCard:
    """The card of one of this partner's pages, as the platform read it.

    Attributes:
        id: stands for the card in a dialog's address and in a button.
        kind: what kind of thing it is about.
        title: what people see.
        picture: its address, "" for none.
        link: where it leads.
        exp: until when it counts, seconds since 1970.
        campaign: this partner's own word for it, "" for none.
    """

    id: str
    kind: str
    title: str
    picture: str
    link: str
    exp: int
    campaign: str


def endpoint(answer: Mapping[str, Any]) -> Endpoint:
    """Read an endpoint; raises BadAnswer if it is something else."""
    fields = Fields("webhooks answer", answer)
    return Endpoint(
        fields.text("url"),
        fields.texts("topics"),
        fields.text("disabled"),
        fields.number("failures"),
        fields.texts("keys"),
    )


def deliveries(answer: Mapping[str, Any]) -> Deliveries:
    """Read a page of the delivery log; raises BadAnswer if it is something else."""
    fields = Fields("deliveries answer", answer)
    further = fields.text("next") if fields.has("next") else None
    return Deliveries(tuple(map(_delivery, fields.each("deliveries"))), further)


def card(answer: Mapping[str, Any]) -> RegisteredCard:
    """Read a registered card; raises BadAnswer if it is something else."""
    fields = Fields("card answer", answer)
    return RegisteredCard(
        id=fields.text("id"),
        kind=fields.text("kind"),
        title=fields.text("title"),
        picture=fields.text("picture"),
        link=fields.text("link"),
        exp=fields.number("exp"),
        campaign=fields.text("campaign"),
    )


def registered_key(
    receipt: Receipt, *, partner: str, key_id: str, public: bytes | None = None, until_day: int | None = None
) -> int:
    """Check that a receipt is of a key's leaf, and return its index.

    Args:
        receipt: checked.
        partner: whose key.
        key_id: which.
        public: its 32 bytes, None if they are not to be compared.
        until_day: its last day, None for one without an end.

    Raises:
        BadReceipt: if it is another's.
    """
    leaf = receipt.leaf
    expected = (partner, key_id, until_day)
    if not isinstance(leaf, KeyLeaf) or (leaf.partner, leaf.key_id, leaf.until_day) != expected:
        raise BadReceipt(f"receipt of leaf {receipt.index}: expected key {key_id!r}, got {receipt.text:.200}")
    if public is not None and leaf.key != public:
        raise BadReceipt(f"receipt of leaf {receipt.index}: expected our public key, got {leaf.key.hex()}")
    return receipt.index


def _delivery(fields: Fields) -> Delivery:
    return Delivery(
        fields.text("id"),
        fields.text("topic"),
        fields.text("state"),
        fields.text("body"),
        tuple(
            Try(one.number("at"), one.number("status"), one.number("milliseconds"), one.text("answer"))
            for one in fields.each("tries")
        ),
    )
