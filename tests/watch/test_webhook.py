from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.watch.a_site import Site, site
from vestibule.watch import state as states
from vestibule.watch.errors import BadState, WatchError
from vestibule.watch.notice import Kind, Notice
from vestibule.watch.state import State
from vestibule.watch.webhook import check_url, post, queue

NEW = State("log.example")
NOTICES = (Notice(Kind.PARTNER, 20_000, "Marquee", 3), Notice(Kind.UNREACHABLE, 20_001, "no answer"))


@pytest.fixture
def web() -> Iterator[Site]:
    with site() as web:
        yield web


def send(state: State, web: Site) -> tuple[list[State], State, str | None]:
    saved: list[State] = []
    with httpx2.Client() as http:
        left, why = post(state, f"{web.url}/hook", http, saved.append)
    return saved, left, why


def test_notices_are_posted_in_order_as_small_json(web: Site) -> None:
    saved, left, why = send(queue(NEW, NOTICES), web)
    assert web.posted == [
        {
            "log": "log.example",
            "number": 0,
            "kind": "partner",
            "day": "2024-10-04",
            "leaf": 3,
            "text": "Marquee",
        },
        {
            "log": "log.example",
            "number": 1,
            "kind": "unreachable",
            "day": "2024-10-05",
            "leaf": None,
            "text": "no answer",
        },
    ]
    assert ([len(state.waiting) for state in saved], left.waiting, why) == ([1, 0], (), None)


def test_what_is_not_taken_waits_and_is_posted_again_before_anything_newer(web: Site) -> None:
    web.statuses.extend([204, 500])
    _, left, why = send(queue(NEW, NOTICES), web)
    assert why == f"{web.url}/hook: expected status 2xx, got 500; 1 notice waiting"
    _, left, why = send(queue(left, NOTICES[:1]), web)
    assert [body["number"] for body in web.posted] == [0, 1, 1, 2]
    assert (left.waiting, why) == ((), None)


def test_a_redirect_is_not_followed(web: Site) -> None:
    web.statuses.append(302)
    _, left, why = send(queue(NEW, NOTICES[:1]), web)
    assert len(left.waiting) == 1
    assert why is not None
    assert "got 302" in why
    assert web.asked == []


def test_nobody_there_is_no_error(web: Site) -> None:
    web.url = "http://127.0.0.1:1"
    _, left, why = send(queue(NEW, NOTICES), web)
    assert (len(left.waiting), why is None) == (2, False)


@pytest.mark.parametrize(
    "url", ["", "ftp://a/b", "file:///etc/passwd", "//host/", "http://", "http://[", "hook"]
)
def test_an_address_that_is_not_http_is_refused(url: str) -> None:
    with pytest.raises(WatchError, match="webhook: expected an http"):
        check_url(url)


def test_a_state_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert states.load(tmp_path, "log.example") == NEW
    full = queue(State("log.example", 7, {Kind.SMALLER: 12}, 4, 13), NOTICES)
    states.save(tmp_path, full)
    assert states.load(tmp_path, "log.example") == full


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'{"v":2}', b'{"v":1,"standing":{"x":1},"waiting":[]}', b"\xff"]
)
def test_a_damaged_state_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / states.NAME).write_bytes(data)
    with pytest.raises(BadState, match=r"watch\.json: expected"):
        states.load(tmp_path, "log.example")


def test_the_state_of_another_log_is_refused(tmp_path: Path) -> None:
    states.save(tmp_path, NEW)
    with pytest.raises(BadState, match=r"expected the log other\.example, got log\.example"):
        states.load(tmp_path, "other.example")
