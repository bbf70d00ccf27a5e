"""The leaves of ends: behind the end itself, which never waits for the log. Touches the table `grant_leaf`.

Which ends still lack their leaf stands in the store, not in the outbox: what else a person sets in motion
must not wait for the log. Each is recorded once, under an id of its own, however often it is tried.
"""

import asyncio
import hashlib
import logging
from collections.abc import Iterable
from itertools import groupby
from weakref import WeakKeyDictionary

from vestibule.ledger import tags
from vestibule.people import accounts
from vestibule.recorder.drafts import Append, Draft
from vestibule.recorder.errors import RecorderError
from vestibule.recorder.recorder import Recorder
from vestibule.store import Row, Store, StoreError

WAITING = """
    select connection_id, grant_id, scope, partner_id, leaf_index, why from grant_leaf
    where user_id = :user_id and state = 'ending'
    order by connection_id, grant_id, scope limit 1000
"""
RECORDED = """
    update grant_leaf set state = 'ended'
    where user_id = :user_id and connection_id = :connection_id and grant_id = :grant_id and state = 'ending'
"""
RECOVER_PEOPLE = """
    select distinct user_id from grant_leaf
    where state = 'ending' and user_id > :after order by user_id limit 200
"""
AGAIN_SECONDS = 1.0

logger = logging.getLogger(__name__)


class Due:
    """The people whose ends still lack a leaf, as far as this process knows; belongs to one event loop."""

    def __init__(self) -> None:
        self.people: set[int] = set()
        self.wake = asyncio.Event()

    def add(self, user_id: int) -> None:
        """Have a person's ends recorded as soon as the log can."""
        self.people.add(user_id)
        self.wake.set()


_dues: WeakKeyDictionary[Store, Due] = WeakKeyDictionary()


def due_of(store: Store) -> Due:
    """Return which ends in a store are still to be recorded."""
    return _dues.setdefault(store, Due())


async def run(store: Store, recorder: Recorder) -> None:
    """Record ends until cancelled, those of an earlier process first; what fails is tried again."""
    due = due_of(store)
    found = False
    while True:
        try:
            if not found:
                due.people |= await people_left(store)
                found = True
            await drain(store, recorder)
        except (RecorderError, StoreError) as error:
            logger.warning("ends of connections wait for the log: %s", error)
            await asyncio.sleep(AGAIN_SECONDS)
        else:
            await due.wake.wait()


async def drain(store: Store, recorder: Recorder) -> None:
    """Record every end that is due now.

    Raises:
        LogUnavailable: if the log cannot write; what is not recorded stays due.
    """
    due = due_of(store)
    due.wake.clear()
    for user_id in tuple(due.people):
        due.people.discard(user_id)
        try:
            await record(store, recorder, user_id)
        except BaseException:
            due.people.add(user_id)
            raise


async def people_left(store: Store) -> set[int]:
    """Find everybody whose ends lack a leaf."""
    people: set[int] = set()
    after = -1
    while rows := await _people_after(store, after):
        people.update(rows)
        after = rows[-1]
    return people


async def _people_after(store: Store, after: int) -> list[int]:
    return [row[0] for row in await store.read(lambda tx: tx.all(RECOVER_PEOPLE, after=after))]


async def any_left(store: Store, user_id: int) -> bool:
    """Say whether an end of this person's still lacks its leaf; until then her subject is needed."""
    return bool(await store.read(lambda tx: tx.all(WAITING, user_id=user_id)))


async def record(store: Store, recorder: Recorder, user_id: int) -> None:
    """Record every end of one person's that lacks its leaf, and return when they stand in the log.

    Raises:
        LogUnavailable: if the log cannot write; what is not recorded stays due.
    """
    person = await accounts.by_id(store, user_id)
    rows = await store.read(lambda tx: tx.all(WAITING, user_id=user_id))
    if person is None:
        return
    for (connection_id, grant_id), leaves in groupby(rows, key=lambda row: row[:2]):
        await recorder.append(_ends(person.subject, user_id, grant_id, leaves))
        await _recorded(store, user_id, connection_id, grant_id)


async def _recorded(store: Store, user_id: int, connection_id: int, grant_id: int) -> None:
    await store.write(
        lambda tx: tx.run(RECORDED, user_id=user_id, connection_id=connection_id, grant_id=grant_id)
    )


def _ends(subject: bytes, user_id: int, grant_id: int, leaves: Iterable[Row]) -> Append:
    """Make the ends of one grant's leaves, in an order that is the same at every try."""
    drafts = tuple(
        Draft("end", scope, partner_id, tags.SHARED, subject, 0, grant=index, extra={"why": why})
        for _, _, scope, partner_id, index, why in leaves
    )
    key = f"vestibule/end/v1\n{user_id}\n{grant_id}".encode()
    return Append(drafts, event_id=hashlib.sha256(key).digest()[:16])
