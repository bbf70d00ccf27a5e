"""Webhooks of the platform, verified (Standard Webhooks, signature scheme `v1a`: Ed25519). Pure functions."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from vestibule.ledger import ed25519
from vestibule.sdk.errors import BadAnswer, BadKey, BadWebhook
from vestibule.sdk.typed import Fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PREFIX: Final = "whpk_"
SCHEME: Final = "v1a,"
PUBLIC_BYTES = 32
MOST_SECONDS = 300
"""How far a webhook's time may be from ours."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """What the platform tells: ids alone, by which to ask.

    Attributes:
        id: the same at every try: remember it, and do nothing the second time.
        topic: such as `message.created`.
        data: ids by name; `person` and `connection` are always among them.
    """

    id: str
    topic: str
    data: Mapping[str, str]


def verified(headers: Mapping[str, str], body: bytes, keys: Iterable[str], *, now: float) -> Webhook:
    """Verify a webhook and read it.

    Args:
        headers: fields by name, in any case.
        body: the bytes as they arrived.
        keys: this partner's public keys, `whpk_` and base64, as `Client.webhook_keys` returns them.
        now: seconds since 1970.

    Raises:
        BadWebhook: it is not the platform's, not of now, or malformed; answer 400, and do nothing.
        BadKey: a key is not one.
    """
    fields = {name.lower(): value for name, value in headers.items()}
    message_id, at = fields.get("webhook-id", ""), fields.get("webhook-timestamp", "")
    if not (message_id and at.isascii() and at.isdecimal()):
        raise BadWebhook("expected webhook-id and webhook-timestamp, got none that can be read")
    signed = f"{message_id}.{at}.".encode() + body
    given = list(_signatures(fields.get("webhook-signature", "")))
    if not any(ed25519.is_valid(_public(key), signed, one) for key in keys for one in given):
        raise BadWebhook(f"webhook {message_id:.80}: expected a v1a signature by one of our keys, got none")
    if abs(now - int(at)) > MOST_SECONDS:
        raise BadWebhook(f"webhook {message_id:.80}: expected one of the last {MOST_SECONDS} s, got {at}")
    return _read(message_id, body)


def _signatures(field: str) -> Iterable[bytes]:
    for one in field.split(" "):
        try:
            signature = base64.b64decode(one.removeprefix(SCHEME), validate=True)
        except ValueError:
            continue
        if one.startswith(SCHEME) and len(signature) == ed25519.SIGNATURE_LENGTH:
            yield signature


def _public(key: str) -> bytes:
    try:
        public = base64.b64decode(key.removeprefix(PREFIX), validate=True)
    except ValueError:
        public = b""
    if not key.startswith(PREFIX) or len(public) != PUBLIC_BYTES:
        raise BadKey(f"webhook key: expected {PREFIX} and {PUBLIC_BYTES} bytes in base64, got {key:.80}")
    return public


def _read(message_id: str, body: bytes) -> Webhook:
    try:
        value: Any = json.loads(body)
        fields = Fields(f"webhook {message_id:.80}", value)
        return Webhook(message_id, fields.text("type"), fields.mapping("data"))
    except (ValueError, BadAnswer) as error:
        raise BadWebhook(f"webhook {message_id:.80}: {error}") from error
