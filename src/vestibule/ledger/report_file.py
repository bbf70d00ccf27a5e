"""An engagement report as it is filed: a file, CSV or JSON, and a detached JWS over its very bytes.

The JWS (RFC 7515 appendix F: header and signature, nothing between) says in its protected header whose report
of which fortnight this is, so that no file can be filed again as another's, or as a later edition.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from vestibule.ledger import canonical, ed25519, engagement, jws
from vestibule.ledger.canonical import LIMIT
from vestibule.ledger.engagement import Table
from vestibule.ledger.errors import JsonError, LedgerError, ReportError
from vestibule.ledger.fields import KEY_ID, NAME
from vestibule.ledger.fortnight import Fortnight
from vestibule.ledger.given_json import object_of

CSV: Final = "text/csv"
JSON: Final = "application/json"
TYP: Final = "vestibule-report+jws"
LONGEST_JWS: Final = 4000
VERSION: Final = 1
ZONE: Final = "UTC"

_ALGORITHMS = (jws.EDDSA, "Ed25519")  # two names of one: RFC 8037 section 3.1, RFC 9864
_ORIGIN = re.compile(r"https?://[a-z0-9.:\[\]-]{1,255}")
_PERIOD = re.compile(r"[0-9W-]{8}")
_HEADER = frozenset({"alg", "kid", "typ", "iss", "aud", "period", "edition"})
_FILE = frozenset({"v", "partner", "period", "zone", "edition", "rows"})


@dataclass(frozen=True, slots=True)
class Title:
    """Which report this is.

    Attributes:
        partner_id: whose (`iss`).
        audience: the origin of the platform it is for (`aud`).
        fortnight: of which fortnight (`period`, its label).
        edition: 1 for the first filing, one more for each correction (`edition`).
    """

    partner_id: str
    audience: str
    fortnight: Fortnight
    edition: int


@dataclass(frozen=True, slots=True)
class SignedReport:
    """A report as it was read; nothing in it counts before `verify`.

    Attributes:
        title: which report its header says it is.
        key_id: the key it says it is signed by (`kid`).
        data: the file.
    """

    title: Title
    key_id: str
    data: bytes
    _header: bytes
    _signature: bytes

    @classmethod
    def parse(cls, detached: str, data: bytes) -> Self:
        """Read a detached JWS beside its file.

        Raises:
            ReportError: naming the part of the header, expected against got.
        """
        if len(detached) > LONGEST_JWS or not detached.isascii():
            raise ReportError(f"signature: expected at most {LONGEST_JWS} characters of ASCII, got others")
        try:
            header, payload, signature = jws.split(detached.encode())
        except LedgerError as error:
            raise ReportError(f"signature: expected a detached JWS, header..signature: {error}") from None
        if payload:
            raise ReportError("signature: expected a detached JWS, header..signature, got one with a payload")
        members = _object("signature header", header)
        key_id = _key_id(members)
        return cls(_title(members), key_id, data, detached.partition(".")[0].encode(), signature)

    def verify(self, public: bytes) -> None:
        """Check the signature by the key that the header names.

        Raises:
            ReportError: if it is another's, or over another file.
        """
        signed = self._header + b"." + jws.b64url(self.data).encode()
        if not ed25519.is_valid(public, signed, self._signature):
            expected = f"one by the key {self.key_id} over these very bytes"
            raise ReportError(f"signature: expected {expected}, got another")

    def table(self, media_type: str) -> Table:
        """Read the file's table.

        Raises:
            TableError: naming row and column.
            ReportError: if it is of another kind, or says it is another report than the header.
        """
        if media_type == CSV:
            return engagement.read_csv(self.data, self.title.fortnight)
        if media_type == JSON:
            return _read_json(self.data, self.title)
        raise ReportError(f"content type: expected {CSV} or {JSON}, got {media_type[:80]!r}")


def sign(title: Title, key_id: str, data: bytes, by: Callable[[bytes], bytes]) -> str:
    """Make the detached JWS over a file; `by` gives the Ed25519 signature over bytes."""
    header = {"alg": jws.EDDSA, "kid": key_id, "typ": TYP, "iss": title.partner_id, "aud": title.audience}
    header_part = jws.b64url(
        canonical.encode(header | {"period": title.fortnight.label, "edition": title.edition})
    )
    return f"{header_part}..{jws.b64url(by(f'{header_part}.{jws.b64url(data)}'.encode()))}"


def write(title: Title, table: Table, media_type: str) -> bytes:
    """Write a table as a file of that kind, `CSV` or `JSON`."""
    if media_type == CSV:
        return engagement.canonical(table)
    return canonical.encode(_named(title) | {"rows": engagement.write_rows(table)})


def _named(title: Title) -> dict[str, str | int]:
    named: dict[str, str | int] = {"v": VERSION, "partner": title.partner_id, "zone": ZONE}
    return named | {"period": title.fortnight.label, "edition": title.edition}


def _read_json(data: bytes, title: Title) -> Table:
    file = _object("file", data)
    if file.keys() != _FILE:
        expected = ", ".join(sorted(_FILE))
        raise ReportError(f"file: expected the members {expected}, got {', '.join(sorted(file))[:200]}")
    for name, value in _named(title).items():
        if type(file[name]) is not type(value) or file[name] != value:
            raise ReportError(f"file, {name}: expected {value!r} as signed, got {file[name]!r:.80}")
    if not isinstance(file["rows"], list):
        raise ReportError(f"file, rows: expected a list, got {type(file['rows']).__name__}")
    return engagement.read_rows(file["rows"], title.fortnight)


def _key_id(header: Mapping[str, Any]) -> str:
    if header.keys() != _HEADER:
        got = ", ".join(sorted(header))[:200]
        raise ReportError(f"signature header: expected {', '.join(sorted(_HEADER))}, got {got}")
    if header["alg"] not in _ALGORITHMS:
        raise ReportError(f"signature header, alg: expected {jws.EDDSA}, got {header['alg']!r:.80}")
    if header["typ"] != TYP:
        raise ReportError(f"signature header, typ: expected {TYP}, got {header['typ']!r:.80}")
    return _text(header, "kid", KEY_ID)


def _title(header: Mapping[str, Any]) -> Title:
    edition = header["edition"]
    if type(edition) is not int or not 1 <= edition < LIMIT:
        raise ReportError(f"signature header, edition: expected a number from 1 on, got {edition!r:.80}")
    return Title(
        partner_id=_text(header, "iss", NAME),
        audience=_text(header, "aud", _ORIGIN),
        fortnight=Fortnight.parse(_text(header, "period", _PERIOD)),
        edition=edition,
    )


def _text(header: Mapping[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = header[name]
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        raise ReportError(
            f"signature header, {name}: expected text like {pattern.pattern}, got {value!r:.80}"
        )
    return value


def _object(what: str, data: bytes) -> dict[str, Any]:
    try:
        return object_of(data)
    except JsonError as error:
        raise ReportError(f"{what}: {error}") from error
