"""Blobs in a folder."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from vestibule.store import Blobs, FolderBlobs
from vestibule.store.errors import BlobError


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return FolderBlobs(tmp_path / "blobs")


def test_what_was_put_comes_back(blobs: Blobs) -> None:
    blobs.put("tile/0/x001/067", b"hashes")
    assert blobs.get("tile/0/x001/067") == b"hashes"


def test_a_blob_that_was_never_put_is_none(blobs: Blobs) -> None:
    blobs.put("tile/0", b"")
    assert blobs.get("tile/1") is None
    assert blobs.get("tile/0/1") is None
    assert blobs.get("tile") is None
    assert blobs.get("tile/0") == b""


def test_a_name_longer_than_any_file_can_have_is_none(blobs: Blobs) -> None:
    assert blobs.get("tile/" + "x" * 300) is None
    assert blobs.get("tile/" + "x/" * 3000 + "x") is None


def test_a_blob_that_cannot_be_read_is_not_taken_for_absent(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(OSError, match="symbolic links"):
        FolderBlobs(tmp_path).get("loop")


def test_the_same_bytes_again_are_fine_and_other_bytes_are_refused(blobs: Blobs) -> None:
    blobs.put("tile/0", b"one")
    blobs.put("tile/0", b"one")
    with pytest.raises(BlobError, match="tile/0 exists with other bytes"):
        blobs.put("tile/0", b"two")
    assert blobs.get("tile/0") == b"one"


def test_of_two_that_put_different_bytes_at_once_one_wins(blobs: Blobs) -> None:
    def put(number: int) -> bool:
        try:
            blobs.put("tile/0", b"%d" % number)
        except BlobError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        won = [number for number, done in enumerate(pool.map(put, range(40))) if done]
    assert [blobs.get("tile/0")] == [b"%d" % number for number in won]


def test_replace_creates_and_replaces(blobs: Blobs) -> None:
    blobs.replace("checkpoint", b"one")
    blobs.replace("checkpoint", b"two")
    assert blobs.get("checkpoint") == b"two"


def test_a_reader_never_sees_half_a_replacement(blobs: Blobs) -> None:
    sizes = {200_000, 100_000}
    blobs.replace("checkpoint", bytes(200_000))

    def write() -> None:
        for _ in range(30):
            blobs.replace("checkpoint", bytes(100_000))
            blobs.replace("checkpoint", bytes(200_000))

    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write)
        while not writing.done():
            assert len(blobs.get("checkpoint") or b"") in sizes


def test_nothing_is_left_beside_the_blobs(blobs: Blobs, tmp_path: Path) -> None:
    blobs.put("a/b", b"one")
    blobs.replace("a/c", b"one")
    with pytest.raises(BlobError):
        blobs.put("a/b", b"two")
    assert sorted(path.name for path in (tmp_path / "blobs" / "a").iterdir()) == ["b", "c"]


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "../a",
        "a/../b",
        "a/..",
        "a//b",
        "./a",
        "a/",
        "a\\b",
        "a\0b",
        ".tmp-0123",
        "a/.tmp-1/b",
    ],
)
def test_a_path_out_of_the_folder_is_refused(blobs: Blobs, path: str) -> None:
    with pytest.raises(BlobError, match="expected a relative path"):
        blobs.put(path, b"")
    with pytest.raises(BlobError, match="expected a relative path"):
        blobs.replace(path, b"")
    with pytest.raises(BlobError, match="expected a relative path"):
        blobs.get(path)
