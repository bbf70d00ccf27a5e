"""The watcher's own copy of a log: C2SP files in a folder, which `vestibule verify --log` reads too.

What lies there beyond the kept checkpoint was not checked to the end; it is written again.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from vestibule.files import replace
from vestibule.tlog.checkpoint import Checkpoint, open_checkpoint
from vestibule.tlog.errors import TlogError
from vestibule.tlog.growing import GrowingTree
from vestibule.tlog.keys import VerifierKey
from vestibule.tlog.layout import CHECKPOINT, TILE_WIDTH
from vestibule.tlog.merkle import EMPTY_ROOT
from vestibule.tlog.tiles import (
    Fetch,
    bundle_files,
    bundle_path,
    bundle_start,
    decode_bundle,
    node_reader,
    read_on,
    tile_files,
)
from vestibule.watch.errors import BadState

STRIDE = 1 << 12
"""Leaves between two writings: a whole number of bundles, and less than the tree keeps."""


class OwnCopy:
    """A log as far as it was read and checked.

    Attributes:
        head: the newest checkpoint that the files bear out, and its note; None before the first.
    """

    def __init__(self, folder: Path, key: VerifierKey) -> None:
        self._folder = folder
        self._tree = GrowingTree()
        self.head = self._kept_head(key)

    def fetch(self, path: str) -> bytes:
        """Read one of the files."""
        return (self._folder / path).read_bytes()

    def node(self, level: int, index: int) -> bytes:
        """Give a node of the kept tree from its files; a ReadNode.

        Raises:
            BadState: they are damaged.
        """
        try:
            return node_reader(self.fetch, self._checkpoint_or_empty())(level, index)
        except TlogError as error:
            raise BadState(f"{self._folder}: the kept copy is damaged: {error}") from error

    def entries(self) -> Iterator[bytes]:
        """Yield every kept entry, once, when a watch begins.

        Raises:
            BadState: they do not have the kept checkpoint's root.
        """
        yield from self._take_in(self._checkpoint_or_empty())

    def extend(self, fetch: Fetch, checkpoint: Checkpoint, note: str) -> Iterator[bytes]:
        """Copy the log up to a larger checkpoint, and yield its new entries when all of them are proven.

        The checkpoint is kept when the last one was taken.

        Raises:
            TlogError: the log's files do not bear out its checkpoint; nothing was yielded.
        """
        self._stage(fetch, checkpoint)
        done = self._tree.size
        for entry in self._take_in(checkpoint):
            if self._tree.size % STRIDE == 0:
                done = self._write_tiles(done)
            yield entry
        self._write_tiles(done)
        self.keep(checkpoint, note)

    def keep(self, checkpoint: Checkpoint, note: str) -> None:
        """Make this the checkpoint that the files bear out."""
        self._write([(CHECKPOINT, note.encode())])
        self.head = checkpoint, note

    def _take_in(self, checkpoint: Checkpoint) -> Iterator[bytes]:
        try:
            yield from read_on(self.fetch, checkpoint, self._tree)
        except (TlogError, OSError) as error:
            raise BadState(f"{self._folder}: the kept copy is damaged: {error}") from error

    def _stage(self, fetch: Fetch, checkpoint: Checkpoint) -> None:
        """Write the entry bundles up to a checkpoint; the old ones are left as they are."""
        size = self._tree.size
        start = bundle_start(size)
        width = size - start
        held = (
            list(decode_bundle(self.fetch(bundle_path(start // TILE_WIDTH, width)), width)) if width else []
        )
        for entry in read_on(fetch, checkpoint, GrowingTree.from_edge(size, self._tree.node)):
            held.append(entry)
            if len(held) == STRIDE:
                self._write(bundle_files(start, held))
                start += STRIDE
                held.clear()
        self._write(bundle_files(start, held))

    def _write_tiles(self, done: int) -> int:
        self._write(tile_files(done, self._tree.size, self._tree.node))
        return self._tree.size

    def _write(self, files: Iterable[tuple[str, bytes]]) -> None:
        for path, data in files:
            try:
                replace(self._folder / path, data)
            except OSError as error:
                raise BadState(f"{self._folder / path}: {error.strerror}") from error

    def _checkpoint_or_empty(self) -> Checkpoint:
        return Checkpoint("none", 0, EMPTY_ROOT) if self.head is None else self.head[0]

    def _kept_head(self, key: VerifierKey) -> tuple[Checkpoint, str] | None:
        path = self._folder / CHECKPOINT
        try:
            note = path.read_bytes()
            return open_checkpoint(note, key), note.decode()
        except FileNotFoundError:
            return None
        except TlogError as error:
            raise BadState(f"{path}: expected a checkpoint of {key.name}: {error}") from error
