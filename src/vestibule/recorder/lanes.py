"""Lanes: one sequence of tags per partner, person and lane. Reads the table `lane`."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

from vestibule.ledger import tags
from vestibule.ledger.vrf import proof_to_hash
from vestibule.recorder.keys import LogKeys
from vestibule.store import Store, Tx

ONE = """
    select proof, next from lane
    where log_id = :log_id and partner_id = :partner_id and lane = :lane and subject = :subject
"""
SAVE = """
    insert into lane (log_id, partner_id, lane, subject, proof, next)
    values (:log_id, :partner_id, :lane, :subject, :proof, :next)
    on conflict (log_id, partner_id, lane, subject) do update set next = excluded.next
"""
MOST_CACHED = 200_000

LaneName = tuple[str, str, bytes]
"""(partner, lane, subject)"""


@dataclass(slots=True)
class Lane:
    """A lane as the sequencer knows it; `next` is the counter its next event gets."""

    key: bytes
    proof: bytes
    next: int


class Lanes:
    """Every lane's key and counter, read from the store when first asked for, made when there is none."""

    def __init__(self, store: Store, keys: LogKeys) -> None:
        self._store = store
        self._keys = keys
        self._known: dict[LaneName, Lane] = {}
        self._keys_read: dict[LaneName, bytes] = {}

    def forget(self) -> None:
        """Drop what is cached, after a commit whose outcome is unknown."""
        self._known.clear()

    def __getitem__(self, key: LaneName) -> Lane:
        return self._known[key]

    async def load(self, wanted: Collection[LaneName]) -> None:
        """Make sure that all of these are known.

        A new lane costs one VRF proof, half a millisecond, and is computed in a thread.
        """
        missing = {key for key in wanted if key not in self._known}
        if not missing:
            return
        if len(self._known) > MOST_CACHED:
            self._known.clear()
            missing = set(wanted)
        for key, row in (await self._stored(missing)).items():
            proof = row[0] if row else await asyncio.to_thread(self.prove, key)
            self._known[key] = Lane(tags.lane_key(proof_to_hash(proof)), proof, row[1] if row else 0)

    async def key_of(self, name: LaneName) -> bytes:
        """Return a lane's key, leaving the counters, which are the sequencer's alone, untouched."""
        known = self._known.get(name)
        if known is not None:
            return known.key
        if name not in self._keys_read:
            if len(self._keys_read) > MOST_CACHED:
                self._keys_read.clear()
            stored = (await self._stored({name}))[name]
            proof = stored[0] if stored else await asyncio.to_thread(self.prove, name)
            self._keys_read[name] = tags.lane_key(proof_to_hash(proof))
        return self._keys_read[name]

    def prove(self, key: LaneName) -> bytes:
        """Compute a lane's VRF proof. The proof is deterministic, so that nobody can be given two lanes."""
        partner, lane, subject = key
        return self._keys.vrf.prove(tags.alpha(self._keys.origin, partner, lane, subject))

    async def _stored(self, keys: set[LaneName]) -> dict[LaneName, tuple[bytes, int] | None]:
        async def work(tx: Tx) -> dict[LaneName, tuple[bytes, int] | None]:
            found: dict[LaneName, tuple[bytes, int] | None] = {}
            for partner, lane, subject in keys:
                row = await tx.one(
                    ONE, log_id=self._keys.origin, partner_id=partner, lane=lane, subject=subject
                )
                found[partner, lane, subject] = None if row is None else (row[0], row[1])
            return found

        return await self._store.read(work)
