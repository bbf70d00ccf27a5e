"""A partner asks for a privilege, signs what it asks, or takes it back. Touches `privilege_request`."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from vestibule.ledger import leaf as leaves
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.partners import asked as requests
from vestibule.partners import registering
from vestibule.partners.asked import UNSIGNED, Asked, PrivilegeRequest
from vestibule.partners.errors import RegisterError
from vestibule.partners.registering import SCOPES_WITH_PRIVILEGE, check_encodable, check_words
from vestibule.store import Store, Tx
from vestibule.store.ids import new_id

MOST_WAITING = 20
"""Requests of a partner that are unsigned or open."""
MOST_PICTURES = 4

ADD = """
    insert into privilege_request (partner_id, request_id, asked_by, asked_at, scope, purpose, ceiling,
        until_day, agreement, agreement_name, agreement_size, pictures, key_id, signature, state, words)
    values (:partner_id, :request_id, :asked_by, :now, :scope, :purpose, :ceiling,
        :until_day, :agreement, :agreement_name, :agreement_size, :pictures, '', '', 'unsigned', '')
"""
WAITING = """
    select count(*) from privilege_request
    where partner_id = :partner_id and (state = 'unsigned' or state = 'open')
"""
SIGN = """
    update privilege_request set state = 'open', key_id = :key_id, signature = :signature
    where partner_id = :partner_id and request_id = :request_id and state = 'unsigned'
"""
TAKE_BACK = """
    delete from privilege_request where partner_id = :partner_id and request_id = :request_id
    and (state = 'unsigned' or state = 'open')
"""


async def begin(store: Store, partner_id: str, asked: Asked, *, asked_by: int, now: int) -> int:
    """Keep what a partner asks for, to be signed; returns the request's id.

    Raises:
        RegisterError: if it could not stand on the register, or too much waits already.
    """
    check(partner_id, asked, now // MICROSECONDS_A_DAY)
    request_id = new_id(now)

    async def work(tx: Tx) -> bool:
        row = await tx.one(WAITING, partner_id=partner_id)
        if row is not None and row[0] >= MOST_WAITING:
            return False
        await tx.run(
            ADD,
            partner_id=partner_id,
            request_id=request_id,
            asked_by=asked_by,
            now=now,
            scope=asked.scope,
            purpose=asked.purpose,
            ceiling=asked.ceiling,
            until_day=asked.until_day,
            agreement=asked.agreement.sha256,
            agreement_name=asked.agreement.name,
            agreement_size=asked.agreement.size,
            pictures=json.dumps([[one.sha256, one.type, one.name, one.size] for one in asked.pictures]),
        )
        return True

    if not await store.write(work):
        raise RegisterError(f"expected at most {MOST_WAITING} requests that wait; take one back first")
    return request_id


def check(partner_id: str, asked: Asked, day: int) -> None:
    """Refuse what could not be granted.

    Raises:
        RegisterError: naming the field.
    """
    if asked.scope not in SCOPES_WITH_PRIVILEGE:
        raise RegisterError(f"scope: expected one of {sorted(SCOPES_WITH_PRIVILEGE)}, got {asked.scope!r}")
    check_words(purpose=asked.purpose)
    if asked.until_day < day:
        raise RegisterError(f"until_day: expected today, {day}, or later, got {asked.until_day}")
    if asked.ceiling is not None and asked.ceiling < 1:
        raise RegisterError(f"ceiling: expected 1 person or more, got {asked.ceiling}")
    if len(asked.pictures) > MOST_PICTURES:
        raise RegisterError(f"pictures: expected at most {MOST_PICTURES}, got {len(asked.pictures)}")
    for picture in asked.pictures:
        if not picture.type.startswith("image/"):
            raise RegisterError(f"pictures: expected JPEG, PNG, GIF or WebP, got {picture.name!r}")

    def leaf(on: int) -> leaves.Leaf:
        agreement = asked.agreement.sha256
        key_id = f"{partner_id}:1"
        return leaves.PrivilegeLeaf(
            partner_id, asked.scope, asked.purpose, agreement, asked.until_day, on, key_id, bytes(64)
        )

    check_encodable(day, leaf)


async def sign(store: Store, partner_id: str, request_id: int, said: str, day: int) -> None:
    """Take a partner's signature, by which the request goes to the operator.

    Args:
        store: where the request is.
        partner_id: whose.
        request_id: which.
        said: what `vestibule ask` printed.
        day: today, a UTC day number.

    Raises:
        RegisterError: if it signs something else, or by no key of the partner's in force.
    """
    request = await requests.in_state(store, partner_id, request_id, UNSIGNED)
    key_id, signature = _read(request, said)
    text = request.signed_text(key_id)
    await registering.check_signature(
        store, partner_id, key_id, text=text, signature=base64.b64decode(signature), day=day
    )
    await store.write(
        lambda tx: tx.run(
            SIGN, partner_id=partner_id, request_id=request_id, key_id=key_id, signature=signature
        )
    )


def _read(request: PrivilegeRequest, said: str) -> tuple[str, str]:
    """Read key id and signature (base64), and see that all else is as it was asked for."""
    try:
        given: Any = json.loads(said)
    except ValueError as error:
        raise RegisterError("expected all that `vestibule ask` printed, from { to }") from error
    if not isinstance(given, Mapping) or not isinstance(given.get("key_id"), str):
        raise RegisterError("key_id: expected all that `vestibule ask` printed, from { to }")
    for name, value in request.fields(given["key_id"]).items():
        if given.get(name) != value:
            raise RegisterError(
                f"{name}: expected {value!r}, as in the request, got {given.get(name)!r:.300}"
            )
    signature = given.get("signature")
    try:
        if isinstance(signature, str) and base64.b64decode(signature, validate=True):
            return given["key_id"], signature
    except ValueError:
        pass
    raise RegisterError(f"signature: expected base64, got {signature!r:.100}")


async def take_back(store: Store, partner_id: str, request_id: int) -> None:
    """Let a partner take a request back that nobody has answered.

    Raises:
        RegisterError: if there is none such.
    """
    if not await store.write(lambda tx: tx.run(TAKE_BACK, partner_id=partner_id, request_id=request_id)):
        raise RegisterError("expected a request that waits; this one is answered or taken back")
