"""Where a redirect may go: to our own pages only."""

from urllib.parse import urlsplit

from litestar.response import Redirect

LONGEST = 12_000
"""Characters; a dialog's address carries a signed card of up to 8,000."""
LAST_NUMBER = 2**53
"""The largest number in an address: no message and no line of the log has one as large."""


def local_path(wanted: str, otherwise: str = "/inbox") -> str:
    """Return the wanted path if it stays on this origin, else another.

    Browsers read two slashes, a slash and a backslash, and paths with tabs or line ends as addresses of other
    hosts, so only plain printable paths pass.
    """
    plain = wanted.isascii() and wanted.isprintable() and "\\" not in wanted and len(wanted) <= LONGEST
    if not plain or not wanted.startswith("/") or wanted.startswith("//"):
        return otherwise
    parts = urlsplit(wanted)
    return otherwise if parts.scheme or parts.netloc else wanted


def see_other(path: str) -> Redirect:
    """Answer a form that was carried out: 303, so that reloading does not send it again."""
    return Redirect(path, status_code=303, headers={"cache-control": "no-store"})
