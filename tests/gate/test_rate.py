"""The token bucket of each partner."""

import pytest

from vestibule.gate.errors import TooManyRequests
from vestibule.gate.rate import Rates

SECOND = 1_000_000


def test_a_burst_passes_and_the_next_one_is_told_how_long_to_wait() -> None:
    rates = Rates(per_second=0.25, burst=3)
    for _ in range(3):
        rates.take("jukebox", 0)

    with pytest.raises(TooManyRequests, match="try again in 4 s") as caught:
        rates.take("jukebox", 0)
    assert caught.value.retry_after == 4


def test_waiting_as_told_is_enough_and_trying_meanwhile_costs_nothing() -> None:
    rates = Rates(per_second=0.25, burst=1)
    rates.take("jukebox", 0)
    for at in range(1, 4):
        with pytest.raises(TooManyRequests):
            rates.take("jukebox", at * SECOND)

    rates.take("jukebox", 4 * SECOND)


def test_one_partner_does_not_slow_another() -> None:
    rates = Rates(per_second=1, burst=1)
    rates.take("jukebox", 0)

    rates.take("marquee", 0)


def test_nothing_is_saved_up_beyond_the_burst_and_a_clock_set_back_gives_nothing() -> None:
    rates = Rates(per_second=1, burst=2)
    rates.take("jukebox", 100 * SECOND)
    rates.take("jukebox", 100 * SECOND)
    with pytest.raises(TooManyRequests):
        rates.take("jukebox", 50 * SECOND)
    for _ in range(2):
        rates.take("jukebox", 1000 * SECOND)
    with pytest.raises(TooManyRequests):
        rates.take("jukebox", 1000 * SECOND)
