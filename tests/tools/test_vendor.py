"""What is fetched for the browser is what was pinned, or nothing."""

import base64
import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tools import vendor
from tools.vendor import Package, VendorError

CURVE = "import { sha512 } from '@noble/hashes/sha2.js';\nimport { mod } from \"./abstract/modular.js\";\n"
MODULAR = "import { x } from '@noble/hashes/utils.js';\n"


def archive(files: dict[str, str]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text.encode()))
    return made.getvalue()


def integrity(data: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


FILES = {"ed25519.js": CURVE, "abstract/modular.js": MODULAR, "evil.js": "alert(1)"}
ARCHIVE = archive(FILES)
PACKAGE = Package("curves", "9.9.9", integrity(ARCHIVE), ("ed25519.js", "abstract/modular.js"))


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, list[bytes]]]:
    """Serve one archive, whatever is asked for; the test may change it."""
    served = [ARCHIVE]

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-length", str(len(served[0])))
            self.end_headers()
            self.wfile.write(served[0])

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
            """Say nothing."""

    monkeypatch.setattr(vendor, "PACKAGES", (PACKAGE,))
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", served
        server.shutdown()
        thread.join()


def test_the_listed_files_are_written_with_imports_that_a_browser_finds(
    registry: tuple[str, list[bytes]], tmp_path: Path
) -> None:
    target = tmp_path / "vendor"
    assert vendor.vendor(target, registry[0])
    written = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    assert written == {"PINNED", "curves/ed25519.js", "curves/abstract/modular.js"}
    assert "from '../hashes/sha2.js'" in (target / "curves/ed25519.js").read_text()
    assert "from '../../hashes/utils.js'" in (target / "curves/abstract/modular.js").read_text()
    assert not vendor.vendor(target, registry[0])


def test_another_archive_is_refused_and_what_was_there_stays(
    registry: tuple[str, list[bytes]], tmp_path: Path
) -> None:
    target = tmp_path / "vendor"
    target.mkdir()
    (target / "PINNED").write_text("an older version")
    registry[1][0] = archive(FILES | {"ed25519.js": "steal()"})
    with pytest.raises(VendorError, match="expected sha512-"):
        vendor.vendor(target, registry[0])
    assert [path.name for path in tmp_path.rglob("*")] == ["vendor", "PINNED"]


def test_without_a_network_nothing_is_written_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as closed:
        port = closed.server_port
    with pytest.raises(VendorError, match="refused"):
        vendor.vendor(tmp_path / "vendor", f"http://127.0.0.1:{port}")
    assert list(tmp_path.iterdir()) == []

    def refuse() -> bool:
        raise VendorError("no network")

    monkeypatch.setattr(vendor, "vendor", refuse)
    assert vendor.main() == 1
    assert "everything else works" in capsys.readouterr().err
