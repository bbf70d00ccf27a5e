"""Getting a published log's files, from a folder, from a dispute bundle or over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import httpx2

from vestibule.cli import zipped
from vestibule.cli.errors import CannotFetch
from vestibule.verdict import bundle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vestibule.tlog.tiles import Fetch

LARGEST = 256 * (65_535 + 2)
"""Bytes of the largest file a log can have: a full bundle of the longest entries (C2SP tlog-tiles)."""
TIMEOUT = 30.0
OK = 200
MISSING = frozenset({404, 410})


def fetcher(log: str, http: httpx2.Client) -> Fetch:
    """Return what fetches a log's files by their paths under `log`: an http(s) address, a folder or a bundle.

    It raises OSError where there is no such file, and CannotFetch where that cannot be told.
    """
    if log.startswith(("http://", "https://")):
        return lambda path: _over_http(http, f"{log.rstrip('/')}/{path}")
    root = Path(log)
    if root.is_file():
        return zipped.load(root).under(bundle.LOG)
    if not root.is_dir():
        raise CannotFetch(f"{log}: expected a folder or an http(s) address, got neither")
    return lambda path: _from_file(root / path)


def _from_file(path: Path) -> bytes:
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    return _bounded(str(path), data)


def _over_http(http: httpx2.Client, url: str) -> bytes:
    try:
        with http.stream("GET", url, timeout=TIMEOUT) as response:
            if response.status_code in MISSING:
                raise FileNotFoundError(f"{url}: {response.status_code}")
            if response.status_code != OK:
                raise CannotFetch(f"{url}: expected status 200, got {response.status_code}")
            return _bounded(url, _limited(response.iter_bytes()))
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise CannotFetch(f"{url}: {error}") from error


def _limited(chunks: Iterator[bytes]) -> bytes:
    data = bytearray()
    for chunk in chunks:
        data += chunk
        if len(data) > LARGEST:
            break
    return bytes(data)


def _bounded(name: str, data: bytes) -> bytes:
    if len(data) > LARGEST:
        raise CannotFetch(f"{name}: expected at most {LARGEST} bytes, got more")
    return data
