"""A partner's further keys, the end of each, and its redirect URIs. Touches `partner_key` and `partner`.

Keys overlap: a new one is registered beside the old one, which is ended when nothing signs with it.
"""

import asyncio
import hashlib
import json
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from vestibule.ledger.leaf import KeyLeaf
from vestibule.partners import register
from vestibule.partners.errors import RegisterError
from vestibule.partners.register import PartnerKey
from vestibule.partners.registering import check_encodable, check_redirect_uris
from vestibule.recorder.drafts import Append, Effect, Recorded, Registration
from vestibule.recorder.effects import Handler
from vestibule.recorder.recorder import Recorder
from vestibule.store import Store

MOST_KEYS = 20
"""Keys in force or yet to come: each is looked at with every request."""

END = """
    update partner_key set until_day = :until_day, leaf_index = :leaf_index
    where partner_id = :partner_id and key_id = :key_id
"""
_ending: WeakKeyDictionary[Store, asyncio.Lock] = WeakKeyDictionary()
"""Keys end one after the other, so that of two the second sees that it would be the last."""

REDIRECT = "update partner set redirect_uris = :redirect_uris where partner_id = :partner_id"


async def add_key(
    store: Store, recorder: Recorder, *, partner_id: str, key_id: str, public: bytes, day: int
) -> tuple[Recorded, ...]:
    """Register another key, in force from today on; the same again is answered by the same leaf.

    Args:
        store: where the register is.
        recorder: the log.
        partner_id: whose key.
        key_id: the partner's id, a colon and a name that it has not used before.
        public: 32 bytes, Ed25519.
        day: today, a UTC day number.

    Raises:
        RegisterError: saying what was expected; nothing is recorded then.
    """
    await register.registered(store, partner_id)
    if not key_id.startswith(f"{partner_id}:"):
        raise RegisterError(f"key_id: expected {partner_id}: and a name, got {key_id[:80]!r}")
    keys = await register.keys_of(store, partner_id)
    for key in keys:
        if key.public == public and key.key_id != key_id:
            raise RegisterError(f"public: expected a new key, got the one registered as {key.key_id!r}")
        if key.key_id == key_id and (key.public != public or key.until_day is not None):
            raise RegisterError(f"key_id: expected a name that was not used before, got {key_id[:80]!r}")
    if sum(key.until_day is None or day <= key.until_day for key in keys) >= MOST_KEYS:
        raise RegisterError(f"key_id: expected at most {MOST_KEYS} keys in force; end one of them first")

    def leaf(on: int) -> KeyLeaf:
        return KeyLeaf(partner_id, key_id, public, on, None, on)

    check_encodable(day, leaf)
    body = {"partner_id": partner_id, "key_id": key_id, "public": public.hex(), "from_day": day}
    return await _append(recorder, leaf, Effect("partner.key", body), "key", partner_id, key_id, public.hex())


async def end_key(
    store: Store, recorder: Recorder, *, partner_id: str, key_id: str, until_day: int, day: int
) -> tuple[Recorded, ...]:
    """End a key after a day; with yesterday it is refused from its leaf on.

    Args:
        store: where the register is.
        recorder: the log.
        partner_id: whose key.
        key_id: which.
        until_day: its last UTC day.
        day: today, a UTC day number.

    Raises:
        RegisterError: if there is no such key, the day is too early, or no other key would be left.
    """
    async with _ending.setdefault(store, asyncio.Lock()):
        return await _end_key(
            store, recorder, partner_id=partner_id, key_id=key_id, until_day=until_day, day=day
        )


async def _end_key(
    store: Store, recorder: Recorder, *, partner_id: str, key_id: str, until_day: int, day: int
) -> tuple[Recorded, ...]:
    keys = await register.keys_of(store, partner_id)
    key = next((one for one in keys if one.key_id == key_id), None)
    if key is None:
        raise RegisterError(f"key_id: expected a key of {partner_id}, got {key_id[:80]!r}")
    if until_day < day - 1:
        raise RegisterError(f"until_day: expected yesterday, {day - 1}, or later, got {until_day}")
    if not any(_outlives(other, until_day) for other in keys if other is not key):
        raise RegisterError(f"key_id: expected another key that goes on after {key_id[:80]!r}; add one first")

    def leaf(on: int) -> KeyLeaf:
        return KeyLeaf(partner_id, key_id, key.public, key.from_day, until_day, on)

    check_encodable(day, leaf)
    body = {"partner_id": partner_id, "key_id": key_id, "until_day": until_day}
    said = (partner_id, key_id, str(until_day), str(key.leaf_index))
    return await _append(recorder, leaf, Effect("partner.key-end", body), "key-end", *said)


async def set_redirect_uris(store: Store, partner_id: str, uris: Sequence[str]) -> None:
    """Replace the addresses to which consent and dialog may return; requests for others are over then.

    Raises:
        RegisterError: if one is not below the partner's home origin.
    """
    partner = await register.registered(store, partner_id)
    text = json.dumps(check_redirect_uris(uris, partner.home_origin))
    await store.write(lambda tx: tx.run(REDIRECT, partner_id=partner_id, redirect_uris=text))


def _outlives(key: PartnerKey, day: int) -> bool:
    return key.until_day is None or key.until_day > day


async def _append(recorder: Recorder, leaf: Any, effect: Effect, *said: str) -> tuple[Recorded, ...]:
    key = "\n".join(("vestibule/rotating/v1", *said))
    event_id = hashlib.sha256(key.encode()).digest()[:16]
    return await recorder.append(Append((Registration(leaf, effect),), event_id=event_id))


def effect_handlers(store: Store) -> dict[str, Handler]:
    """Return what the end of a key sets in motion; a further key is as the first one."""

    async def ended(index: int, body: dict[str, Any]) -> None:
        await store.write(lambda tx: tx.run(END, leaf_index=index, **body))

    return {"partner.key-end": ended}
