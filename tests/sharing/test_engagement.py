from tests.reports.a_story import FORTNIGHT, Story
from tests.reports.conftest import story as story  # noqa: PLC0414  (a fixture)
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.sharing.engagement import KEPT_DAYS, forget_salts, person_key

DAY = MICROSECONDS_A_DAY
NOW = FORTNIGHT.first * DAY


def key(story: Story, user_id: int, now: int) -> bytes:
    made: bytes = story.run(person_key(story.store, user_id, now))
    return made


def test_a_person_has_one_key_through_a_fortnight_and_another_in_the_next(story: Story) -> None:
    first = key(story, 1, NOW)
    assert len(first) == 16
    assert key(story, 1, FORTNIGHT.over_on * DAY - 1) == first
    assert key(story, 1, FORTNIGHT.over_on * DAY) != first
    assert key(story, 2, NOW) != first


def test_a_key_cannot_be_made_again_once_its_salt_is_forgotten(story: Story) -> None:
    first = key(story, 1, NOW)
    assert story.run(forget_salts(story.store, NOW + KEPT_DAYS * DAY)) == 0
    assert key(story, 1, NOW) == first
    assert story.run(forget_salts(story.store, NOW + (KEPT_DAYS + 1) * DAY)) == 1
    assert key(story, 1, NOW) != first
