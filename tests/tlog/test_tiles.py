from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tlog.conftest import PublishedLog
from vestibule.tlog.errors import NoteError, TileError
from vestibule.tlog.merkle import EMPTY_ROOT, inclusion_proof, leaf_hash, verify_inclusion
from vestibule.tlog.tiles import Fetch, encode_bundle, node_reader, read_entries

session_fixtures = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def serving(files: dict[str, bytes], **changed: bytes) -> Fetch:
    return {**files, **changed}.__getitem__


def flipped(data: bytes, position: int = 0) -> bytes:
    return data[:position] + bytes([data[position] ^ 1]) + data[position + 1 :]


def test_every_entry_comes_back_in_order(big_log: PublishedLog) -> None:
    assert tuple(read_entries(serving(big_log.files), big_log.checkpoint)) == big_log.entries


def test_an_empty_log_has_no_entries_and_no_nodes(small_log: PublishedLog) -> None:
    empty = replace(small_log.checkpoint, size=0, root=EMPTY_ROOT)
    assert list(read_entries(serving({}), empty)) == []
    with pytest.raises(TileError, match="there is no complete node 0 of level 0 in a tree of 0"):
        node_reader(serving({}), empty)(0, 0)


def test_a_changed_entry_is_found_out_before_the_end(small_log: PublishedLog) -> None:
    path = "tile/entries/001"
    forged = small_log.files[path].replace(b"entry 300", b"entry 3OO")
    reading = read_entries(serving(small_log.files, **{path: forged}), small_log.checkpoint)
    for _ in range(600):
        next(reading)
    with pytest.raises(TileError, match="the 600 entries have root"):
        next(reading)


def test_entries_in_another_order_are_refused(small_log: PublishedLog) -> None:
    files = small_log.files
    swapped = {"tile/entries/000": files["tile/entries/001"], "tile/entries/001": files["tile/entries/000"]}
    with pytest.raises(TileError, match="the 600 entries have root"):
        list(read_entries(serving(files, **swapped), small_log.checkpoint))


def test_a_truncated_bundle_is_refused(small_log: PublishedLog) -> None:
    path = "tile/entries/002.p/88"
    cut = small_log.files[path][:-1]
    with pytest.raises(TileError, match="bundle ends within entry 87 of 88"):
        list(read_entries(serving(small_log.files, **{path: cut}), small_log.checkpoint))


def test_a_bundle_with_one_entry_too_many_is_refused(small_log: PublishedLog) -> None:
    path = "tile/entries/002.p/88"
    longer = small_log.files[path] + encode_bundle([b"one more"])
    with pytest.raises(TileError, match="expected a bundle of"):
        list(read_entries(serving(small_log.files, **{path: longer}), small_log.checkpoint))


def missing_file(path: str) -> bytes:
    raise FileNotFoundError(path)


def missing_key(path: str) -> bytes:
    raise KeyError(path)


def missing_somehow(path: str) -> bytes:
    raise NoteError(path)


@pytest.mark.parametrize("fetch", [missing_file, missing_key, missing_somehow])
def test_a_missing_file_is_a_tile_error(small_log: PublishedLog, fetch: Callable[[str], bytes]) -> None:
    with pytest.raises(TileError, match="cannot fetch tile/entries/000"):
        list(read_entries(fetch, small_log.checkpoint))
    with pytest.raises(TileError, match="cannot fetch tile/0/002"):
        node_reader(fetch, small_log.checkpoint)


def test_the_full_files_stand_in_for_deleted_partial_ones(
    big_log: PublishedLog, small_log: PublishedLog
) -> None:
    # The big log begins with the same entries, and has grown past the partial files of the small one.
    def fetch(path: str) -> bytes:
        if path.startswith("tile/1"):
            return bytes(big_log.files[path.partition(".p/")[0]][:64]) if ".p/" in path else missing_key(path)
        return bytes(big_log.files[path])

    assert "tile/entries/002.p/88" not in big_log.files
    assert tuple(read_entries(fetch, small_log.checkpoint)) == small_log.entries
    read = node_reader(fetch, small_log.checkpoint)
    assert [read(0, index) for index in range(600)] == [leaf_hash(entry) for entry in small_log.entries]


@session_fixtures
@given(level=st.integers(0, 17), data=st.data())
def test_the_tiles_give_every_node_of_the_tree(
    big_log: PublishedLog, level: int, data: st.DataObject
) -> None:
    read = node_reader(serving(big_log.files), big_log.checkpoint)
    count = big_log.checkpoint.size >> level
    if count:
        index = data.draw(st.integers(0, count - 1))
        assert read(level, index) == big_log.tree.node(level, index)
    with pytest.raises(TileError, match="there is no complete node"):
        read(level, count)


def test_a_proof_can_be_made_from_the_tiles_alone(big_log: PublishedLog) -> None:
    size = big_log.checkpoint.size
    read = node_reader(serving(big_log.files), big_log.checkpoint)
    for index in (0, 255, 256, 65_535, 65_536, size - 1):
        verify_inclusion(
            leaf_hash=leaf_hash(big_log.entries[index]),
            index=index,
            size=size,
            proof=inclusion_proof(index, size, read),
            root=big_log.checkpoint.root,
        )


@pytest.mark.parametrize("path", ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"])
@pytest.mark.parametrize("end", [0, -1])
def test_a_tampered_tile_on_the_edge_gives_no_reader(big_log: PublishedLog, path: str, end: int) -> None:
    position = end % len(big_log.files[path])
    changed = {path: flipped(big_log.files[path], position)}
    with pytest.raises(TileError, match="right edge has root"):
        node_reader(serving(big_log.files, **changed), big_log.checkpoint)


@pytest.mark.parametrize(("path", "index"), [("tile/0/007", 7 * 256 + 3), ("tile/1/000", 9 * 256)])
def test_a_tampered_full_tile_gives_no_node(big_log: PublishedLog, path: str, index: int) -> None:
    changed = {path: flipped(big_log.files[path], 8191)}
    read = node_reader(serving(big_log.files, **changed), big_log.checkpoint)
    with pytest.raises(TileError, match=f"{path} has root"):
        read(0, index)


@pytest.mark.parametrize("change", [lambda d: d[:-1], lambda d: d + bytes(32), lambda _: b""])
def test_a_tile_of_another_length_is_refused(big_log: PublishedLog, change: Callable[[bytes], bytes]) -> None:
    full, partial = "tile/0/007", "tile/0/273.p/112"
    read = node_reader(serving(big_log.files, **{full: change(big_log.files[full])}), big_log.checkpoint)
    with pytest.raises(TileError, match=r"expected 8192 bytes for tile/0/007, got"):
        read(0, 7 * 256)
    with pytest.raises(TileError, match=r"expected 3584 bytes for tile/0/273\.p/112, got"):
        node_reader(serving(big_log.files, **{partial: change(big_log.files[partial])}), big_log.checkpoint)


def test_the_tiles_of_another_log_are_refused(big_log: PublishedLog, small_log: PublishedLog) -> None:
    other = replace(small_log.checkpoint, root=big_log.checkpoint.root)
    with pytest.raises(TileError, match="right edge has root"):
        node_reader(serving(small_log.files), other)
    with pytest.raises(TileError, match="the 600 entries have root"):
        list(read_entries(serving(small_log.files), other))


def test_nodes_beyond_the_checkpoint_are_not_given_out(small_log: PublishedLog) -> None:
    read = node_reader(serving(small_log.files), small_log.checkpoint)
    for level, index in ((0, 600), (9, 1), (10, 0), (-1, 0), (0, -1)):
        with pytest.raises(TileError, match="there is no complete node"):
            read(level, index)
