"""A clock that goes back: partners get no answer, the log no leaf, until the clock is right again."""

from pathlib import Path

from tests.gate.a_platform import opened

DAY = 86_400_000_000


def test_a_clock_behind_the_log_answers_503_and_records_nothing_until_it_is_right(tmp_path: Path) -> None:
    with opened(tmp_path) as world:
        connected = world.connect("ana", world.conversation("ana", "bob"))
        world.now += DAY
        assert world.read(connected).status_code == 401  # the token is over, and the refusal is recorded
        before = world.committed()

        world.now -= DAY
        answer = world.read(connected)

        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert "the clock says UTC day" in answer.json()["detail"]
        assert world.committed() == before
        world.now += DAY
        assert world.read(connected).status_code == 401
        assert world.committed() == before + 1
