import os
import stat
import tracemalloc
import warnings
import zipfile
from pathlib import Path

import pytest

from tests.inbox.sample_export import write_folder, write_zip
from vestibule.inbox import archive
from vestibule.inbox.archive import open_export
from vestibule.inbox.errors import BadExport, BadFile


def test_paths_that_lead_out_of_a_zip_are_left_aside(tmp_path: Path) -> None:
    names = ("../up", "/etc/passwd", "a/../../up", "C:/x", "a//b", "./a", "ok/fine.json")
    source = write_zip(tmp_path / "e.zip", dict.fromkeys(names, b"x"))
    export = open_export(source)
    assert export.names == {"ok/fine.json"}
    for name in names[:-1]:
        with pytest.raises(BadFile, match="not in the export"):
            export.read(name, 100)
    export.close()


def test_a_link_in_a_zip_is_left_aside(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.json")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "e.zip", "w") as written:
        written.writestr(link, "/etc/passwd")
    export = open_export(tmp_path / "e.zip")
    assert export.names == frozenset()
    export.close()


def test_a_bomb_stops_at_the_limit_whatever_size_it_claims(tmp_path: Path) -> None:
    source = write_zip(tmp_path / "e.zip", {"bomb": bytes(20 << 20)})
    assert source.stat().st_size < 100_000
    data = source.read_bytes().replace((20 << 20).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    (tmp_path / "liar.zip").write_bytes(data)
    for name in ("e.zip", "liar.zip"):
        export = open_export(tmp_path / name)
        with pytest.raises(BadFile, match=r"got more|cannot be read"):
            export.read("bomb", 1 << 20)
        export.close()


def test_what_is_read_in_all_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_BYTES", 250)
    for source in (
        write_zip(tmp_path / "e.zip", {"a": bytes(100)}),
        write_folder(tmp_path / "e", {"a": bytes(100)}),
    ):
        export = open_export(source)
        assert export.read("a", 100) == export.read("a", 100) == bytes(100)
        with pytest.raises(BadFile, match="250 bytes in all"):
            export.read("a", 100)
        export.close()


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_NAMES", 3)
    files = {f"f{number}": b"" for number in range(4)}
    for source in (write_zip(tmp_path / "e.zip", files), write_folder(tmp_path / "e", files)):
        with pytest.raises(BadExport, match="at most 3 files"):
            open_export(source)


def test_a_zip_of_too_many_folders_is_refused_before_memory_is_spent_on_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_zip(tmp_path / "e.zip", {f"{number}/": b"" for number in range(5000)})
    monkeypatch.setattr(archive, "MOST_NAMES", 3)
    tracemalloc.start()
    with pytest.raises(BadExport, match="at most 3 files, got 5000"):
        open_export(source)
    assert tracemalloc.get_traced_memory()[1] < 1_500_000
    tracemalloc.stop()


def test_a_zip_that_states_fewer_entries_than_it_has_is_refused_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_zip(tmp_path / "e.zip", {f"{number}/": b"" for number in range(4)})
    data = bytearray(source.read_bytes())
    data[-14:-10] = (1).to_bytes(2, "little") * 2
    source.write_bytes(data)
    monkeypatch.setattr(archive, "MOST_NAMES", 3)
    with pytest.raises(BadExport, match="at most 3 files, got 4"):
        open_export(source)


def test_a_directory_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_zip(tmp_path / "e.zip", {"a" * 60_000: b"", "b" * 60_000: b""})
    monkeypatch.setattr(archive, "LARGEST_DIRECTORY", 100_000)
    with pytest.raises(BadExport, match="directory of at most 100000 bytes, got 1200"):
        open_export(source)


def test_a_name_that_stands_twice_in_a_zip_is_refused(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(tmp_path / "e.zip", "w") as written:
            written.writestr("a.json", "1")
            written.writestr("a.json", "2")
    export = open_export(tmp_path / "e.zip")
    with pytest.raises(BadFile, match="more than once"):
        export.read("a.json", 100)
    export.close()


def test_an_encrypted_file_is_named_as_such(tmp_path: Path) -> None:
    source = write_zip(tmp_path / "e.zip", {"a.json": b"1"})
    data = bytearray(source.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    source.write_bytes(data)
    export = open_export(source)
    with pytest.raises(BadFile, match="is encrypted"):
        export.read("a.json", 100)
    export.close()


def test_links_in_a_folder_are_never_followed(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.json").write_bytes(b"secret")
    source = write_folder(tmp_path / "e", {"ok.json": b"1"})
    (source / "link.json").symlink_to(tmp_path / "outside" / "secret.json")
    (source / "folder").symlink_to(tmp_path / "outside")
    export = open_export(source)
    assert export.names == {"ok.json"}
    for name in (
        "link.json",
        "folder/secret.json",
        "../outside/secret.json",
        str(tmp_path / "outside/secret.json"),
    ):
        with pytest.raises(BadFile, match="not in the export"):
            export.read(name, 100)


def test_what_is_no_regular_file_is_refused_without_waiting(tmp_path: Path) -> None:
    source = write_folder(tmp_path / "e", {"ok.json": b"1"})
    os.mkfifo(source / "pipe.json")
    with pytest.raises(BadFile, match="expected a file"):
        open_export(source).read("pipe.json", 100)


@pytest.mark.parametrize("data", [b"", b"hello", b"PK\x05\x06" + bytes(10)])
def test_what_is_neither_zip_nor_folder_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "e.zip").write_bytes(data)
    with pytest.raises(BadExport, match="expected a zip or a folder"):
        open_export(tmp_path / "e.zip")


def test_a_path_where_nothing_is_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadExport, match="expected a zip or a folder"):
        open_export(tmp_path / "nothing.zip")
