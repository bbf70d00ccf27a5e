"""How a log's static files are cut and named: hash tiles and entry bundles (C2SP tlog-tiles).

Pure functions for whoever publishes a log; `tiles` is for whoever reads one.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from vestibule.tlog.errors import TileError
from vestibule.tlog.merkle import ReadNode

CHECKPOINT = "checkpoint"
"""The newest checkpoint, with the cosignatures it has so far."""

WITNESSED = "checkpoint.witnessed"
"""Not C2SP: the newest checkpoint that has a quorum of cosignatures by the log's own policy."""

TILE_HEIGHT = 8
"""Tree levels in one tile."""

TILE_WIDTH = 256
"""Hashes in a full tile, entries in a full bundle."""

MAX_LEVEL = 63
MAX_ENTRY = 65535
"""Longest entry, bytes."""

_LENGTH_SIZE = 2


@dataclass(frozen=True, slots=True)
class Tile:
    """One file of hashes: tile `index` of tile level `level`, with `width` of its 256 hashes."""

    level: int
    index: int
    width: int

    @property
    def path(self) -> str:
        """Path under the log's prefix."""
        return tile_path(self.level, self.index, self.width)


def tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """Return `tile/<L>/<N>[.p/<W>]`.

    Raises:
        TileError: level, index or width out of range.
    """
    if not 0 <= level <= MAX_LEVEL:
        raise TileError(f"expected a tile level from 0 to 63, got {level}")
    return f"tile/{level}/{_index_path(index, width)}"


def bundle_path(index: int, width: int = TILE_WIDTH) -> str:
    """Return `tile/entries/<N>[.p/<W>]`.

    Raises:
        TileError: index or width out of range.
    """
    return f"tile/entries/{_index_path(index, width)}"


def _index_path(index: int, width: int) -> str:
    if index < 0:
        raise TileError(f"expected a tile index of at least 0, got {index}")
    if not 1 <= width <= TILE_WIDTH:
        raise TileError(f"expected a tile width from 1 to 256, got {width}")
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03d}")
    path = "/".join(reversed(groups))
    return path if width == TILE_WIDTH else f"{path}.p/{width}"


def new_tiles(old_size: int, new_size: int) -> tuple[Tile, ...]:
    """Return the tiles a log of `new_size` entries has and the same log of `old_size` entries had not.

    Lower levels come first. The level 0 tiles are also those of the new entry bundles.

    Raises:
        TileError: the sizes are not in order.
    """
    if not 0 <= old_size <= new_size:
        raise TileError(f"expected an old size from 0 to {new_size}, got {old_size}")
    tiles: list[Tile] = []
    level = 0
    while old_size != new_size:
        full = range(old_size // TILE_WIDTH, new_size // TILE_WIDTH)
        tiles.extend(Tile(level, index, TILE_WIDTH) for index in full)
        if new_size % TILE_WIDTH:
            tiles.append(Tile(level, new_size // TILE_WIDTH, new_size % TILE_WIDTH))
        level, old_size, new_size = level + 1, old_size // TILE_WIDTH, new_size // TILE_WIDTH
    return tuple(tiles)


def tile_files(old_size: int, new_size: int, read: ReadNode) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of every hash tile to write after growing from `old_size` to `new_size`.

    A tile that was partial before is written whole: `read` must reach back to the first of its nodes.

    Raises:
        TileError: the sizes are not in order.
    """
    for tile in new_tiles(old_size, new_size):
        first = tile.index * TILE_WIDTH
        level = tile.level * TILE_HEIGHT
        yield tile.path, b"".join([read(level, index) for index in range(first, first + tile.width)])


def bundle_start(old_size: int) -> int:
    """Return the index of the first entry `bundle_files` needs after growing from `old_size`."""
    return old_size - old_size % TILE_WIDTH


def bundle_files(start: int, entries: Sequence[bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of the entry bundles over `entries`, of which the first has index `start`.

    Raises:
        TileError: `start` is not where a bundle begins, or an entry is longer than 65535 bytes.
    """
    if start < 0 or start % TILE_WIDTH:
        raise TileError(f"expected a start that is a multiple of 256, got {start}")
    for offset in range(0, len(entries), TILE_WIDTH):
        bundle = entries[offset : offset + TILE_WIDTH]
        yield bundle_path((start + offset) // TILE_WIDTH, len(bundle)), encode_bundle(bundle)


def encode_bundle(entries: Iterable[bytes]) -> bytes:
    """Return entries one after the other, each after its length in two bytes, big-endian.

    Raises:
        TileError: an entry is longer than 65535 bytes.
    """
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > MAX_ENTRY:
            raise TileError(f"expected an entry of at most 65535 bytes, got {len(entry)}")
        parts += (len(entry).to_bytes(_LENGTH_SIZE, "big"), entry)
    return b"".join(parts)


def decode_bundle(data: bytes, width: int) -> tuple[bytes, ...]:
    """Read exactly `width` entries.

    Raises:
        TileError: truncated, or something follows the last entry.
    """
    entries: list[bytes] = []
    position = 0
    for number in range(width):
        begin = position + _LENGTH_SIZE
        end = begin + int.from_bytes(data[position:begin], "big")
        if end > len(data):
            raise TileError(f"bundle ends within entry {number} of {width}")
        entries.append(data[begin:end])
        position = end
    if position != len(data):
        raise TileError(f"expected a bundle of {position} bytes for {width} entries, got {len(data)}")
    return tuple(entries)
