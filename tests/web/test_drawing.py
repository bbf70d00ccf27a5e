"""Charts of counts: what is drawn, what is said of it, and what is not shown."""

import re
from collections.abc import Callable, Sequence

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from vestibule.web import charts
from vestibule.web.charts import HEIGHT, WIDTH, Drawing, Series
from vestibule.web.pages import TEMPLATES

DAYS = ("1 May 2026", "2 May 2026", "3 May 2026", "4 May 2026")
SENT = Series("Sent", (3, 0, None, 10))
CLICKED = Series("Clicked", (1, 5, 2, None))


def test_bars_stand_side_by_side_within_their_day_in_proportion_to_the_scale() -> None:
    drawing = charts.bars("sent", "Sent and clicked", DAYS, (SENT, CLICKED))
    first, second = (bar for bar in drawing.bars if bar.x < WIDTH / 4)
    assert first.x + first.width == second.x
    assert second.x + second.width < WIDTH / 4
    assert (first.height, second.height) == (HEIGHT * 3 / 10, HEIGHT / 10)
    assert all(bar.y + bar.height == HEIGHT for bar in drawing.bars)


def test_of_nothing_there_is_no_bar_and_of_what_is_not_shown_a_pale_one() -> None:
    drawing = charts.bars("sent", "Sent", DAYS, (SENT,))
    assert [bar.shown for bar in drawing.bars] == [True, False, True]
    assert drawing.bars[1].height == HEIGHT


def test_one_among_thousands_is_still_seen() -> None:
    drawing = charts.bars("a", "A", DAYS[:2], (Series("A", (5000, 1)),))
    assert drawing.bars[1].height == HEIGHT * charts.LEAST_SHARE


@pytest.mark.parametrize(
    ("most", "scale"),
    [
        (0, (2, 1, 0)),
        (1, (2, 1, 0)),
        (3, (4, 2, 0)),
        (10, (10, 5, 0)),
        (11, (20, 10, 0)),
        (401, (600, 300, 0)),
    ],
)
def test_the_scale_ends_at_a_round_number_with_a_whole_half(most: int, scale: tuple[int, int, int]) -> None:
    assert charts.bars("a", "A", DAYS[:1], (Series("A", (most,)),)).scale == scale


def test_a_line_breaks_where_a_number_is_not_shown_and_a_lone_one_is_a_dot() -> None:
    drawing = charts.lines("sent", "Sent", DAYS, (SENT,))
    assert [line.path for line in drawing.lines] == ["M125.0 70.0L375.0 100.0", "M875.0 0.0h0"]


def test_who_cannot_see_it_is_told_sums_and_largest_numbers() -> None:
    drawing = charts.lines("sent", "Sent", DAYS, (SENT, Series("Clicked", (0, 0, 0, 0))))
    assert drawing.description == (
        "Sent: 13 in all, at most 10 (4 May 2026), 1 of 4 not shown. Clicked: none."
    )
    assert drawing.slots[2].words == "3 May 2026: Sent not shown, Clicked 0"


def test_a_series_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 3 numbers, got 4"):
        charts.bars("a", "A", DAYS[:3], (SENT,))
    with pytest.raises(ValueError, match="expected one or more, got none"):
        charts.lines("a", "A", (), ())


@pytest.mark.parametrize("draw", [charts.bars, charts.lines])
def test_the_markup_has_title_and_description_and_neither_script_nor_style(
    draw: Callable[[str, str, Sequence[str], Sequence[Series]], Drawing],
) -> None:
    drawing = draw("sent", "Sent <b>", DAYS, (SENT, CLICKED))
    markup = render_drawing(drawing)
    assert 'aria-labelledby="sent-title sent-desc"' in markup
    assert "Sent &lt;b&gt;</title>" in markup
    assert '<desc id="sent-desc">Sent: 13 in all' in markup
    assert re.search(r"style=|<script|<style", markup) is None


def render_drawing(drawing: Drawing) -> str:
    parts = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined)
    source = "{% from 'parts/drawing.html' import drawing %}{{ drawing(chart) }}"
    return parts.from_string(source).render(chart=drawing)
