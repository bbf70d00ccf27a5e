import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verdict.log_builder import ALICE
from tests.verdict.stories import told
from vestibule.verdict.errors import BadPersonFile
from vestibule.verdict.person_file import parse, render

HELD = render(told().person(ALICE, "jukebox", "marquee"))


def held() -> dict[str, Any]:
    value: dict[str, Any] = json.loads(HELD)
    return value


def test_a_file_is_read_back_as_it_was_written() -> None:
    person = told().person(ALICE, "jukebox", "marquee")
    assert parse(render(person)) == person


def _without_own(value: dict[str, Any]) -> None:
    del value["partners"][0]["lanes"]["own"]


def _short_proof(value: dict[str, Any]) -> None:
    value["partners"][0]["lanes"]["own"]["proof"] = "AAAA"


def _no_base64(value: dict[str, Any]) -> None:
    value["partners"][0]["lanes"]["shared"]["openings"][1]["r"] = "no"


def _negative(value: dict[str, Any]) -> None:
    value["partners"][0]["lanes"]["shared"]["openings"][0]["index"] = -1


def _true(value: dict[str, Any]) -> None:
    value["partners"][0]["lanes"]["shared"]["openings"][0]["index"] = True


def _twice(value: dict[str, Any]) -> None:
    value["partners"][1]["partner"] = "jukebox"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda value: value.update(format="other/v1"),
            "expected format vestibule-person/v1, got 'other/v1'",
        ),
        (lambda value: value.pop("origin"), "person file, origin: missing"),
        (lambda value: value.update(subject="zz"), "person file, subject: expected hex"),
        (lambda value: value.update(subject="00"), "person file, subject: expected 16 bytes, got 1"),
        (lambda value: value.update(partners={}), "person file, partners: expected list, got dict"),
        (lambda value: value["partners"].append(7), r"partners\[2\].partner: missing"),
        (_without_own, r"partners\[0\].lanes: expected the lanes own and shared, got \['shared'\]"),
        (_short_proof, r"partners\[0\].lanes.own.proof: expected 80 bytes, got 3"),
        (_no_base64, r"partners\[0\].lanes.shared.openings\[1\].r: expected base64, got 'no'"),
        (_negative, r"openings\[0\].index: expected a leaf index, got -1"),
        (_true, r"openings\[0\].index: expected int, got bool"),
        (_twice, r"partners\[1\]: partner 'jukebox' is there twice"),
    ],
)
def test_a_malformed_file_is_refused_with_the_place(
    change: Callable[[dict[str, Any]], None], reason: str
) -> None:
    value = held()
    change(value)
    with pytest.raises(BadPersonFile, match=reason):
        parse(json.dumps(value).encode())


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "expected JSON, got Expecting value"),
        (b"\xff", "expected UTF-8, got byte 0xff at 0"),
        (b"[]", "person file, format: missing"),
        (b'{"format":1,"format":2}', "the name 'format' is twice in one object"),
        (b"[" * 100_000, "expected JSON"),
        (b"9" * 5000, "expected JSON, got Exceeds the limit"),
    ],
)
def test_what_is_no_file_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(BadPersonFile, match=reason):
        parse(data)


@given(st.binary())
def test_no_bytes_make_it_raise_anything_else(data: bytes) -> None:
    with pytest.raises(BadPersonFile):
        parse(data)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_no_json_in_a_field_makes_it_raise_anything_else(junk: object) -> None:
    for name in ("origin", "subject", "partners"):
        value = held() | {name: junk}
        try:
            parse(json.dumps(value).encode())
        except BadPersonFile:
            continue
