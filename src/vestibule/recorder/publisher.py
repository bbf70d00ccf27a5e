"""Tiles, entry bundles and the checkpoint as files; written in a worker thread, never the writer's.

Everything here can be made again from the store, so that a crash between the commit and the last file loses
nothing.
The checkpoint is replaced last: whoever fetches it finds every tile it covers.
"""

from collections.abc import Sequence

from vestibule.recorder.errors import LogRefusesToStart, LostTheLog
from vestibule.store import Blobs
from vestibule.tlog import layout
from vestibule.tlog.checkpoint import Checkpoint, open_checkpoint
from vestibule.tlog.errors import TlogError
from vestibule.tlog.merkle import ReadNode
from vestibule.tlog.note import Note, VerifierKey


def published(blobs: Blobs, key: VerifierKey) -> Checkpoint | None:
    """Read back the checkpoint that everybody sees.

    Raises:
        LogRefusesToStart: if it is not signed by this log's key.
    """
    data = blobs.get(layout.CHECKPOINT)
    if data is None:
        return None
    try:
        return open_checkpoint(data, key)
    except TlogError as error:
        raise LogRefusesToStart(f"published checkpoint: {error}") from error


def show(blobs: Blobs, note: str, size: int) -> None:
    """Replace the checkpoint that everybody sees, never by a smaller one.

    Raises:
        LostTheLog: if somebody has published a larger one.
    """
    data = blobs.get(layout.CHECKPOINT)
    if data is not None:
        shown = Checkpoint.parse(Note.parse(data).text).size
        if shown > size:
            raise LostTheLog(f"expected the published checkpoint at size {size} at most, got {shown}")
    blobs.replace(layout.CHECKPOINT, note.encode())


def write_tiles(
    blobs: Blobs, *, old_size: int, new_size: int, read: ReadNode, start: int, entries: Sequence[bytes]
) -> None:
    """Write the tiles and entry bundles that a log which grew from old_size to new_size has to serve.

    Args:
        blobs: where the files go; each is created once and never changed.
        old_size: what is there already.
        new_size: how far to write.
        read: hashes of complete subtrees.
        start: index of the first of `entries`, the start of a bundle.
        entries: the leaves from there to new_size.
    """
    for path, data in layout.tile_files(old_size, new_size, read):
        blobs.put(path, data)
    for path, data in layout.bundle_files(start, entries):
        blobs.put(path, data)
