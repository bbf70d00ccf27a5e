import pytest

from vestibule.people import throttle
from vestibule.people.errors import TooManyAttempts
from vestibule.people.throttle import GLOBAL_LIMIT, GLOBAL_WINDOW, LIMIT, Throttle


def test_right_passwords_never_fill_the_window() -> None:
    limits = Throttle(shared=True)
    for _ in range(GLOBAL_LIMIT * 2):
        limits.admit("anna", 0)
        limits.succeeded("anna")


def test_failures_with_many_handles_make_everybody_wait_for_a_while() -> None:
    limits = Throttle(shared=True)
    for attempt in range(GLOBAL_LIMIT):
        limits.admit(f"person{attempt}", 5)
    with pytest.raises(TooManyAttempts) as error:
        limits.admit("anna", 5)
    assert error.value.retry_after == 60
    limits.admit("anna", GLOBAL_WINDOW + 5)


def test_a_refused_attempt_does_not_prolong_the_wait() -> None:
    limits = Throttle(shared=True)
    for at in range(LIMIT):
        limits.admit("anna", at)
    for at in range(100):
        with pytest.raises(TooManyAttempts):
            limits.admit("anna", at)
    limits.admit("anna", throttle.WINDOW)


def test_memory_is_bounded_however_many_handles_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "_KEPT", 50)
    limits = Throttle(shared=True)
    for attempt in range(500):
        limits.admit(f"person{attempt}", attempt)
    assert len(limits._windows) == 50
