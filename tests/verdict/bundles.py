"""Dispute bundles for tests: made by the command, and made again with something changed."""

import io
import subprocess
import sys
import zipfile
from contextlib import suppress
from pathlib import Path

from tests.verdict.log_builder import ALICE, BOB, LogBuilder
from vestibule.cli import zipping
from vestibule.cli.main import main
from vestibule.verdict import bundle
from vestibule.verdict.person_file import render

ALONE = """
import importlib.abc, sys

class NotInstalled(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in {"apsw", "argon2", "litestar", "msgspec", "uvicorn", "jinja2", "uvloop", "httptools"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

def no_network(event, arguments):
    if event.startswith("socket."):
        raise OSError(f"there is no network here: {event}")

sys.meta_path.insert(0, NotInstalled())
sys.addaudithook(no_network)
from vestibule.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def lay_out(log: LogBuilder, folder: Path) -> Path:
    """Write what everybody holds: the published log, a policy, two people's files."""
    folder.mkdir(exist_ok=True)
    (folder / "policy").write_bytes(log.policy())
    (folder / "alice.json").write_bytes(render(log.person(ALICE, "jukebox", "marquee")))
    (folder / "bob.json").write_bytes(render(log.person(BOB, "jukebox", "marquee")))
    log.write(folder / "log")
    return folder


def make(folder: Path, *more: str, partner: str = "jukebox", output: str = "bundle.zip") -> int:
    """Make a bundle of what was laid out."""
    where = ("--log", str(folder / "log"), "--policy", str(folder / "policy"), "-o", str(folder / output))
    return main(["bundle", "--partner", partner, *where, *more])


def files_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def changed(path: Path, changes: dict[str, bytes | None], *, summed: bool = True) -> Path:
    """Make a bundle again with other files in it, as a forger would: with SHA256SUMS that fit."""
    files = {name: data for name, data in (files_of(path) | changes).items() if data is not None}
    if summed:
        digests = {name: bundle.digest(data) for name, data in files.items() if name != bundle.SUMS}
        files[bundle.SUMS] = bundle.sums(digests)
    target = path.with_name("changed.zip")
    target.unlink(missing_ok=True)
    zipping.write(target, files)
    return target


def flipped(data: bytes, at: int) -> bytes:
    """Change one byte."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def packed(files: dict[str, bytes]) -> bytes:
    """Zip files with Python's own writer, deflated."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def alone(arguments: list[str], where: Path) -> subprocess.CompletedProcess[str]:
    """Run the command in an empty folder, where no socket opens and only the base install is there."""
    command = [*_without_network(), sys.executable, "-c", ALONE, *arguments]
    return subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)


def _without_network() -> tuple[str, ...]:
    """Return what starts a program in a network of its own with nothing in it, where that is permitted."""
    with suppress(OSError):
        tried = subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False)
        if tried.returncode == 0:
            return ("unshare", "-rn")
    return ()
