"""Accounts: signing up and finding people. Touches the tables account and handle_claim."""

import asyncio
import re
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from vestibule.people import passwords
from vestibule.people.errors import BadHandle, BadName, HandleTaken
from vestibule.people.memory import memory_of
from vestibule.store import Store, Tx
from vestibule.store.ids import new_id

_HANDLE = re.compile(r"[a-z0-9_]{3,30}")
_LONGEST_NAME = 80
_SUBJECT_BYTES = 16

_CLAIM = "insert into handle_claim (handle, user_id) values (:handle, :user_id) on conflict do nothing"
_CLAIMED = "select user_id from handle_claim where handle = :handle"
_INSERT = """
insert into account (user_id, handle, name, subject, password_hash, created_at, kid, tried_by)
values (:user_id, :handle, :name, :subject, :password_hash, :created_at, :kid, :tried_by)
on conflict do nothing
"""
_SELECT = """
select user_id, handle, name, subject, created_at, deleted_at, kid, tried_by from account
where user_id = :user_id
"""


@dataclass(frozen=True, slots=True)
class Account:
    """A person.

    Attributes:
        user_id: Row id.
        handle: 3 to 30 of a-z, 0-9 and the underscore; never changes.
        name: What others see.
        subject: 16 random bytes that stand for her in openings; public nowhere.
        created_at: Microseconds since 1970. deleted_at: the same, None while she is there.
        kid: Whether it is a child's account.
        tried_by: The partner whose person for trying it is, empty for everybody else.
    """

    user_id: int
    handle: str
    name: str
    subject: bytes = field(repr=False)
    created_at: int
    deleted_at: int | None = None
    kid: bool = False
    tried_by: str = ""


async def sign_up(
    store: Store,
    *,
    handle: str,
    name: str,
    password: str,
    now: int,
    kid: bool = False,
    tried_by: str = "",
) -> Account:
    """Create an account.

    The handle is claimed first, under its own key, then the account is written. A crash in between leaves a
    claim without an account; the next sign-up with that handle takes the claim over. Of two that race for
    it, the one whose account row is written has it.

    Raises:
        BadHandle: the handle breaks the rules.
        BadName: the name breaks the rules.
        WeakPassword: the password breaks the rules.
        HandleTaken: somebody has the handle.
    """
    check_handle(handle)
    name = checked_name(name)
    passwords.check(password)
    user_id = await _claim(store, handle, new_id(now))
    if await by_id(store, user_id) is not None:
        raise HandleTaken(f"the handle {handle!r} is taken")
    loop = asyncio.get_running_loop()
    password_hash = await loop.run_in_executor(memory_of(store).hashing, passwords.hashed, password)
    subject = secrets.token_bytes(_SUBJECT_BYTES)
    account = Account(user_id, handle, name, subject, now, kid=kid, tried_by=tried_by)
    await _insert(store, account, password_hash)
    return account


def check_handle(handle: str) -> None:
    """Refuse what cannot be a handle.

    Raises:
        BadHandle: says what was expected.
    """
    if not _HANDLE.fullmatch(handle):
        raise BadHandle(f"expected 3 to 30 of a-z, 0-9 and _, got {handle[:40]!r}")


def checked_name(name: str) -> str:
    """Return the name without spaces around it.

    Raises:
        BadName: it is empty, too long or holds control, format or unassigned characters.
    """
    name = name.strip()
    if not 1 <= len(name) <= _LONGEST_NAME:
        raise BadName(f"expected 1 to {_LONGEST_NAME} characters, got {len(name)}")
    for letter in name:
        # Cf holds the marks that turn text around, but also the joiners (U+200C, U+200D) names need.
        if unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"} and letter not in "\u200c\u200d":
            raise BadName(f"expected no control characters, got U+{ord(letter):04X}")
    return name


async def by_id(store: Store, user_id: int) -> Account | None:
    """Return a person's account, or None."""
    return (await by_ids(store, (user_id,))).get(user_id)


async def by_ids(store: Store, ids: Iterable[int]) -> dict[int, Account]:
    """Return the accounts there are for these ids."""
    kept = memory_of(store).accounts
    found: dict[int, Account] = {}
    missing: list[int] = []
    for user_id in dict.fromkeys(ids):
        account = kept.get(user_id)
        if account is None:
            missing.append(user_id)
        else:
            found[user_id] = account
    if missing:
        mark = kept.mark()
        for account in await _load(store, missing):
            kept.keep(account.user_id, account, mark)
            found[account.user_id] = account
    return found


async def by_handle(store: Store, handle: str) -> Account | None:
    """Return the account with this handle, or None; that of a deleted one stays claimed, and is nobody's."""

    async def claimed(tx: Tx) -> int | None:
        row = await tx.one(_CLAIMED, handle=handle)
        return row[0] if row else None

    if not _HANDLE.fullmatch(handle):
        return None
    user_id = await store.read(claimed)
    account = None if user_id is None else await by_id(store, user_id)
    return None if account is None or account.deleted_at is not None else account


async def _claim(store: Store, handle: str, user_id: int) -> int:
    async def claim(tx: Tx) -> int:
        await tx.run(_CLAIM, handle=handle, user_id=user_id)
        row = await tx.one(_CLAIMED, handle=handle)
        owner: int = row[0] if row else user_id
        return owner

    return await store.write(claim)


async def _insert(store: Store, account: Account, password_hash: str) -> None:
    async def insert(tx: Tx) -> int:
        return await tx.run(
            _INSERT,
            user_id=account.user_id,
            handle=account.handle,
            name=account.name,
            subject=account.subject,
            password_hash=password_hash,
            created_at=account.created_at,
            kid=int(account.kid),
            tried_by=account.tried_by,
        )

    if not await store.write(insert):
        raise HandleTaken(f"the handle {account.handle!r} is taken")


async def _load(store: Store, ids: list[int]) -> list[Account]:
    async def load(tx: Tx) -> list[Account]:
        rows = [await tx.one(_SELECT, user_id=user_id) for user_id in ids]
        return [_account(*row) for row in rows if row is not None]

    return await store.read(load)


def _account(  # noqa: PLR0917 - the columns of the table
    user_id: int,
    handle: str,
    name: str,
    subject: bytes,
    created_at: int,
    deleted_at: int | None,
    kid: int,
    tried_by: str,
) -> Account:
    return Account(user_id, handle, name, subject, created_at, deleted_at, bool(kid), tried_by)
