"""Somebody else's key, an old proof, another server's assertion: what is not in order gets nothing."""

from pathlib import Path
from typing import Any

import httpx2
import pytest
from joserfc.jwk import ECKey

from tests.gate.a_client import challenge
from tests.gate.a_platform import ORIGIN, World, opened
from vestibule.oauth import rfc9449

PATH = "/v1/connection"
ANOTHER_KEY = ECKey.generate_key("P-256")

Told = dict[str, Any]


@pytest.fixture(scope="module")
def group(world: World) -> int:
    return world.conversation("ana", "bob", "cleo")


@pytest.fixture(scope="module")
def told(world: World, group: int) -> Told:
    """What the token endpoint answered to a code."""
    answer: Told = world.exchange(world.code("ana", group)).json()
    return answer


def shows(world: World, told: Told, proof: str) -> httpx2.Response:
    """Ask for the connection behind a token, signed anew, with this proof."""
    headers = world.headers("jukebox", "GET", PATH, token=told["access_token"])
    return world.send("GET", PATH, {**headers, "dpop": proof})


def proof(world: World, told: Told, **changed: Any) -> str:
    return world.proof("jukebox", "GET", PATH, told["access_token"], **changed)


def test_a_token_with_a_fresh_proof_of_its_key_is_answered(world: World, told: Told) -> None:
    assert shows(world, told, proof(world, told)).status_code == 200


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        pytest.param({"htm": "POST"}, "invalid_dpop_proof", id="htm"),
        pytest.param({"htu": ORIGIN + "/v1/other"}, "invalid_dpop_proof", id="htu"),
        pytest.param({"htu": "http://evil.test" + PATH}, "invalid_dpop_proof", id="origin"),
        pytest.param({"ath": challenge("another token")}, "invalid_dpop_proof", id="ath"),
        pytest.param({"ath": None}, "invalid_dpop_proof", id="no ath"),
        pytest.param({"nonce": "made up"}, "use_dpop_nonce", id="nonce"),
        pytest.param({"nonce": None}, "use_dpop_nonce", id="no nonce"),
        pytest.param({"nonce": "\ud800"}, "invalid_dpop_proof", id="nonce that is no text"),
        pytest.param({"jti": "\ud800"}, "invalid_dpop_proof", id="jti that is no text"),
        pytest.param({"jti": None}, "invalid_dpop_proof", id="no jti"),
        pytest.param({"header": {"typ": "JWT"}}, "invalid_dpop_proof", id="typ"),
        pytest.param({"header": {"alg": "none"}}, "invalid_dpop_proof", id="none"),
        pytest.param(
            {"header": {"alg": "ES256", "jwk": ANOTHER_KEY.as_dict(private=False)}},
            "invalid_dpop_proof",
            id="signature",
        ),
    ],
)
def test_a_proof_of_anything_else_is_none(
    world: World, told: Told, changed: dict[str, Any], error: str
) -> None:
    size = world.committed()

    answer = shows(world, told, proof(world, told, **changed))

    assert (answer.status_code, world.committed()) == (401, size)
    assert f'error="{error}"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize("seconds", [-61, 61])
def test_a_proof_of_another_time_is_none(world: World, told: Told, seconds: int) -> None:
    assert shows(world, told, proof(world, told, iat=world.seconds + seconds)).status_code == 401


def test_a_proof_is_good_once(world: World, told: Told) -> None:
    used = proof(world, told)
    assert shows(world, told, used).status_code == 200

    assert shows(world, told, used).status_code == 401


def test_a_token_is_of_no_use_to_whoever_has_another_key(world: World, told: Told) -> None:
    assert shows(world, told, proof(world, told, key=ANOTHER_KEY)).status_code == 401


def test_a_token_is_not_taken_as_a_bearer_token(world: World, told: Told) -> None:
    bearer = f"Bearer {told['access_token']}"
    headers = world.headers("jukebox", "GET", PATH, authorization=bearer)

    answer = world.send("GET", PATH, {**headers, "authorization": bearer, "dpop": proof(world, told)})

    assert answer.status_code == 401


def test_a_refresh_token_works_with_its_own_key_alone_and_keeps_what_was_granted(
    world: World, told: Told
) -> None:
    other = world.proof("jukebox", "POST", "/oauth/token", key=ANOTHER_KEY)
    refused = world.refresh(told["refresh_token"], proof=other)
    fresh = world.refresh(told["refresh_token"])

    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert fresh.json()["authorization_details"] == told["authorization_details"]
    assert fresh.json()["token_type"] == "DPoP"


def test_a_refresh_token_is_of_no_use_to_another_partner(world: World, told: Told) -> None:
    own = world.proof("jukebox", "POST", "/oauth/token")

    assert world.refresh(told["refresh_token"], "echo", proof=own).json()["error"] == "invalid_grant"


def test_a_code_is_bound_to_the_key_that_was_named_when_it_was_asked_for(world: World, group: int) -> None:
    carried = world.pushed("jukebox", dpop_jkt=ANOTHER_KEY.thumbprint())
    answer = world.exchange(world.code("ana", group, carried=carried))

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_dpop_proof")


def test_a_code_used_twice_takes_along_what_was_issued_for_it(world: World, group: int) -> None:
    code = world.code("ana", group)
    issued = world.exchange(code).json()
    assert shows(world, issued, proof(world, issued)).status_code == 200

    assert world.exchange(code).status_code == 400

    assert shows(world, issued, proof(world, issued)).status_code == 401
    assert world.refresh(issued["refresh_token"]).status_code == 400


def test_of_anothers_token_introspection_says_only_that_it_is_not_active(world: World, told: Told) -> None:
    form = {"token": told["access_token"]}

    assert world.oauth("echo", "/oauth/introspect", form).json() == {"active": False}
    assert world.oauth("jukebox", "/oauth/introspect", form).json()["active"] is True


def test_revoking_anothers_token_changes_nothing(world: World, told: Told) -> None:
    assert world.oauth("echo", "/oauth/revoke", {"token": told["access_token"]}).status_code == 200

    assert shows(world, told, proof(world, told)).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"aud": "https://another.test"}, id="aud"),
        pytest.param({"aud": [ORIGIN]}, id="aud in a list"),
        pytest.param({"exp": 0}, id="exp"),
        pytest.param({"exp": 2**40}, id="exp far ahead"),
        pytest.param({"iat": 2**40}, id="iat"),
        pytest.param({"iss": "echo"}, id="iss"),
        pytest.param({"sub": "echo"}, id="sub"),
        pytest.param({"sub": "\ud800", "iss": "\ud800"}, id="sub that is no text"),
        pytest.param({"jti": None}, id="no jti"),
        pytest.param({"header": {"kid": "jukebox:2"}}, id="kid"),
        pytest.param({"header": {"alg": "none"}}, id="none"),
        pytest.param({"seed": bytes(32)}, id="signature"),
    ],
)
def test_an_assertion_of_anything_else_is_none(world: World, changed: dict[str, Any]) -> None:
    answer = world.oauth(
        "jukebox", "/oauth/par", world.asked(), proof=None, assertion=world.assertion("jukebox", **changed)
    )

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")


def test_an_assertion_is_good_once(world: World) -> None:
    used = world.assertion("jukebox")
    first, again = (
        world.oauth("jukebox", "/oauth/par", world.asked(), proof=None, assertion=used) for _ in range(2)
    )

    assert first.status_code == 201
    assert (again.status_code, again.json()["error"]) == (400, "invalid_client")


def test_an_assertion_by_a_key_that_is_no_longer_in_force_is_none(world: World) -> None:
    update = "update partner_key set until_day = :day where partner_id = 'echo'"
    world.run(world.store.write(lambda tx: tx.run(update, day=1)))
    try:
        answer = world.push("echo")
    finally:
        world.run(world.store.write(lambda tx: tx.run(update, day=None)))

    assert answer.json()["error"] == "invalid_client"


def test_a_client_over_its_rate_is_answered_nothing_and_keeps_nothing(tmp_path: Path) -> None:
    kept: Any = lambda tx: tx.all("select partner_id from authorization_request")  # noqa: E731  (passed on)
    with opened(tmp_path, partner_rate=0.001, partner_burst=1) as slow:
        assert slow.push("echo").status_code == 201
        answers = [
            slow.oauth("echo", f"/oauth/{path}", {**slow.asked("echo"), "token": "any"})
            for path in ("par", "token", "revoke", "introspect")
        ]
        assert slow.run(slow.store.read(kept)) == [("echo",)]
        assert slow.push("jukebox").status_code == 201

    assert [answer.status_code for answer in answers] == [429] * 4
    assert int(answers[0].headers["retry-after"]) >= 1


def test_an_answer_brings_the_nonce_by_which_the_next_proof_is_fresh(world: World, told: Told) -> None:
    """Else every nonce that grows old costs a refusal."""
    path = "/v1/connection"
    for _ in range(4):
        answer = world.signed("jukebox", "GET", path, token=told["access_token"])
        assert answer.status_code == 200
        nonce = answer.headers["dpop-nonce"]
        world.now += rfc9449.NONCE_SECONDS * 1_000_000 // 2
        headers = world.headers("jukebox", "GET", path, token=told["access_token"])
        headers["dpop"] = world.proof("jukebox", "GET", path, told["access_token"], nonce=nonce)
        assert world.send("GET", path, headers).status_code == 200
    assert "dpop-nonce" not in world.get("ana", "/inbox").headers
