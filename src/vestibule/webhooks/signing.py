"""Signatures of Standard Webhooks (spec, signature scheme), asymmetric: `v1a`, Ed25519.

Every partner is signed to by a key of its own, so that none can pass on to another what it was sent. All of
them are made of one seed of the platform. After a rotation the earlier seed signs along for a while: a
partner that has not fetched the new key yet still finds a signature of the one it knows.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from vestibule.ledger import ed25519

OVERLAP = 7 * 86_400
"""Seconds for which an earlier key signs along."""


@dataclass(frozen=True, slots=True)
class Seed:
    """32 secret bytes, and since when they are used (seconds since 1970)."""

    since: int
    secret: bytes

    def of(self, partner_id: str) -> bytes:
        """Derive the seed of the key that signs to one partner."""
        return blake2b(
            partner_id.encode(), key=self.secret, digest_size=32, person=b"vestibule/hook"
        ).digest()

    def public_of(self, partner_id: str) -> bytes:
        """Return the 32 public bytes of the key that signs to one partner."""
        return ed25519.public_of(self.of(partner_id))


def in_force(seeds: Sequence[Seed], now: int) -> tuple[Seed, ...]:
    """Return the seeds that sign, newest first: the newest, and any whose successor is younger than OVERLAP.

    Args:
        seeds: all there are.
        now: seconds since 1970.
    """
    newest_first = sorted(seeds, key=lambda seed: seed.since, reverse=True)
    followed = zip(newest_first[1:], newest_first, strict=False)
    return (*newest_first[:1], *(seed for seed, by in followed if now < by.since + OVERLAP))


def headers(seeds: Sequence[bytes], message_id: str, at: int, body: bytes) -> dict[str, str]:
    """Sign a webhook; return its three header fields.

    Args:
        seeds: of the keys that sign, newest first.
        message_id: the same at every try.
        at: when it is sent, seconds since 1970.
        body: the bytes that are sent.
    """
    content = f"{message_id}.{at}.".encode() + body
    signatures = [base64.b64encode(ed25519.sign(seed, content)).decode() for seed in seeds]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1a,{signature}" for signature in signatures),
    }


def serialized(public: bytes) -> str:
    """Write a public key as Standard Webhooks does."""
    return "whpk_" + base64.b64encode(public).decode()
