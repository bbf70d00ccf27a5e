"""An answer that did not hold, in the file that is kept of it."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.both import client_of, closed
from tests.sdk.small_platform import SmallPlatform, token
from tests.verdict.log_builder import ALICE, NOW
from vestibule.sdk import evidence
from vestibule.sdk.errors import BadAnswer
from vestibule.verdict.errors import BadReceipt
from vestibule.verdict.trust import trust


@pytest.fixture
def platform() -> SmallPlatform:
    return SmallPlatform()


@pytest.fixture
def client(platform: SmallPlatform, tmp_path: Path) -> Iterator[Any]:
    opened = client_of("waiting", platform.answer, platform.log.policy(), tmp_path, float(NOW))
    yield opened
    closed(opened)


def _other_words(answer: dict[str, Any]) -> None:
    answer["messages"][1]["body"] = "something else"


def _no_receipts(answer: dict[str, Any]) -> None:
    answer["receipts"] = []


def _no_messages(answer: dict[str, Any]) -> None:
    del answer["messages"]


def kept(folder: Path) -> list[Path]:
    return sorted(folder.glob("evidence-*.json"))


@pytest.mark.parametrize(
    ("tamper", "error"),
    [(_other_words, BadReceipt), (_no_receipts, BadReceipt), (_no_messages, BadAnswer)],
)
def test_an_answer_that_does_not_hold_is_kept_and_fails_again_for_the_same_reason(
    client: Any,
    platform: SmallPlatform,
    tmp_path: Path,
    tamper: Callable[[dict[str, Any]], None],
    error: type[Exception],
) -> None:
    platform.tamper = tamper
    with pytest.raises(error) as raised:
        client.messages(token(platform), "abc")
    (file,) = kept(tmp_path)
    assert str(raised.value).endswith(f"(kept in {file})")
    found = evidence.parse(file.read_bytes())
    assert found.again(trust(platform.log.policy())) == found.reason
    assert str(raised.value).startswith(found.reason)
    assert file.stat().st_mode & 0o077 == 0


def test_an_answer_that_holds_leaves_no_evidence(
    client: Any, platform: SmallPlatform, tmp_path: Path
) -> None:
    client.messages(token(platform), "abc")
    assert kept(tmp_path) == []


def test_a_refusal_that_is_recorded_as_something_else_is_kept(
    client: Any, platform: SmallPlatform, tmp_path: Path
) -> None:
    def as_a_read(answer: dict[str, Any]) -> None:
        platform.log.event("access", "jukebox", ALICE, request=platform.requests[-1])
        answer["receipts"] = [platform.log.release("jukebox", ALICE)]

    platform.tamper = as_a_read
    with pytest.raises(BadReceipt, match="expected a refusal, got access"):
        client.messages(token(platform), "other")
    assert evidence.parse(kept(tmp_path)[0].read_bytes()).operation == "refusal"


def test_evidence_that_somebody_made_up_says_that_the_request_is_not_theirs(
    client: Any, platform: SmallPlatform, tmp_path: Path
) -> None:
    platform.tamper = _no_receipts
    with pytest.raises(BadReceipt):
        client.messages(token(platform), "abc")
    value = json.loads(kept(tmp_path)[0].read_text())
    value["request"]["base"] = value["request"]["base"].replace("/abc/", "/xyz/")
    found = evidence.parse(json.dumps(value))
    assert found.again(trust(platform.log.policy())) == (
        "expected a signature by the named key over this request, got another"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"v": 2}',
        '{"v": 1, "partner": "p", "request": 1}',
        '{"v": 1, "request": {"base": 1}}',
    ],
)
def test_what_is_no_evidence_is_refused(text: str) -> None:
    with pytest.raises(BadAnswer, match="kept answer"):
        evidence.parse(text)
