import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest

from tests.conftest import Run
from tests.sdk.both import KINDS, login_of
from tests.sdk.partner import keys
from tests.sdk.small_authority import ISSUER, SmallAuthority
from tests.verdict.log_builder import seed
from vestibule.sdk import details
from vestibule.sdk.callback import Pending
from vestibule.sdk.dpop import DpopKey
from vestibule.sdk.errors import (
    BadAnswer,
    BadKey,
    ConnectionOver,
    LoginRefused,
    PlatformError,
    Unreachable,
)
from vestibule.sdk.keys import Keys
from vestibule.sdk.login import AsyncLogin, Login
from vestibule.sdk.tokens import Token

BACK = "https://jukebox.example/back"
ASKS = (details.messages("read", "send"),)


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def authority() -> SmallAuthority:
    return SmallAuthority()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    named: str = request.param
    return named


@pytest.fixture
def login(kind: str, authority: SmallAuthority, clock: Clock) -> Iterator[Any]:
    opened = login_of(kind, authority.answer, clock=clock)
    yield opened
    opened.close()


def answer(pending: Pending, **changed: str) -> str:
    return f"{BACK}?{urlencode({'code': 'c', 'state': pending.state, 'iss': ISSUER} | changed)}"


def connected(login: Any) -> Token:
    pending = login.begin(ASKS, BACK)
    token: Token = login.finish(pending, answer(pending))
    return token


def test_a_login_pushes_its_request_and_sends_the_person_with_a_reference(
    login: Any, authority: SmallAuthority
) -> None:
    pending = login.begin(ASKS, BACK)
    assert parse_qs(urlsplit(pending.url).query) == {"client_id": ["jukebox"], "request_uri": ["urn:x:y"]}
    pushed = authority.form("/oauth/par")
    assert pushed["dpop_jkt"] == keys().dpop.jkt
    assert pushed["redirect_uri"] == BACK
    assert pushed["state"] == pending.state
    assert "scope" not in pushed
    assert json.loads(pushed["authorization_details"]) == [
        {"type": "messages", "actions": ["read", "send"], "reach": "conversations"}
    ]


def test_no_two_logins_share_anything_secret(login: Any) -> None:
    first, second = login.begin(ASKS, BACK), login.begin(ASKS, BACK)
    assert first.state != second.state
    assert first.verifier != second.verifier


def test_a_code_becomes_a_token_that_says_what_was_left_out(login: Any, authority: SmallAuthority) -> None:
    token = connected(login)
    assert token.expires_at == 1_000_600
    assert token.jkt == keys().dpop.jkt
    assert token.lacks(ASKS) == ("messages.send",)
    assert authority.form("/oauth/token")["redirect_uri"] == BACK


def test_a_nonce_is_asked_for_once_and_used_until_it_changes(login: Any, authority: SmallAuthority) -> None:
    token = connected(login)
    assert [path for path, _ in authority.forms].count("/oauth/token") == 2
    login.refresh(token)
    assert [path for path, _ in authority.forms].count("/oauth/token") == 3
    authority.nonce = "n2"
    login.refresh(token)
    assert [path for path, _ in authority.forms].count("/oauth/token") == 5


def test_a_token_is_refreshed_a_minute_before_its_end_and_not_earlier(login: Any, clock: Clock) -> None:
    token = connected(login)
    clock.now += 539
    assert login.fresh(token) is token
    clock.now += 1
    fresh = login.fresh(token)
    assert fresh.access_token != token.access_token
    assert fresh.refresh_token == token.refresh_token
    assert fresh.expires_at == 1_000_540 + 600


def test_a_refused_refresh_says_that_the_connection_is_over(login: Any, authority: SmallAuthority) -> None:
    token = connected(login)
    authority.refuses["/oauth/token"] = {
        "error": "invalid_grant",
        "error_description": "the person has ended this connection",
    }
    with pytest.raises(ConnectionOver, match="the person has ended this connection") as over:
        login.refresh(token)
    assert "send the person through the login again" in str(over.value)


def test_a_refresh_that_fails_for_another_reason_ends_nothing(login: Any, authority: SmallAuthority) -> None:
    token = connected(login)
    authority.refuses["/oauth/token"] = {"error": "invalid_client"}
    with pytest.raises(LoginRefused, match=r"invalid_client\. Check that this key id") as refused:
        login.refresh(token)
    assert not isinstance(refused.value, ConnectionOver)


def test_a_token_of_another_key_is_not_sent_at_all(authority: SmallAuthority, login: Any) -> None:
    token = connected(login)
    sent = len(authority.forms)
    another = Login(ISSUER, Keys("jukebox", "k1", seed("jukebox"), DpopKey.new()), http=authority.client())
    with pytest.raises(BadKey, match=f"expected the one that this token is bound to, {token.jkt}"):
        another.refresh(token)
    assert len(authority.forms) == sent
    another.close()


def test_a_refused_request_says_what_was_wrong_and_what_to_do(login: Any, authority: SmallAuthority) -> None:
    authority.refuses["/oauth/par"] = {
        "error": "invalid_request",
        "error_description": "redirect_uri: expected one that is registered, exactly",
    }
    with pytest.raises(LoginRefused) as refused:
        login.begin(ASKS, BACK)
    assert str(refused.value) == (
        "invalid_request: redirect_uri: expected one that is registered, exactly. A parameter is missing, "
        "doubled or not registered; the redirect_uri must be on the register exactly as sent"
    )


def test_a_server_that_never_takes_its_nonce_is_asked_twice_and_no_more(
    login: Any, authority: SmallAuthority
) -> None:
    pending = login.begin(ASKS, BACK)
    authority.takes_nonces = False
    with pytest.raises(LoginRefused, match="use_dpop_nonce"):
        login.finish(pending, answer(pending))
    assert [path for path, _ in authority.forms] == ["/oauth/par", "/oauth/token", "/oauth/token"]


def test_a_bearer_token_is_not_taken(login: Any, authority: SmallAuthority) -> None:
    authority.changed = {"token_type": "Bearer"}
    with pytest.raises(BadAnswer, match="expected token_type DPoP, got Bearer"):
        connected(login)


def test_revocation_ends_the_refresh_token_and_introspection_looks_at_the_access_token(
    login: Any, authority: SmallAuthority
) -> None:
    token = connected(login)
    login.revoke(token)
    assert authority.form("/oauth/revoke")["token"] == token.refresh_token
    assert login.introspect(token) == {"active": False}
    assert authority.form("/oauth/introspect")["token"] == token.access_token


def test_a_login_is_found_from_any_address_of_the_api(authority: SmallAuthority) -> None:
    found = Login.discovered(f"{ISSUER}/v1/connection", keys(), http=authority.client())
    assert found.server().issuer == ISSUER
    assert connected(found).person == "p"
    found.close()


def test_a_login_that_is_awaited_is_found_the_same_way(authority: SmallAuthority, run: Run) -> None:
    async def found() -> str:
        http = httpx2.AsyncClient(transport=httpx2.MockTransport(authority.answer))
        async with await AsyncLogin.discovered(f"{ISSUER}/v1/connection", keys(), http=http) as login:
            return (await login.server()).issuer

    assert run(found()) == ISSUER


def test_the_metadata_of_another_issuer_are_refused(login: Any, authority: SmallAuthority) -> None:
    authority.metadata["issuer"] = "https://evil.example"
    with pytest.raises(BadAnswer, match=r"expected issuer https://vestibule\.example, got https://evil"):
        login.begin(ASKS, BACK)


def test_a_platform_without_metadata_is_said_to_have_none(kind: str) -> None:
    with (
        login_of(kind, lambda _: httpx2.Response(404)) as login,
        pytest.raises(PlatformError, match="404 no metadata"),
    ):
        login.begin(ASKS, BACK)


def test_trouble_that_is_no_oauth_error_keeps_its_status(kind: str, authority: SmallAuthority) -> None:
    def broken(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(503) if request.method == "POST" else authority.answer(request)

    with login_of(kind, broken) as login, pytest.raises(PlatformError) as trouble:
        login.begin(ASKS, BACK)
    assert trouble.value.status == 503


def test_no_answer_is_said_to_be_none(kind: str) -> None:
    def down(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused", request=request)

    with login_of(kind, down) as login, pytest.raises(Unreachable, match="refused"):
        login.begin(ASKS, BACK)
