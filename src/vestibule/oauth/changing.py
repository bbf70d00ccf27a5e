"""A request that a person begins herself: to change what a partner can do, on the page it was agreed to on.

Touches `authorization_request`.
"""

import secrets

from vestibule.connections.grants import Grant
from vestibule.oauth import rfc9396
from vestibule.oauth.rfc6749_authorize import CLAIMED_MICROSECONDS, HERE
from vestibule.oauth.rfc9126 import PREFIX, hash_of
from vestibule.oauth.rfc9396 import Detail
from vestibule.store import Store, Value

BEGIN = """
    insert into authorization_request
        (request_hash, partner_id, redirect_uri, challenge, state, details, jkt, user_id, proposed, decided,
        expires_at)
    values (:request_hash, :partner_id, :redirect_uri, '', '', :details, null, :user_id, null, 0, :expires_at)
"""


async def begin(store: Store, user_id: int, grant: Grant, now: int) -> str:
    """Keep a request for what a grant permits, hers alone, and return its request_uri.

    Args:
        store: where it is kept.
        user_id: who may decide on it.
        grant: what stands; more than that the partner has to ask for itself.
        now: microseconds since 1970.
    """
    request_uri = PREFIX + secrets.token_urlsafe(32)
    fields: dict[str, Value] = {
        "request_hash": hash_of(request_uri),
        "partner_id": grant.partner,
        "redirect_uri": HERE,
        "details": rfc9396.to_text(_details(grant)),
        "user_id": user_id,
        "expires_at": now + CLAIMED_MICROSECONDS,
    }
    await store.write(lambda tx: tx.run(BEGIN, **fields))
    return request_uri


def _details(grant: Grant) -> tuple[Detail, ...]:
    actions: dict[str, tuple[str, ...]] = {}
    for scope in grant.scopes:
        kind, _, action = scope.value.partition(".")
        actions[kind] = (*actions.get(kind, ()), action)
    return tuple(
        Detail(kind, those, grant.selection.reach if kind in rfc9396.WITH_REACH else None)
        for kind, those in actions.items()
    )
