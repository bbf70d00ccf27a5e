"""The log as a verdict sees it: signed by whom the policy trusts, every entry hashed, every leaf replayed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vestibule.ledger.errors import LedgerError
from vestibule.ledger.leaf import Genesis, Leaf, parse
from vestibule.ledger.replay import Replay
from vestibule.tlog.encoding import shown
from vestibule.tlog.errors import QuorumError, TlogError
from vestibule.tlog.layout import CHECKPOINT, TILE_WIDTH, WITNESSED
from vestibule.tlog.merkle import leaf_hash
from vestibule.tlog.tiles import Fetch, bundle_path, decode_bundle, node_reader, read_entries
from vestibule.verdict.entries import Entries
from vestibule.verdict.errors import BadLog, NoCheckpoint
from vestibule.verdict.vouched import Vouched, vouch

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from typing import TypeAlias

    from vestibule.ledger.history import Breach, History
    from vestibule.tlog.checkpoint import Checkpoint
    from vestibule.verdict.trust import Trust

    Told: TypeAlias = Callable[[int, int], None]


NO_CHECKPOINT = "no checkpoint there: is this the address of a log? (usually ends in /log)"


@dataclass(frozen=True, slots=True)
class LogView:
    """A whole log under one verified checkpoint.

    Attributes:
        trust: the policy and who chose it.
        verified: the checkpoint and who vouches for it.
        entries: every entry; together they have the checkpoint's root.
        history: what they say.
        genesis: leaf 0.
    """

    trust: Trust
    verified: Vouched
    entries: Sequence[bytes]
    history: History
    genesis: Genesis

    @property
    def origin(self) -> str:
        """The log's origin."""
        return self.verified.origin

    @property
    def size(self) -> int:
        """The checkpoint's tree size."""
        return self.verified.checkpoint.size

    @property
    def vrf(self) -> bytes:
        """The VRF key under which every lane of this log is made."""
        return self.genesis.vrf

    def leaf(self, index: int) -> Leaf:
        """Parse the leaf at an index below the size."""
        return parse(self.entries[index])

    def events_of(self, partner: str) -> int:
        """Count the partner's event leaves."""
        return len(self.history.events_by_partner.get(partner, ()))

    def breaches_of(self, partners: Collection[str]) -> tuple[Breach, ...]:
        """List where leaves of these partners break the log's rules."""
        return tuple(
            breach
            for breach in self.history.breaches
            if getattr(self.leaf(breach.index), "partner", None) in partners
        )


def read_log(fetch: Fetch, trust: Trust, told: Told = lambda _done, _size: None) -> LogView:
    """Fetch, verify and replay a log.

    Args:
        fetch: gives its files.
        trust: the policy.
        told: is called with the number of entries read so far and the number of all, now and then.

    Raises:
        BadLog: naming the file or leaf, what was expected and what was got.
    """
    verified = read_checkpoint(fetch, trust)
    entries, history = _read_entries(fetch, verified.checkpoint, told)
    genesis = genesis_of(entries[0] if entries else b"", trust)
    _refuse_unreadable(history, entries)
    return LogView(trust, verified, entries, history, genesis)


def read_checkpoint(fetch: Fetch, trust: Trust) -> Vouched:
    """Fetch the newest checkpoint that the policy accepts, and check it.

    The newest of all may lack cosignatures that are still on their way; then the newest that has the
    platform's own quorum is asked for.

    Raises:
        NoCheckpoint: if there is none.
        BadLog: if the policy does not accept it.
    """
    try:
        return _vouch(fetch, CHECKPOINT, trust)
    except QuorumError as missing:
        try:
            return _vouch(fetch, WITNESSED, trust)
        except (OSError, LookupError):
            raise BadLog(f"{CHECKPOINT}: {missing}") from missing
        except QuorumError as error:
            raise BadLog(f"{WITNESSED}: {error}") from error
    except FileNotFoundError as error:
        raise NoCheckpoint(f"{NO_CHECKPOINT}; {error.filename or error}") from error
    except OSError as error:
        raise NoCheckpoint(f"{CHECKPOINT}: expected a signed checkpoint, got none ({error})") from error


def _vouch(fetch: Fetch, path: str, trust: Trust) -> Vouched:
    try:
        return vouch(fetch(path), trust)
    except QuorumError:
        raise
    except TlogError as error:
        raise BadLog(f"{path}: {error}") from error


def genesis_of(entry: bytes, trust: Trust) -> Genesis:
    """Read leaf 0, which must name the log that the policy trusts.

    Raises:
        BadLog: if it does not.
    """
    try:
        leaf = parse(entry)
    except LedgerError as error:
        raise BadLog(f"leaf 0: expected a genesis leaf: {error}") from error
    if not isinstance(leaf, Genesis):
        raise BadLog(f"leaf 0: expected a genesis leaf, got {type(leaf).__name__}")
    trusted = trust.policy.log.key
    if (leaf.origin, leaf.log) != (trusted.name, str(trusted)):
        raise BadLog(
            f"leaf 0: expected the log {trusted}, got {shown(leaf.log)} of origin {shown(leaf.origin)}"
        )
    return leaf


def _read_entries(fetch: Fetch, checkpoint: Checkpoint, told: Told) -> tuple[Entries, History]:
    """Keep and replay entries as they come: a replay takes anything, and the root is compared at the end."""
    entries, following = Entries(), Replay()
    asked: list[str] = []

    def remember(path: str) -> bytes:
        asked.append(path)
        return fetch(path)

    try:
        for entry in read_entries(remember, checkpoint):
            entries.append(entry)
            following.add(entry)
            if following.size % TILE_WIDTH == 0:
                told(following.size, checkpoint.size)
    except TlogError as error:
        raise BadLog(_first_difference(fetch, checkpoint) or f"{_place(asked)}: {error}") from error
    try:
        read = node_reader(remember, checkpoint)
        for first in range(0, checkpoint.size, TILE_WIDTH):
            read(0, first)
    except TlogError as error:
        raise BadLog(f"{_place(asked)}: {error}") from error
    return entries, following.history()


def _place(asked: list[str]) -> str:
    """Name the file that was wanted: the partial one, where the full one was asked for in its place."""
    *before, last = asked or [CHECKPOINT]
    return before[-1] if before and before[-1].startswith(f"{last}.p/") else last


def _first_difference(fetch: Fetch, checkpoint: Checkpoint) -> str | None:
    """Name the first entry that the signed tree does not have, where the hash tiles allow it."""
    try:
        read = node_reader(fetch, checkpoint)
        for number in range(-(-checkpoint.size // TILE_WIDTH)):
            width = min(TILE_WIDTH, checkpoint.size - number * TILE_WIDTH)
            path = bundle_path(number, width)
            for at, entry in enumerate(decode_bundle(fetch(path), width)):
                expected, got = read(0, number * TILE_WIDTH + at), leaf_hash(entry)
                if got != expected:
                    return f"{path}, entry {at}: expected leaf hash {expected.hex()}, got {got.hex()}"
    except (OSError, LookupError, TlogError):
        return None
    return None


def _refuse_unreadable(history: History, entries: Entries) -> None:
    """Refuse a log with a leaf nobody can read: it could be anything, an event of any partner included."""
    for breach in history.breaches:
        try:
            leaf = parse(entries[breach.index])
        except LedgerError:
            raise BadLog(f"leaf {breach.index}: {breach.message}") from None
        if isinstance(leaf, Genesis):
            raise BadLog(f"leaf {breach.index}: {breach.message}")
