"""A person's sessions: listed, ended one by one or all others, and proved anew. Touches the table session."""

from collections.abc import Callable, Iterable

from vestibule.people.memory import memory_of
from vestibule.people.sessions import COLUMNS, Session
from vestibule.people.tokens import digest, new_token, owner_of
from vestibule.store import Store, Tx

_OF = f"""
select {COLUMNS} from session where user_id = :user_id and expires_at > :now
order by seen_at desc, session_hash limit 500
"""
_HASHES = "select session_hash from session where user_id = :user_id"
_DELETE = "delete from session where user_id = :user_id and session_hash = :session_hash"
_RENEW = """
update session set session_hash = :fresh, proved_at = :now, seen_at = :now
where user_id = :user_id and session_hash = :session_hash and expires_at > :now
"""


async def sessions_of(store: Store, user_id: int, now: int) -> tuple[Session, ...]:
    """List a person's live sessions, the one used last first."""
    rows = await store.read(lambda tx: tx.all(_OF, user_id=user_id, now=now))
    return tuple(Session(*row) for row in rows)


async def end_one(store: Store, user_id: int, session_hash: bytes) -> bool:
    """End one session of a person; returns whether there was one."""
    return await _end(store, user_id, lambda one: one == session_hash) != []


async def end_others(store: Store, user_id: int, token: str) -> int:
    """End every session of a person but the one of this token; returns how many."""
    kept = digest(token)
    return len(await _end(store, user_id, lambda session_hash: session_hash != kept))


async def renew(store: Store, token: str, now: int) -> str | None:
    """Give a session that was proved just now another token, None if it is over.

    Whoever had seen the old token does not gain what the proof opens.
    """
    user_id = owner_of(token)
    if user_id is None:
        return None
    fresh = new_token(user_id)

    async def write(tx: Tx) -> int:
        return await tx.run(_RENEW, user_id=user_id, session_hash=digest(token), fresh=digest(fresh), now=now)

    try:
        return fresh if await store.write(write) else None
    finally:
        memory_of(store).sessions.forget(digest(token))


async def end_all_in(tx: Tx, user_id: int) -> list[bytes]:
    """End every session of a person in a transaction; what this returns is to be forgotten after it."""
    return await end_in(tx, user_id, lambda _: True)


async def end_in(tx: Tx, user_id: int, which: Callable[[bytes], bool]) -> list[bytes]:
    """End those of a person's sessions whose hash is meant, as `end_all_in`."""
    hashes = [one for (one,) in await tx.all(_HASHES, user_id=user_id) if which(one)]
    for session_hash in hashes:
        await tx.run(_DELETE, user_id=user_id, session_hash=session_hash)
    return hashes


def forget(store: Store, hashes: Iterable[bytes]) -> None:
    """Let sessions that were ended be dead in this process's memory too."""
    for session_hash in hashes:
        memory_of(store).sessions.forget(session_hash)


async def _end(store: Store, user_id: int, which: Callable[[bytes], bool]) -> list[bytes]:
    ended = await store.write(lambda tx: end_in(tx, user_id, which))
    forget(store, ended)
    return ended
