from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.both import client_of, closed
from tests.sdk.small_platform import SmallPlatform, person_id, token
from tests.verdict.log_builder import ALICE, BOB, DAY, NOW
from vestibule.sdk.comparing import Difference
from vestibule.sdk.errors import CountsDiffer
from vestibule.verdict.errors import BadLog


@pytest.fixture
def platform() -> SmallPlatform:
    return SmallPlatform()


@pytest.fixture
def client(platform: SmallPlatform, tmp_path: Path) -> Iterator[Any]:
    opened = client_of("waiting", platform.answer, platform.log.policy(), tmp_path, float(NOW))
    yield opened
    closed(opened)


def test_counters_that_no_receipt_bore_are_gaps(platform: SmallPlatform, client: Any) -> None:
    client.messages(token(platform), "abc")
    client.messages(token(platform), "abc")
    counters = client.spoken.kept.counters
    assert counters.lanes[person_id(platform.log, ALICE)].gaps() == (0, 1, 2)
    assert counters.lanes[person_id(platform.log, BOB)].gaps() == ()
    assert counters.counts() == {"access/messages.read": (2, 6)}


def test_what_is_behind_the_compared_size_is_not_counted(platform: SmallPlatform, client: Any) -> None:
    first = client.messages(token(platform), "abc").releases[0].index
    client.messages(token(platform), "abc")
    counters = client.spoken.kept.counters
    assert counters.counts(first) == {}
    assert counters.counts(first + 1) == {"access/messages.read": (1, 3)}


def test_a_difference_is_told_by_day_and_operation_and_nothing_is_filed(
    platform: SmallPlatform, client: Any
) -> None:
    """The log counts a read and a refusal that this program never got a receipt of."""
    client.messages(token(platform), "abc")
    size = len(platform.log.entries)
    with pytest.raises(CountsDiffer) as differ:
        client.reconcile()
    assert differ.value.comparison.differences == (
        Difference(DAY, "access/messages.read", (1, 3), (2, 7)),
        Difference(DAY, "refusal/messages.read", (0, 0), (1, 0)),
    )
    assert "access/messages.read: our receipts show 1 with 3 items, the log 2 with 7" in str(differ.value)
    assert len(platform.log.entries) == size


def test_counts_that_differ_can_be_put_on_record_all_the_same(platform: SmallPlatform, client: Any) -> None:
    client.messages(token(platform), "abc")
    assert client.file(client.compare()) == len(platform.log.entries) - 1


def test_a_counter_that_the_log_skips_is_not_reconciled_away(platform: SmallPlatform, client: Any) -> None:
    platform.book[BOB] = {"counter": 5}
    client.messages(token(platform), "abc")
    with pytest.raises(BadLog, match=r"expected counter 0 in a leaf, as 5 is, got none"):
        client.reconcile()
