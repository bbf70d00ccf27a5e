"""Charts of one day and of four hundred, and privileges whose ends are far."""

import pytest

from vestibule.ledger.leaf import PrivilegeLeaf, RegisterLeaf, Withdrawal
from vestibule.recorder.public_record import Count
from vestibule.web.public import charts
from vestibule.web.public.spans import spans_of

TODAY = 20_780
READ = "messages.read"


def counted(*events: tuple[int, int]) -> dict[tuple[int, str, str, str], Count]:
    return {(day, "access", READ, "grant"): Count(number, number, 0, 0) for day, number in events}


def privilege(day: int, until_day: int) -> PrivilegeLeaf:
    return PrivilegeLeaf("jukebox", READ, "to suggest songs", "ab" * 32, until_day, day, "k1", bytes(64))


def drawn(*events: tuple[int, int], since: int) -> charts.Columns:
    return charts.columns(counted(*events), "access", READ, "grant", charts.charted_days(since, TODAY))


def test_one_day_is_a_narrow_bar_at_the_right_edge() -> None:
    chart = drawn((TODAY, 3), since=TODAY)
    [bar] = chart.bars
    assert bar.width < charts.WIDTH / 10
    assert charts.WIDTH * 0.9 < bar.x + bar.width <= charts.WIDTH
    assert (bar.height, bar.value, chart.last_day) == (charts.HEIGHT, 3, TODAY)


@pytest.mark.parametrize("age", [399, 5000])
def test_four_hundred_days_are_four_hundred_bars_within_the_chart(age: int) -> None:
    since = TODAY - age
    chart = drawn(*((day, 1 + day % 50) for day in range(since, TODAY + 1)), since=since)
    assert len(chart.bars) == 400
    assert all(bar.x >= 0 and bar.x + bar.width <= charts.WIDTH for bar in chart.bars)
    assert all(a.x + a.width < b.x for a, b in zip(chart.bars, chart.bars[1:], strict=False))
    assert chart.bars[-1].day == TODAY


def test_heights_are_in_proportion_but_one_among_thousands_is_still_seen() -> None:
    many, half, one = drawn((TODAY - 2, 5000), (TODAY - 1, 2500), (TODAY, 1), since=TODAY - 2).bars
    assert (many.height, half.height) == (charts.HEIGHT, charts.HEIGHT / 2)
    assert one.height == charts.HEIGHT * charts.LEAST_SHARE
    assert all(bar.y + bar.height == pytest.approx(charts.HEIGHT) for bar in (many, half, one))


def test_a_privilege_is_a_bar_from_its_leaf_to_its_end() -> None:
    register: list[tuple[int, RegisterLeaf]] = [
        (1, privilege(TODAY - 100, TODAY + 100)),
        (5, Withdrawal("jukebox", READ, TODAY - 50)),
        (7, privilege(TODAY - 20, TODAY + 99)),
    ]
    first, second = spans_of(register)
    assert (first.last_day, first.ended_by, first.withdrawn) == (TODAY - 50, 5, True)
    assert (second.last_day, second.in_force(TODAY), second.in_force(TODAY + 100)) == (
        TODAY + 99,
        True,
        False,
    )
    timeline = charts.timeline((first, second), TODAY)
    assert timeline is not None
    [lane] = timeline.lanes
    step = charts.WIDTH / 200
    [(early, _), (late, _)] = lane.bars
    assert [early.x, early.width] == pytest.approx([0, 51 * step], abs=0.02)
    assert [late.x, late.x + late.width] == pytest.approx([80 * step, charts.WIDTH], abs=0.02)
    assert timeline.now == pytest.approx(100.5 * step, abs=0.02)


def test_a_privilege_given_again_takes_the_place_of_the_one_in_force() -> None:
    first, second = spans_of([(1, privilege(TODAY - 9, TODAY + 5)), (4, privilege(TODAY, TODAY + 99))])
    assert (first.last_day, first.ended_by, first.withdrawn) == (TODAY, 4, False)
    assert second.in_force(TODAY)


def test_a_withdrawal_after_the_last_day_ends_nothing_twice() -> None:
    [span] = spans_of([(1, privilege(TODAY - 9, TODAY - 5)), (2, Withdrawal("jukebox", READ, TODAY))])
    assert (span.last_day, span.ended_by) == (TODAY - 5, None)


def test_a_privilege_without_a_near_end_runs_to_the_edge() -> None:
    timeline = charts.timeline(spans_of([(1, privilege(TODAY, 2**40))]), TODAY)
    assert timeline is not None
    assert timeline.last_day == TODAY + charts.FAR
    [(bar, _)] = timeline.lanes[0].bars
    assert bar.x + bar.width == pytest.approx(charts.WIDTH)
