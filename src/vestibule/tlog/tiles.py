"""Reading a log from its static files, every byte checked against a checkpoint (C2SP tlog-tiles).

`layout` cuts and names the files; its names are offered here too, so that a reader needs one import.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TypeAlias

from vestibule.tlog.checkpoint import Checkpoint
from vestibule.tlog.errors import TileError, TlogError
from vestibule.tlog.growing import MIN_WINDOW, GrowingTree
from vestibule.tlog.layout import (
    TILE_HEIGHT,
    TILE_WIDTH,
    Tile,
    bundle_files,
    bundle_path,
    bundle_start,
    decode_bundle,
    encode_bundle,
    new_tiles,
    tile_files,
    tile_path,
)
from vestibule.tlog.merkle import HASH_SIZE, ReadNode, leaf_hash, node_hash, root

__all__ = [
    "Fetch",
    "Tile",
    "bundle_files",
    "bundle_path",
    "bundle_start",
    "decode_bundle",
    "encode_bundle",
    "new_tiles",
    "node_reader",
    "proven_entries",
    "read_entries",
    "read_on",
    "tile_files",
    "tile_path",
]

Fetch: TypeAlias = Callable[[str], bytes]
"""Path under the log's prefix to the file's bytes; OSError, LookupError or TlogError if it is not there."""

_TILES_CACHED = 256  # about 40 kB each with their inner nodes
_Rows: TypeAlias = tuple[tuple[bytes, ...], ...]


def read_entries(fetch: Fetch, checkpoint: Checkpoint) -> Iterator[bytes]:
    """Yield every entry of the log, in order.

    What is yielded is proven only when the iterator ends normally: the root is over all entries, and is
    compared after the last. Whoever acts on an entry earlier acts on the word of the server.

    Raises:
        TileError: a bundle is missing or malformed, or the entries do not have the checkpoint's root.
    """
    return read_on(fetch, checkpoint, GrowingTree(MIN_WINDOW))


def read_on(fetch: Fetch, checkpoint: Checkpoint, tree: GrowingTree) -> Iterator[bytes]:
    """Yield the entries that `tree` does not have yet, in order, and append them to it.

    As with `read_entries`, they are proven only at the normal end; after any other the tree is of no use.

    Raises:
        TileError: as `read_entries`; with a tree that is no prefix of the log, its root.
    """
    while tree.size < checkpoint.size:
        start = bundle_start(tree.size)
        bundle = _fetch_bundle(fetch, start // TILE_WIDTH, min(TILE_WIDTH, checkpoint.size - start))
        for entry in bundle[tree.size - start :]:
            tree.append(leaf_hash(entry))
            yield entry
    if tree.root() != checkpoint.root:
        raise TileError(
            f"the {checkpoint.size} entries have root {tree.root().hex()}, expected {checkpoint.root.hex()}"
        )


def proven_entries(fetch: Fetch, read: ReadNode, start: int, size: int) -> Iterator[bytes]:
    """Yield the entries from `start` up to `size`, each of them proven by then.

    Args:
        fetch: gets the log's files.
        read: of the log's hash tiles, checked against a checkpoint; see `node_reader`.
        start: index of the first.
        size: of the checkpoint.

    Raises:
        TileError: a bundle is missing, malformed, or has another entry than the tree.
    """
    for first in range(bundle_start(start), size, TILE_WIDTH):
        width = min(TILE_WIDTH, size - first)
        bundle = _fetch_bundle(fetch, first // TILE_WIDTH, width)
        for index, entry in enumerate(bundle, first):
            if leaf_hash(entry) != read(0, index):
                raise TileError(
                    f"{bundle_path(first // TILE_WIDTH, width)} has another entry {index} than the tree"
                )
        yield from bundle[max(start - first, 0) :]


def node_reader(fetch: Fetch, checkpoint: Checkpoint) -> ReadNode:
    """Return a ReadNode over the log's hash tiles that gives out only what the checkpoint's root covers.

    The partial tiles on the right edge are fetched at once and make up the root; every other tile is
    fetched when asked for and compared with its hash in the tile above.

    Raises:
        TileError: here or from the ReadNode, when a tile is missing, malformed or not of this log.
    """
    size = checkpoint.size
    edge = {
        level: _rows(_fetch_tile(fetch, Tile(level, count // TILE_WIDTH, count % TILE_WIDTH)))
        for level, count in _tile_levels(size)
        if count % TILE_WIDTH
    }

    @lru_cache(_TILES_CACHED)
    def rows(level: int, index: int) -> _Rows:
        if index == size >> TILE_HEIGHT * (level + 1):
            return edge[level]
        above = rows(level + 1, index // TILE_WIDTH)[0][index % TILE_WIDTH]
        tile = Tile(level, index, TILE_WIDTH)
        found = _rows(_fetch_tile(fetch, tile))
        if found[TILE_HEIGHT][0] != above:
            raise TileError(f"{tile.path} has root {found[TILE_HEIGHT][0].hex()}, expected {above.hex()}")
        return found

    def read(level: int, index: int) -> bytes:
        if level < 0 or index < 0 or index >= size >> level:
            raise TileError(f"there is no complete node {index} of level {level} in a tree of {size} leaves")
        within = level % TILE_HEIGHT
        tile, position = divmod(index, TILE_WIDTH >> within)
        return rows(level // TILE_HEIGHT, tile)[within][position]

    # Every hash of the partial tiles goes into the root, so that this one comparison vouches for all of them.
    if (computed := root(size, read)) != checkpoint.root:
        raise TileError(f"right edge has root {computed.hex()}, expected {checkpoint.root.hex()}")
    return read


def _tile_levels(size: int) -> Iterator[tuple[int, int]]:
    """Yield each tile level with its number of hashes."""
    level = 0
    while size:
        yield level, size
        level, size = level + 1, size // TILE_WIDTH


def _rows(hashes: tuple[bytes, ...]) -> _Rows:
    """Return a tile's hashes and, row by row, the complete nodes above them."""
    found = [hashes]
    for _ in range(TILE_HEIGHT):
        below = found[-1]
        found.append(tuple(node_hash(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)))
    return tuple(found)


def _fetch_tile(fetch: Fetch, tile: Tile) -> tuple[bytes, ...]:
    def decode(data: bytes, width: int) -> tuple[bytes, ...]:
        if len(data) != width * HASH_SIZE:
            raise TileError(f"expected {width * HASH_SIZE} bytes for {tile.path}, got {len(data)}")
        return tuple(data[i : i + HASH_SIZE] for i in range(0, len(data), HASH_SIZE))

    return _fetch_cut(fetch, lambda width: tile_path(tile.level, tile.index, width), tile.width, decode)


def _fetch_bundle(fetch: Fetch, index: int, width: int) -> tuple[bytes, ...]:
    return _fetch_cut(fetch, lambda width: bundle_path(index, width), width, decode_bundle)


def _fetch_cut(
    fetch: Fetch,
    path: Callable[[int], str],
    width: int,
    decode: Callable[[bytes, int], tuple[bytes, ...]],
) -> tuple[bytes, ...]:
    """Fetch a file of `width` items, or else the full one: a log may delete a partial file in time."""
    try:
        data = fetch(path(width))
    except (OSError, LookupError, TlogError) as error:
        if width == TILE_WIDTH:
            raise TileError(f"cannot fetch {path(width)}: {error}") from error
        return _fetch_cut(fetch, path, TILE_WIDTH, decode)[:width]
    return decode(data, width)
