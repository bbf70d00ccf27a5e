from typing import Any

import pytest

from vestibule.sdk import details, tokens
from vestibule.sdk.errors import BadAnswer
from vestibule.sdk.tokens import Token

MESSAGES = {
    "type": "messages",
    "actions": ["read"],
    "purposes": {"read": "To make a playlist."},
    "reach": "conversations",
    "conversations": ["abc", "def"],
    "since": 1_600_000_000_000_000,
    "until_day": 20_900,
}
FRIENDS = {"type": "friends", "actions": ["list"], "purposes": {"list": "To suggest."}, "until_day": 20_900}
ANSWER = {
    "access_token": "vst_a",
    "refresh_token": "vsr_b",
    "token_type": "DPoP",
    "expires_in": 600,
    "person": "p",
    "authorization_details": [MESSAGES, FRIENDS],
}


def issued(**changed: Any) -> Token:
    return tokens.issued(ANSWER | changed, jkt="j", now=1000)


def test_an_answer_becomes_a_token_with_what_was_granted() -> None:
    token = issued()
    assert (token.access_token, token.refresh_token, token.person) == ("vst_a", "vsr_b", "p")
    assert (token.expires_at, token.jkt) == (1600, "j")
    assert token.scopes == ("messages.read", "friends.list")
    assert token.conversations == ("abc", "def")
    assert token.granted[0].purposes == {"read": "To make a playlist."}
    assert token.granted[0].since == 1_600_000_000_000_000
    assert token.granted[1].reach is None


def test_a_smaller_grant_says_what_it_lacks() -> None:
    asked = (details.messages("read", "send"), details.friends())
    assert issued().lacks(asked) == ("messages.send",)
    assert issued(authorization_details=[FRIENDS]).lacks(asked) == ("messages.read", "messages.send")


def test_what_is_asked_for_is_written_as_the_schemas_say() -> None:
    assert details.to_json([details.messages("read", "send", reach="picked"), details.friends()]) == (
        '[{"type": "messages", "actions": ["read", "send"], "reach": "picked"},'
        ' {"type": "friends", "actions": ["list"]}]'
    )


def test_a_refresh_token_that_is_not_renewed_goes_on() -> None:
    bare = {name: value for name, value in ANSWER.items() if name != "refresh_token"}
    assert tokens.issued(bare, jkt="j", now=0, refresh_token="vsr_old").refresh_token == "vsr_old"
    assert tokens.issued(ANSWER, jkt="j", now=0, refresh_token="vsr_old").refresh_token == "vsr_b"


def test_a_token_can_be_kept_and_is_not_shown() -> None:
    token = issued()
    assert Token.from_json(token.to_json()) == token
    assert "vst_a" not in repr(token)
    assert "vsr_b" not in repr(token)


@pytest.mark.parametrize("text", ["", "7", "{}", '{"access_token": "a"}'])
def test_a_broken_kept_token_is_an_error_of_ours(text: str) -> None:
    with pytest.raises(BadAnswer, match="kept token"):
        Token.from_json(text)


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"token_type": "Bearer"}, "expected token_type DPoP, got Bearer"),
        ({"access_token": None}, "access_token: expected a text, got NoneType"),
        ({"refresh_token": None}, "refresh_token: expected a text, got NoneType"),
        ({"expires_in": True}, "expires_in: expected a whole number, got bool"),
        ({"expires_in": "600"}, "expires_in: expected a whole number, got str"),
        ({"authorization_details": None}, "authorization_details: expected an array, got NoneType"),
        ({"authorization_details": ["x"]}, "authorization_details: expected a JSON object, got str"),
        ({"authorization_details": [{**MESSAGES, "actions": "read"}]}, "actions: expected a list, got str"),
        ({"authorization_details": [{**MESSAGES, "actions": [1]}]}, "actions: expected texts"),
        ({"authorization_details": [{**MESSAGES, "purposes": {"read": 1}}]}, "purposes: expected texts"),
        ({"authorization_details": [{**MESSAGES, "until_day": None}]}, "until_day: expected a whole number"),
    ],
)
def test_an_answer_that_is_not_what_was_promised_is_refused(changed: dict[str, Any], complaint: str) -> None:
    with pytest.raises(BadAnswer, match=complaint):
        issued(**changed)
