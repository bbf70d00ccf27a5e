"""Putting something on the register: the public leaf first, the row as its effect."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from vestibule.ledger import leaf as leaves
from vestibule.ledger.errors import LedgerError
from vestibule.partners import register
from vestibule.partners.errors import RegisterError
from vestibule.recorder.drafts import Append, Effect, Recorded, Registration
from vestibule.recorder.effects import Handler
from vestibule.recorder.recorder import Recorder
from vestibule.store import Store

SCOPES_WITH_PRIVILEGE = frozenset({"messages.read"})

ADD_PARTNER = """
    insert into partner (partner_id, legal_entity, name, home_origin, redirect_uris, leaf_index, created_at)
    values (:partner_id, :legal_entity, :name, :home_origin, :redirect_uris, :leaf_index, :created_at)
    on conflict (partner_id) do nothing
"""
ADD_KEY = """
    insert into partner_key (partner_id, key_id, public, from_day, until_day, leaf_index)
    values (:partner_id, :key_id, :public, :from_day, null, :leaf_index)
    on conflict (partner_id, key_id) do nothing
"""
HOLD = """
    insert into privilege (partner_id, scope, version, purpose, agreement, until_day, state, leaf_index)
    values (:partner_id, :scope, 1, :purpose, :agreement, :until_day, 'held', :leaf_index)
    on conflict (partner_id, scope) do update set
        version = privilege.version + 1, purpose = excluded.purpose, agreement = excluded.agreement,
        until_day = excluded.until_day, state = 'held', leaf_index = excluded.leaf_index
    where excluded.leaf_index > privilege.leaf_index
"""
WITHDRAW = """
    update privilege set version = version + 1, state = 'withdrawn', leaf_index = :leaf_index
    where partner_id = :partner_id and scope = :scope and leaf_index < :leaf_index
"""


def _split(name: str, text: str) -> SplitResult:
    try:
        return urlsplit(text)
    except ValueError as error:
        raise RegisterError(f"{name}: expected an address, got {text[:200]!r}") from error


def _origin(text: str) -> str:
    parts = _split("home_origin", text)
    if (
        parts.scheme not in ("http", "https")
        or not parts.netloc
        or "@" in parts.netloc
        or parts.path
        or parts.query
        or parts.fragment
    ):
        raise RegisterError(f"home_origin: expected scheme://host[:port] without a path, got {text!r}")
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise RegisterError(f"home_origin: expected https, got {text!r} (http is for loopback only)")
    return text


def _redirect_uris(uris: Sequence[str], home_origin: str) -> list[str]:
    for uri in uris:
        parts = _split("redirect_uris", uri)
        if f"{parts.scheme}://{parts.netloc}" != home_origin or parts.fragment or "\\" in uri:
            raise RegisterError(
                f"redirect_uris: expected addresses under {home_origin} without fragment, got {uri!r}"
            )
    return list(uris)


async def register_partner(
    store: Store,
    recorder: Recorder,
    *,
    partner_id: str,
    legal_entity: str,
    name: str,
    home_origin: str,
    redirect_uris: Sequence[str],
    key_id: str,
    public: bytes,
    now: int,
) -> tuple[Recorded, ...]:
    """Put a partner and its first key on the register.

    Raises:
        RegisterError: if the id is taken or a field is malformed; nothing is recorded then.
    """
    if await register.partner(store, partner_id) is not None:
        raise RegisterError(f"partner: {partner_id!r} is on the register already")
    if not key_id.startswith(f"{partner_id}:"):
        raise RegisterError(f"key_id: expected {partner_id}: and a name, got {key_id!r}")
    home_origin = _origin(home_origin)
    fields = {
        "partner_id": partner_id,
        "legal_entity": legal_entity,
        "name": name,
        "home_origin": home_origin,
    }
    uris = json.dumps(_redirect_uris(redirect_uris, home_origin))

    today = now // 86_400_000_000

    def partner_leaf(day: int) -> leaves.Leaf:
        return leaves.PartnerLeaf(partner_id, legal_entity, name, home_origin, day)

    def key_leaf(day: int) -> leaves.Leaf:
        return leaves.KeyLeaf(partner_id, key_id, public, today, None, day)

    try:
        partner_leaf(today)
        key_leaf(today)
    except LedgerError as error:
        raise RegisterError(str(error)) from error
    partner_effect = Effect("partner.registered", {**fields, "redirect_uris": uris, "created_at": now})
    key = {"partner_id": partner_id, "key_id": key_id, "public": public.hex(), "from_day": today}
    key_effect = Effect("partner.key", key)
    return await recorder.append(
        Append((Registration(partner_leaf, partner_effect), Registration(key_leaf, key_effect)))
    )


async def hold_privilege(
    store: Store,
    recorder: Recorder,
    *,
    partner_id: str,
    scope: str,
    purpose: str,
    agreement: str,
    until_day: int,
    key_id: str,
    signature: bytes,
    day: int,
) -> tuple[Recorded, ...]:
    """Give a partner the privilege to ask people for a scope, over the partner's own signature.

    Raises:
        RegisterError: if partner, key, scope or signature is not good; nothing is recorded then.
    """
    if scope not in SCOPES_WITH_PRIVILEGE:
        raise RegisterError(f"scope: expected one of {sorted(SCOPES_WITH_PRIVILEGE)}, got {scope!r}")

    def leaf(on: int) -> leaves.PrivilegeLeaf:
        return leaves.PrivilegeLeaf(partner_id, scope, purpose, agreement, until_day, on, key_id, signature)

    try:
        text = leaf(day).signed_text()
    except LedgerError as error:
        raise RegisterError(str(error)) from error
    await check_signature(store, partner_id, key_id, text=text, signature=signature, day=day)
    effect = Effect(
        "privilege.held",
        {
            "partner_id": partner_id,
            "scope": scope,
            "purpose": purpose,
            "agreement": agreement,
            "until_day": until_day,
        },
    )
    return await recorder.append(Append((Registration(leaf, effect),)))


async def withdraw_privilege(
    store: Store, recorder: Recorder, *, partner_id: str, scope: str
) -> tuple[Recorded, ...]:
    """Take a privilege away; requests under way are not released any more.

    Raises:
        RegisterError: if the partner does not hold it.
    """
    held = await register.privilege(store, partner_id, scope)
    if held is None or held.state != "held":
        raise RegisterError(f"{partner_id!r} does not hold {scope!r}")
    effect = Effect("privilege.withdrawn", {"partner_id": partner_id, "scope": scope})
    return await recorder.append(
        Append((Registration(lambda day: leaves.Withdrawal(partner_id, scope, day), effect),))
    )


async def check_signature(
    store: Store, partner_id: str, key_id: str, *, text: bytes, signature: bytes, day: int
) -> None:
    """Check a partner's signature over register text by a key that is in force.

    Raises:
        RegisterError: naming the key, or saying that the signature does not fit.
    """
    key = next((key for key in await register.keys_of(store, partner_id) if key.key_id == key_id), None)
    if key is None or not key.in_force(day):
        raise RegisterError(f"key_id: {partner_id!r} has no key {key_id!r} in force")
    try:
        VerifyKey(key.public).verify(text, signature)
    except (BadSignatureError, ValueError) as error:
        raise RegisterError(
            f"signature: not {partner_id!r}'s signature by {key_id!r} over the canonical text"
        ) from error


def effect_handlers(store: Store) -> dict[str, Handler]:
    """Return what the register's leaves set in motion, by topic."""

    async def registered(index: int, body: dict[str, Any]) -> None:
        await store.write(lambda tx: tx.run(ADD_PARTNER, leaf_index=index, **body))

    async def key(index: int, body: dict[str, Any]) -> None:
        values = {**body, "public": bytes.fromhex(body["public"])}
        await store.write(lambda tx: tx.run(ADD_KEY, leaf_index=index, **values))

    async def held(index: int, body: dict[str, Any]) -> None:
        await store.write(lambda tx: tx.run(HOLD, leaf_index=index, **body))

    async def withdrawn(index: int, body: dict[str, Any]) -> None:
        await store.write(lambda tx: tx.run(WITHDRAW, leaf_index=index, **body))

    return {
        "partner.registered": registered,
        "partner.key": key,
        "privilege.held": held,
        "privilege.withdrawn": withdrawn,
    }
