"""Conversations, recommendations and files, each with its receipts; and receipts once more."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.both import KINDS, client_of, closed
from tests.sdk.small_platform import SmallPlatform, token
from tests.verdict.log_builder import ALICE, NOW
from vestibule.sdk import evidence
from vestibule.sdk.calls import CaughtUp
from vestibule.sdk.errors import BadAnswer
from vestibule.verdict.errors import BadReceipt
from vestibule.verdict.trust import trust

Call = Callable[[Any, SmallPlatform], Any]
Tamper = Callable[[dict[str, Any]], object]
Case = tuple[Call, Tamper, type[Exception], str]


@pytest.fixture
def platform() -> SmallPlatform:
    return SmallPlatform()


@pytest.fixture(params=KINDS)
def client(request: pytest.FixtureRequest, platform: SmallPlatform, tmp_path: Path) -> Iterator[Any]:
    opened = client_of(request.param, platform.answer, platform.log.policy(), tmp_path, float(NOW))
    yield opened
    closed(opened)


def conversations(client: Any, platform: SmallPlatform) -> Any:
    return client.conversations(token(platform))


def recommendations(client: Any, platform: SmallPlatform) -> Any:
    return client.recommendations(token(platform))


def file(client: Any, platform: SmallPlatform) -> Any:
    return client.attachment(token(platform), "abc", "f1")


def test_what_is_listed_comes_as_values(client: Any, platform: SmallPlatform) -> None:
    assert [one.newest for one in conversations(client, platform).conversations] == ["m2"]
    assert [one.card["title"] for one in recommendations(client, platform).recommendations] == ["Stalker"]
    assert file(client, platform).data == b"la"
    assert client.spoken.kept.counters.counts() == {
        "access/messages.read": (2, 1),
        "access/recommendations.receive": (1, 1),
    }


@pytest.mark.parametrize(
    "case",
    [
        (conversations, lambda answer: answer.update(receipts=[]), BadReceipt, "expected receipts"),
        (conversations, lambda answer: answer.update(conversations=[7]), BadAnswer, "expected a JSON object"),
        (recommendations, lambda answer: answer.update(recommendations=[]), BadReceipt, "expected the 0 of"),
        (
            recommendations,
            lambda answer: answer["recommendations"][0].update(day=1),
            BadReceipt,
            "got others",
        ),
        (recommendations, lambda answer: answer["recommendations"][0].update(x=1.5), BadAnswer, "answer:"),
        (file, lambda answer: answer.update(data="bGFh"), BadReceipt, "expected the bytes of the answer"),
        (
            file,
            lambda answer: answer.update(name="other.txt"),
            BadReceipt,
            "expected the bytes of the answer",
        ),
        (file, lambda answer: answer.update(data="?"), BadAnswer, "file answer"),
    ],
)
def test_what_is_not_all_recorded_is_not_handed_on(
    client: Any, platform: SmallPlatform, tmp_path: Path, case: Case
) -> None:
    call, tamper, error, complaint = case
    platform.tamper = tamper
    with pytest.raises(error, match=complaint):
        call(client, platform)
    assert client.spoken.kept.counters.counts() == {}
    (kept,) = tmp_path.glob("evidence-*.json")
    found = evidence.parse(kept.read_bytes())
    assert found.again(trust(platform.log.policy())) == found.reason


def test_a_list_of_conversations_that_is_recorded_as_a_read_of_messages_is_not_handed_on(
    client: Any, platform: SmallPlatform
) -> None:
    platform.book[ALICE] = {"n": 1, "messages": ("00" * 32,)}
    with pytest.raises(BadReceipt, match="expected no message, got 1"):
        conversations(client, platform)


def test_a_receipt_that_got_lost_is_fetched_and_kept_once(client: Any, platform: SmallPlatform) -> None:
    request = platform.log.signed(
        "jukebox", method="GET", target_uri="https://vestibule.example/v1/x", body=b""
    )
    platform.log.event("access", "jukebox", ALICE, n=1, messages=("00" * 32,), request=request)
    assert client.catch_up() == CaughtUp(1, ())
    assert client.spoken.kept.counters.counts() == {"access/messages.read": (1, 1)}
    assert client.catch_up() == CaughtUp(0, ())


def test_a_platform_that_leads_in_circles_is_not_followed(client: Any, platform: SmallPlatform) -> None:
    request = platform.log.signed(
        "jukebox", method="GET", target_uri="https://vestibule.example/v1/x", body=b""
    )
    platform.log.event("access", "jukebox", ALICE, n=1, messages=("00" * 32,), request=request)
    platform.tamper = lambda answer: answer.update(next=7)
    with pytest.raises(BadAnswer, match="next: expected more than 7, got 7"):
        client.catch_up()
    assert client.spoken.kept.counters.counts() == {"access/messages.read": (1, 1)}


def test_a_leaf_about_a_request_that_we_never_signed_is_not_counted_as_ours(
    client: Any, platform: SmallPlatform
) -> None:
    """A platform that books reads on a partner's name has to show the partner's signature for them."""
    forged = platform.log.signed(
        "jukebox", signer="marquee", method="GET", target_uri="https://vestibule.example/v1/x", body=b""
    )
    platform.log.event("access", "jukebox", ALICE, n=1, messages=("00" * 32,), request=forged)
    with pytest.raises(BadReceipt, match="the request is not ours"):
        client.catch_up()
    platform.log.event("access", "jukebox", ALICE, n=1, messages=("00" * 32,))
    with pytest.raises(BadReceipt, match="expected a signed request in it, got none"):
        client.catch_up()
    assert client.spoken.kept.counters.counts() == {}
