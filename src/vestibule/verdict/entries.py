"""A log's entries in memory, packed in bundles: a million events take some 80 MB, and as a tuple 235."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import overload

from vestibule.tlog.layout import TILE_WIDTH, decode_bundle, encode_bundle

FASTEST = 1
"""Leaves of one log are much alike: a better level saves little and takes thrice as long."""


class Entries(Sequence[bytes]):
    """Entries by index, in bundles of 256, of which the one last asked for is kept unpacked.

    Nothing is ever changed but by `append`, which belongs to whoever reads the log.
    """

    __slots__ = ("_last", "_open", "_packs")

    def __init__(self) -> None:
        self._packs: list[bytes] = []
        self._open: list[bytes] = []
        self._last: tuple[int, tuple[bytes, ...]] = (-1, ())

    def append(self, entry: bytes) -> None:
        """Add the next entry."""
        self._open.append(entry)
        if len(self._open) == TILE_WIDTH:
            self._packs.append(zlib.compress(encode_bundle(self._open), FASTEST))
            self._open.clear()

    def __len__(self) -> int:
        return len(self._packs) * TILE_WIDTH + len(self._open)

    @overload
    def __getitem__(self, index: int) -> bytes: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[bytes, ...]: ...
    def __getitem__(self, index: int | slice) -> bytes | tuple[bytes, ...]:
        if isinstance(index, slice):
            return tuple(self[at] for at in range(*index.indices(len(self))))
        at = range(len(self))[index]
        return self._bundle(at // TILE_WIDTH)[at % TILE_WIDTH]

    def _bundle(self, number: int) -> Sequence[bytes]:
        if number == len(self._packs):
            return self._open
        # Read and set as one value: another thread may ask for another bundle meanwhile.
        held, bundle = self._last
        if held != number:
            bundle = decode_bundle(zlib.decompress(self._packs[number]), TILE_WIDTH)
            self._last = (number, bundle)
        return bundle
