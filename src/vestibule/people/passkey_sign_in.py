"""Signing in with a passkey: the authenticator says who it is, so that no handle is typed or asked for.

The same options go to everybody, and tell nothing about who has an account. There is no budget of attempts:
a wrong answer costs nothing but the look at it, and nobody guesses a key.
"""

from vestibule.people import accounts, adding_passkeys, challenges, passkeys, sessions
from vestibule.people.accounts import Account
from vestibule.people.errors import PasskeyRefused
from vestibule.people.relying_party import RelyingParty
from vestibule.people.tokens import new_token
from vestibule.store import Store, Tx


def options(party: RelyingParty, now: int) -> str:
    """Write the JSON for `navigator.credentials.get` on the sign-in page."""
    return passkeys.options(party, challenges.issue(party, "sign in", b"", now), [])


async def sign_in(
    store: Store, party: RelyingParty, *, answer: str, now: int, browser: str = ""
) -> tuple[str, Account]:
    """Open a session by a passkey; returns its token with the person's account.

    Args:
        store: where people are.
        party: who asked.
        answer: what the browser answered (`PublicKeyCredential.toJSON`).
        now: microseconds since 1970.
        browser: its name in plain words.

    Raises:
        PasskeyRefused: the answer proves nobody; says why.
        WrongLogin: the account was deleted meanwhile.
    """
    credential = passkeys.read(answer)
    challenge = passkeys.challenge_in(credential.response.client_data_json)
    challenges.check(party, challenge, "sign in", b"", now)
    account = await _owner(store, credential.raw_id)
    if credential.response.user_handle is None:
        raise PasskeyRefused("the authenticator does not say whose passkey it is")
    passkey, assertion = await passkeys.verified(store, party, account.user_id, challenge, credential)
    await challenges.spend(store, challenge)
    token = new_token(account.user_id)

    async def begin(tx: Tx) -> None:
        await passkeys.use(tx, account.user_id, passkey, assertion, now)
        await sessions.begin_in(tx, account.user_id, token, now, means="passkey", browser=browser)

    await store.write(begin)
    return token, account


async def _owner(store: Store, credential_id: bytes) -> Account:
    user_id = await adding_passkeys.claimed_by(store, credential_id)
    account = None if user_id is None else await accounts.by_id(store, user_id)
    if account is None:
        raise PasskeyRefused("nobody here has this passkey")
    return account
