import pytest

from tests.sdk.partner import keys
from tests.sdk.small_platform import BASE, SmallPlatform, person_id, token
from tests.verdict.log_builder import ALICE, BOB
from vestibule.sdk.client import Client
from vestibule.sdk.counters import Counters, Lane
from vestibule.verdict.errors import BadLog


def client_of(platform: SmallPlatform) -> Client:
    return Client(BASE, keys(), platform.log.policy(), http=platform.client())


def test_counters_are_kept_as_text() -> None:
    counters = Counters({"access/messages.read": (2, 5)}, {"A": Lane(b"k" * 32, {3, 1})})
    assert Counters.from_json(counters.to_json()) == counters


def test_counters_that_no_receipt_bore_are_gaps() -> None:
    platform = SmallPlatform()
    client = client_of(platform)
    client.messages(token(platform), "abc")
    client.messages(token(platform), "abc")
    assert client.counters.lanes[person_id(platform.log, ALICE)].gaps() == (0, 1, 2)
    assert client.counters.lanes[person_id(platform.log, BOB)].gaps() == ()
    assert client.counters.counts == {"access/messages.read": (2, 6)}


def test_gaps_that_are_leaves_are_no_trouble() -> None:
    platform = SmallPlatform()
    client = client_of(platform)
    client.messages(token(platform), "abc")
    assert client.reconcile() == 14


def test_a_counter_that_the_log_skips_is_not_reconciled_away() -> None:
    platform = SmallPlatform()
    platform.book[BOB] = {"counter": 5}
    client = client_of(platform)
    client.messages(token(platform), "abc")
    with pytest.raises(BadLog, match=r"expected counter 0 in a leaf, as 5 is, got none"):
        client.reconcile()
