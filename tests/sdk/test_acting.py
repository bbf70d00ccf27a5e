"""What a partner does in a person's name: writing, deleting, listing friends; each with its receipts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.both import KINDS, client_of, closed
from tests.sdk.small_platform import BASE, SmallPlatform, person_id, token
from tests.verdict.log_builder import ALICE, BOB, NOW
from vestibule.sdk.answers import Standing
from vestibule.sdk.errors import BadAnswer
from vestibule.verdict.errors import BadReceipt


@pytest.fixture
def platform() -> SmallPlatform:
    return SmallPlatform()


@pytest.fixture(params=KINDS)
def client(request: pytest.FixtureRequest, platform: SmallPlatform, tmp_path: Path) -> Iterator[Any]:
    opened = client_of(request.param, platform.answer, platform.log.policy(), tmp_path / "a", float(NOW))
    yield opened
    closed(opened)


def counts(client: Any) -> dict[str, tuple[int, int]]:
    counted: dict[str, tuple[int, int]] = client.spoken.kept.counters.counts()
    return counted


def test_a_message_is_written_with_its_receipt(client: Any, platform: SmallPlatform) -> None:
    written = client.write(token(platform), "abc", "a song", key="k", reply_to="m0")
    assert written.message["body"] == "a song"
    assert (written.release.event.kind, written.release.event.n) == ("send", 1)
    assert counts(client) == {"send/messages.send": (1, 1)}


def test_after_a_lost_answer_the_same_key_is_answered_by_the_same_leaf_and_counted_once(
    client: Any, platform: SmallPlatform, tmp_path: Path
) -> None:
    first = client.write(token(platform), "abc", "a song", key="k")
    again = client.write(token(platform), "abc", "a song", key="k")
    assert again.release.index == first.release.index
    assert counts(client) == {"send/messages.send": (1, 1)}
    # As after a crash: it has never seen the first answer.
    fresh = client_of("waiting", platform.answer, platform.log.policy(), tmp_path / "b", float(NOW))
    assert fresh.write(token(platform), "abc", "a song", key="k").release.index == first.release.index
    assert counts(fresh) == {"send/messages.send": (1, 1)}
    closed(fresh)


def test_another_messages_receipt_is_not_taken_for_it(client: Any, platform: SmallPlatform) -> None:
    client.write(token(platform), "abc", "a song", key="k")
    platform.written["l"] = platform.written["k"]
    with pytest.raises(BadReceipt, match="expected our POST"):
        client.write(token(platform), "abc", "another song", key="l")
    with pytest.raises(BadReceipt, match="expected one for key 'l'"):
        client.write(token(platform), "abc", "a song", key="l")


def test_words_recorded_as_others_are_not_handed_on(client: Any, platform: SmallPlatform) -> None:
    platform.book[ALICE] = {"messages": ("00" * 32,)}
    with pytest.raises(BadReceipt, match="expected the words that were sent, got others"):
        client.write(token(platform), "abc", "a song", key="k")


def test_the_same_request_signed_by_another_key_is_none_of_ours(client: Any, platform: SmallPlatform) -> None:
    asked = {"method": "POST", "target_uri": f"{BASE}/v1/conversations/abc/messages"}
    body = b'{"body": "a song"}'
    forged = platform.log.signed("jukebox", signer="marquee", **asked, body=body)
    platform.book[ALICE] = {"request": forged}
    with pytest.raises(BadReceipt, match="expected our POST"):
        client.write(token(platform), "abc", "a song", key="k")


def test_other_words_than_were_sent_are_not_handed_on(client: Any, platform: SmallPlatform) -> None:
    platform.tamper = lambda answer: answer["message"].update(body="another song")
    with pytest.raises(BadAnswer, match="expected the message that was sent"):
        client.write(token(platform), "abc", "a song", key="k")


def test_a_message_recorded_about_somebody_else_is_not_handed_on(
    client: Any, platform: SmallPlatform
) -> None:
    with pytest.raises(BadReceipt, match="expected send about person"):
        client.write(token(platform, BOB), "abc", "a song", key="k")


def test_a_deletion_comes_with_the_receipts_of_all_whom_it_concerns(
    client: Any, platform: SmallPlatform
) -> None:
    releases = client.delete(token(platform), "abc", "m1")
    assert [release.event.kind for release in releases] == ["delete", "exposure"]
    assert counts(client) == {"delete/messages.delete": (1, 1)}


def test_friends_come_with_a_receipt_for_each(client: Any, platform: SmallPlatform) -> None:
    found = client.friends(token(platform), limit=5)
    assert (found.connected, found.others, found.next) == ((person_id(platform.log, BOB),), (), None)
    assert counts(client) == {"access/friends.list": (1, 1)}


def _one_more_friend(answer: dict[str, Any]) -> None:
    answer["others"] = ["SOMEBODY"]


def _no_access(answer: dict[str, Any]) -> None:
    del answer["receipts"][0]


def _no_list(answer: dict[str, Any]) -> None:
    del answer["others"]


@pytest.mark.parametrize(
    ("tamper", "error", "complaint"),
    [
        (_one_more_friend, BadReceipt, "lists friend SOMEBODY, but no receipt tells her"),
        (_no_access, BadReceipt, "expected one access receipt, got 0"),
        (_no_list, BadAnswer, "friends answer: others: expected a list, got NoneType"),
    ],
)
def test_friends_that_are_not_all_recorded_are_not_handed_on(
    client: Any, platform: SmallPlatform, tamper: Any, error: type[Exception], complaint: str
) -> None:
    platform.tamper = tamper
    with pytest.raises(error, match=complaint):
        client.friends(token(platform))
    assert counts(client) == {}


def _only_the_others(answer: dict[str, Any]) -> None:
    del answer["receipts"][0]


def test_a_deletion_that_is_not_recorded_about_her_is_not_believed(
    client: Any, platform: SmallPlatform
) -> None:
    platform.tamper = _only_the_others
    with pytest.raises(BadReceipt, match="expected one delete receipt, got 0"):
        client.delete(token(platform), "abc", "m1")


def test_its_own_side_of_a_connection_is_suspended_and_resumed_without_a_token(
    client: Any, platform: SmallPlatform
) -> None:
    person = token(platform).person
    assert client.suspend(person) == Standing(person, "suspended", suspended_by_you=True)
    assert client.resume(person) == Standing(person, "active", suspended_by_you=False)
    assert all(request.authorization is None for request in platform.requests)


def test_the_standing_of_somebody_else_is_not_taken_for_hers(client: Any, platform: SmallPlatform) -> None:
    platform.tamper = lambda answer: answer.update(person="somebody")
    with pytest.raises(BadAnswer, match="expected the connection of her, got that of somebody"):
        client.suspend("her")
