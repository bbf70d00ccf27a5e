"""pymerkle, a Merkle tree by others, finds the same roots and proofs in the published entry bundles."""

import struct
from base64 import b64decode
from collections.abc import Iterator

import pytest
from pymerkle import InmemoryTree  # type: ignore[import-untyped]  # it has no types

from tests.oracles.a_log import SIZES, PublishedLog

LAST = SIZES[-1]


def entries_of(log: PublishedLog) -> Iterator[bytes]:
    """Read the bundles of the newest size, by no code of ours."""
    for number in range(-(-LAST // 256)):
        width = min(256, LAST - number * 256)
        path = f"tile/entries/{number:03}" + (f".p/{width}" if width < 256 else "")
        data = (log.folder / path).read_bytes()
        while data:
            [length] = struct.unpack_from(">H", data)
            yield data[2 : 2 + length]
            data = data[2 + length :]


@pytest.fixture(scope="module")
def theirs(big: PublishedLog) -> InmemoryTree:
    return InmemoryTree.init_from_entries(entries_of(big))


def test_it_finds_as_many_entries(theirs: InmemoryTree) -> None:
    assert theirs.get_size() == LAST


@pytest.mark.parametrize("size", SIZES)
def test_it_computes_the_root_of_every_checkpoint(big: PublishedLog, theirs: InmemoryTree, size: int) -> None:
    shown_size, shown_root = big.notes[size].split("\n")[1:3]

    assert int(shown_size) == size
    assert b64decode(shown_root) == theirs.get_root(size)


@pytest.mark.parametrize("size", SIZES)
def test_it_makes_the_proofs_that_we_make(big: PublishedLog, theirs: InmemoryTree, size: int) -> None:
    for index in sorted({0, size // 3, size // 2, size - 1}):
        hashes = big.proof(index, size).partition("\n\n")[0].split("\n")[2:]

        assert [b64decode(line) for line in hashes] == theirs.prove_inclusion(index + 1, size).path[1:]
