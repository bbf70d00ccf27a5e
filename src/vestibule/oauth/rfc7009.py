"""Token revocation (RFC 7009), of a client's own tokens. It says nothing about any other."""

from vestibule.connections import tokens
from vestibule.store import Store


async def revoke(store: Store, client_id: str, token: str) -> None:
    """End an access token, or a refresh token with all access tokens beside it (section 2.1).

    Args:
        store: where tokens are.
        client_id: who was authenticated; another client's token is left alone, and this is not told.
        token: whatever was sent; an unknown one is no error (section 2.2).
    """
    access = await tokens.find(store, token)
    if access is not None and access.partner_id == client_id:
        await tokens.revoke(store, token)
    refresh = await tokens.find_refresh(store, token)
    if refresh is not None and refresh.partner_id == client_id:
        await tokens.revoke_issued_for(store, refresh.code_hash)
