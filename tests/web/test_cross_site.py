"""Requests that another site caused change nothing."""

import pytest

from tests.web.conftest import House, NewPerson, befriend, text_of
from vestibule.web.cross_site import caused_by_another_site

ORIGIN = "https://chat.example"


@pytest.mark.parametrize(
    ("method", "headers", "refused"),
    [
        ("POST", {b"sec-fetch-site": b"same-origin"}, False),
        ("POST", {b"sec-fetch-site": b"none"}, False),
        ("POST", {b"sec-fetch-site": b"same-site"}, True),
        ("POST", {b"sec-fetch-site": b"cross-site"}, True),
        ("POST", {b"sec-fetch-site": b""}, True),
        ("DELETE", {b"sec-fetch-site": b"cross-site"}, True),
        ("POST", {b"sec-fetch-site": b"cross-site", b"origin": b"https://chat.example"}, True),
        ("POST", {b"origin": b"https://chat.example"}, False),
        ("POST", {b"origin": b"http://chat.example"}, True),
        ("POST", {b"origin": b"https://chat.example:8443"}, True),
        ("POST", {b"origin": b"null"}, True),
        ("POST", {}, False),
        ("GET", {b"sec-fetch-site": b"cross-site"}, False),
        ("HEAD", {b"origin": b"https://elsewhere.example"}, False),
    ],
)
def test_only_own_pages_and_clients_that_are_no_browsers_may_change_something(
    method: str, headers: dict[bytes, bytes], *, refused: bool
) -> None:
    assert caused_by_another_site(method, headers, ORIGIN) is refused


def test_a_form_on_another_port_of_this_host_cannot_ask_for_friends(
    house: House, new_person: NewPerson
) -> None:
    ann, bob = new_person("Ann"), new_person("Bob")
    for headers in ({"sec-fetch-site": "same-site"}, {"origin": "http://127.0.0.1:1"}):
        answer = ann.browser.post("/friends/ask", data={"handle": bob.handle}, headers=headers)
        assert answer.status_code == 403
        assert answer.headers["content-type"].startswith("text/html")
    assert "Asking you" not in text_of(bob.sees("/friends"))
    own = ann.browser.post("/friends/ask", data={"handle": bob.handle}, headers={"origin": house.origin})
    assert own.status_code == 303
    assert "Asking you" in text_of(bob.sees("/friends"))


def test_a_cross_site_sign_in_is_refused_though_no_cookie_comes_with_it(house: House) -> None:
    with house.browser() as browser:
        answer = browser.post(
            "/signin", data={"handle": "a", "password": "b"}, headers={"sec-fetch-site": "cross-site"}
        )
    assert answer.status_code == 403


def test_a_form_on_another_port_of_this_host_cannot_send_a_message(new_person: NewPerson) -> None:
    ann, bob = new_person("Ann"), new_person("Bob")
    befriend(ann, bob)
    conversation = ann.writes_to(bob, body="hello")
    answer = ann.browser.post(
        f"/api/conversations/{conversation.rpartition('/')[2]}/messages",
        content=b'{"body": "not hers", "key": "k"}',
        headers={"content-type": "text/plain", "sec-fetch-site": "same-site"},
    )
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert "not hers" not in bob.sees(conversation)
