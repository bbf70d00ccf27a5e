"""Authorization requests: pushed, opened by one person, decided once, and nobody sent anywhere before."""

import base64
import html
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.connections.moments import of, recovered
from tests.gate.a_platform import HOME, ORIGIN, READ, World, queried
from vestibule.oauth import rfc6749_authorize, rfc9126
from vestibule.store.ids import encode


@pytest.fixture
def carried(world: World) -> dict[str, str]:
    return world.pushed("jukebox")


def decides(world: World, who: str, carried: dict[str, str], decision: str = "decline") -> Any:
    return world.post(who, "/oauth/authorize", **carried, decision=decision)


def stopped(answer: Any, status: int, title: str) -> None:
    """Check that an answer is a page that says what happened, and sends nobody anywhere."""
    assert answer.status_code == status
    assert "location" not in answer.headers
    assert answer.headers["content-type"].startswith("text/html")
    assert title in answer.text
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("changed", "error", "named"),
    [
        ({"redirect_uri": "https://evil.test/back"}, "invalid_request", "redirect_uri"),
        ({"redirect_uri": None}, "invalid_request", "redirect_uri"),
        ({"redirect_uri": f"{HOME['jukebox']}/back/more"}, "invalid_request", "redirect_uri"),
        ({"redirect_uri": f"{HOME['jukebox']}/back?x=1"}, "invalid_request", "redirect_uri"),
        ({"redirect_uri": f"{HOME['marquee']}/back"}, "invalid_request", "redirect_uri"),
        ({"redirect_uri": f"{HOME['jukebox'].upper()}/back"}, "invalid_request", "redirect_uri"),
        ({"response_type": "token"}, "unsupported_response_type", "response_type"),
        ({"response_type": None}, "invalid_request", "response_type"),
        ({"response_mode": "fragment"}, "invalid_request", "response_mode"),
        ({"code_challenge": None}, "invalid_request", "code_challenge"),
        ({"code_challenge": "short"}, "invalid_request", "code_challenge"),
        ({"code_challenge": "x" * 42 + "="}, "invalid_request", "code_challenge"),
        ({"code_challenge_method": None}, "invalid_request", "code_challenge"),
        ({"code_challenge_method": "plain"}, "invalid_request", "code_challenge"),
        ({"state": "x" * 501}, "invalid_request", "state"),
        ({"scope": READ}, "invalid_scope", "authorization_details"),
        ({"authorization_details": None}, "invalid_request", "authorization_details"),
        ({"request": "a.b.c"}, "request_not_supported", "request"),
        ({"dpop_jkt": "short"}, "invalid_request", "dpop_jkt"),
    ],
)
def test_what_is_wrong_with_a_request_is_told_to_whoever_pushed_it(
    world: World, changed: dict[str, Any], error: str, named: str
) -> None:
    answer = world.push("jukebox", **changed)

    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert named in answer.json()["error_description"]
    assert answer.headers["cache-control"] == "no-store"


def test_a_pushed_request_has_a_name_that_says_nothing(world: World) -> None:
    answer = world.push("jukebox")

    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert set(told) == {"request_uri", "expires_in"}
    assert told["expires_in"] == rfc9126.EXPIRES_SECONDS < 600
    assert told["request_uri"].startswith("urn:ietf:params:oauth:request_uri:")
    for file in world.data.glob("vestibule.db*"):
        assert told["request_uri"].encode() not in file.read_bytes()


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


@pytest.mark.parametrize("decision", ["", "connect", "agree to everything"])
def test_what_is_no_button_of_the_page_decides_nothing(world: World, decision: str) -> None:
    group = world.conversation("ana", "bob", "cleo")

    with world.recording() as events:
        answer = world.consent("ana", group, decision=decision)

    assert (answer.status_code, events) == (200, [])
    assert "Jukebox asks" in answer.text


def test_a_code_comes_with_state_and_issuer_to_nobody_but_the_client(world: World) -> None:
    answer = world.consent("ana", world.conversation("ana", "bob", "cleo"))

    assert answer.headers["location"].startswith(f"{HOME['jukebox']}/back?")
    told = queried(answer)
    assert (told["state"], told["iss"]) == ("state of the partner", ORIGIN)
    assert len(base64.urlsafe_b64decode(told["code"] + "=")) == 32
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"


def test_a_request_without_state_is_answered_without(world: World) -> None:
    carried = world.pushed("jukebox", state=None)
    world.opens("ana", carried)

    assert set(queried(decides(world, "ana", carried))) == {"error", "iss"}


def test_the_page_shows_who_asks_what_for_and_offers_only_ones_own_conversations(
    world: World, carried: dict[str, str]
) -> None:
    world.befriend("bob", "cleo")
    others = world.conversation("bob", "cleo")
    own = world.conversation("ana", "cleo")

    page = world.opens("ana", carried).text

    assert "Jukebox Inc" in page
    assert "To make a playlist of the songs you mention." in page
    assert f'value="{encode(own)}"' in page
    assert encode(others) not in page


def test_somebody_signed_out_signs_in_first_and_comes_back_to_the_same_request(
    world: World, carried: dict[str, str]
) -> None:
    answer = world.opens(None, carried)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/signin?next=%2Foauth%2Fauthorize%3F")
    assert world.opens("ana", carried).status_code == 200


def test_a_request_that_waited_for_too_long_is_over(world: World, carried: dict[str, str]) -> None:
    world.now += rfc9126.EXPIRES_SECONDS * 1_000_000

    stopped(world.opens("ana", carried), 410, "This request is over")


def test_whoever_opened_it_has_half_an_hour(world: World, carried: dict[str, str]) -> None:
    world.opens("ana", carried)
    world.now += rfc6749_authorize.CLAIMED_MICROSECONDS - 1_000_000
    assert world.opens("ana", carried).status_code == 200
    world.now += 1_000_000

    stopped(world.opens("ana", carried), 410, "This request is over")
    stopped(decides(world, "ana", carried), 410, "This request is over")


def test_a_request_that_one_person_opened_is_nobody_elses(world: World, carried: dict[str, str]) -> None:
    world.opens("ana", carried)

    stopped(world.opens("bob", carried), 403, "somebody else&#39;s")
    stopped(decides(world, "bob", carried), 403, "somebody else&#39;s")
    assert world.opens("ana", carried).status_code == 200


def test_a_change_that_is_over_or_somebody_elses_says_where_to_begin_again(world: World) -> None:
    world.connect("ana", world.conversation("ana", "bob"))
    address = world.post("ana", "/apps/jukebox/change").headers["location"]

    stopped(world.get("bob", address), 403, "Another person began it. Nothing was changed.")
    world.now += rfc6749_authorize.CLAIMED_MICROSECONDS
    stopped(world.get("ana", address), 410, "Nothing was changed. Begin it again on your Apps page.")


def test_who_decides_after_she_was_signed_out_learns_that_nothing_was_done(
    world: World, carried: dict[str, str]
) -> None:
    address = world.post(None, "/oauth/authorize", **carried, decision="agree").headers["location"]

    assert address == "/signin?said=signed-out-meanwhile"
    assert "so nothing was done" in world.get(None, address).text


def test_a_request_that_nobody_opened_cannot_be_decided_on(world: World, carried: dict[str, str]) -> None:
    stopped(decides(world, "ana", carried, "connect"), 410, "This request is over")


def test_a_request_is_decided_once(world: World, carried: dict[str, str]) -> None:
    world.opens("ana", carried)
    assert decides(world, "ana", carried).status_code == 303

    with world.recording() as events:
        again = world.consent("ana", world.conversation("ana", "bob"), carried=carried)

    stopped(again, 410, "You have decided on this already")
    stopped(world.opens("ana", carried), 410, "You have decided on this already")
    assert events == []


def test_after_a_mistake_the_same_request_can_still_be_decided(world: World, carried: dict[str, str]) -> None:
    group = world.conversation("ana", "bob")
    assert world.consent("ana", group, carried=carried, until="2040-01-01").status_code == 422

    assert world.consent("ana", group, carried=carried).status_code == 303


def test_while_the_log_cannot_be_written_nothing_is_decided(world: World, carried: dict[str, str]) -> None:
    group = world.conversation("ana", "bob")
    with world.broken_log():
        assert world.consent("ana", group, carried=carried).status_code == 503

    assert world.consent("ana", group, carried=carried).status_code == 303


def test_what_she_declines_after_the_log_failed_does_not_begin_when_it_is_back(
    world: World, carried: dict[str, str]
) -> None:
    world.post("ana", "/apps/jukebox/end")
    group = world.conversation("ana", "bob")
    with world.broken_log():
        assert world.consent("ana", group, carried=carried).status_code == 503

    assert queried(decides(world, "ana", carried))["error"] == "access_denied"

    recovered(world)
    assert {connection.state for connection in of(world, "ana")} == {"ended"}


def test_a_change_that_she_declines_after_the_log_failed_leaves_what_stood(world: World) -> None:
    group, other = world.conversation("ana", "bob"), world.conversation("ana", "bob", "cleo")
    connected = world.connect("ana", group)
    carried = world.pushed("jukebox")
    with world.broken_log():
        assert world.consent("ana", group, other, carried=carried).status_code == 503

    assert queried(decides(world, "ana", carried))["error"] == "access_denied"

    recovered(world)
    assert of(world, "ana")[0].grant.selection.conversations == (group,)
    assert world.read(connected).status_code == 200


def test_what_has_begun_cannot_be_declined_any_more(world: World, carried: dict[str, str]) -> None:
    group = world.conversation("ana", "bob")
    with world.broken_log():
        assert world.consent("ana", group, carried=carried).status_code == 503
    recovered(world)

    stopped(decides(world, "ana", carried), 410, "You have decided on this already")


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "echo"},
        {"client_id": "unknown"},
        {"client_id": ""},
        {"request_uri": "urn:ietf:params:oauth:request_uri:" + "x" * 43},
        {"request_uri": "https://evil.test/request.jwt"},
        {"request_uri": ""},
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_address_that_was_tampered_with_opens_nothing_and_redirects_nowhere(
    world: World, carried: dict[str, str], changed: dict[str, str], method: str
) -> None:
    world.opens("ana", carried)
    parameters = {**carried, **changed}

    answer = world.opens("ana", parameters) if method == "get" else decides(world, "ana", parameters)

    stopped(answer, 400, "This is not a request we know")


def test_a_redirect_uri_that_was_taken_off_the_register_meanwhile_is_not_redirected_to(
    world: World, carried: dict[str, str]
) -> None:
    world.opens("ana", carried)
    update = "update partner set redirect_uris = :uris where partner_id = 'jukebox'"
    own = [f"{HOME['jukebox']}/back"]
    world.run(world.store.write(lambda tx: tx.run(update, uris=json.dumps(["https://new.test/back"]))))
    try:
        stopped(world.opens("ana", carried), 400, "This app has changed")
        stopped(decides(world, "ana", carried), 400, "This app has changed")
    finally:
        world.run(world.store.write(lambda tx: tx.run(update, uris=json.dumps(own))))


def test_another_site_cannot_press_connect_for_her(world: World, carried: dict[str, str]) -> None:
    group = world.conversation("ana", "bob", "cleo")
    world.opens("ana", carried)
    client = world.people["ana"].client
    form = {**carried, "scope_granted": READ, "decision": "continue", "conversation": str(group)}

    with world.recording() as events:
        for headers in ({"sec-fetch-site": "cross-site"}, {"origin": HOME["jukebox"]}):
            answer = world.run(client.post("/oauth/authorize", data=form, headers=headers))
            assert answer.status_code == 403

    assert events == []


def test_what_stands_for_a_request_is_nowhere_in_the_store_and_waits_for_its_person_alone(
    world: World, carried: dict[str, str]
) -> None:
    world.opens("ana", carried)
    assert world.post("ana", "/oauth/authorize", **carried, decision="later").status_code == 303
    reference = carried["request_uri"].rpartition(":")[2].encode()
    assert not any(reference in file.read_bytes() for file in world.data.glob("vestibule.db*"))
    page = world.get("ana", "/apps").text
    [address] = re.findall(r'href="(/oauth/authorize\?[^"]+)"', page)
    address = html.unescape(address)
    named = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}

    stopped(world.get("bob", address), 403, "somebody else")
    unopened = rfc9126.hash_of(world.pushed()["request_uri"]).hex()
    by_hash = {"client_id": "jukebox", "request_uri": rfc6749_authorize.REOPENED + unopened}
    stopped(world.opens("bob", by_hash), 410, "This request is over")
    assert world.get("ana", address).status_code == 200
    answer = decides(world, "ana", named)

    assert queried(answer)["error"] == "access_denied"
    stopped(world.get("ana", address), 410, "decided")
