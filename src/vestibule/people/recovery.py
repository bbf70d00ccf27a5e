"""Recovery codes: ten of a person's, each of which signs her in once. Touches the table recovery_code.

A code has 100 random bits, so that only its SHA-256 is kept and nobody guesses one: there is no budget of
attempts that a stranger could use up. An unknown handle is looked up and refused like a wrong code.
"""

import hashlib
import secrets

from vestibule.people import accounts, sessions
from vestibule.people.accounts import Account
from vestibule.people.errors import WrongLogin
from vestibule.people.tokens import new_token
from vestibule.store import Store, Tx, Value

CODES = 10
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford base32, lower case
_LENGTH, _GROUP = 20, 5
_READ_AS = str.maketrans("oil", "011", "- \t\n")
_NOBODY = 0

_INSERT = "insert into recovery_code (user_id, code_hash) values (:user_id, :code_hash)"
_DELETE_ALL = "delete from recovery_code where user_id = :user_id"
_DELETE = "delete from recovery_code where user_id = :user_id and code_hash = :code_hash"
_FIND = "select code_hash from recovery_code where user_id = :user_id and code_hash = :code_hash"
_COUNT = "select count(*) from recovery_code where user_id = :user_id"


async def make(store: Store, person: Account, asker: bytes) -> tuple[str, ...]:
    """Make a person's codes anew and return them; the ones from before are void, and these are shown once.

    Args:
        store: where they are.
        person: whose.
        asker: the digest of the session that asks.

    Raises:
        WrongLogin: that session was ended meanwhile, perhaps to shut out who asks.
    """
    codes = tuple("".join(secrets.choice(_LETTERS) for _ in range(_LENGTH)) for _ in range(CODES))
    rows: list[dict[str, Value]] = [{"user_id": person.user_id, "code_hash": _digest(code)} for code in codes]

    async def write(tx: Tx) -> None:
        if not await sessions.is_open_in(tx, person.user_id, asker):
            raise WrongLogin("the session that asked is over")
        await tx.run(_DELETE_ALL, user_id=person.user_id)
        await tx.many(_INSERT, rows)

    await store.write(write)
    return tuple("-".join(code[at : at + _GROUP] for at in range(0, _LENGTH, _GROUP)) for code in codes)


async def left(store: Store, user_id: int) -> int:
    """Count the codes that a person has not used."""
    row = await store.read(lambda tx: tx.one(_COUNT, user_id=user_id))
    return 0 if row is None else int(row[0])


async def sign_in(
    store: Store, *, handle: str, code: str, now: int, browser: str = ""
) -> tuple[str, Account]:
    """Open a session by a code, which is used up by it; returns its token with the person's account.

    Args:
        store: where people are.
        handle: what was typed.
        code: what was typed; small or large letters, with or without hyphens.
        now: microseconds since 1970.
        browser: its name in plain words.

    Raises:
        WrongLogin: handle and code do not fit together.
    """
    account = await accounts.by_handle(store, handle)
    user_id = _NOBODY if account is None else account.user_id
    code_hash = _digest(code.lower().translate(_READ_AS))
    found = await store.read(lambda tx: tx.one(_FIND, user_id=user_id, code_hash=code_hash))
    if account is None or found is None:
        raise WrongLogin("handle or code is wrong")
    token = new_token(user_id)

    async def use(tx: Tx) -> None:
        if not await tx.run(_DELETE, user_id=user_id, code_hash=code_hash):
            raise WrongLogin("handle or code is wrong")
        await sessions.begin_in(tx, user_id, token, now, means="recovery code", browser=browser)

    await store.write(use)
    return token, account


def _digest(code: str) -> bytes:
    return hashlib.sha256(code.encode("utf-8", "replace")).digest()
