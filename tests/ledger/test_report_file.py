import json
from dataclasses import replace
from typing import Any

import pytest
from joserfc import jws as joserfc_jws
from joserfc.jwk import OKPKey
from joserfc.jws import JWSRegistry

from vestibule.ledger import canonical, ed25519, jws
from vestibule.ledger.engagement import Counted, Placed
from vestibule.ledger.errors import FortnightError, LedgerError, ReportError, TableError
from vestibule.ledger.fortnight import Fortnight
from vestibule.ledger.report_file import CSV, JSON, SignedReport, Title, sign, write

SEED = bytes(range(32))
PUBLIC = ed25519.public_of(SEED)
FORTNIGHT = Fortnight.parse("2026-W01")
TITLE = Title("marquee", "https://vestibule.example", FORTNIGHT, 1)
TABLE = {Placed(FORTNIGHT.first, "web", "title", "a"): Counted(3, 1)}
KEY = "marquee:1"


def signed(data: bytes, title: Title = TITLE) -> str:
    return sign(title, KEY, data, lambda text: ed25519.sign(SEED, text))


@pytest.mark.parametrize("media_type", [CSV, JSON])
def test_a_report_is_read_as_it_is_written_and_signed(media_type: str) -> None:
    data = write(TITLE, TABLE, media_type)
    report = SignedReport.parse(signed(data), data)
    report.verify(PUBLIC)
    assert (report.title, report.key_id) == (TITLE, KEY)
    assert report.table(media_type) == TABLE


REGISTRY = JWSRegistry(algorithms=["EdDSA"], strict_check_header=False)
"""Knows members of ours too; RFC 7515 section 4.3 leaves them to the two sides."""


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated via RFC 9864")
def test_another_library_checks_and_makes_the_signature() -> None:
    data = write(TITLE, TABLE, CSV)
    key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": jws.b64url(PUBLIC), "d": jws.b64url(SEED)})
    header, _, signature = signed(data).split(".")
    whole = f"{header}.{jws.b64url(data)}.{signature}"
    assert joserfc_jws.deserialize_compact(whole, key, registry=REGISTRY).payload == data
    members = joserfc_jws.deserialize_compact(whole, key, registry=REGISTRY).headers()
    made = joserfc_jws.serialize_compact(dict(reversed(members.items())), data, key, registry=REGISTRY)
    first, _, last = made.split(".")
    SignedReport.parse(f"{first}..{last}", data).verify(PUBLIC)


def test_another_file_or_another_key_is_refused() -> None:
    data = write(TITLE, TABLE, CSV)
    report = SignedReport.parse(signed(data), data + b"\n")
    with pytest.raises(ReportError, match="one by the key marquee:1 over these very bytes, got another"):
        report.verify(PUBLIC)
    with pytest.raises(ReportError, match="got another"):
        SignedReport.parse(signed(data), data).verify(ed25519.public_of(bytes(32)))


def test_the_signature_of_one_edition_is_not_that_of_the_next() -> None:
    data = write(TITLE, TABLE, CSV)
    first, second = signed(data), signed(data, replace(TITLE, edition=2))
    mixed = f"{second.partition('.')[0]}..{first.rpartition('.')[2]}"
    with pytest.raises(ReportError, match="got another"):
        SignedReport.parse(mixed, data).verify(PUBLIC)


HEADER: dict[str, Any] = {
    "alg": "EdDSA",
    "kid": KEY,
    "typ": "vestibule-report+jws",
    "iss": "marquee",
    "aud": "https://vestibule.example",
    "period": "2026-W01",
    "edition": 1,
}


@pytest.mark.parametrize(
    ("header", "part"),
    [
        (HEADER | {"alg": "none"}, "header, alg: expected EdDSA, got 'none'"),
        (HEADER | {"alg": ["EdDSA"]}, "header, alg: expected EdDSA"),
        (HEADER | {"typ": "vestibule-card+jwt"}, "header, typ: expected vestibule-report"),
        (HEADER | {"jwk": {}}, "signature header: expected alg, aud, edition, iss, kid, period, typ, got"),
        (HEADER | {"crit": ["b64"], "b64": False}, "signature header: expected alg"),
        ({"alg": "EdDSA"}, "signature header: expected alg"),
        (HEADER | {"iss": "No"}, "header, iss: expected text like"),
        (HEADER | {"aud": "vestibule.example"}, "header, aud: expected text like"),
        (HEADER | {"kid": 1}, "header, kid: expected text like"),
        (HEADER | {"edition": 0}, "header, edition: expected a number from 1 on, got 0"),
        (HEADER | {"edition": True}, "header, edition: expected a number from 1 on, got True"),
        (HEADER | {"edition": 2**53}, "header, edition"),
        (HEADER | {"period": "2026"}, "header, period: expected text like"),
        (HEADER | {"period": "2026-W02"}, "expected the first week of a fortnight, 2026-W01"),
        ([], "signature header: expected a JSON object, got list"),
    ],
)
def test_a_header_that_says_more_less_or_otherwise_is_refused(header: object, part: str) -> None:
    with pytest.raises((ReportError, FortnightError), match=part):
        SignedReport.parse(f"{jws.b64url(json.dumps(header).encode())}..{jws.b64url(bytes(64))}", b"")


TWICE = b'{"alg":"EdDSA","alg":"EdDSA"}'


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "expected a detached JWS, header..signature: expected three parts"),
        ("a.b", "expected three parts"),
        ("!..!", "expected base64url"),
        (f"{jws.b64url(canonical.encode(HEADER))}.AA.AA", "got one with a payload"),
        ("é", "at most 4000 characters of ASCII"),
        ("a" * 4001, "at most 4000 characters of ASCII"),
        (f"{jws.b64url(TWICE)}..AA", "expected each member once"),
        (f"{jws.b64url(b'[' * 2900)}..AA", "expected JSON in UTF-8"),
    ],
)
def test_what_is_no_detached_signature_is_refused(text: str, part: str) -> None:
    with pytest.raises(ReportError, match=part):
        SignedReport.parse(text, b"")


FILE: dict[str, Any] = json.loads(write(TITLE, TABLE, JSON))


@pytest.mark.parametrize(
    ("file", "part"),
    [
        (FILE | {"partner": "jukebox"}, "file, partner: expected 'marquee' as signed, got 'jukebox'"),
        (FILE | {"period": "2026-W03"}, "file, period: expected '2026-W01' as signed"),
        (FILE | {"edition": 2}, "file, edition: expected 1 as signed, got 2"),
        (FILE | {"edition": True}, "file, edition: expected 1 as signed, got True"),
        (FILE | {"zone": "CET"}, "file, zone: expected 'UTC' as signed, got 'CET'"),
        (FILE | {"v": 2}, "file, v: expected 1 as signed, got 2"),
        (
            FILE | {"country": "de"},
            "expected the members edition, partner, period, rows, v, zone, got country",
        ),
        (FILE | {"rows": {}}, "file, rows: expected a list, got dict"),
        ({}, "file: expected the members"),
    ],
)
def test_a_json_file_says_what_its_signature_says(file: object, part: str) -> None:
    data = json.dumps(file).encode()
    with pytest.raises(ReportError, match=part):
        SignedReport.parse(signed(data), data).table(JSON)


def test_a_bad_row_is_named_in_both_kinds() -> None:
    rows = json.dumps(FILE).replace('"sends": 3', '"sends": -3').encode()
    with pytest.raises(TableError, match="row 1, column sends: expected a whole number"):
        SignedReport.parse(signed(rows), rows).table(JSON)
    lines = write(TITLE, TABLE, CSV).replace(b",3,", b",-3,")
    with pytest.raises(TableError, match="row 2, column sends: expected a whole number"):
        SignedReport.parse(signed(lines), lines).table(CSV)


def test_a_file_of_another_kind_is_refused() -> None:
    with pytest.raises(LedgerError, match="expected text/csv or application/json, got 'text/html'"):
        SignedReport.parse(signed(b""), b"").table("text/html")
