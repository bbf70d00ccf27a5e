"""Which messages a selection is about."""

import dataclasses
from typing import Any

import pytest

from vestibule.connections.grants import Grant, Reach, Seen, Selection, reaches

SINCE = 1_000
ALL = Grant("jukebox", (), Selection((7, 8), SINCE), 20_000)
THROUGH = dataclasses.replace(ALL, selection=Selection((7, 8), SINCE, Reach.THROUGH_PARTNER))
PICKED = dataclasses.replace(ALL, selection=Selection((7,), SINCE, Reach.PICKED, ((7, 2),)))
PLAIN = Seen(7, 2, SINCE)


@pytest.mark.parametrize(
    ("grant", "changed", "expected"),
    [
        (ALL, {}, True),
        (ALL, {"conversation": 8}, True),
        (ALL, {"conversation": 9}, False),
        (ALL, {"sent_at": SINCE - 1}, False),
        (THROUGH, {}, False),
        (THROUGH, {"via_partner": "jukebox"}, True),
        (THROUGH, {"answers_via": "jukebox"}, True),
        (THROUGH, {"via_partner": "marquee", "answers_via": "marquee"}, False),
        (THROUGH, {"via_partner": "jukebox", "sent_at": SINCE - 1}, False),
        (THROUGH, {"via_partner": "jukebox", "conversation": 9}, False),
        (PICKED, {}, True),
        (PICKED, {"seq": 3}, False),
        (PICKED, {"conversation": 8}, False),
        (PICKED, {"sent_at": SINCE - 1}, False),
    ],
)
def test_only_what_the_person_chose_is_reached(
    grant: Grant, changed: dict[str, Any], *, expected: bool
) -> None:
    assert reaches(grant, dataclasses.replace(PLAIN, **changed)) is expected
