"""The negative modules of the FAPI 2.0 conformance suite, one test each, named as they are there.

https://gitlab.com/openid/conformance-suite. What these modules do not look at is in the other files here.
"""

from typing import Any
from urllib.parse import urlencode

import httpx2
import pytest
from joserfc.jwk import ECKey, OKPKey

from tests.gate.a_client import key_of
from tests.gate.a_platform import HOME, SEED, VERIFIER, World, challenge, queried

SECOND = 1_000_000
PATH = "/v1/connection"
TOKEN = "/oauth/token"
ANOTHER_KEY = ECKey.generate_key("P-256")

Told = dict[str, Any]


@pytest.fixture(scope="module")
def group(world: World) -> int:
    return world.conversation("ana", "bob", "cleo")


@pytest.fixture
def code(world: World, group: int) -> str:
    return world.code("ana", group)


@pytest.fixture(scope="module")
def told(world: World, group: int) -> Told:
    answer: Told = world.exchange(world.code("ana", group)).json()
    return answer


def refused(answer: httpx2.Response, error: str) -> None:
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def stopped(answer: httpx2.Response) -> None:
    """Check that a person is shown a page and led nowhere."""
    assert 400 <= answer.status_code < 500
    assert "location" not in answer.headers


def challenged(answer: httpx2.Response, error: str) -> None:
    assert answer.status_code == 401
    assert f'error="{error}"' in answer.headers["www-authenticate"]


def shows(world: World, told: Told, proof: str | None) -> httpx2.Response:
    headers = world.headers("jukebox", "GET", PATH, token=told["access_token"])
    headers.pop("dpop", None)
    return world.send("GET", PATH, headers if proof is None else {**headers, "dpop": proof})


def proof(world: World, told: Told, **changed: Any) -> str:
    return world.proof("jukebox", "GET", PATH, told["access_token"], **changed)


def test_par_ensure_pkce_required(world: World) -> None:
    refused(world.push("jukebox", code_challenge=None, code_challenge_method=None), "invalid_request")


def test_ensure_plain_pkce_rejected(world: World) -> None:
    plain = {"code_challenge": VERIFIER, "code_challenge_method": "plain"}
    refused(world.push("jukebox", **plain), "invalid_request")


def test_incorrect_pkce_code_verifier_rejected(world: World, code: str) -> None:
    refused(world.exchange(code, code_verifier="b" * 43), "invalid_grant")


def test_par_attempt_reuse_request_uri(world: World, group: int) -> None:
    carried = world.pushed("jukebox")
    world.code("ana", group, carried=carried)
    stopped(world.opens("ana", carried))


def test_par_attempt_to_use_expired_request_uri(world: World) -> None:
    carried = world.pushed("jukebox")
    world.now += 301 * SECOND
    stopped(world.opens("ana", carried))


def test_par_attempt_to_use_request_uri_for_different_client(world: World) -> None:
    stopped(world.opens("ana", {**world.pushed("jukebox"), "client_id": "echo"}))


def test_par_reject_request_uri_in_par_authorization_form_params(world: World) -> None:
    carried = world.pushed("jukebox")
    refused(world.push("jukebox", request_uri=carried["request_uri"]), "invalid_request")


@pytest.mark.parametrize("path", ["/oauth/par", TOKEN, "/oauth/revoke", "/oauth/introspect"])
def test_par_endpoint_reject_invalid_http_verb(world: World, path: str) -> None:
    assert world.get(None, path).status_code == 405


def test_par_without_duplicate_parameters(world: World) -> None:
    twice = {**world.asked(), "state": ["one", "two"]}
    refused(world.oauth("jukebox", "/oauth/par", twice, proof=None), "invalid_request")


def test_ensure_registered_redirect_uri(world: World) -> None:
    refused(world.push("jukebox", redirect_uri=f"{HOME['jukebox']}/elsewhere"), "invalid_request")


def test_ensure_unsigned_authorization_request_without_using_par_fails(world: World) -> None:
    stopped(world.get("ana", f"/oauth/authorize?{urlencode(world.asked())}"))


@pytest.mark.parametrize("broken", [{"redirect_uri": "https://evil.test"}, {"client_id": "nobody"}, {}])
def test_no_error_redirects_before_client_and_redirect_uri_are_known_good(
    world: World, broken: dict[str, str]
) -> None:
    asked = {**world.asked(), "prompt": "none", "response_type": "broken", **broken}
    stopped(world.get("ana", f"/oauth/authorize?{urlencode(asked)}"))


def test_ensure_holder_of_key_required(world: World, code: str) -> None:
    refused(world.exchange(code, proof=None), "invalid_dpop_proof")


def test_ensure_mismatched_dpop_jkt_fails(world: World) -> None:
    mine = world.proof("jukebox", "POST", "/oauth/par")
    asked = world.asked(dpop_jkt=ANOTHER_KEY.thumbprint())
    refused(world.oauth("jukebox", "/oauth/par", asked, proof=mine), "invalid_dpop_proof")


def test_ensure_token_endpoint_fails_with_mismatched_dpop_jkt(world: World, group: int) -> None:
    carried = world.pushed("jukebox", dpop_jkt=ANOTHER_KEY.thumbprint())
    refused(world.exchange(world.code("ana", group, carried=carried)), "invalid_dpop_proof")


def test_ensure_token_endpoint_fails_with_mismatched_dpop_proof_jkt(world: World, group: int) -> None:
    pushed = world.oauth("jukebox", "/oauth/par", world.asked(), proof="")
    carried = {"client_id": "jukebox", "request_uri": pushed.json()["request_uri"]}
    other = world.proof("jukebox", "POST", TOKEN, key=ANOTHER_KEY)
    code = world.code("ana", group, carried=carried)
    refused(world.exchange(code, proof=other), "invalid_dpop_proof")


def test_ensure_dpop_auth_code_binding_success(world: World, group: int) -> None:
    carried = world.pushed("jukebox", dpop_jkt=key_of(SEED["jukebox"]).thumbprint())
    assert world.exchange(world.code("ana", group, carried=carried)).status_code == 200


def test_check_dpop_proof_nbf_exp(world: World, told: Told) -> None:
    assert shows(world, told, proof(world, told, nbf=world.seconds - 5)).status_code == 200
    challenged(shows(world, told, proof(world, told, nbf=world.seconds + 600)), "invalid_dpop_proof")
    challenged(shows(world, told, proof(world, told, exp=world.seconds - 5)), "invalid_dpop_proof")


@pytest.mark.parametrize("seconds", [-10, 10])
def test_check_dpop_proof_iat_within_10_seconds(world: World, told: Told, seconds: int) -> None:
    assert shows(world, told, proof(world, told, iat=world.seconds + seconds)).status_code == 200


def test_attempt_reuse_authorization_code_after_one_second(world: World, code: str) -> None:
    assert world.exchange(code).status_code == 200
    world.now += SECOND
    refused(world.exchange(code), "invalid_grant")


def test_attempt_to_use_expired_auth_code(world: World, code: str) -> None:
    world.now += 61 * SECOND
    refused(world.exchange(code), "invalid_grant")


@pytest.mark.parametrize("scheme", ["DPoP", "dpop", "DPOP"])
def test_access_token_type_header_case_sensitivity(world: World, told: Told, scheme: str) -> None:
    sent = f"{scheme} {told['access_token']}"
    headers = world.headers("jukebox", "GET", PATH, authorization=sent)
    headers |= {"authorization": sent, "dpop": proof(world, told)}
    assert world.send("GET", PATH, headers).status_code == 200


def test_user_rejects_authentication(world: World) -> None:
    carried = world.pushed("jukebox")
    world.opens("ana", carried)
    answer = world.post("ana", "/oauth/authorize", **carried, decision="decline")
    assert queried(answer)["error"] == "access_denied"


def test_refresh_token(world: World, told: Told) -> None:
    assert world.refresh(told["refresh_token"]).status_code == 200
    other = world.proof("jukebox", "POST", TOKEN, key=ANOTHER_KEY)
    refused(world.refresh(told["refresh_token"], proof=other), "invalid_grant")
    refused(world.refresh(told["access_token"]), "invalid_grant")


def test_dpop_negative_tests_no_proof_and_two_proofs(world: World, told: Told) -> None:
    one = proof(world, told)
    challenged(shows(world, told, None), "invalid_dpop_proof")
    challenged(shows(world, told, f"{one}, {proof(world, told)}"), "invalid_dpop_proof")


@pytest.mark.parametrize("missing", ["typ", "alg", "jwk"])
def test_dpop_negative_tests_missing_header(world: World, told: Told, missing: str) -> None:
    challenged(shows(world, told, proof(world, told, header={missing: None})), "invalid_dpop_proof")


@pytest.mark.parametrize("missing", ["jti", "htm", "htu", "iat", "ath"])
def test_dpop_negative_tests_missing_claim(world: World, told: Told, missing: str) -> None:
    challenged(shows(world, told, proof(world, told, **{missing: None})), "invalid_dpop_proof")


@pytest.mark.parametrize("garbled", ["garbage", "a.b.c", "e30.e30.e30"])
def test_dpop_negative_tests_malformed_proof(world: World, told: Told, garbled: str) -> None:
    challenged(shows(world, told, garbled), "invalid_dpop_proof")


@pytest.mark.parametrize("header", [{"typ": "jwt"}, {"alg": "none"}, {"alg": "HS256"}, {"alg": "RS256"}])
def test_dpop_negative_tests_typ_and_alg(world: World, told: Told, header: dict[str, str]) -> None:
    challenged(shows(world, told, proof(world, told, header=header)), "invalid_dpop_proof")


def test_dpop_negative_tests_invalid_signature(world: World, told: Told) -> None:
    public = ANOTHER_KEY.as_dict(private=False)
    forged = proof(world, told, header={"alg": "ES256", "jwk": public})
    challenged(shows(world, told, forged), "invalid_dpop_proof")


def test_dpop_negative_tests_private_key_in_jwk(world: World, told: Told) -> None:
    key: OKPKey = key_of(SEED["jukebox"])
    revealing = proof(world, told, header={"jwk": key.as_dict(private=True)})
    challenged(shows(world, told, revealing), "invalid_dpop_proof")


def test_dpop_negative_tests_htm_and_htu(world: World, told: Told) -> None:
    challenged(shows(world, told, proof(world, told, htm="POST")), "invalid_dpop_proof")
    challenged(shows(world, told, proof(world, told, htu="https://evil.test" + PATH)), "invalid_dpop_proof")


def test_dpop_negative_tests_htu_query_and_fragment_are_ignored(world: World, told: Told) -> None:
    htu = f"http://platform.test{PATH}?query=1#fragment"
    assert shows(world, told, proof(world, told, htu=htu)).status_code == 200


def test_dpop_negative_tests_reuse_jti(world: World, told: Told) -> None:
    used = proof(world, told)
    assert shows(world, told, used).status_code == 200
    challenged(shows(world, told, used), "invalid_dpop_proof")


def test_dpop_negative_tests_ath_of_another_token(world: World, told: Told) -> None:
    challenged(shows(world, told, proof(world, told, ath=challenge("another"))), "invalid_dpop_proof")


def test_dpop_negative_tests_bearer_use_of_a_bound_token(world: World, told: Told) -> None:
    sent = f"Bearer {told['access_token']}"
    headers = world.headers("jukebox", "GET", PATH, authorization=sent) | {"authorization": sent}
    assert world.send("GET", PATH, headers | {"dpop": proof(world, told)}).status_code == 401
