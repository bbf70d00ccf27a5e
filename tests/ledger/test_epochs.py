"""Epoch leaves in a replay: what they must say, and how each lie shows."""

import timeit
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from tests.ledger.conftest import DAY, Book
from vestibule.ledger import canonical
from vestibule.ledger.commitments import Commitments
from vestibule.ledger.epoch import EpochLeaf
from vestibule.ledger.errors import LedgerError
from vestibule.ledger.leaf import Event, encode, parse
from vestibule.ledger.prefix_map import PrefixMap
from vestibule.ledger.replay import Replay, replay


def honest(book: Book, size: int | None = None) -> EpochLeaf:
    """Make the epoch leaf that the specification wants next, from the leaves alone."""
    size = len(book.leaves) if size is None else size
    previous = max((leaf.size for leaf in book.leaves if isinstance(leaf, EpochLeaf)), default=0)
    events = [(at, leaf) for at, leaf in enumerate(book.leaves[:size]) if isinstance(leaf, Event)]
    made = PrefixMap()
    rows: dict[tuple[int, str, str, str], list[int]] = {}
    days = {event.day for at, event in events if at >= previous}
    for at, event in events:
        made.insert(event.tag, at)
        if event.day in days:
            row = rows.setdefault((event.day, event.partner, f"{event.kind}/{event.op}", event.basis), [0, 0])
            row[0] += 1
            row[1] += event.n if event.kind in ("access", "send", "delete") else 0
    lines = [" ".join(map(str, (*name, *counts))) for name, counts in sorted(rows.items())]
    text = "".join(f"{line}\n" for line in ["ledger/totals/v1", *lines])
    return EpochLeaf(size, made.root(), len(made), sha256(text.encode()).digest(), book.day)


def breaches(book: Book) -> list[tuple[int, str]]:
    return [(breach.index, breach.message) for breach in replay(book.entries()).breaches]


def test_honest_epochs_are_no_breach_and_commit_to_the_map(book: Book) -> None:
    book.event("access", n=4)
    book.add(honest(book))
    book.event("exposure", n=1)
    book.event("access", n=2)
    behind = honest(book, size=len(book.leaves) - 1)
    book.event("refusal")
    book.add(behind)
    history = replay(book.entries())
    assert history.breaches == ()
    assert [epoch.leaf.size for epoch in history.epochs] == [6, 8]
    assert (len(history.map), len(history.tags)) == (3, 5)
    assert history.map.root() == behind.root
    assert history.daily[DAY, "jukebox", "access", "messages.read", "grant"] == (2, 6)


def test_an_epoch_over_nothing_new_still_closes_the_day_before(book: Book) -> None:
    book.add(honest(book))
    book.day += 1
    index = book.add(honest(book))
    history = replay(book.entries())
    assert history.breaches == ()
    assert history.closed_by(DAY) == index
    assert history.closed_by(DAY + 1) is None


def test_a_day_is_closed_by_the_first_later_epoch_not_by_a_later_event(book: Book) -> None:
    book.add(honest(book))
    book.day += 1
    book.event("access", n=1)
    assert replay(book.entries()).closed_by(DAY) is None
    first = book.add(honest(book))
    book.add(honest(book))
    assert replay(book.entries()).closed_by(DAY) == first
    assert replay(book.entries()).closed_by(DAY - 7) == 5


@pytest.mark.parametrize(
    ("lie", "said"),
    [
        ({"root": b"r" * 32}, "expected the map root"),
        ({"count": 1}, "expected an epoch over 2 tags, got 1"),
        ({"table": b"t" * 32}, "expected the totals' digest"),
        ({"size": 0}, "expected an epoch over 1 to 6 leaves, got 0"),
        ({"size": 7}, "expected an epoch over 1 to 6 leaves, got 7"),
    ],
)
def test_a_wrong_epoch_is_a_breach_and_closes_nothing(book: Book, lie: dict[str, Any], said: str) -> None:
    book.event("access", n=4)
    index = book.add(replace(honest(book), **lie))
    [(at, message)] = breaches(book)
    assert at == index
    assert message.startswith(said)
    assert replay(book.entries()).epochs == ()


def test_an_event_left_out_of_the_map_is_a_breach(book: Book) -> None:
    book.event("access", n=4)
    shorter = Book([*book.leaves[:-1]], book.day)
    left_out = replace(honest(shorter), size=len(book.leaves))
    index = book.add(left_out)
    assert breaches(book) == [(index, "expected an epoch over 2 tags, got 1")]


def test_an_event_put_at_another_leaf_of_the_map_is_a_breach(book: Book) -> None:
    book.event("access", n=4)
    moved = PrefixMap()
    moved.insert((4).to_bytes(32, "big"), 5)
    moved.insert((5).to_bytes(32, "big"), 4)
    index = book.add(replace(honest(book), root=moved.root()))
    [(at, message)] = breaches(book)
    assert (at, message[:21]) == (index, "expected the map root")


def test_a_wrong_total_is_a_breach(book: Book) -> None:
    shorter = Book([*book.leaves], book.day)
    book.event("access", n=4)
    shorter.event("access", n=3)
    index = book.add(replace(honest(book), table=honest(shorter).table))
    [(at, message)] = breaches(book)
    assert (at, message[:28]) == (index, "expected the totals' digest ")


def test_an_epoch_that_covers_no_more_than_the_one_before_is_a_breach(book: Book) -> None:
    first = honest(book)
    book.add(first)
    index = book.add(first)
    assert breaches(book) == [(index, "expected an epoch over 6 to 6 leaves, got 5")]


def test_totals_are_those_of_the_days_touched_since_the_epoch_before(book: Book) -> None:
    book.event("access", n=4)
    book.add(honest(book))
    book.day += 1
    book.event("access", n=1)
    of_both_days = honest(Book([leaf for leaf in book.leaves if not isinstance(leaf, EpochLeaf)], book.day))
    index = book.add(replace(honest(book), table=of_both_days.table))
    [(at, message)] = breaches(book)
    assert (at, message[:28]) == (index, "expected the totals' digest ")


def seconds_for_an_epoch(days: int) -> float:
    """Measure the epoch after the last of so many days, each with one row."""
    commitments = Commitments()
    for day in range(days):
        tag = sha256(day.to_bytes(8, "big")).digest()
        commitments.add(day, Event("refusal", "messages.read", "jukebox", 0, "grant", day, tag, tag))
    commitments.take_in(days)
    commitments.map.root()
    return min(timeit.repeat(lambda: commitments.leaf(days - 1, days), number=1, repeat=9))


def test_an_epoch_costs_what_its_own_days_hold_however_long_the_log_is() -> None:
    assert seconds_for_an_epoch(days=20_000) < 10 * seconds_for_an_epoch(days=2)


def test_a_replay_can_stop_and_go_on(book: Book) -> None:
    going = Replay()
    for entry in book.entries():
        going.add(entry)
    assert going.history().size == 5
    book.event("access", n=4)
    late = honest(book, size=5)
    book.add(late)
    for entry in book.entries()[5:]:
        going.add(entry)
    history = going.history()
    assert history.breaches == ()
    assert (history.size, len(history.tags), len(history.map)) == (7, 2, 1)


def test_most_live_looks_at_a_range_of_leaves(book: Book) -> None:
    book.event("grant")
    book.event("end")
    book.event("end")
    history = replay(book.entries())
    scope = ("jukebox", "messages.read")
    ranges = [(0, 4), (0, 5), (5, 6), (6, 7), (7, 9)]
    assert [history.most_live(*scope, first, end) for first, end in ranges] == [0, 1, 2, 2, 1]


@pytest.mark.parametrize("wrong", [{"map": "AA=="}, {"m": -1}, {"tab": 1}, {"size": "1"}, {"more": 1}])
def test_a_malformed_epoch_is_no_leaf(book: Book, wrong: dict[str, Any]) -> None:
    leaf = honest(book)
    assert parse(encode(leaf)) == leaf
    with pytest.raises(LedgerError):
        parse(canonical.encode(leaf.fields() | wrong))
