from urllib.parse import urlencode

import pytest

from vestibule.sdk.callback import Pending, code_of
from vestibule.sdk.errors import BadAnswer, BadCallback, Denied

PLATFORM = "https://vestibule.example"
BACK = "https://jukebox.example/back"
PENDING = Pending(f"{PLATFORM}/oauth/authorize?x=y", PLATFORM, BACK, "the state", "the verifier")
GOOD = {"code": "c", "state": "the state", "iss": PLATFORM}


def back(**changed: str) -> str:
    return f"{BACK}?{urlencode({name: value for name, value in (GOOD | changed).items() if value})}"


def test_the_code_is_handed_on_from_an_address_or_a_query() -> None:
    assert code_of(PENDING, back()) == "c"
    assert code_of(PENDING, urlencode(GOOD)) == "c"


@pytest.mark.parametrize("state", ["", "another", "the state ", "thé state"])
def test_another_state_is_refused(state: str) -> None:
    with pytest.raises(BadCallback, match="state: expected the one of this login"):
        code_of(PENDING, back(state=state))


@pytest.mark.parametrize("iss", ["", "https://evil.example", f"{PLATFORM}/"])
def test_another_issuer_is_refused_also_where_it_says_no(iss: str) -> None:
    for answer in ({}, {"error": "access_denied", "code": ""}):
        with pytest.raises(BadCallback, match=f"iss: expected {PLATFORM}"):
            code_of(PENDING, back(iss=iss, **answer))


def test_a_doubled_parameter_is_refused() -> None:
    with pytest.raises(BadCallback, match="every parameter once"):
        code_of(PENDING, back() + "&code=another")


def test_a_no_is_told_apart_and_says_what_to_do() -> None:
    with pytest.raises(Denied, match=r"access_denied\. The person said no; do not ask again") as caught:
        code_of(PENDING, back(error="access_denied", code=""))
    assert caught.value.error == "access_denied"


def test_an_answer_without_code_is_refused() -> None:
    with pytest.raises(BadCallback, match="expected code or error, got neither"):
        code_of(PENDING, back(code=""))


def test_a_login_can_be_kept_and_its_secrets_are_not_shown() -> None:
    assert Pending.from_json(PENDING.to_json()) == PENDING
    assert "the verifier" not in repr(PENDING)
    assert "the state" not in repr(PENDING)


@pytest.mark.parametrize("text", ["", "[]", '{"url": "x"}', '{"url": 1}'])
def test_a_broken_kept_login_is_an_error_of_ours(text: str) -> None:
    with pytest.raises(BadAnswer, match="kept login"):
        Pending.from_json(text)
