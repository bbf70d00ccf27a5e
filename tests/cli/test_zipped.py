"""Zips of strangers: what is read, and every trick that is refused."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from vestibule.cli import zipped, zipping
from vestibule.verdict.errors import BadBundle

FILES = {"a.txt": b"first", "log/checkpoint": b"second " * 50, "log/tile/0/000": bytes(500)}
LOCAL = 30
CENTRAL = 46


def made(
    files: dict[str, bytes] | None = None,
    method: int = zipfile.ZIP_STORED,
    change: Callable[[zipfile.ZipFile], None] = lambda _: None,
) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, content in (FILES if files is None else files).items():
            archive.writestr(name, content)
        change(archive)
    return data.getvalue()


def refused(data: bytes, reason: str) -> None:
    with pytest.raises(BadBundle, match=reason) as caught:
        everything(data)
    assert "\n" not in str(caught.value)


def everything(data: bytes) -> dict[str, bytes]:
    archive = zipped.parse(data, "b.zip")
    return {name: archive.read(name) for name in archive.members}


def patched(data: bytes, at: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


def central(data: bytes, name: str) -> int:
    """Find a file's entry in the directory."""
    return data.rindex(name.encode()) - CENTRAL


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_what_other_tools_write_is_read(method: int) -> None:
    assert everything(made(method=method)) == FILES


def test_what_is_written_is_read_by_us_and_by_others(tmp_path: Path) -> None:
    zipping.write(tmp_path / "b.zip", FILES)
    assert everything((tmp_path / "b.zip").read_bytes()) == FILES
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == FILES


def test_the_same_files_make_the_same_bytes(tmp_path: Path) -> None:
    zipping.write(tmp_path / "one.zip", FILES)
    zipping.write(tmp_path / "two.zip", dict(reversed(FILES.items())))
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_a_file_that_is_there_is_kept(tmp_path: Path) -> None:
    (tmp_path / "b.zip").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        zipping.write(tmp_path / "b.zip", FILES)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("b.zip", b"mine")]


def test_a_file_that_comes_in_between_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda _: (tmp_path / "b.zip").write_bytes(b"mine"))
    with pytest.raises(FileExistsError):
        zipping.write(tmp_path / "b.zip", FILES)
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("b.zip", b"mine")]


def test_what_no_reader_takes_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(BadBundle, match=r"big: expected at most 67108864 bytes, got 67108865"):
        zipping.write(tmp_path / "b.zip", {"big": bytes(zipped.LARGEST + 1)})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    [
        "/etc/passwd",
        "../up",
        "log/../../up",
        "C:\\x",
        "a\\b",
        "log//x",
        "./a",
        "log/",
        "a\0b",
        "ä",
        "n" * 256,
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    stand_in = "x" * len(name.encode())
    data = made({stand_in: b""}).replace(stand_in.encode(), name.encode())
    refused(data, "expected a relative path of plain letters")


def test_a_name_is_there_once() -> None:
    data = made({"a.txt": b"1", "b.txt": b"2"}).replace(b"b.txt", b"a.txt")
    refused(data, "the name a.txt is there twice")
    refused(made({"a.txt": b"1", "A.TXT": b"2"}), "the name A.TXT is there twice")


def test_an_encrypted_file_is_refused() -> None:
    data = made()
    refused(patched(data, central(data, "a.txt") + 8, b"\x01\x00"), r"a\.txt, got flags 0x0001")


def test_exotic_compression_is_refused() -> None:
    refused(made(method=zipfile.ZIP_BZIP2), r"a\.txt stored or deflated, got method 12")
    refused(made(method=zipfile.ZIP_LZMA), r"expected a plain file a\.txt, got flags 0x0002|got method 14")


def test_a_comment_is_refused() -> None:
    def comment(archive: zipfile.ZipFile) -> None:
        archive.comment = b"x"

    refused(made(change=comment), "expected the end of a zip without a comment")
    refused(made() + b"x", "expected the end of a zip without a comment")
    refused(patched(made(), len(made()) - 2, b"\1\0"), "expected the end of a zip without a comment")
    # A second, hidden end within the comment of the first: tools differ in which they take.
    whole = made()
    refused(patched(whole, len(whole) - 2, struct.pack("<H", len(whole))) + whole, "byte")


def test_a_comment_of_one_file_is_refused() -> None:
    def comment(archive: zipfile.ZipFile) -> None:
        archive.filelist[0].comment = b"x"

    refused(made(change=comment), "expected a directory entry without a comment")


def test_bytes_that_belong_to_no_file_are_refused() -> None:
    refused(b"#!/bin/sh\n" + made(), "expected a directory of")
    # Shifted consistently, as an installer does it, the hidden bytes are found all the same.
    hidden = io.BytesIO()
    hidden.write(b"hidden")
    with zipfile.ZipFile(hidden, "a") as archive:
        archive.writestr("a.txt", b"first")
    refused(hidden.getvalue(), r"expected a\.txt at byte 0, got 6")


def test_two_files_over_the_same_bytes_are_refused() -> None:
    data = made({"a.txt": b"same", "b.txt": b"same"})
    at = central(data, "b.txt") + 42
    refused(patched(data, at, bytes(4)), r"expected b\.txt at byte|local header")


def test_a_local_header_says_what_the_directory_says() -> None:
    data = made()
    refused(patched(data, LOCAL, b"z"), r"local header: expected name b'a\.txt', got b'z\.txt'")
    refused(patched(data, 22, b"\x01"), "local header: expected size 5, got 1")


def with_extra(extra: bytes, *, local: bool) -> bytes:
    """Give the only file an extra field in its local header or in the directory."""
    data = made({"a.txt": b"first"})
    start = data.index(b"PK\x01\x02")
    if local:
        at = LOCAL + len("a.txt")
        data = patched(data, 28, struct.pack("<H", len(extra)))
        data = data[:at] + extra + data[at:]
        return patched(data, len(data) - 6, struct.pack("<L", start + len(extra)))
    at = start + CENTRAL + len("a.txt")
    data = patched(data, start + 30, struct.pack("<H", len(extra)))
    data = data[:at] + extra + data[at:]
    return patched(data, len(data) - 10, struct.pack("<L", CENTRAL + len("a.txt") + len(extra)))


@pytest.mark.parametrize("local", [True, False])
def test_a_second_name_in_an_extra_field_is_refused(*, local: bool) -> None:
    # Info-ZIP's Unicode path, which unzip takes in the place of the name.
    path = b"\x01" + struct.pack("<L", zlib.crc32(b"a.txt")) + b"policy.txt"
    refused(with_extra(struct.pack("<2H", 0x7075, len(path)) + path, local=local), "got kind 0x7075")
    refused(with_extra(b"UT\x05\x00\x01", local=local), "got kind 0x5455")
    times = b"UT\x05\x00\x01" + bytes(4)
    assert everything(with_extra(times, local=local)) == {"a.txt": b"first"}


@pytest.mark.parametrize("attributes", [0o120777 << 16, 0o040755 << 16, 0o010644 << 16, 0x10])
def test_what_other_tools_would_unpack_as_a_link_or_a_folder_is_refused(attributes: int) -> None:
    def disguise(archive: zipfile.ZipFile) -> None:
        archive.filelist[0].external_attr = attributes

    refused(made(change=disguise), r"expected a plain file a\.txt, got attributes 0x")


def test_a_bomb_is_refused_by_what_it_says_and_by_what_it_does() -> None:
    bomb = made({"bomb": bytes(zipped.LARGEST + 1)}, zipfile.ZIP_DEFLATED)
    refused(bomb, "expected at most 67108864 bytes in bomb, got 67108865")
    liar = made({"bomb": bytes(1_000_000)}, zipfile.ZIP_DEFLATED)
    small = struct.pack("<L", 10)
    liar = patched(patched(liar, 22, small), central(liar, "bomb") + 24, small)
    refused(liar, "b.zip, bomb: expected exactly 10 bytes")


def test_more_bytes_than_all_may_have_are_refused() -> None:
    most = struct.pack("<L", zipped.LARGEST)
    files = {f"f{number:02d}": b"x" for number in range(33)}
    data = made(files, zipfile.ZIP_DEFLATED)
    for name in files:
        data = patched(data, central(data, name) + 24, most)
    refused(data, "expected at most 2147483648 bytes in all files")


def test_more_files_than_a_plain_zip_can_have_are_refused() -> None:
    data = made()
    refused(
        patched(data, len(data) - 14, b"\xff\xff\xff\xff"), "expected 1 to 65534 files on one disk, got 65535"
    )
    refused(made({}), "expected 1 to 65534 files on one disk, got 0")


def test_a_changed_byte_of_content_is_noticed() -> None:
    data = made()
    refused(data.replace(b"first", b"firsT"), r"b\.zip, a\.txt: expected CRC-32 [0-9a-f]{8}, got [0-9a-f]{8}")


def test_a_zip_is_read_whole_or_not_at_all() -> None:
    data = made()
    for length in range(len(data)):
        with pytest.raises(BadBundle):
            everything(data[:length])


def test_a_file_that_is_not_in_it_is_missing() -> None:
    with pytest.raises(FileNotFoundError, match=r"b\.zip: no file other in it"):
        zipped.parse(made(), "b.zip").read("other")
