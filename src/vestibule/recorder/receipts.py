"""Receipts of earlier leaves, made again from the store and the published tiles."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from vestibule.ledger import tags
from vestibule.recorder.drafts import Recorded
from vestibule.recorder.lanes import Lanes
from vestibule.store import Blobs, Row, Store, Tx
from vestibule.tlog.checkpoint import Checkpoint
from vestibule.tlog.merkle import ReadNode, inclusion_proof
from vestibule.tlog.note import Note
from vestibule.tlog.tiles import node_reader

LEAF = "select leaf from entry where log_id = :log_id and idx = :idx"
OPENING = """
    select partner_id, lane, r, private from opening
    where log_id = :log_id and subject = :subject and idx = :idx
"""
OF_PARTNER = """
    select opening.idx, opening.subject, opening.r, opening.private, opening.kept_back, entry.leaf
    from opening join entry on entry.log_id = opening.log_id and entry.idx = opening.idx
    where opening.log_id = :log_id and opening.partner_id = :partner_id and opening.lane = 'shared'
        and opening.idx > :after and opening.idx < :size
    order by opening.idx, opening.subject, opening.counter limit :limit
"""
KEEP_BACK = """
    update opening set kept_back = 1
    where log_id = :log_id and partner_id = :partner_id and lane = 'shared' and idx = :idx
"""


@dataclass(frozen=True, slots=True)
class Receipts:
    """What one log's receipts are made of."""

    store: Store
    blobs: Blobs
    lanes: Lanes
    log_id: str

    async def of_person(self, index: int, subject: bytes, note: str) -> Recorded | None:
        """Make what `append` once returned for a person's leaf, against a newer checkpoint.

        Returns:
            None if the person has no such leaf.
        """

        async def work(tx: Tx) -> tuple[bytes, str, str, bytes, str] | None:
            leaf = await tx.one(LEAF, log_id=self.log_id, idx=index)
            opening = await tx.one(OPENING, log_id=self.log_id, subject=subject, idx=index)
            return None if leaf is None or opening is None else (leaf[0], *opening)

        found = await self.store.read(work)
        if found is None:
            return None
        leaf, partner, lane, r, private = found
        key = await self.lanes.key_of((partner, lane, subject)) if lane == tags.SHARED else b""
        return Recorded(index, leaf, r, private.encode(), key, prove(self.blobs, note, index), note)

    async def of_partner(self, partner_id: str, note: str, *, after: int, limit: int) -> tuple[Recorded, ...]:
        """Make the receipts of a partner's leaves in shared lanes again, in the order of the log.

        Where the answer was kept back, the opening is, too: what it says of people never left either.
        """
        size = Checkpoint.parse(Note.parse(note).text).size

        async def work(tx: Tx) -> list[Row]:
            return await tx.all(
                OF_PARTNER, log_id=self.log_id, partner_id=partner_id, after=after, size=size, limit=limit
            )

        rows = await self.store.read(work)
        proofs = await asyncio.to_thread(lambda: [prove(self.blobs, note, row[0]) for row in rows])
        return tuple(
            [
                await self._of_partner(partner_id, row, hashes, note)
                for row, hashes in zip(rows, proofs, strict=True)
            ]
        )

    async def _of_partner(self, partner_id: str, row: Row, hashes: tuple[bytes, ...], note: str) -> Recorded:
        index, subject, r, private, kept_back, leaf = row
        if kept_back:
            return Recorded(index, leaf, b"", b"", b"", hashes, note)
        key = await self.lanes.key_of((partner_id, tags.SHARED, subject))
        return Recorded(index, leaf, r, private.encode(), key, hashes, note)

    async def keep_back(self, partner_id: str, indexes: Sequence[int]) -> None:
        """Let no later receipt of these leaves of a partner carry the opening."""

        async def work(tx: Tx) -> None:
            for index in indexes:
                await tx.run(KEEP_BACK, log_id=self.log_id, partner_id=partner_id, idx=index)

        await self.store.write(work)

    async def public(self, index: int, note: str) -> Recorded | None:
        """Make what everybody may have of a leaf: its bytes and its proof, an event's without the opening.

        Returns:
            None if there is no such leaf.
        """
        row = await self.store.read(lambda tx: tx.one(LEAF, log_id=self.log_id, idx=index))
        if row is None:
            return None
        hashes = await asyncio.to_thread(prove, self.blobs, note, index)
        return Recorded(index, row[0], b"", b"", b"", hashes, note)


def prove(blobs: Blobs, note: str, index: int) -> tuple[bytes, ...]:
    """Prove a leaf's inclusion from published tiles, each checked against the checkpoint's root."""
    checkpoint = Checkpoint.parse(Note.parse(note).text)
    return inclusion_proof(index, checkpoint.size, published_nodes(blobs, checkpoint))


def published_nodes(blobs: Blobs, checkpoint: Checkpoint) -> ReadNode:
    """Return a ReadNode over the published tiles; call it from a thread."""

    def fetch(path: str) -> bytes:
        data = blobs.get(path)
        if data is None:
            raise FileNotFoundError(path)
        return data

    return node_reader(fetch, checkpoint)
