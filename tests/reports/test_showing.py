"""What is shown of a report, and attacks on all of it together: totals, places, kinds, sides, editions."""

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reports.an_attacker import Equation, Name, bounds
from vestibule.ledger.engagement import Counted, Placed, Table
from vestibule.reports.showing import KINDS, Both, Counts, Kept, Line, Own, Place, Shown, show

WEB, TV, APP = Place("web", "title", "a"), Place("tv", "title", "a"), Place("app", "end", "b")
PLACES = (APP, TV, WEB)


def table_of(counts: Mapping[Place, tuple[int, int]], day: int = 1) -> Table:
    return {
        Placed(day, place.interface, place.surface, place.variant): Counted(*both)
        for place, both in counts.items()
    }


def counts_of(ours: Mapping[Place, tuple[int, int]], *filed: Mapping[Place, tuple[int, int]]) -> Counts:
    """Let everything happen on one day, each send to one friend."""
    recipients = {(place, "friend"): {1: sends} for place, (sends, _) in ours.items() if sends}
    return Counts(table_of(ours), Own(recipients, mutes=3, reports=12), tuple(map(table_of, filed)))


def line_of(shown: Shown, place: Place) -> Line | None:
    return next((line for line in shown.lines if line.place == place), None)


LARGE = {WEB: (400, 60), TV: (90, 30), APP: (50, 20)}


def test_everything_is_shown_where_nothing_is_small() -> None:
    shown, kept = show(counts_of(LARGE, LARGE), 10)
    assert (shown.sends, shown.clicks, shown.recipients) == (Both(540, 540), Both(110, 110), 540)
    assert (shown.mutes, shown.reports) == (None, 12)
    assert line_of(shown, TV) == Line(
        TV, Both(90, 90), 90, dict.fromkeys(KINDS, 0) | {"friend": 90}, Both(30, 30)
    )
    assert kept == Kept(10)


def test_what_is_small_is_not_listed_and_neither_is_what_covers_it() -> None:
    shown, kept = show(counts_of(LARGE | {APP: (9, 0)}), 10)
    assert [line.place for line in shown.lines if line.sends] == [WEB]
    assert shown.sends == Both(499)
    assert kept.sends == {APP, TV}


def test_clicks_are_hidden_apart_from_sends() -> None:
    shown, _ = show(counts_of(LARGE | {APP: (50, 2)}), 10)
    assert line_of(shown, APP) == Line(APP, Both(50), 50, dict.fromkeys(KINDS, 0) | {"friend": 50}, None)
    assert line_of(shown, WEB) == Line(
        WEB, Both(400), 400, dict.fromkeys(KINDS, 0) | {"friend": 400}, Both(60)
    )


def test_of_a_fortnight_with_little_nothing_is_shown() -> None:
    shown, _ = show(counts_of({WEB: (5, 1)}, {WEB: (5, 1)}), 10)
    assert shown == Shown(10, sends=None, recipients=None, clicks=None, mutes=None, reports=12)


def test_what_an_earlier_period_showed_least_of_is_taken_for_cover() -> None:
    _, kept = show(counts_of(LARGE | {APP: (9, 0)}), 10, known={WEB: 20, TV: 400})
    assert kept.sends == {APP, WEB}


def test_kinds_of_recipients_are_covered_within_their_place() -> None:
    counts = counts_of(LARGE)
    recipients = {(WEB, "app-friend"): {1: 200}, (WEB, "friend"): {1: 197}, (WEB, "invited"): {1: 3}}
    shown, kept = show(replace(counts, own=Own({**counts.own.recipients, **recipients})), 10)
    line = line_of(shown, WEB)
    assert line is not None
    assert (line.recipients, line.kinds) == (400, {"friend": 197})
    assert kept.kinds == {(WEB, "app-friend"), (WEB, "invited")}


def test_a_correction_shows_nothing_that_was_hidden() -> None:
    _, kept = show(counts_of(LARGE, LARGE | {APP: (1, 20)}), 10)
    corrected, _ = show(counts_of(LARGE, LARGE | {APP: (1, 20)}, LARGE), 10, before=kept)
    assert line_of(corrected, APP) == Line(APP, None, None, {}, Both(20, 20))
    assert line_of(corrected, TV) == Line(TV, None, None, {}, Both(30, 30))


def test_a_lower_threshold_shows_nothing_that_was_hidden() -> None:
    counts = counts_of(LARGE | {APP: (9, 0)})
    shown, kept = show(counts, 10)
    assert show(counts, 3, before=kept) == (shown, kept)


def test_what_both_sides_lack_of_each_other_in_hidden_places_is_not_shown() -> None:
    ours = LARGE | {APP: (9, 20)}
    assert show(counts_of(ours, ours), 10)[0].sends == Both(499, 499)
    forgotten, _ = show(counts_of(ours, LARGE | {APP: (0, 20)}), 10)
    assert forgotten.sends == Both(499)
    assert [line.sends for line in forgotten.lines if line.place == WEB] == [Both(400, 400)]


def test_what_a_correction_adds_in_hidden_places_is_not_shown() -> None:
    ours = LARGE | {APP: (9, 20)}
    counts = counts_of(ours, ours | {TV: (190, 30), APP: (1, 20)}, ours | {TV: (190, 30)})
    first, kept = show(replace(counts, filed=counts.filed[:1]), 10)
    second, _ = show(counts, 10, before=kept)
    assert first.sends == Both(499, 591)
    assert second.sends == Both(499)


def test_the_filed_total_is_not_shown_where_one_place_alone_is_hidden_in_it() -> None:
    shown, _ = show(counts_of(LARGE | {APP: (9, 20)}, {WEB: (400, 60), TV: (150, 30), APP: (0, 20)}), 10)
    assert shown.sends == Both(499)


def test_a_place_is_covered_by_one_that_was_used_on_the_same_days() -> None:
    ours = {**table_of({WEB: (400, 0)}), **table_of({TV: (90, 0), APP: (9, 0)}, day=2)}
    _, kept = show(Counts(ours, Own()), 10, known={TV: 50})
    assert kept.sends == {APP, TV}


def test_few_recipients_are_hidden_even_if_their_sends_were_counted_in_the_fortnight_before() -> None:
    counts = counts_of(LARGE)
    own = Own({**counts.own.recipients, (Place("old"), "invited"): {1: 3}})
    shown, kept = show(replace(counts, own=own), 10)
    assert kept.sends == {Place("old"), APP}
    assert line_of(shown, Place("old")) is None


# The attack on everything at once. Unknown are, by day, the sends of a place and its recipients of each kind.
# Known are all zeros, the recipients of each day, and whatever was shown.

DAYS = (1, 2)
SMALL = st.one_of(st.integers(0, 2), st.integers(0, 9), st.integers(10, 60))


@st.composite
def fortnights(draw: st.DrawFn) -> tuple[Table, Own]:
    recipients: dict[tuple[Place, str], dict[int, int]] = {}
    ours: dict[Placed, Counted] = {}
    for place in PLACES:
        for day in DAYS:
            kinds = {kind: draw(SMALL) for kind in KINDS[:2]}
            if total := sum(kinds.values()):
                sends = draw(st.integers(1, total))
                placed = Placed(day, place.interface, place.surface, place.variant)
                ours[placed] = Counted(sends, draw(SMALL))
            for kind, count in kinds.items():
                if count:
                    recipients.setdefault((place, kind), {})[day] = count
    return ours, Own(recipients)


@st.composite
def editions(draw: st.DrawFn, ours: Table) -> Table:
    """File the same, or something else for a place."""
    changed = dict(ours)
    for placed in draw(st.sets(st.sampled_from(sorted(ours)), max_size=2)) if ours else ():
        changed[placed] = Counted(draw(SMALL), draw(SMALL))
    return {placed: counted for placed, counted in changed.items() if counted != Counted()}


def place_of(placed: Placed) -> Place:
    return Place(placed.interface, placed.surface, placed.variant)


class Attack:
    """What somebody knows of sends and recipients of a fortnight."""

    def __init__(self, ours: Table, own: Own) -> None:
        self.sends = {(place_of(placed), placed.day): of.sends for placed, of in ours.items() if of.sends}
        self.own = {
            (place, kind, day): count
            for (place, kind), cells in own.recipients.items()
            for day, count in cells.items()
        }
        self.unknown: list[Name] = [*self.sends, *self.own]
        self.known: list[Equation] = []
        for day in DAYS:
            self.learn({cell: 1 for cell in self.own if cell[2] == day})
        for place, day in self.sends:
            # No more sends than recipients: the rest is 0 or more, so 1 less than an unknown.
            to = {cell: 1 for cell in self.own if (cell[0], cell[2]) == (place, day)}
            rest = ("rest", place, day)
            self.unknown.append(rest)
            self.known.append(({**to, (place, day): -1, rest: -1}, -1))

    def learn(self, of: Mapping[Name, int]) -> None:
        everything: dict[Name, int] = {**self.sends, **self.own}
        self.known.append((of, sum(times * everything[cell] for cell, times in of.items())))

    def learn_shown(self, shown: Shown) -> None:
        if shown.sends is not None:
            self.learn(dict.fromkeys(self.sends, 1))
        for line in shown.lines:
            mine = {cell: 1 for cell in self.sends if cell[0] == line.place}
            to = {cell: 1 for cell in self.own if cell[0] == line.place}
            if line.sends is not None:
                self.learn(mine)
            if line.recipients is not None:
                self.learn(to)
            for kind in line.kinds:
                self.learn({cell: 1 for cell in to if cell[1] == kind})

    def possible(self, cells: Mapping[Name, int]) -> range:
        least, most = bounds(self.unknown, self.known, cells)
        return range(least, most + 1)


def small(cells: Mapping[Name, int], threshold: int) -> set[int]:
    return set(range(len(cells), len(cells) + threshold - 1))


@settings(max_examples=5)
@given(fortnights(), st.data())
def test_of_hidden_places_and_kinds_nobody_learns_how_small_they_are(
    fortnight: tuple[Table, Own], data: st.DataObject
) -> None:
    threshold = 5
    ours, own = fortnight
    filed = [data.draw(editions(ours)) for _ in range(2)]
    attack, ignorant = Attack(ours, own), Attack(ours, own)
    kept = None
    for edition in range(3):
        shown, kept = show(Counts(ours, own, tuple(filed[:edition])), threshold, before=kept)
        attack.learn_shown(shown)
        if shown.sends is not None:
            ignorant.learn(dict.fromkeys(ignorant.sends, 1))
    for place in {place for place, _ in attack.sends}:
        cells = {cell: 1 for cell in attack.sends if cell[0] == place}
        check(attack, ignorant, cells, sum(attack.sends[cell] for cell in cells), threshold)
    for place, kind in own.recipients:
        of_kind = {cell: 1 for cell in attack.own if cell[:2] == (place, kind)}
        check(attack, ignorant, of_kind, sum(own.recipients[place, kind].values()), threshold)


def check(attack: Attack, ignorant: Attack, cells: Mapping[Name, int], value: int, threshold: int) -> None:
    """A small number may be every small number that it may be for who has been shown the total alone."""
    if value in small(cells, threshold):
        assert set(attack.possible(cells)) >= small(cells, threshold) & set(ignorant.possible(cells))
