"""The sequencer, the log's only writer: pools of appends become leaves, one commit a pool.

Order (docs/log.md, order of release): the day, the leaves and the signed head are made; one fenced commit
makes them durable; the second head, if there is one, is moved; tiles and checkpoint are published; only then
do the waiters learn of it. A failed commit leaves an unknown state, so the head is read again from the store
before anything else is appended. A failed publication leaves committed leaves that nobody was told of; they
are published before anything else is appended.
"""

import asyncio
import json
from collections.abc import Callable, Sequence

from vestibule.ledger import leaf as leaves
from vestibule.ledger import tags
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.recorder import head as heads
from vestibule.recorder import publisher
from vestibule.recorder.building import Built, build
from vestibule.recorder.drafts import Append, Draft, Recorded
from vestibule.recorder.errors import LogUnavailable, LostTheLog
from vestibule.recorder.head import Claim, Head
from vestibule.recorder.keys import LogKeys
from vestibule.recorder.lanes import SAVE, Lanes
from vestibule.recorder.second_head import SecondHead
from vestibule.recorder.standing import Standing
from vestibule.store import Blobs, Store, Tx, Value
from vestibule.store.errors import StoreError
from vestibule.tlog.checkpoint import Checkpoint, sign_checkpoint
from vestibule.tlog.growing import GrowingTree
from vestibule.tlog.merkle import inclusion_proof, leaf_hash

ADVANCE = """
    update log_state
    set size = :new_size, last_day = :day, checkpoint = :checkpoint, lease_until = :until
    where log_id = :log_id and fence = :fence and size = :old_size
"""
ADD_ENTRY = "insert into entry (log_id, idx, leaf) values (:log_id, :idx, :leaf)"
ADD_OPENING = """
    insert into opening (log_id, subject, partner_id, lane, counter, idx, r, private)
    values (:log_id, :subject, :partner_id, :lane, :counter, :idx, :r, :private)
"""
ADD_APPENDED = "insert into appended (log_id, event_id, indexes) values (:log_id, :event_id, :indexes)"
ADD_EFFECT = "insert into effect (log_id, idx, topic, body) values (:log_id, :idx, :topic, :body)"


class Sequencer:
    """Turns pools into published leaves. One coroutine at a time may call `sequence`."""

    def __init__(
        self,
        store: Store,
        blobs: Blobs,
        keys: LogKeys,
        clock: Callable[[], int],
        second: SecondHead | None = None,
    ) -> None:
        self._second = second
        self._store = store
        self._blobs = blobs
        self._keys = keys
        self._clock = clock
        self._lanes = Lanes(store, keys)
        self._standing = Standing()
        self._head: Head | None = None
        self._tree = GrowingTree()
        self._shown = ""

    @property
    def shown(self) -> str:
        """The newest published checkpoint, as a signed note."""
        return self._shown

    @property
    def tree(self) -> GrowingTree:
        """The tree in memory, for proofs up to a published size; read it on the event loop."""
        return self._tree

    @property
    def lanes(self) -> Lanes:
        """The lanes, for proofs that the person gets."""
        return self._lanes

    @property
    def size(self) -> int:
        """How many leaves are committed, 0 while that is unknown."""
        return 0 if self._head is None else self._head.size

    async def load(self, claims: Sequence[Claim] = ()) -> Head:
        """Read the head from the store, check it, and publish what is missing; see `head.load`."""
        self._lanes.forget()
        if self._second is not None:
            remembered = await asyncio.to_thread(self._second.read, self._keys.signing.verifier)
            if remembered is not None:
                claims = [*claims, Claim(f"the second head {self._second.path}", remembered)]
        head = await heads.load(self._store, self._blobs, self._keys, self._clock(), claims)
        if self._second is not None:
            await asyncio.to_thread(self._second.advance, head.note)
        await heads.catch_up(self._store, self._blobs, self._keys.origin, head)
        self._tree, self._shown = head.tree, head.note
        self._head = head
        return head

    async def sequence(self, pool: Sequence[Append]) -> list[tuple[Recorded, ...] | Exception]:
        """Record a pool; the answer to each append is its leaves, or why there are none.

        Raises:
            LostTheLog: if another process has moved the head; nothing may be appended any more.
            LogUnavailable: if nothing of the pool was released; what was committed stands.
        """
        head = self._head or await self.load()
        await self._publish(head)
        now = self._clock()
        day = now // MICROSECONDS_A_DAY
        if day < head.last_day:
            raise LogUnavailable(
                f"the clock says UTC day {day}, the log's last leaf is of day {head.last_day}"
            )
        objections = [self._standing.objection(append, day) for append in pool]
        allowed = [append for append, objection in zip(pool, objections, strict=True) if objection is None]
        recorded = iter(await self._record(head, allowed, now))
        return [next(recorded) if objection is None else objection for objection in objections]

    async def _record(
        self, head: Head, pool: Sequence[Append], now: int
    ) -> list[tuple[Recorded, ...] | Exception]:
        await self._lanes.load(
            {
                (draft.partner, draft.lane, draft.subject)
                for append in pool
                for draft in append.items
                if isinstance(draft, Draft)
            }
        )
        # Counters move while leaves are built: until the commit stands, the head counts as unknown.
        self._head = None
        built, refused = build(pool, self._lanes, day=now // MICROSECONDS_A_DAY, at=now)
        if built:
            await self._commit(head, pool, built, now)
        self._head = head
        for append in pool:
            self._standing.note_events(append)
        for leaf in built:
            if leaf.lane is None:
                self._standing.note_leaf(leaves.parse(leaf.leaf))
        await self._publish(head)
        recorded = self._recorded(head, pool, built)
        return [refused.get(number, answer) for number, answer in enumerate(recorded)]

    async def _commit(self, head: Head, pool: Sequence[Append], built: Sequence[Built], now: int) -> None:
        """Grow the tree and make it durable under the fence."""
        old_size = head.size
        for leaf in built:
            head.tree.append(leaf_hash(leaf.leaf))
        new_size = head.tree.size
        day = now // MICROSECONDS_A_DAY
        note = sign_checkpoint(Checkpoint(self._keys.origin, new_size, head.tree.root()), self._keys.signing)
        log_id = self._keys.origin
        rows = _rows(log_id, pool, built, old_size)
        lanes = self._lane_rows(built)

        async def work(tx: Tx) -> None:
            changed = await tx.run(
                ADVANCE,
                log_id=log_id,
                fence=head.fence,
                old_size=old_size,
                new_size=new_size,
                day=day,
                checkpoint=note,
                until=now + heads.LEASE_MICROSECONDS,
            )
            if changed != 1:
                raise LostTheLog(
                    f"log {log_id}: the head is no longer at size {old_size} under fence {head.fence}"
                )
            for statement, values in rows:
                await tx.many(statement, values)
            await tx.many(SAVE, lanes)

        await self._store.write(work)
        head.size, head.last_day, head.note = new_size, day, note
        head.tail.extend(leaf.leaf for leaf in built)

    def _lane_rows(self, built: Sequence[Built]) -> list[dict[str, Value]]:
        names = {leaf.lane for leaf in built if leaf.lane is not None}
        return [
            {
                "log_id": self._keys.origin,
                "partner_id": name[0],
                "lane": name[1],
                "subject": name[2],
                "proof": self._lanes[name].proof,
                "next": self._lanes[name].next,
            }
            for name in names
        ]

    async def _publish(self, head: Head) -> None:
        if head.published == head.size:
            return
        try:
            await asyncio.to_thread(self._write_files, head)
        except (OSError, StoreError) as error:
            raise LogUnavailable(f"the log's files cannot be written: {error}") from error
        head.published = head.size
        self._shown = head.note
        head.drop_published_tail()

    def _write_files(self, head: Head) -> None:
        if self._second is not None:
            self._second.advance(head.note)
        publisher.write_tiles(
            self._blobs,
            old_size=head.published,
            new_size=head.size,
            read=head.tree.node,
            start=head.tail_first,
            entries=head.tail,
        )
        publisher.show(self._blobs, head.note, head.size)

    def _recorded(
        self, head: Head, pool: Sequence[Append], built: Sequence[Built]
    ) -> list[tuple[Recorded, ...]]:
        answers: list[list[Recorded | None]] = [[None] * len(append.items) for append in pool]
        first = head.size - len(built)
        for index, leaf in enumerate(built, first):
            key = self._lanes[leaf.lane].key if leaf.lane and leaf.lane[1] == tags.SHARED else b""
            hashes = inclusion_proof(index, head.size, head.tree.node)
            answers[leaf.append][leaf.item] = Recorded(
                index, leaf.leaf, leaf.r, leaf.private, key, hashes, head.note
            )
        return [tuple(item for item in answer if item is not None) for answer in answers]


def _rows(
    log_id: str, pool: Sequence[Append], built: Sequence[Built], first: int
) -> list[tuple[str, list[dict[str, Value]]]]:
    """Pair each insert with its rows."""
    entries: list[dict[str, Value]] = []
    openings: list[dict[str, Value]] = []
    effects: list[dict[str, Value]] = []
    indexes: dict[int, dict[int, int]] = {}
    for index, leaf in enumerate(built, first):
        entries.append({"log_id": log_id, "idx": index, "leaf": leaf.leaf})
        if leaf.lane is not None:
            openings.append(_opening_row(log_id, index, leaf))
        if leaf.effect is not None:
            body = json.dumps(leaf.effect.body)
            effects.append({"log_id": log_id, "idx": index, "topic": leaf.effect.topic, "body": body})
        indexes.setdefault(leaf.append, {})[leaf.item] = index
    appended: list[dict[str, Value]] = [
        {"log_id": log_id, "event_id": append.event_id, "indexes": json.dumps(_in_order(indexes[number]))}
        for number, append in enumerate(pool)
        if append.event_id is not None and number in indexes
    ]
    return [(ADD_ENTRY, entries), (ADD_OPENING, openings), (ADD_EFFECT, effects), (ADD_APPENDED, appended)]


def _in_order(by_item: dict[int, int]) -> list[int]:
    return [by_item[item] for item in sorted(by_item)]


def _opening_row(log_id: str, index: int, leaf: Built) -> dict[str, Value]:
    partner, lane, subject = leaf.lane or ("", "", b"")
    return {
        "log_id": log_id,
        "subject": subject,
        "partner_id": partner,
        "lane": lane,
        "counter": leaf.counter,
        "idx": index,
        "r": leaf.r,
        "private": leaf.private.decode(),
    }
