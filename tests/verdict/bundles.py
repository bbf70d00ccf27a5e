"""Dispute bundles for tests: made by the command, and made again with something changed."""

import io
import zipfile
from hashlib import sha256
from pathlib import Path

from tests.verdict.log_builder import ALICE, BOB, LogBuilder
from vestibule.cli import zipping
from vestibule.cli.main import main
from vestibule.verdict import bundle
from vestibule.verdict.person_file import render


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
        digests = {name: sha256(data).hexdigest() for name, data in files.items() if name != bundle.SUMS}
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
