import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.sdk.both import KINDS, Handler, client_of, closed
from tests.sdk.partner import keys
from tests.sdk.small_platform import BASE, SmallPlatform, person_id, token
from tests.verdict.log_builder import ALICE, BOB, NOW, seed
from tests.verdict.stories import view_of
from vestibule.ledger.counting import is_own_request
from vestibule.ledger.leaf import Event
from vestibule.sdk.client import AsyncClient, Client
from vestibule.sdk.counters import Lane
from vestibule.sdk.errors import BadAnswer, BadKey, PlatformError, Refused, TokenDead, Unreachable
from vestibule.sdk.receipts import Receipts
from vestibule.tlog.keys import SigningKey
from vestibule.verdict.company import company_of
from vestibule.verdict.errors import BadLog, BadPolicy, BadReceipt
from vestibule.verdict.period import span_of
from vestibule.verdict.reconciled import reconciled

BEFORE = {"access/messages.read": (1, 4), "refusal/messages.read": (1, 0)}
"""What Jukebox had counted when the test begins."""


@pytest.fixture
def platform() -> SmallPlatform:
    return SmallPlatform()


Opened = Callable[..., Any]


@pytest.fixture(params=KINDS)
def opened(request: pytest.FixtureRequest, platform: SmallPlatform, tmp_path: Path) -> Iterator[Opened]:
    """Open clients of both kinds in turn, with folders of their own."""
    clients: list[Any] = []

    def open_one(answer: Handler = platform.answer, policy: bytes = b"") -> Any:
        folder = tmp_path / f"receipts-{len(clients)}"
        made = client_of(request.param, answer, policy or platform.log.policy(), folder, float(NOW))
        clients.append(made)
        return made

    yield open_one
    for one in clients:
        closed(one)


@pytest.fixture
def client(opened: Opened, platform: SmallPlatform) -> Any:
    """A client with receipts of what the log says of it already."""
    made, view = opened(), view_of(platform.log)
    for index in view.history.events_by_partner["jukebox"]:
        event = view.leaf(index)
        assert isinstance(event, Event)
        pair = f"{event.kind}/{event.op}"
        if is_own_request(pair):
            made.spoken.kept.counters.own[index] = event.day, pair, event.n
    assert counts(made) == BEFORE
    return made


def counts(client: Any) -> dict[str, tuple[int, int]]:
    counted: dict[str, tuple[int, int]] = client.spoken.kept.counters.counts()
    return counted


def test_every_request_is_signed_afresh_with_its_token(client: Any, platform: SmallPlatform) -> None:
    held = token(platform)
    assert client.connection(held)["authorization"] == "DPoP t"
    client.connection(held)
    assert {request.authorization for request in platform.requests} == {"DPoP t"}
    assert len({request.nonce for request in platform.requests}) == len(platform.requests)


def test_a_request_is_sent_again_only_where_the_nonce_is_new(client: Any, platform: SmallPlatform) -> None:
    client.connection(token(platform))
    assert len(platform.requests) == 2
    client.connection(token(platform))
    assert len(platform.requests) == 3
    platform.nonce = "n2"
    client.connection(token(platform))
    assert len(platform.requests) == 5


def test_a_page_comes_with_its_checked_receipts(client: Any, platform: SmallPlatform) -> None:
    page = client.messages(token(platform), "abc", after="x y", limit=3)
    assert [message["body"] for message in page.messages] == ["no. 0", "no. 1", "no. 2"]
    assert page.withheld
    assert [release.event.kind for release in page.releases] == ["access", "exposure"]
    assert platform.requests[-1].target_uri.endswith("/v1/conversations/abc/messages?limit=3&after=x+y")


def test_what_is_counted_is_what_the_log_counts(client: Any, platform: SmallPlatform) -> None:
    client.messages(token(platform), "abc")
    with pytest.raises(Refused):
        client.messages(token(platform), "other")
    index = client.reconcile()
    view = view_of(platform.log)
    assert index == view.size - 1
    assert view.history.breaches == ()
    assert reconciled(view, company_of(view.history, "jukebox"), span_of(view, None))


def test_a_refusal_comes_with_its_receipt(client: Any, platform: SmallPlatform) -> None:
    with pytest.raises(Refused, match="403 not selected") as refused:
        client.messages(token(platform), "other")
    assert refused.value.releases[0].event.kind == "refusal"
    assert counts(client)["refusal/messages.read"] == (2, 0)


def test_a_token_of_another_key_is_not_sent_at_all(client: Any, platform: SmallPlatform) -> None:
    with pytest.raises(BadKey, match="expected the one that this token is bound to, another"):
        client.messages(replace(token(platform), jkt="another"), "abc")
    assert platform.requests == []


def test_a_dead_token_is_told_apart_with_its_receipt(client: Any, platform: SmallPlatform) -> None:
    platform.refused_with = 401
    with pytest.raises(TokenDead, match="401 not selected") as dead:
        client.messages(token(platform), "other")
    assert dead.value.releases[0].event.kind == "refusal"


def _no_receipts(answer: dict[str, Any]) -> None:
    answer["receipts"] = []


def _one_missing(answer: dict[str, Any]) -> None:
    del answer["receipts"][1]


def _access_missing(answer: dict[str, Any]) -> None:
    del answer["receipts"][0]


def _one_more_message(answer: dict[str, Any]) -> None:
    answer["messages"].append(answer["messages"][0])


def _one_less_message(answer: dict[str, Any]) -> None:
    del answer["messages"][2]


def _other_words(answer: dict[str, Any]) -> None:
    answer["messages"][1]["body"] = "something else"


def _same_receipt_twice(answer: dict[str, Any]) -> None:
    answer["receipts"].append(answer["receipts"][1])


def _an_unknown_writer(answer: dict[str, Any]) -> None:
    answer["messages"][1]["from"] = "SOMEBODY"


@pytest.mark.parametrize(
    ("tamper", "reason"),
    [
        (_no_receipts, "expected receipts in the answer, got none"),
        (_one_missing, "no receipt lists them"),
        (_access_missing, "expected one access receipt, got 0"),
        (_one_more_message, "expected the 4 messages of the answer, got others"),
        (_one_less_message, "expected the 2 messages of the answer, got others"),
        (_other_words, "expected the 3 messages of the answer, got others"),
        (_an_unknown_writer, "expected the 3 messages of the answer, got others"),
        (_same_receipt_twice, "counter 0 was used before"),
    ],
)
def test_an_answer_that_is_not_all_recorded_is_not_handed_on(
    client: Any, platform: SmallPlatform, tamper: Callable[[dict[str, Any]], None], reason: str
) -> None:
    platform.tamper = tamper
    with pytest.raises(BadReceipt, match=reason):
        client.messages(token(platform), "abc")
    assert counts(client) == BEFORE


def test_words_that_the_writers_exposure_does_not_list_are_not_handed_on(
    client: Any, platform: SmallPlatform
) -> None:
    platform.book[BOB] = {"messages": ("00" * 32,)}
    with pytest.raises(BadReceipt, match="no receipt lists them"):
        client.messages(token(platform), "abc")


def test_a_read_booked_as_something_else_is_not_handed_on(client: Any, platform: SmallPlatform) -> None:
    platform.book[BOB] = {"op": "friends.list"}
    with pytest.raises(BadReceipt, match=r"expected messages\.read, got friends\.list"):
        client.messages(token(platform), "abc")


def test_a_receipt_about_an_earlier_request_is_not_enough(client: Any, platform: SmallPlatform) -> None:
    client.messages(token(platform), "abc")
    platform.book[ALICE] = {"request": platform.requests[-1]}
    with pytest.raises(BadReceipt, match="expected our GET"):
        client.messages(token(platform), "abc")


def test_a_read_booked_on_another_person_is_not_handed_on(client: Any, platform: SmallPlatform) -> None:
    held = token(platform, BOB)
    with pytest.raises(BadReceipt, match=f"expected access about person {held.person}"):
        client.messages(held, "abc")


def test_a_counter_used_before_is_refused(client: Any, platform: SmallPlatform) -> None:
    client.spoken.kept.counters.lanes[person_id(platform.log, ALICE)] = Lane(bytes(32), {3})
    with pytest.raises(BadReceipt, match="receipt of leaf 12: counter 3 was used before"):
        client.messages(token(platform), "abc")


def test_the_log_of_another_key_is_not_believed(opened: Opened, platform: SmallPlatform) -> None:
    client = opened(policy=re.sub(rb"log \S+", b"log " + _other_key(), platform.log.policy()))
    with pytest.raises(BadReceipt, match="expected a signature by the log"):
        client.messages(token(platform), "abc")


def _other_key() -> bytes:
    return str(SigningKey.from_seed("vestibule.example/log", seed("another")).verifier).encode()


def test_a_malformed_policy_is_refused_at_once(tmp_path: Path) -> None:
    for kind in KINDS:
        with Receipts(tmp_path) as kept, pytest.raises(BadPolicy):
            {"waiting": Client, "awaited": AsyncClient}[kind](BASE, keys(), b"nothing", kept)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("messages", None),
        ("messages", [7]),
        ("messages", [{"from": 1}]),
        ("next", ...),
        ("messages", [{"from": "A", "x": 1.5}]),
    ],
)
def test_an_answer_of_another_shape_is_refused(
    client: Any, platform: SmallPlatform, field: str, value: object
) -> None:
    def tamper(answer: dict[str, Any]) -> None:
        if value is ...:
            del answer[field]
        else:
            answer[field] = value

    platform.tamper = tamper
    with pytest.raises(BadAnswer, match="messages answer"):
        client.messages(token(platform), "abc")


def test_no_answer_is_said_to_be_none(opened: Opened, platform: SmallPlatform) -> None:
    def down(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused", request=request)

    with pytest.raises(Unreachable, match="refused"):
        opened(down).connection(token(platform))


def test_an_answer_that_is_no_json_is_refused(opened: Opened, platform: SmallPlatform) -> None:
    client = opened(lambda _: httpx2.Response(200, content=b"<html>"))
    with pytest.raises(BadAnswer, match="expected a JSON object, got b'<html>'"):
        client.connection(token(platform))


def test_trouble_without_details_keeps_its_status(opened: Opened, platform: SmallPlatform) -> None:
    client = opened(lambda _: httpx2.Response(503, content=b"later"))
    with pytest.raises(PlatformError) as trouble:
        client.connection(token(platform))
    assert trouble.value.status == 503


def test_a_log_that_is_not_there_is_said_to_be_missing(opened: Opened) -> None:
    client = opened(lambda _: httpx2.Response(500, content=b"broken"))
    with pytest.raises(BadLog, match=r"no checkpoint there: .*; https://vestibule.*: 500"):
        client.reconcile()


def test_a_platform_that_never_takes_its_nonce_is_asked_twice_and_no_more(
    opened: Opened, platform: SmallPlatform
) -> None:
    asked = []

    def never(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        fields = {"www-authenticate": 'DPoP error="use_dpop_nonce"', "dpop-nonce": f"n{len(asked)}"}
        return httpx2.Response(401, json={"title": "Not proven"}, headers=fields)

    with pytest.raises(PlatformError, match="401 Not proven"):
        opened(never).connection(token(platform))
    assert len(asked) == 2
