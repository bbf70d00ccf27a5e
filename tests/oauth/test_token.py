"""The token endpoint: a code is good once, for a minute, for its own partner, redirect URI and verifier."""

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.gate.a_platform import DAY, FORM, HOME, VERIFIER, World, challenge
from vestibule.connections.opaque import PartnersIds
from vestibule.ledger.consent import Consent
from vestibule.oauth import rfc6749_token
from vestibule.oauth.rfc6749_token import CODE_MICROSECONDS
from vestibule.store.ids import encode


@pytest.fixture
def code(world: World) -> str:
    return world.code("ana", world.conversation("ana", "bob", "cleo"))


def tokens(world: World) -> int:
    work: Any = lambda tx: tx.one("select count(*) from token")  # noqa: E731  (passed on)
    return int(world.run(world.store.read(work))[0])


def refused(world: World, answer: Any, error: str, named: str, issued: int) -> None:
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"] == error
    assert named in answer.json()["error_description"]
    assert answer.headers["cache-control"] == "no-store"
    assert tokens(world) == issued


def test_a_code_becomes_a_token_that_names_the_grant(world: World, code: str) -> None:
    answer = world.exchange(code)

    assert answer.status_code == 200
    told = answer.json()
    names = ("access_token", "token_type", "expires_in", "authorization_details", "person", "refresh_token")
    assert set(told) == set(names)
    assert (told["token_type"], told["expires_in"]) == ("DPoP", 600)
    [details] = told["authorization_details"]
    assert (details["type"], details["actions"]) == ("messages", ["read"])
    assert answer.headers["cache-control"] == "no-store"


def test_the_token_itself_is_nowhere_in_the_store(world: World, code: str) -> None:
    told = world.exchange(code).json()

    for file in world.data.glob("vestibule.db*"):
        assert told["access_token"].encode() not in file.read_bytes()
        assert told["refresh_token"].encode() not in file.read_bytes()
        assert code.encode() not in file.read_bytes()


def test_a_code_used_twice_gives_nothing_the_second_time(world: World, code: str) -> None:
    issued = tokens(world)
    assert world.exchange(code).status_code == 200

    refused(world, world.exchange(code), "invalid_grant", "unknown, used or expired", issued)


def test_a_code_expires_after_a_minute(world: World, code: str) -> None:
    issued = tokens(world)
    world.now += CODE_MICROSECONDS

    refused(world, world.exchange(code), "invalid_grant", "unknown, used or expired", issued)


def test_another_partner_gets_nothing_for_a_stolen_code_and_burns_it(world: World, code: str) -> None:
    issued = tokens(world)

    refused(world, world.exchange(code, "echo"), "invalid_grant", "unknown, used or expired", issued)
    refused(world, world.exchange(code), "invalid_grant", "unknown, used or expired", issued)


@pytest.mark.parametrize(
    ("changed", "error", "named"),
    [
        ({"code": "made-up"}, "invalid_grant", "code"),
        ({"code": ""}, "invalid_request", "code"),
        ({"redirect_uri": f"{HOME['jukebox']}/other"}, "invalid_grant", "redirect_uri"),
        ({"redirect_uri": ""}, "invalid_grant", "redirect_uri"),
        ({"code_verifier": "another-verifier-of-forty-three-characters-"}, "invalid_grant", "code_verifier"),
        ({"code_verifier": ""}, "invalid_grant", "code_verifier"),
        ({"code_verifier": "näh"}, "invalid_grant", "code_verifier"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type", "grant_type"),
        ({"grant_type": ""}, "invalid_request", "grant_type"),
        ({"authorization_details": "[]"}, "invalid_request", "authorization_details"),
    ],
)
def test_whatever_does_not_fit_the_authorization_request_is_refused(
    world: World, code: str, changed: dict[str, str], error: str, named: str
) -> None:
    issued = tokens(world)

    refused(world, world.exchange(changed.pop("code", code), **changed), error, named, issued)


def test_the_challenge_is_no_verifier(world: World, code: str) -> None:
    issued = tokens(world)

    answer = world.exchange(code, code_verifier=challenge(VERIFIER))

    refused(world, answer, "invalid_grant", "code_verifier", issued)


def test_a_connection_that_she_ended_meanwhile_gives_no_token(world: World, code: str) -> None:
    world.post("ana", "/apps/jukebox/end")
    issued = tokens(world)

    refused(world, world.exchange(code), "invalid_grant", "the connection is ended", issued)


def test_an_unauthenticated_request_is_an_invalid_client_and_leaves_the_code_alone(
    world: World, code: str
) -> None:
    body = urlencode({"grant_type": "authorization_code", "code": code}).encode()

    answer = world.send("POST", "/oauth/token", {}, body, FORM)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")
    assert world.exchange(code).status_code == 200


def test_a_body_that_cannot_be_read_is_the_clients_error(world: World) -> None:
    for body in (b"code=%ff&grant_type=x", b"grant_type=\xff", b"&".join(b"a%d=1" % n for n in range(51))):
        answer = world.send("POST", "/oauth/token", {}, body)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    other = world.send("POST", "/oauth/token", {}, b"{}", "application/json")
    assert (other.status_code, other.json()["error"]) == (400, "invalid_request")


def test_the_order_of_what_was_chosen_tells_nothing_of_where_was_written_last(world: World) -> None:
    older, newer = world.conversation("ana", "bob", "cleo"), world.conversation("ana", "bob", "cleo")
    ids = PartnersIds(world.platform.gate.secret, "jukebox", world.people["ana"].account.user_id)

    told = [world.exchange(world.code("ana", *chosen)).json() for chosen in ((older, newer), (newer, older))]

    for answer in told:
        [details] = answer["authorization_details"]
        assert details["conversations"] == [ids.conversation(older), ids.conversation(newer)]


def test_how_many_messages_were_picked_is_nowhere_in_what_the_partner_gets(world: World) -> None:
    group = world.conversation("ana", "bob", "cleo")
    world.says("bob", group, "withheld")
    picked = [f"{encode(group)}.{seq}" for seq in (1, 2)]

    with world.recording() as events:
        code = world.code("ana", group, reach="picked", picked=picked, decision="pick")
    answer = world.exchange(code)

    [details] = answer.json()["authorization_details"]
    assert details["reach"] == "picked"
    ids = PartnersIds(world.platform.gate.secret, "jukebox", world.people["ana"].account.user_id)
    [opening] = [event.private for event in events if event.leaf.kind == "grant"]
    for seq in (1, 2):
        sealed = ids.message(group, seq)
        assert sealed not in answer.text
        assert sealed not in opening.encode().decode()
    assert len(Consent.parse(opening.extra["consent"].encode()).chosen.picked) == 64


def test_a_code_used_again_long_after_it_was_forgotten_takes_its_tokens_along(world: World) -> None:
    code = world.code("ana", world.conversation("ana", "bob"))
    tokens = world.exchange(code).json()
    world.now += DAY
    assert world.run(rfc6749_token.forget_expired(world.store, world.now)) >= 1
    assert world.refresh(tokens["refresh_token"]).status_code == 200

    assert world.exchange(code).json()["error"] == "invalid_grant"

    assert world.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
