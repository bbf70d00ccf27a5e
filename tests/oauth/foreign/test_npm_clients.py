"""npm `oauth4webapi` and `openid-client`, unmodified, against a running platform."""

from pathlib import Path

import pytest

from tests.oauth.foreign.a_client import Steps, play
from tests.oauth.foreign.a_person import Deciding
from tests.sdk.guide import blocks

HERE = Path(__file__).resolve().parent
SONG = "do you know this song?"


@pytest.fixture(scope="module")
def signing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the file that the partners' guide shows."""
    [shown] = blocks("js")
    file = tmp_path_factory.mktemp("guide") / "vestibule.mjs"
    file.write_text(shown)
    return file


@pytest.fixture(scope="module")
def steps(node_modules: Path, signing: Path, settings: dict[str, str], ana: Deciding) -> Steps:
    """Let oauth4webapi go through everything once."""
    module = node_modules / "oauth4webapi" / "build" / "index.js"
    known = settings | {"module": str(module), "signing": str(signing)}
    return play(HERE / "oauth4webapi.mjs", known, ana.visit)


def test_a_401_leads_to_the_authorization_server(steps: Steps, settings: dict[str, str]) -> None:
    [found] = steps["discovery"]
    assert found["resource"] == settings["api"]
    assert found["issuer"].rstrip("/") == settings["origin"]
    assert "dpop" in [challenge["scheme"] for challenge in found["challenges"]]


def test_every_kind_of_endpoint_asks_for_its_nonce_and_takes_it(steps: Steps) -> None:
    asked = {(nonce["what"], nonce["status"]) for nonce in steps["nonce"]}
    assert asked == {("par", 400), ("token", 400), ("refresh", 400), ("resource", 401)}


def test_a_person_comes_back_with_code_state_and_iss(steps: Steps, settings: dict[str, str]) -> None:
    assert len(steps["callback"]) == 2
    for callback in steps["callback"]:
        assert sorted(callback["parameters"]) == ["code", "iss", "state"]
        assert callback["iss"] == settings["origin"]


def test_a_token_is_bound_and_says_what_was_granted(steps: Steps) -> None:
    [token] = steps["token"]
    assert token["token_type"] == "dpop"
    assert 0 < token["expires_in"] <= 600
    granted = token["granted"]
    assert (granted["type"], granted["actions"], granted["reach"]) == ("messages", ["read"], "conversations")
    assert len(granted["conversations"]) == 1


def test_the_api_answers_signed_and_proven_requests(steps: Steps) -> None:
    assert steps["connection"] == [{"scopes": ["messages.read"], "until_day": True}]
    assert steps["messages"] == [{"bodies": [SONG], "receipts": 1}]


def test_another_key_is_refused_everywhere(steps: Steps) -> None:
    assert steps["another key at the API"] == [{"status": 401, "error": "invalid_token"}]
    [refused] = steps["another key at the refresh"]
    assert (refused["status"], refused["error"]) == (400, "invalid_grant")


def test_a_token_is_refreshed_with_the_same_grant(steps: Steps) -> None:
    assert steps["refresh"] == [{"another": True, "same_grant": True, "answered": 200}]


def test_introspection_says_which_key_a_token_is_bound_to(steps: Steps, settings: dict[str, str]) -> None:
    assert steps["introspection"] == [{"active": True, "bound": True, "iss": settings["origin"]}]


def test_revocation_ends_everything_that_was_issued(steps: Steps) -> None:
    assert steps["revocation"] == [
        {
            "introspection": {"active": False},
            "resource": {"status": 401, "error": "invalid_token"},
            "refresh": {"status": 400, "error": "invalid_grant"},
        }
    ]


def test_a_code_used_again_is_refused_and_takes_its_tokens_along(steps: Steps) -> None:
    assert steps["replay"] == [
        {
            "before": 200,
            "code": {"status": 400, "error": "invalid_grant"},
            "resource": {"status": 401, "error": "invalid_token"},
        }
    ]


def test_a_no_comes_back_with_iss(steps: Steps, settings: dict[str, str]) -> None:
    assert steps["declined"] == [{"error": "access_denied", "iss": settings["origin"]}]


def test_openid_client_completes_the_same_flow(
    node_modules: Path, signing: Path, settings: dict[str, str], ana: Deciding
) -> None:
    module = node_modules / "openid-client" / "build" / "index.js"
    known = settings | {"module": str(module), "signing": str(signing)}
    steps = play(HERE / "openid-client.mjs", known, ana.visit)
    assert sorted(steps["par"][0]["parameters"]) == ["client_id", "request_uri"]
    assert steps["token"][0]["token_type"] == "dpop"
    assert steps["messages"] == [{"bodies": [SONG], "receipts": 1}]
    assert steps["refresh"] == [{"another": True, "active": True}]
    assert steps["revocation"] == [{"introspection": {"active": False}, "refresh": "invalid_grant"}]
