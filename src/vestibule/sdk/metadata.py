"""Where a platform's endpoints are (RFC 8414), found from its issuer or from a 401 of its API (RFC 9728)."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from vestibule.sdk.errors import BadAnswer
from vestibule.sdk.typed import Fields

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from vestibule.sdk.exchange import Exchange

    Fetch: TypeAlias = Callable[[str], Exchange[dict[str, Any]]]
    """Fetches a JSON object from an address."""

AUTHORIZATION_SERVER: Final = "oauth-authorization-server"
_RESOURCE_METADATA = re.compile(r'\bresource_metadata="([^"]+)"')
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Server:
    """A platform's authorization server."""

    issuer: str
    authorization_endpoint: str
    pushed_authorization_request_endpoint: str
    token_endpoint: str
    revocation_endpoint: str
    introspection_endpoint: str


def of_issuer(fetch: Fetch, issuer: str) -> Exchange[Server]:
    """Fetch an issuer's metadata and check that it is about this issuer (RFC 8414 section 3).

    Raises:
        BadAnswer: if it is about another one, or leaves out what this login needs.
    """
    value = yield from fetch(well_known(issuer, AUTHORIZATION_SERVER))
    found = Fields("authorization server metadata", value)
    if found.text("issuer") != issuer:
        raise BadAnswer(
            f"authorization server metadata: expected issuer {issuer}, got {found.text('issuer')}"
        )
    if "S256" not in found.texts("code_challenge_methods_supported"):
        raise BadAnswer("authorization server metadata: expected code_challenge_methods_supported with S256")
    if not found.flag("authorization_response_iss_parameter_supported"):
        raise BadAnswer("authorization server metadata: expected iss in authorization responses (RFC 9207)")
    return Server(issuer, **{one.name: _endpoint(found, one.name) for one in fields(Server)[1:]})


def of_challenge(fetch: Fetch, url: str, challenge: str) -> Exchange[Server]:
    """Follow the challenge of a 401 to the server that gives tokens for what was asked (RFC 9728 section 5).

    Args:
        fetch: gets JSON objects.
        url: what was asked for.
        challenge: the WWW-Authenticate field of the answer.

    Raises:
        BadAnswer: if it leads nowhere, or to the metadata of something else.
    """
    led = _RESOURCE_METADATA.search(challenge)
    if led is None:
        raise BadAnswer(f"{url}: expected resource_metadata in WWW-Authenticate, got {challenge[:200]!r}")
    found = Fields("protected resource metadata", (yield from fetch(led[1])))
    resource = found.text("resource")
    if not _within(url, resource):
        raise BadAnswer(f"protected resource metadata: expected a resource that {url} is in, got {resource}")
    servers = found.texts("authorization_servers")
    if not servers:
        raise BadAnswer("protected resource metadata: expected authorization_servers, got none")
    return (yield from of_issuer(fetch, servers[0]))


def well_known(identifier: str, name: str) -> str:
    """Put a well-known name between host and path of an identifier (RFC 8414 section 3.1)."""
    parts = urlsplit(identifier)
    return parts._replace(path=f"/.well-known/{name}{parts.path.rstrip('/')}").geturl()


def _within(url: str, resource: str) -> bool:
    asked, given = urlsplit(url), urlsplit(resource)
    same = (asked.scheme, asked.netloc) == (given.scheme, given.netloc)
    return same and f"{asked.path}/".startswith(f"{given.path.rstrip('/')}/")


def _endpoint(found: Fields, name: str) -> str:
    url = found.text(name)
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise BadAnswer(f"authorization server metadata: {name}: expected an https address, got {url}")
    return url
