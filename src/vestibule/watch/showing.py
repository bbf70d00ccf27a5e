"""What a log shows of itself, and whether that agrees with what was read of it before."""

from collections.abc import Iterator
from dataclasses import dataclass

from vestibule.tlog.checkpoint import Checkpoint, open_checkpoint
from vestibule.tlog.errors import TlogError
from vestibule.tlog.layout import CHECKPOINT, WITNESSED
from vestibule.tlog.merkle import ReadNode
from vestibule.tlog.policy import Policy
from vestibule.tlog.split_view import SplitView, find_split
from vestibule.tlog.tiles import Fetch, node_reader

Head = tuple[Checkpoint, str]
"""A checkpoint and its note."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a log shows of itself.

    Attributes:
        newest: the checkpoint it publishes.
        witnessed: an earlier one, with cosignatures that the newest lacks; None if there is none or no need.
        no_quorum: why the policy is met by neither; None if it is.
    """

    newest: Head
    witnessed: Head | None = None
    no_quorum: str | None = None

    def heads(self) -> Iterator[Head]:
        """Yield every checkpoint shown."""
        yield self.newest
        if self.witnessed is not None:
            yield self.witnessed


def look_at(fetch: Fetch, policy: Policy) -> Shown:
    """Fetch the newest checkpoint and, where it lacks a quorum, the newest one that has one.

    Raises:
        OSError: there is no checkpoint.
        TlogError: one of them is malformed, or not the log's.
    """
    newest = _head(fetch(CHECKPOINT), policy)
    if (missing := _no_quorum(newest, policy)) is None:
        return Shown(newest)
    try:
        witnessed = _head(fetch(WITNESSED), policy)
    except OSError:  # there is none, and no log has to have one
        return Shown(newest, None, missing)
    return Shown(newest, witnessed, _no_quorum(witnessed, policy))


def contradiction(kept: Head, shown: Head, fetch: Fetch, kept_nodes: ReadNode) -> SplitView | None:
    """Return the proof that the log signed two trees, if it did.

    Args:
        kept: what was read and checked before.
        shown: what the log shows now.
        fetch: gets the log's files.
        kept_nodes: nodes of the kept tree.

    Raises:
        TlogError: the files do not bear out the checkpoint that is shown.
    """
    if shown[0] == kept[0]:
        return None
    if shown[0].size > kept[0].size:
        return find_split(kept, shown, node_reader(fetch, shown[0]))
    return find_split(shown, kept, kept_nodes)


def _head(note: bytes, policy: Policy) -> Head:
    return open_checkpoint(note, policy.log.key), note.decode()


def _no_quorum(head: Head, policy: Policy) -> str | None:
    try:
        policy.verify(head[1])
    except TlogError as error:
        return str(error)
    return None
