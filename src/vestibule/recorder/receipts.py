"""Receipts of earlier leaves, made again from the store and the published tiles."""

import asyncio
from dataclasses import dataclass

from vestibule.ledger import tags
from vestibule.recorder.drafts import Recorded
from vestibule.recorder.lanes import Lanes
from vestibule.store import Blobs, Store, Tx
from vestibule.tlog.checkpoint import Checkpoint
from vestibule.tlog.merkle import ReadNode, inclusion_proof
from vestibule.tlog.note import Note
from vestibule.tlog.tiles import node_reader

LEAF = "select leaf from entry where log_id = :log_id and idx = :idx"
OPENING = """
    select partner_id, lane, r, private from opening
    where log_id = :log_id and subject = :subject and idx = :idx
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
