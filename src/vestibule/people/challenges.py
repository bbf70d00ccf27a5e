"""Challenges for passkeys: ours, short-lived, for one purpose and one asker, each used once.

Touches the table spent_challenge.

A challenge is sealed, and only a used one is stored: showing a page writes nothing, so that nobody fills the
store or pushes out what others were just given by asking for challenges.

    random(16) || expires(8, microseconds, big-endian) || HMAC-SHA256 over purpose, asker and what is before
"""

import hashlib
import hmac
import secrets
from typing import Literal

from vestibule.people.errors import PasskeyRefused
from vestibule.people.relying_party import RelyingParty
from vestibule.store import Store, Tx

Purpose = Literal["sign in", "add", "step up"]

LIFETIME = 5 * 60 * 1_000_000  # 5 minutes in microseconds
_RANDOM, _EXPIRES, _SEAL = 16, 8, 32

_SPEND = """
insert into spent_challenge (challenge_hash, expires_at) values (:challenge_hash, :expires_at)
on conflict do nothing
"""
RECOVER_OVER = """
delete from spent_challenge where challenge_hash in
    (select challenge_hash from spent_challenge where expires_at <= :now
     order by expires_at, challenge_hash limit 500)
"""


def issue(party: RelyingParty, purpose: Purpose, asker: bytes, now: int) -> bytes:
    """Make a challenge.

    Args:
        party: who asks.
        purpose: what the answer may be used for.
        asker: for whom, for instance a session's digest; b"" for nobody in particular.
        now: microseconds since 1970.
    """
    body = secrets.token_bytes(_RANDOM) + (now + LIFETIME).to_bytes(_EXPIRES, "big")
    return body + _seal(party, purpose, asker, body)


def check(party: RelyingParty, challenge: bytes, purpose: Purpose, asker: bytes, now: int) -> None:
    """Refuse what was not issued for this, or too long ago; whether it was used, `spend` says.

    Raises:
        PasskeyRefused: says why.
    """
    body = challenge[:-_SEAL]
    if len(body) != _RANDOM + _EXPIRES:
        raise PasskeyRefused("the challenge is none of ours")
    if not hmac.compare_digest(challenge[-_SEAL:], _seal(party, purpose, asker, body)):
        raise PasskeyRefused("the challenge is not for this")
    if _expires_at(challenge) <= now:
        raise PasskeyRefused("the challenge is too old")


async def spend(store: Store, challenge: bytes) -> None:
    """Use a checked challenge up.

    Raises:
        PasskeyRefused: it was used before.
    """

    async def write(tx: Tx) -> int:
        return await tx.run(_SPEND, challenge_hash=_digest(challenge), expires_at=_expires_at(challenge))

    if not await store.write(write):
        raise PasskeyRefused("the challenge was used before")


async def forget_expired(store: Store, now: int) -> int:
    """Forget some of the used challenges whose time is over; returns how many, 0 when none is left."""
    return await store.write(lambda tx: tx.run(RECOVER_OVER, now=now))


def _seal(party: RelyingParty, purpose: Purpose, asker: bytes, body: bytes) -> bytes:
    # Only the asker has no fixed length, and it stands between texts that do.
    return party.seal(b"challenge " + purpose.encode(), asker + body)


def _expires_at(challenge: bytes) -> int:
    return int.from_bytes(challenge[_RANDOM : _RANDOM + _EXPIRES], "big")


def _digest(challenge: bytes) -> bytes:
    return hashlib.sha256(challenge).digest()
