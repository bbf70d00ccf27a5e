"""The log's head: how far it is committed, in the store and in memory. Touches `log_state` and `entry`.

The committed head is the truth. At the start its signature is checked, the tree is made again from the
store's entries, and every checkpoint that the public or others hold may be behind the head but never ahead
of it.
"""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from vestibule.ledger import leaf as leaves
from vestibule.ledger.errors import LedgerError
from vestibule.recorder import publisher
from vestibule.recorder.entries import SLICE, read_slice
from vestibule.recorder.errors import LogRefusesToStart
from vestibule.recorder.keys import LogKeys
from vestibule.store import Blobs, Store, Tx
from vestibule.tlog import layout
from vestibule.tlog.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from vestibule.tlog.errors import TlogError
from vestibule.tlog.growing import GrowingTree
from vestibule.tlog.merkle import EMPTY_ROOT, leaf_hash

OWNER = "embedded"
"""The lease's owner on SQLite, where the store's lock file already admits one process."""
LEASE_MICROSECONDS = 10_000_000

CREATE = """
    insert into log_state (log_id, owner, fence, lease_until, size, last_day, checkpoint)
    values (:log_id, :owner, 0, 0, 1, :day, :checkpoint)
    on conflict (log_id) do nothing
"""
FIRST_ENTRY = """
    insert into entry (log_id, idx, leaf) values (:log_id, 0, :leaf)
    on conflict (log_id, idx) do nothing
"""
TAKE_LEASE = """
    update log_state set owner = :owner, fence = fence + 1, lease_until = :until
    where log_id = :log_id and (owner = :owner or lease_until < :now)
    returning fence, size, last_day, checkpoint
"""


@dataclass(slots=True)
class Head:
    """Where the log stands; the sequencer owns it. Only during a commit is `tree` ahead of `size`.

    Attributes:
        fence: the lease's fencing number, compared at every commit.
        published: the size that everybody can fetch; the size at most.
        tail: the entries since the last full bundle before `published`.
    """

    fence: int
    size: int
    last_day: int
    note: str
    tree: GrowingTree
    published: int
    tail: list[bytes]
    tail_first: int

    def drop_published_tail(self) -> None:
        """Forget entries that stand in full, published bundles."""
        keep_from = layout.bundle_start(self.published)
        del self.tail[: keep_from - self.tail_first]
        self.tail_first = keep_from


@dataclass(frozen=True, slots=True)
class Claim:
    """A checkpoint of this log that somebody holds: the stored entries must lead to it."""

    holder: str
    checkpoint: Checkpoint


def _slices(first: int, end: int) -> Iterator[tuple[int, int]]:
    for start in range(first, end, SLICE):
        yield start, min(start + SLICE, end)


async def create(store: Store, keys: LogKeys, day: int) -> None:
    """Write leaf 0 and the first head, unless the log exists."""
    genesis = leaves.Genesis(
        origin=keys.origin, vrf=keys.vrf.public, log=str(keys.signing.verifier), suite=1, day=day
    )
    entry = leaves.encode(genesis)
    root = leaf_hash(entry)
    note = sign_checkpoint(Checkpoint(keys.origin, 1, root), keys.signing)

    async def work(tx: Tx) -> None:
        await tx.run(CREATE, log_id=keys.origin, owner=OWNER, day=day, checkpoint=note)
        await tx.run(FIRST_ENTRY, log_id=keys.origin, leaf=entry)

    await store.write(work)


async def load(store: Store, blobs: Blobs, keys: LogKeys, now: int, claims: Sequence[Claim] = ()) -> Head:
    """Take the lease and check the head against entries, published files and what others hold of the log.

    Args:
        store: where entries and head are.
        blobs: the published files.
        keys: who the log is.
        now: microseconds since 1970.
        claims: checkpoints that others hold.

    Raises:
        LogRefusesToStart: if store, published files and claims contradict each other.
    """
    row = await store.write(
        lambda tx: tx.one(
            TAKE_LEASE, log_id=keys.origin, owner=OWNER, until=now + LEASE_MICROSECONDS, now=now
        )
    )
    if row is None:
        raise LogRefusesToStart(f"log {keys.origin}: another process holds the lease")
    fence, size, last_day, note = row
    committed = _checked(note, keys, size)
    shown = publisher.published(blobs, keys.signing.verifier) or Checkpoint(keys.origin, 0, EMPTY_ROOT)
    claims = [Claim("the published checkpoint", shown), *claims]
    await _check_genesis(store, keys)
    tree, roots = await _regrow(store, keys.origin, size, {claim.checkpoint.size for claim in claims})
    if tree.root() != committed.root:
        raise LogRefusesToStart(f"log {keys.origin}: the head's root is not that of its {size} entries")
    for claim in claims:
        _check(claim, size, roots.get(claim.checkpoint.size))
    tail_first = layout.bundle_start(size)
    tail = await read_slice(store, keys.origin, tail_first, size)
    return Head(fence, size, last_day, note, tree, shown.size, tail, tail_first)


async def catch_up(store: Store, blobs: Blobs, log_id: str, head: Head) -> None:
    """Publish what was committed and not yet published."""
    if head.published < head.size:
        await _publish_gap(store, blobs, log_id, head.published, head.size)
        await asyncio.to_thread(publisher.show, blobs, head.note, head.size)
        head.published = head.size


def _check(claim: Claim, size: int, root: bytes | None) -> None:
    """Refuse a head that does not lead to a checkpoint which somebody holds."""
    if root != claim.checkpoint.root:
        got = "fewer entries" if root is None else "another root"
        raise LogRefusesToStart(
            f"log {claim.checkpoint.origin}: expected {claim.holder} (size {claim.checkpoint.size}) to be a "
            f"prefix of the {size} stored entries, got {got}; was an old backup restored?"
        )


async def _check_genesis(store: Store, keys: LogKeys) -> None:
    """Compare the keys with those that leaf 0 names: under another VRF key no lane would verify."""
    [first] = await read_slice(store, keys.origin, 0, 1)
    try:
        genesis = leaves.parse(first)
    except LedgerError as error:
        raise LogRefusesToStart(f"log {keys.origin}: leaf 0: {error}") from error
    if not isinstance(genesis, leaves.Genesis) or genesis.vrf != keys.vrf.public:
        raise LogRefusesToStart(
            f"log {keys.origin}: leaf 0 names another VRF key than vrf.seed makes; restore the file"
        )


def _checked(note_text: str, keys: LogKeys, size: int) -> Checkpoint:
    try:
        checkpoint = open_checkpoint(note_text, keys.signing.verifier)
    except TlogError as error:
        raise LogRefusesToStart(f"stored head: {error}") from error
    if (checkpoint.origin, checkpoint.size) != (keys.origin, size):
        raise LogRefusesToStart(
            f"stored head: expected {keys.origin} at {size}, got {checkpoint.origin} at {checkpoint.size}"
        )
    return checkpoint


async def _regrow(
    store: Store, log_id: str, size: int, wanted: Collection[int]
) -> tuple[GrowingTree, dict[int, bytes]]:
    """Hash the stored entries again; also return the roots at the wanted sizes that they reach."""
    tree = GrowingTree()
    roots = {0: EMPTY_ROOT}
    for first, end in _slices(0, size):
        for entry in await read_slice(store, log_id, first, end):
            tree.append(leaf_hash(entry))
            if tree.size in wanted:
                roots[tree.size] = tree.root()
    if tree.size != size:
        raise LogRefusesToStart(f"log {log_id}: expected {size} stored entries, got {tree.size}")
    return tree, roots


async def _publish_gap(store: Store, blobs: Blobs, log_id: str, shown: int, size: int) -> None:
    """Write the tiles between the published and the committed size, a slice at a time."""
    tree = GrowingTree()
    for first, end in _slices(0, size):
        entries = await read_slice(store, log_id, first, end)
        for entry in entries:
            tree.append(leaf_hash(entry))
        if end > shown:
            publisher.write_tiles(
                blobs,
                old_size=max(first, shown),
                new_size=end,
                read=tree.node,
                start=first,
                entries=entries,
            )
