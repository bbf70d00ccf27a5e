"""Stepping up: a signed-in person proves once more that it is she. Touches the tables account and passkey.

A session that was proved within `PROVED_FOR` may do what a stolen one must not. A consent is proved by
itself: by `prove_password`, or by an assertion over the grant (`passkeys.check_assertion`).
"""

import asyncio

from vestibule.people import challenges, passkeys, passwords
from vestibule.people.accounts import Account
from vestibule.people.errors import WrongLogin
from vestibule.people.memory import memory_of
from vestibule.people.relying_party import RelyingParty
from vestibule.people.sessions import Session
from vestibule.store import Store, Tx

PROVED_FOR = 5 * 60 * 1_000_000  # 5 minutes in microseconds

_HASH_OF = "select password_hash from account where user_id = :user_id"


def is_proved(session: Session | None, now: int) -> bool:
    """Whether whoever has this session proved lately that it is she."""
    return session is not None and now - session.proved_at < PROVED_FOR


async def request_options(
    store: Store, party: RelyingParty, person: Account, session: Session, now: int
) -> str:
    """Write the JSON for `navigator.credentials.get` with which a session is proved."""
    challenge = challenges.issue(party, "step up", session.session_hash, now)
    return await passkeys.request_options(store, party, person, challenge)


async def prove_passkey(
    store: Store, party: RelyingParty, person: Account, session: Session, answer: str, *, now: int
) -> None:
    """Have a signed-in person prove herself by a passkey of hers, for this session.

    Raises:
        PasskeyRefused: the answer proves nothing; says why.
    """
    challenge = passkeys.challenge_in(passkeys.read(answer).response.client_data_json)
    challenges.check(party, challenge, "step up", session.session_hash, now)
    await passkeys.check_assertion(store, party, person, challenge=challenge, credential_json=answer, now=now)
    await challenges.spend(store, challenge)


async def prove_password(store: Store, person: Account, password: str, now: int) -> None:
    """Have a signed-in person prove herself by her password.

    It has a budget of its own for each person: who fails to sign in as her from elsewhere does not shut her
    out here, nor the other way round.

    Args:
        store: where she is.
        person: who is signed in.
        password: what was typed.
        now: microseconds since 1970.

    Raises:
        WrongLogin: it is not her password.
        TooManyAttempts: too many were wrong lately.
    """
    memory = memory_of(store)
    key = str(person.user_id)
    memory.proving.admit(key, now)
    password_hash = await store.read(lambda tx: _password_hash(tx, person.user_id))
    loop = asyncio.get_running_loop()
    if not await loop.run_in_executor(memory.hashing, passwords.matches, password_hash, password):
        raise WrongLogin("the password is wrong")
    memory.proving.succeeded(key)


async def _password_hash(tx: Tx, user_id: int) -> str:
    row = await tx.one(_HASH_OF, user_id=user_id)
    return str(row[0]) if row else passwords.NOBODYS
