import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.tlog.errors import TileError
from vestibule.tlog.growing import GrowingTree
from vestibule.tlog.layout import (
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
from vestibule.tlog.merkle import leaf_hash


def test_a_log_of_70000_entries_has_the_tiles_of_the_specification() -> None:
    tiles = new_tiles(0, 70_000)
    assert [tile.path for tile in tiles if tile.width < 256] == [
        "tile/0/273.p/112",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
    ]
    assert sum(tile.level == 0 and tile.width == 256 for tile in tiles) == 273
    assert [tile.path for tile in tiles if tile.level == 1 and tile.width == 256] == ["tile/1/000"]
    assert len(tiles) == 277


def test_a_log_of_256_entries_has_a_full_tile_and_a_partial_one_above() -> None:
    assert [tile.path for tile in new_tiles(0, 256)] == ["tile/0/000", "tile/1/000.p/1"]


def test_an_index_is_written_in_groups_of_three_digits() -> None:
    assert tile_path(0, 1_234_067) == "tile/0/x001/x234/067"
    assert tile_path(63, 999, 255) == "tile/63/999.p/255"
    assert tile_path(1, 1000) == "tile/1/x001/000"
    assert bundle_path(1_234_067, 1) == "tile/entries/x001/x234/067.p/1"
    assert bundle_path(0) == "tile/entries/000"


@pytest.mark.parametrize(
    ("level", "index", "width"), [(-1, 0, 1), (64, 0, 1), (0, -1, 1), (0, 0, 0), (0, 0, 257)]
)
def test_paths_out_of_range_are_refused(level: int, index: int, width: int) -> None:
    with pytest.raises(TileError, match="expected a tile"):
        tile_path(level, index, width)


def test_nothing_new_is_written_when_nothing_grew() -> None:
    assert new_tiles(0, 0) == ()
    assert new_tiles(300, 300) == ()


def test_only_what_changed_is_written() -> None:
    assert new_tiles(255, 256) == (Tile(0, 0, 256), Tile(1, 0, 1))
    assert new_tiles(256, 257) == (Tile(0, 1, 1),)
    assert new_tiles(300, 310) == (Tile(0, 1, 54),)
    with pytest.raises(TileError, match="expected an old size from 0 to 5, got 6"):
        new_tiles(6, 5)


@given(st.lists(st.integers(0, 400), max_size=6))
def test_a_log_written_in_steps_serves_every_size_it_published(steps: list[int]) -> None:
    written: set[str] = set()
    size = 0
    for step in steps:
        written |= {tile.path for tile in new_tiles(size, size + step)}
        size += step
        assert {tile.path for tile in new_tiles(0, size)} <= written


@given(st.integers(0, 700), st.integers(0, 300))
def test_the_files_of_a_step_are_those_of_the_whole(old: int, more: int) -> None:
    entries = tuple(str(number).encode() for number in range(old + more))
    tree = GrowingTree()
    for entry in entries:
        tree.append(leaf_hash(entry))
    whole = {**dict(tile_files(0, old + more, tree.node)), **dict(bundle_files(0, entries))}
    start = bundle_start(old)
    step = {**dict(tile_files(old, old + more, tree.node)), **dict(bundle_files(start, entries[start:]))}
    assert step.items() <= whole.items()
    assert {tile.path for tile in new_tiles(old, old + more)} <= set(step)


def test_a_hash_tile_is_the_hashes_one_after_the_other() -> None:
    tree = GrowingTree()
    for number in range(3):
        tree.append(leaf_hash(bytes([number])))
    expected = b"".join(leaf_hash(bytes([number])) for number in range(3))
    assert dict(tile_files(0, 3, tree.node)) == {"tile/0/000.p/3": expected}


def test_bundles_begin_where_bundles_begin() -> None:
    assert bundle_start(0) == 0
    assert bundle_start(511) == 256
    assert [path for path, _ in bundle_files(256, [b"x"] * 300)] == [
        "tile/entries/001",
        "tile/entries/002.p/44",
    ]
    with pytest.raises(TileError, match="expected a start that is a multiple of 256, got 300"):
        next(bundle_files(300, [b"x"]))


def test_a_bundle_is_each_entry_after_its_length() -> None:
    assert encode_bundle([b"abc", b"", b"d"]) == b"\x00\x03abc\x00\x00\x00\x01d"


@given(st.lists(st.binary(max_size=300), max_size=30))
def test_a_bundle_reads_back(entries: list[bytes]) -> None:
    assert decode_bundle(encode_bundle(entries), len(entries)) == tuple(entries)


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=10), st.data())
def test_a_truncated_bundle_is_refused(entries: list[bytes], data: st.DataObject) -> None:
    whole = encode_bundle(entries)
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(TileError, match="bundle ends within entry"):
        decode_bundle(whole[:cut], len(entries))


def test_what_follows_the_last_entry_is_refused() -> None:
    with pytest.raises(TileError, match="expected a bundle of 3 bytes for 1 entries, got 4"):
        decode_bundle(b"\x00\x01a\x00", 1)
    with pytest.raises(TileError, match="expected a bundle of 0 bytes for 0 entries, got 2"):
        decode_bundle(b"\x00\x00", 0)


@given(st.binary(max_size=100), st.integers(0, 20))
def test_whatever_bytes_arrive_are_a_bundle_or_a_tile_error(data: bytes, width: int) -> None:
    try:
        entries = decode_bundle(data, width)
    except TileError:
        return
    assert encode_bundle(entries) == data


def test_the_longest_entry_has_65535_bytes() -> None:
    longest = bytes(65_535)
    assert decode_bundle(encode_bundle([longest]), 1) == (longest,)
    with pytest.raises(TileError, match="at most 65535 bytes, got 65536"):
        encode_bundle([bytes(65_536)])
