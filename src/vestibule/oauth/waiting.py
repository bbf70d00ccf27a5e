"""What waits for a person's decision: on her Apps page she finds again what she opened and put off.

Touches `waiting_request`, and reads `authorization_request`, which alone says whether it is still open.
"""

from vestibule.oauth import rfc6749_authorize
from vestibule.oauth.errors import BadAuthorization
from vestibule.oauth.rfc6749_authorize import AuthorizationRequest
from vestibule.store import Store

KEEP = """
    insert into waiting_request (user_id, partner_id, request_hash)
    values (:user_id, :partner_id, :request_hash)
    on conflict (user_id, partner_id) do update set request_hash = excluded.request_hash
"""
OF_PERSON = """
    select partner_id, request_hash from waiting_request where user_id = :user_id
    order by partner_id limit 1000
"""


async def keep(store: Store, asked: AuthorizationRequest) -> None:
    """Remember what a partner asks a person; its newer request takes the place of an older one."""
    await store.write(
        lambda tx: tx.run(
            KEEP,
            user_id=asked.user_id,
            partner_id=asked.partner.partner_id,
            request_hash=rfc6749_authorize.hash_named(asked.request_uri),
        )
    )


async def of_person(store: Store, user_id: int, now: int) -> tuple[AuthorizationRequest, ...]:
    """List what a person can still decide on.

    Args:
        store: where it is kept.
        user_id: who opened it.
        now: microseconds since 1970.
    """
    rows = await store.read(lambda tx: tx.all(OF_PERSON, user_id=user_id))
    found = []
    for client_id, request_hash in rows:
        named = {"client_id": client_id, "request_uri": rfc6749_authorize.REOPENED + request_hash.hex()}
        try:
            found.append(await rfc6749_authorize.found(store, named, user_id, now))
        except BadAuthorization:
            continue
    return tuple(found)
