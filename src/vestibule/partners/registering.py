"""Putting something on the register: the public leaf first, the row as its effect."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import SplitResult, urlsplit

from vestibule.ledger import ed25519
from vestibule.ledger import leaf as leaves
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.ledger.errors import LedgerError
from vestibule.partners import register
from vestibule.partners.errors import RegisterError
from vestibule.recorder.drafts import Append, Effect, Recorded, Registration
from vestibule.recorder.effects import Handler
from vestibule.recorder.recorder import Recorder
from vestibule.store import Store

SCOPES_WITH_PRIVILEGE = frozenset(
    {"messages.read", "messages.send", "messages.delete", "friends.list", "recommendations.receive"}
)
PARTNER_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,40}")
"""Narrower than the log's grammar: a key id is split at its first colon, and ids stand in our addresses."""
RESERVED = frozenset({"operator", "person-file", "receipt"})
"""The log's own word for the staff tool, and paths of ours that stand where partners' ids stand."""
ORIGIN = re.compile(
    r"https?://(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:]+\])"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?"
)
LAST_PORT = 65535
REDIRECT_URI = re.compile(r"[!$%&'()*+,\-./0-9:;=?@A-Z\[\]_a-z~]{1,2000}")
"""The characters of RFC 3986, without fragments."""

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


def _check_id(partner_id: str) -> None:
    if PARTNER_ID.fullmatch(partner_id) is None:
        raise RegisterError(f"partner: expected an id like {PARTNER_ID.pattern}, got {partner_id[:80]!r}")
    if partner_id in RESERVED:
        raise RegisterError(f"partner: {partner_id!r} is reserved; expected none of {sorted(RESERVED)}")


def _check_origin(text: str) -> None:
    parts = _split("home_origin", text)
    # The grammar is strict because the text stands in security policies and in addresses redirected to.
    written = ORIGIN.fullmatch(text)
    if written is None or int(written["port"] or 0) > LAST_PORT:
        raise RegisterError(
            f"home_origin: expected scheme://host[:port] in lower case without a path, got {text[:200]!r}"
        )
    if parts.scheme == "http" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise RegisterError(f"home_origin: expected https, got {text!r} (http is for loopback only)")


def check_words(**texts: str) -> None:
    """Refuse text that turns around or hides what stands beside it; joiners stay, since scripts need them."""
    for what, text in texts.items():
        for letter in text:
            if unicodedata.category(letter) in {"Cc", "Cf", "Zl", "Zp"} and letter not in "\u200c\u200d":
                raise RegisterError(f"{what}: expected no control characters, got U+{ord(letter):04X}")


def check_redirect_uris(uris: Sequence[str], home_origin: str) -> list[str]:
    """Refuse addresses that are not below a partner's home origin; raises RegisterError."""
    for uri in uris:
        parts = _split("redirect_uris", uri)
        written = REDIRECT_URI.fullmatch(uri) is not None
        if f"{parts.scheme}://{parts.netloc}" != home_origin or not written:
            raise RegisterError(
                f"redirect_uris: expected addresses under {home_origin} without fragment, got {uri[:200]!r}"
            )
    return list(uris)


def _event_id(purpose: str, *parts: object) -> bytes:
    """Return the id under which something is recorded once, however often it is asked for."""
    text = "\n".join((f"vestibule/{purpose}/v1", *(str(part) for part in parts)))
    return hashlib.sha256(text.encode()).digest()[:16]


def check_encodable(day: int, *made_on: Callable[[int], leaves.Leaf]) -> None:
    """Refuse what cannot stand in the log, before it is handed to the log's only writer.

    Raises:
        RegisterError: if a field is not of the ledger's grammar, or a leaf is too long.
    """
    try:
        for leaf_on in made_on:
            leaves.encode(leaf_on(day))
    except LedgerError as error:
        raise RegisterError(str(error)) from error


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
    """Put a partner and its first key on the register; the same again is answered by the same leaves.

    Raises:
        RegisterError: if the id is taken or a field is malformed; nothing is recorded then.
    """
    _check_id(partner_id)
    if not key_id.startswith(f"{partner_id}:"):
        raise RegisterError(f"key_id: expected {partner_id}: and a name, got {key_id!r}")
    _check_origin(home_origin)
    check_words(name=name, legal_entity=legal_entity)
    uris = check_redirect_uris(redirect_uris, home_origin)
    today = now // MICROSECONDS_A_DAY

    def partner_leaf(day: int) -> leaves.Leaf:
        return leaves.PartnerLeaf(partner_id, legal_entity, name, home_origin, day)

    def key_leaf(day: int) -> leaves.Leaf:
        return leaves.KeyLeaf(partner_id, key_id, public, today, None, day)

    check_encodable(today, partner_leaf, key_leaf)
    fields = {
        "partner_id": partner_id,
        "legal_entity": legal_entity,
        "name": name,
        "home_origin": home_origin,
        "redirect_uris": json.dumps(uris),
        "created_at": now,
    }
    key = {"partner_id": partner_id, "key_id": key_id, "public": public.hex(), "from_day": today}
    recorded = await recorder.append(
        Append(
            (
                Registration(partner_leaf, Effect("partner.registered", fields)),
                Registration(key_leaf, Effect("partner.key", key)),
            ),
            event_id=_event_id("partner", partner_id),
        )
    )
    found = await register.partner(store, partner_id)
    wanted = (legal_entity, name, home_origin, tuple(uris))
    _check_same(partner_id, found, wanted, recorded[1], (key_id, public))
    return recorded


def _check_same(
    partner_id: str,
    found: register.Partner | None,
    wanted: tuple[str, str, str, tuple[str, ...]],
    key: Recorded,
    wanted_key: tuple[str, bytes],
) -> None:
    """Whoever comes second, at once or later, gets the first one's leaves: are they what was asked for?

    Raises:
        RegisterError: if they are not.
    """
    if found is None or (found.legal_entity, found.name, found.home_origin, found.redirect_uris) != wanted:
        raise RegisterError(f"partner: {partner_id!r} is on the register already, with other fields")
    first = leaves.parse(key.leaf)
    if not isinstance(first, leaves.KeyLeaf) or (first.key_id, first.key) != wanted_key:
        raise RegisterError(f"partner: {partner_id!r} is on the register already, with another key")


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
) -> tuple[int, ...]:
    """Give a partner the privilege to ask people for a scope, over the partner's own signature.

    Returns:
        where it stands in the log; what is held already, exactly so, stands where it stood.

    Raises:
        RegisterError: if partner, key, scope, days or signature are not good; nothing is recorded then.
    """
    if scope not in SCOPES_WITH_PRIVILEGE:
        raise RegisterError(f"scope: expected one of {sorted(SCOPES_WITH_PRIVILEGE)}, got {scope!r}")

    check_words(purpose=purpose)

    def leaf(on: int) -> leaves.PrivilegeLeaf:
        return leaves.PrivilegeLeaf(partner_id, scope, purpose, agreement, until_day, on, key_id, signature)

    check_encodable(day, leaf)
    text = leaf(day).signed_text()
    await check_signature(store, partner_id, key_id, text=text, signature=signature, day=day)
    held = await register.privilege(store, partner_id, scope)
    _check_until(until_day, held, day)
    if held is not None and held.state == "held":
        standing = (held.purpose, held.agreement, held.until_day)
        if standing == (purpose, agreement, until_day):
            return (held.leaf_index,)
    body = {
        "partner_id": partner_id,
        "scope": scope,
        "purpose": purpose,
        "agreement": agreement,
        "until_day": until_day,
    }
    event_id = _event_id("privilege", 0 if held is None else held.version, text.decode(), signature.hex())
    effect = Effect("privilege.held", body)
    recorded = await recorder.append(Append((Registration(leaf, effect),), event_id=event_id))
    return tuple(placed.index for placed in recorded)


def _check_until(until_day: int, held: register.Privilege | None, day: int) -> None:
    """Refuse a privilege that is over, or that would end earlier what reads under way stand on.

    Raises:
        RegisterError: naming both days.
    """
    if until_day < day:
        raise RegisterError(f"until_day: expected today, {day}, or later, got {until_day}")
    if held is not None and held.state == "held" and until_day < held.until_day:
        raise RegisterError(
            f"until_day: expected {held.until_day} or later, as is held, got {until_day}; withdraw it first"
        )


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
        Append(
            (Registration(lambda day: leaves.Withdrawal(partner_id, scope, day), effect),),
            event_id=_event_id("withdrawal", held.version, partner_id, scope),
        )
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
    if not ed25519.is_valid(key.public, text, signature):
        raise RegisterError(
            f"signature: not {partner_id!r}'s signature by {key_id!r} over the canonical text"
        )


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
