"""The parsers of dispute bundles: the zip, and every file in it that is read before it is believed."""

import io
import zipfile
from collections.abc import Mapping

from tests.malformed.of_verdict import LOG, RECEIPT, VIEW
from tests.malformed.parser import Parser
from tests.verdict.log_builder import ALICE
from vestibule.cli import bundled, zipped
from vestibule.verdict import bundle
from vestibule.verdict.bundle_reading import Content
from vestibule.verdict.errors import BadBundle, VerdictError

EVIDENCE = bundle.Evidence(
    asked=bundle.Asked("jukebox", "messages.read", "Alice"),
    policy=LOG.policy(),
    checkpoint=LOG.note().encode(),
    witnessed=LOG.note().encode(),
    person=LOG.person(ALICE, "jukebox", "marquee"),
    receipts=(RECEIPT.encode(),),
)
FILES = bundle.files(VIEW, EVIDENCE)
CHANGED = (
    bundle.ASKED,
    bundle.POLICY,
    bundle.PERSON,
    bundle.VERDICTS,
    "log/checkpoint",
    "log/checkpoint.witnessed",
    "log/tile/0/000.p/13",
    "log/tile/entries/000.p/13",
    next(name for name in FILES if name.startswith(bundle.RECEIPTS)),
)


def _zip(method: int) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name in (bundle.ASKED, "log/checkpoint", "receipts/leaf-9.tlog-proof"):
            archive.writestr(name, b"content " * 9)
    return data.getvalue()


def _read_zip(data: bytes) -> None:
    archive = zipped.parse(data, "bundle.zip")
    for name in archive.members:
        archive.read(name)


def _read_files(files: Mapping[str, bytes]) -> None:
    bundled.answer(Content(files.keys(), files.__getitem__), "bundle.zip")


def _read_one(name: str, data: bytes) -> None:
    """Put other content into a file, with sums that fit, so that more than these is looked at."""
    files = FILES | {name: data}
    digests = {other: bundle.digest(content) for other, content in files.items() if other != bundle.SUMS}
    _read_files(files | {bundle.SUMS: bundle.sums(digests)})


def _of(name: str) -> Parser:
    return Parser(f"bundle's {name}", lambda data: _read_one(name, data), (FILES[name],), VerdictError)


PARSERS = (
    Parser("zip", _read_zip, (_zip(zipfile.ZIP_STORED), _zip(zipfile.ZIP_DEFLATED)), BadBundle),
    Parser(
        "bundle's sums",
        lambda data: _read_files(FILES | {bundle.SUMS: data}),
        (FILES[bundle.SUMS],),
        VerdictError,
    ),
    *map(_of, CHANGED),
)
