"""Authlib, unmodified. Without DPoP it gets no token here; it reads metadata, inspects and revokes."""

import time
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import httpx2
import pytest
from joserfc.jwk import OKPKey
from nacl.signing import SigningKey

from tests.oauth.foreign.a_person import Deciding
from tests.web.conftest import App, House
from vestibule.sdk import base64url, details
from vestibule.sdk.dpop import DpopKey
from vestibule.sdk.errors import ConnectionOver
from vestibule.sdk.keys import Keys
from vestibule.sdk.login import Login
from vestibule.sdk.tokens import Token

# It has no types, and those that others publish for it are of an older version.
client_of: Any = import_module("authlib.integrations.httpx_client")
rfc7523: Any = import_module("authlib.oauth2.rfc7523")
rfc8414: Any = import_module("authlib.oauth2.rfc8414")
rfc9207: Any = import_module("authlib.oauth2.rfc9207")


@pytest.fixture(autouse=True)
def loopback_without_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTHLIB_INSECURE_TRANSPORT", "1")


@pytest.fixture(scope="module")
def login(house: House, jukebox: App) -> Iterator[Login]:
    opened = Login(house.origin, Keys(jukebox.partner, jukebox.key_id, jukebox.seed, DpopKey.new()))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def token(login: Login, jukebox: App, ana: Deciding) -> Token:
    pending = login.begin([details.messages("read")], jukebox.back)
    return login.finish(pending, ana.visit(pending.url, "connect"))


def session(house: House, app: App) -> Any:
    """Open a session for one request: given claims, Authlib says the same `jti` a second time."""
    public = bytes(SigningKey(app.seed).verify_key)
    key = OKPKey.import_key(
        {"kty": "OKP", "crv": "Ed25519", "x": base64url.encode(public), "d": base64url.encode(app.seed)}
    )
    made = client_of.OAuth2Client(
        app.partner,
        key,
        token_endpoint_auth_method="private_key_jwt",
        revocation_endpoint_auth_method="private_key_jwt",
    )
    claims = {"exp": int(time.time()) + 60}
    method = rfc7523.PrivateKeyJWT(house.origin, claims=claims, headers={"kid": app.key_id}, alg="Ed25519")
    made.register_client_auth_method(method)
    return made


def test_the_metadata_are_valid(house: House) -> None:
    address = f"{house.origin}/.well-known/oauth-authorization-server"
    metadata = rfc8414.AuthorizationServerMetadata(httpx2.get(address).json())
    metadata.validate(metadata_classes=[rfc9207.AuthorizationServerMetadata])
    assert metadata["issuer"] == house.origin


def test_a_token_is_inspected_and_revoked(house: House, jukebox: App, login: Login, token: Token) -> None:
    server = login.server()
    with session(house, jukebox) as client:
        seen = client.introspect_token(server.introspection_endpoint, token.access_token).json()
    assert (seen["active"], seen["client_id"], seen["cnf"]) == (True, "jukebox", {"jkt": token.jkt})
    with session(house, jukebox) as client:
        assert client.revoke_token(server.revocation_endpoint, token.refresh_token).status_code == 200
    with session(house, jukebox) as client:
        assert client.introspect_token(server.introspection_endpoint, token.access_token).json() == {
            "active": False
        }
    with pytest.raises(ConnectionOver, match="invalid_grant"):
        login.refresh(token)
