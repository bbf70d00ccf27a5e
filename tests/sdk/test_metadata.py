from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from vestibule.oauth import rfc8414, rfc9728
from vestibule.sdk.errors import BadAnswer
from vestibule.sdk.exchange import Exchange, run
from vestibule.sdk.metadata import Server, of_challenge, of_issuer, well_known

PLATFORM = "https://vestibule.example"
RESOURCE = "https://vestibule.example/v1/connection"


def served(**changed: Any) -> dict[str, dict[str, Any]]:
    """What the platform's own documents say, with changes in the authorization server's."""
    return {
        f"{PLATFORM}/.well-known/oauth-authorization-server": rfc8414.metadata(PLATFORM) | changed,
        f"{PLATFORM}/.well-known/oauth-protected-resource/v1": rfc9728.metadata(PLATFORM),
    }


def fetching(**changed: Any) -> Callable[[str], Exchange[dict[str, Any]]]:
    documents = served(**changed)

    def fetch(url: str) -> Exchange[dict[str, Any]]:
        yield from ()
        return documents[url]

    return fetch


def result(exchange: Exchange[Server]) -> Server:
    with httpx2.Client() as http:
        return run(exchange, http)


def test_the_platforms_own_metadata_are_read() -> None:
    assert result(of_issuer(fetching(), PLATFORM)) == Server(
        issuer=PLATFORM,
        authorization_endpoint=f"{PLATFORM}/oauth/authorize",
        pushed_authorization_request_endpoint=f"{PLATFORM}/oauth/par",
        token_endpoint=f"{PLATFORM}/oauth/token",
        revocation_endpoint=f"{PLATFORM}/oauth/revoke",
        introspection_endpoint=f"{PLATFORM}/oauth/introspect",
    )


def test_the_platforms_challenge_leads_there() -> None:
    fetch = fetching()
    led = result(of_challenge(fetch, RESOURCE, rfc9728.challenge(PLATFORM)))
    assert led == result(of_issuer(fetch, PLATFORM))


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"issuer": "https://evil.example"}, "expected issuer https://vestibule.example, got https://evil"),
        ({"issuer": f"{PLATFORM}/"}, "expected issuer"),
        ({"code_challenge_methods_supported": ["plain"]}, "code_challenge_methods_supported with S256"),
        ({"authorization_response_iss_parameter_supported": False}, "iss in authorization responses"),
        ({"token_endpoint": None}, "token_endpoint: expected a text, got NoneType"),
        ({"token_endpoint": "http://vestibule.example/oauth/token"}, "token_endpoint: expected an https"),
    ],
)
def test_metadata_of_another_or_a_weaker_server_are_refused(changed: dict[str, Any], complaint: str) -> None:
    with pytest.raises(BadAnswer, match=complaint):
        result(of_issuer(fetching(**changed), PLATFORM))


def test_metadata_of_another_resource_are_refused() -> None:
    for url in ("https://vestibule.example/v10/connection", "https://evil.example/v1/connection"):
        with pytest.raises(BadAnswer, match=f"expected a resource that {url} is in"):
            result(of_challenge(fetching(), url, rfc9728.challenge(PLATFORM)))


def test_a_challenge_that_leads_nowhere_is_told() -> None:
    with pytest.raises(BadAnswer, match="expected resource_metadata in WWW-Authenticate, got 'Signature'"):
        result(of_challenge(fetching(), RESOURCE, "Signature"))


def test_a_well_known_name_stands_before_the_path() -> None:
    name = "oauth-authorization-server"
    assert well_known("https://a.example", name) == f"https://a.example/.well-known/{name}"
    assert well_known("https://a.example/", name) == f"https://a.example/.well-known/{name}"
    assert well_known("https://a.example/tenant1", name) == f"https://a.example/.well-known/{name}/tenant1"
