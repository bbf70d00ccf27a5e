"""What a partner has already does not come twice, and to have asked is on record, with a receipt."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.sdk.both import KINDS, client_of, closed
from tests.sdk.small_platform import BASE, ETAG, SmallPlatform, token
from tests.verdict.log_builder import ALICE, BOB, NOW
from vestibule.sdk import evidence
from vestibule.sdk.errors import BadAnswer, PlatformError
from vestibule.verdict.errors import BadReceipt
from vestibule.verdict.trust import trust

Ask = Callable[..., Any]


@pytest.fixture
def platform() -> SmallPlatform:
    return SmallPlatform()


@pytest.fixture(params=KINDS)
def client(request: pytest.FixtureRequest, platform: SmallPlatform, tmp_path: Path) -> Iterator[Any]:
    opened = client_of(request.param, platform.answer, platform.log.policy(), tmp_path, float(NOW))
    yield opened
    closed(opened)


ASKS: dict[str, Ask] = {
    "messages": lambda client, platform, known: client.messages(token(platform), "abc", known=known),
    "friends": lambda client, platform, known: client.friends(token(platform), known=known),
    "conversations": lambda client, platform, known: client.conversations(token(platform), known=known),
    "recommendations": lambda client, platform, known: client.recommendations(token(platform), known=known),
}


@pytest.fixture(params=ASKS)
def ask(request: pytest.FixtureRequest, client: Any, platform: SmallPlatform) -> Callable[[Any], Any]:
    return lambda known: ASKS[request.param](client, platform, known)


def test_what_is_still_so_is_what_was_handed_in_with_the_receipt_of_having_asked(
    ask: Callable[[Any], Any], client: Any, platform: SmallPlatform
) -> None:
    first = ask(None)
    assert (first.tag, first.unchanged) == (ETAG, False)
    before = client.spoken.kept.counters.counts()
    platform.nothing_new = True
    again = ask(first)
    assert again.unchanged
    for name in set(first.__slots__) - {"releases", "unchanged"}:
        assert getattr(again, name) == getattr(first, name)
    (release,) = again.releases
    assert (release.event.kind, release.event.n) == ("access", 0)
    ((pair, (events, items)),) = client.spoken.kept.counters.counts().items()
    assert (events, items) == (before[pair][0] + 1, before[pair][1])


def test_what_is_not_so_any_more_comes_whole(ask: Callable[[Any], Any]) -> None:
    first = ask(None)
    again = ask(first)
    assert not again.unchanged
    assert again.releases != first.releases


def test_nothing_new_is_no_answer_for_somebody_who_has_nothing(
    platform: SmallPlatform, tmp_path: Path
) -> None:
    silent = client_of(
        "waiting", lambda _: httpx2.Response(304), platform.log.policy(), tmp_path / "b", float(NOW)
    )
    with pytest.raises(PlatformError, match="304"):
        silent.messages(token(platform), "abc")
    closed(silent)


def test_a_release_recorded_as_nothing_new_is_not_believed(client: Any, platform: SmallPlatform) -> None:
    first = client.messages(token(platform), "abc")
    platform.nothing_new, platform.book[ALICE] = True, {"n": 3, "messages": ("00" * 32,) * 3}
    with pytest.raises(BadReceipt, match="expected nothing released, got 3"):
        client.messages(token(platform), "abc", known=first)


def test_the_receipt_of_another_request_is_not_taken_for_that_of_having_asked(
    client: Any, platform: SmallPlatform, tmp_path: Path
) -> None:
    first = client.messages(token(platform), "abc")
    asked = platform.requests[-1]
    platform.nothing_new, platform.book[ALICE] = True, {"request": asked}
    with pytest.raises(BadReceipt, match="expected our GET"):
        client.messages(token(platform), "abc", known=first)
    (kept,) = tmp_path.glob("evidence-*.json")
    found = evidence.parse(kept.read_bytes())
    assert found.operation == "messages.read, unchanged"
    assert found.again(trust(platform.log.policy())) == found.reason


def test_it_is_about_the_person_who_was_asked_about(client: Any, platform: SmallPlatform) -> None:
    first = client.messages(token(platform), "abc")
    platform.nothing_new = True
    with pytest.raises(BadReceipt, match="expected access about person"):
        client.messages(token(platform, BOB), "abc", known=first)


@pytest.mark.parametrize(
    "link",
    [
        "",
        f'<{BASE}/v1/receipts?after=6&limit=1>; rel="next"',
        '<https://elsewhere.example/v1/receipts?after=6&limit=1>; rel="describedby"',
        f'<{BASE}.elsewhere.example/v1/receipts?after=6&limit=1>; rel="describedby"',
        f'<{BASE}/v1/own-suspension>; rel="describedby"',
    ],
)
def test_a_receipt_is_fetched_from_the_platform_and_its_receipts_alone(
    client: Any, platform: SmallPlatform, link: str
) -> None:
    first = client.messages(token(platform), "abc")
    platform.nothing_new, platform.link = True, link
    sent = len(platform.requests)
    with pytest.raises(BadAnswer, match="expected a Link"):
        client.messages(token(platform), "abc", known=first)
    assert len(platform.requests) == sent + 1
