"""Reading posted forms, and where a redirect may lead."""

from urllib.parse import urlencode, urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.exceptions import ClientException

from vestibule.web.person.forms import MOST_FIELDS, parse
from vestibule.web.person.places import local_path

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30).filter(lambda text: "\r" not in text)


@given(st.dictionaries(TEXTS, st.lists(TEXTS, min_size=1, max_size=4, unique=True), max_size=6))
def test_what_a_browser_encodes_is_read_back(fields: dict[str, list[str]]) -> None:
    form = parse(urlencode(fields, doseq=True).encode())
    for name, values in fields.items():
        assert form.all(name) == tuple(values)
        assert form.text(name) == values[-1]


@pytest.mark.parametrize("body", [b"body=%ff", b"body=\xff", b"body=%C3", "body=é".encode()])
def test_bytes_that_are_not_percent_encoded_utf8_are_refused(body: bytes) -> None:
    with pytest.raises(ClientException, match="expected form fields in percent-encoded UTF-8"):
        parse(body)


def test_too_many_fields_are_refused() -> None:
    with pytest.raises(ClientException, match=f"expected at most {MOST_FIELDS}"):
        parse(b"&".join([b"a=1"] * (MOST_FIELDS + 1)))


def test_lines_end_in_lf_and_missing_fields_are_empty() -> None:
    form = parse(b"body=a%0D%0Ab&to=x&to=x&to=y")
    assert form.text("body") == "a\nb"
    assert form.all("to") == ("x", "y")
    assert form.text("nothing") == ""


@pytest.mark.parametrize(
    "wanted",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "/\\elsewhere.example",
        "/\t/elsewhere.example",
        "\\\\elsewhere.example",
        "javascript:alert(1)",
        "inbox",
        "",
        "/\u2028",
        "/" + "a" * 12_000,
    ],
)
def test_other_places_become_the_inbox(wanted: str) -> None:
    assert local_path(wanted) == "/inbox"


def test_own_places_are_kept() -> None:
    for path in ("/apps", "/oauth/authorize?client_id=a&redirect_uri=https%3A%2F%2Fapp.example", "/c/0#m1"):
        assert local_path(path) == path


@given(st.text(st.characters(min_codepoint=9, max_codepoint=127), max_size=20))
def test_no_text_leads_away(wanted: str) -> None:
    assert urlsplit(urljoin("https://chat.example/signin", local_path(wanted))).netloc == "chat.example"
