"""Proofs about the log as it stands: from the tree in memory, or else from the published tiles."""

import asyncio
from collections.abc import Callable

from vestibule.recorder.receipts import published_nodes
from vestibule.store import Blobs
from vestibule.tlog.checkpoint import Checkpoint
from vestibule.tlog.errors import EvictedError
from vestibule.tlog.growing import GrowingTree
from vestibule.tlog.merkle import ReadNode, consistency_proof, inclusion_proof

Proof = tuple[bytes, ...]


class Prover:
    """Makes proofs that lead to published checkpoints.

    A tree in memory is read on the event loop alone, where it grows, and holds the newest nodes; older ones
    are read in a thread from the published tiles, each checked against the checkpoint.
    """

    def __init__(self, blobs: Blobs, tree: Callable[[], GrowingTree]) -> None:
        self._blobs = blobs
        self._tree = tree

    async def consistency(self, old_size: int, checkpoint: Checkpoint) -> Proof:
        """Prove that a checkpoint only appends to the log as it was at an older size."""
        return await self._prove(checkpoint, lambda read: consistency_proof(old_size, checkpoint.size, read))

    async def inclusion(self, index: int, checkpoint: Checkpoint) -> Proof:
        """Prove that a leaf is in the log of a checkpoint."""
        return await self._prove(checkpoint, lambda read: inclusion_proof(index, checkpoint.size, read))

    async def _prove(self, checkpoint: Checkpoint, make: Callable[[ReadNode], Proof]) -> Proof:
        try:
            return make(self._tree().node)
        except EvictedError:
            return await asyncio.to_thread(lambda: make(published_nodes(self._blobs, checkpoint)))
