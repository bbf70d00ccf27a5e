"""Who sent this request: a partner, by an RFC 9421 signature of a registered key. Reads `partner_key`.

Covered are @method, @target-uri, content-digest and authorization (docs/log.md, both sides sign). A nonce is
good once; requests signed before this process started are refused, so that the nonces need no table
(`partners.ahead` has the rest).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from vestibule.ledger import request as signing
from vestibule.ledger.days import SECONDS_A_DAY
from vestibule.ledger.errors import RequestError
from vestibule.ledger.request import SignedRequest
from vestibule.partners import ahead, register
from vestibule.partners.errors import RequestRefused
from vestibule.partners.once import Once
from vestibule.store import Store

WINDOW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it arrived.

    Attributes:
        target_uri: absolute, made from the configured origin, never from the Host header.
    """

    method: str
    target_uri: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Signed:
    """A request that a partner certainly sent.

    Attributes:
        jkt: RFC 7638 thumbprint of the key that the request was proven with (RFC 9449), None without proof.
    """

    partner_id: str
    request: SignedRequest
    jkt: str | None = None

    @property
    def token(self) -> str | None:
        """The DPoP-bound token it carries (RFC 9449 section 7.1), None without one."""
        scheme, _, token = (self.request.authorization or "").partition(" ")
        return token if scheme.lower() == "dpop" and token else None


def use_nonce(once: Once, partner_id: str, signed: SignedRequest, now: int) -> None:
    """Use up a request's nonce.

    Args:
        once: what was used before.
        partner_id: whose request.
        signed: the request.
        now: seconds since 1970.

    Raises:
        RequestRefused: if `created` is out of bounds or the nonce was used before.
    """
    if abs(now - signed.created) > WINDOW_SECONDS:
        raise RequestRefused(f"created: expected within {WINDOW_SECONDS} s of {now}, got {signed.created}")
    if signed.created < (since := once.since(partner_id)):
        raise RequestRefused(f"created: expected at or after this server's start at {since}; sign again")
    # A request dated ahead of our clock stays acceptable for two windows from now.
    if not once.use("signature", partner_id, signed.nonce, until=now + 2 * WINDOW_SECONDS, now=now):
        raise RequestRefused("nonce: used before; every request needs a new one")


async def authenticate(store: Store, once: Once, received: Received, now: int) -> Signed:
    """Find out which partner signed a request.

    Args:
        store: where the register is.
        once: what was used before.
        received: the request.
        now: microseconds since 1970.

    Raises:
        RequestRefused: if there is no valid signature by a key in force; nobody's event is recorded then.
    """
    seconds = now // 1_000_000
    try:
        signed = signing.parse(
            method=received.method,
            target_uri=received.target_uri,
            headers=received.headers,
            body=received.body,
        )
        partner_id, key = await _key_of(store, signed.key_id, seconds // SECONDS_A_DAY)
        signing.verify(signed, key.public)
    except RequestError as error:
        raise RequestRefused(f"signature: {error}") from error
    use_nonce(once, partner_id, signed, seconds)
    await ahead.note(store, once, partner_id, signed.created, seconds)
    return Signed(partner_id, signed)


async def _key_of(store: Store, keyid: str, day: int) -> tuple[str, register.PartnerKey]:
    """Find the key; a key id begins with its partner's id and a colon, so that it names both."""
    partner_id, _, _ = keyid.partition(":")
    for key in await register.keys_of(store, partner_id):
        if key.key_id == keyid and key.in_force(day):
            return partner_id, key
    raise RequestRefused(f"keyid: expected the id of a registered key in force, got {keyid!r}")
