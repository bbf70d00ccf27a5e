"""Authorization requests: nobody is sent anywhere before client and redirect URI are known good."""

import base64
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.gate.a_platform import HOME, ORIGIN, READ, World, queried
from vestibule.store.ids import encode


def ask(world: World, who: str | None = "ana", **changed: str) -> Any:
    return world.get(who, f"/oauth/authorize?{urlencode(world.asked(**changed))}")


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"client_id": "unknown"}, "client_id"),
        ({"client_id": ""}, "client_id"),
        ({"redirect_uri": "https://evil.test/back"}, "redirect_uri"),
        ({"redirect_uri": ""}, "redirect_uri"),
        ({"redirect_uri": f"{HOME['jukebox']}/back/more"}, "redirect_uri"),
        ({"redirect_uri": f"{HOME['jukebox']}/back?x=1"}, "redirect_uri"),
        ({"redirect_uri": f"{HOME['marquee']}/back"}, "redirect_uri"),
        ({"redirect_uri": f"{HOME['jukebox'].upper()}/back"}, "redirect_uri"),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_unknown_client_or_redirect_uri_is_never_redirected_to(
    world: World, changed: dict[str, str], named: str, method: str
) -> None:
    # What else is wrong with the request does not matter: no error of it may be redirected either.
    parameters = world.asked(**{**changed, "response_type": "token", "scope": "everything"})
    if method == "get":
        answer = world.get("ana", f"/oauth/authorize?{urlencode(parameters)}")
    else:
        answer = world.post("ana", "/oauth/authorize", **parameters, decision="cancel")

    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert named in answer.text


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": ""}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": "x" * 42 + "="}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"state": "x" * 501}, "invalid_request"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": f"{READ} messages.everything"}, "invalid_scope"),
    ],
)
def test_afterwards_the_client_is_told_what_was_wrong(
    world: World, changed: dict[str, str], error: str
) -> None:
    answer = ask(world, **changed)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{HOME['jukebox']}/back?")
    told = queried(answer)
    assert (told["error"], told["iss"]) == (error, ORIGIN)
    assert told["state"] == changed.get("state", "state of the partner")
    assert "code" not in told


def test_declining_tells_the_client_with_state_and_issuer_and_connects_nothing(world: World) -> None:
    group = world.conversation("ana", "bob", "cleo")

    with world.recording() as events:
        answer = world.consent("ana", group, decision="decline")

    assert answer.status_code == 303
    assert queried(answer) == {
        "error": "access_denied",
        "state": "state of the partner",
        "iss": ORIGIN,
    }
    assert events == []


def test_anything_but_connect_declines(world: World) -> None:
    group = world.conversation("ana", "bob", "cleo")

    assert queried(world.consent("ana", group, decision=""))["error"] == "access_denied"


def test_a_code_comes_with_state_and_issuer_to_nobody_but_the_client(world: World) -> None:
    answer = world.consent("ana", world.conversation("ana", "bob", "cleo"))

    assert answer.headers["location"].startswith(f"{HOME['jukebox']}/back?")
    told = queried(answer)
    assert (told["state"], told["iss"]) == ("state of the partner", ORIGIN)
    assert len(base64.urlsafe_b64decode(told["code"] + "=")) == 32
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"


def test_the_page_shows_who_asks_what_for_and_offers_only_ones_own_conversations(world: World) -> None:
    world.befriend("bob", "cleo")
    others = world.conversation("bob", "cleo")
    own = world.conversation("ana", "cleo")

    page = ask(world).text

    assert "Jukebox Inc" in page
    assert "To make a playlist of the songs you mention." in page
    assert f'value="{encode(own)}"' in page
    assert encode(others) not in page


def test_somebody_signed_out_signs_in_first_and_comes_back_to_the_same_request(world: World) -> None:
    answer = ask(world, None)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/signin?next=%2Foauth%2Fauthorize%3F")


def test_another_site_cannot_press_connect_for_her(world: World) -> None:
    group = world.conversation("ana", "bob", "cleo")
    client = world.people["ana"].client
    form = {**world.asked(), "scope_granted": READ, "decision": "connect", "conversation": str(group)}

    with world.recording() as events:
        for headers in ({"sec-fetch-site": "cross-site"}, {"origin": HOME["jukebox"]}):
            answer = world.run(client.post("/oauth/authorize", data=form, headers=headers))
            assert answer.status_code == 403

    assert events == []
