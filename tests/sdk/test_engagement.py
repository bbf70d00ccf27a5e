import threading
from pathlib import Path

import pytest

from vestibule.ledger.engagement import Counted, Placed
from vestibule.ledger.fortnight import Fortnight
from vestibule.sdk.engagement import Engagement, read_counts
from vestibule.sdk.errors import BadStore, StoreInUse

FORTNIGHT = Fortnight.parse("2026-W01")
NOON = FORTNIGHT.first * 86_400 + 43_200
CLICK = "/films/7?click=fGd0kq3cQ9mJ0v8mYw1x2A&click_surface=film&click_variant=b"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "counts" / "engagement.jsonl"


def counting(file: Path, at: float = NOON) -> Engagement:
    return Engagement(file, clock=lambda: at)


def test_each_dialog_and_each_click_is_counted_once_where_its_button_stood(file: Path) -> None:
    with counting(file) as counts:
        assert counts.sent("one", surface="film", variant="b")
        assert not counts.sent("one", surface="film", variant="b")
        assert counts.sent("another", surface="film", variant="b")
        assert counts.clicked(CLICK)
        assert not counts.clicked(CLICK)
        placed = Placed(FORTNIGHT.first, surface="film", variant="b")
        assert counts.table(FORTNIGHT) == {placed: Counted(2, 1)}
        assert counts.table(Fortnight(FORTNIGHT.over_on)) == {}


@pytest.mark.parametrize(
    "address",
    [
        "/films/7",
        "/films/7?click=",
        "/films/7?click=short",
        CLICK.replace("film&", "Film!&"),
        CLICK + "%00" * 30,
    ],
)
def test_a_visit_without_a_click_value_of_the_platforms_form_counts_nothing(file: Path, address: str) -> None:
    with counting(file) as counts:
        assert not counts.clicked(address)
        assert counts.table(FORTNIGHT) == {}


def test_a_word_that_no_dialog_takes_is_refused(file: Path) -> None:
    with counting(file) as counts, pytest.raises(ValueError, match="expected up to 64 of a-z"):
        counts.sent("one", surface="Film page")


def test_what_was_counted_is_there_after_a_crash_in_the_middle_of_a_line(file: Path) -> None:
    with counting(file) as counts:
        counts.sent("one")
    whole = file.read_bytes()
    file.write_bytes(whole + b'{"what": "click", "i')
    assert read_counts(file, FORTNIGHT) == {Placed(FORTNIGHT.first): Counted(1, 0)}
    with counting(file, NOON + 86_400) as counts:
        assert not counts.sent("one")
        assert counts.clicked(CLICK)
        table = counts.table(FORTNIGHT)
    assert sum(counted.sends for counted in table.values()) == 1
    assert [placed.day for placed in table] == [FORTNIGHT.first, FORTNIGHT.first + 1]
    assert read_counts(file, FORTNIGHT) == table


def test_one_process_counts_at_a_time_and_another_may_read(file: Path) -> None:
    with counting(file) as counts:
        counts.sent("one")
        with pytest.raises(StoreInUse, match="another process counts there"):
            counting(file)
        assert read_counts(file, FORTNIGHT) == counts.table(FORTNIGHT)


def test_somebody_elses_file_is_not_taken_for_counts(file: Path) -> None:
    file.parent.mkdir()
    for line in (b'{"receipts": []}\n', b'{"what":"mute","id":"1","day":20451,"words":["","",""]}\n'):
        file.write_bytes(line)
        with pytest.raises(BadStore, match="line 1: expected a count"):
            counting(file)
        with pytest.raises(BadStore, match="line 1: expected a count"):
            read_counts(file, FORTNIGHT)


def test_it_keeps_neither_states_nor_click_values(file: Path) -> None:
    with counting(file) as counts:
        counts.sent("a-state-of-mine")
        counts.clicked(CLICK)
    assert b"a-state-of-mine" not in file.read_bytes()
    assert b"fGd0kq3c" not in file.read_bytes()


def test_of_many_threads_one_counts_a_click(file: Path) -> None:
    with counting(file) as counts:
        done: list[bool] = []
        threads = [threading.Thread(target=lambda: done.append(counts.clicked(CLICK))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(done) == [False] * 7 + [True]
