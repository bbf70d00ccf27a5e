"""The front door."""

import pytest

from tests.web.conftest import PASSWORD, House, NewPerson, text_of
from vestibule.people import throttle


def test_who_signs_up_is_signed_in_with_a_cookie_scripts_cannot_read(house: House) -> None:
    with house.browser() as browser:
        answer = browser.post("/signup", data={"handle": "una", "name": "Una", "password": PASSWORD})
        assert answer.status_code == 303
        assert answer.headers["location"] == "/inbox"
        cookie = answer.headers["set-cookie"]
        assert cookie.startswith("session=")
        for word in ("HttpOnly", "SameSite=lax", "Path=/"):
            assert word.lower() in cookie.lower()
        assert "domain" not in cookie.lower()
        assert browser.get("/inbox").status_code == 200


def test_a_bad_sign_up_says_what_is_wrong_and_keeps_what_was_typed(
    house: House, new_person: NewPerson
) -> None:
    taken = new_person("Ann").handle
    cases = [
        ({"handle": "No Spaces", "name": "N", "password": PASSWORD}, "small letters"),
        ({"handle": taken, "name": "N", "password": PASSWORD}, "already has this handle"),
        ({"handle": "newcomer", "name": " ", "password": PASSWORD}, "Give a name"),
        ({"handle": "newcomer", "name": "N", "password": "short"}, "at least 10"),
    ]
    with house.browser() as browser:
        for fields, sentence in cases:
            answer = browser.post("/signup", data=fields)
            assert answer.status_code == 422
            assert sentence in text_of(answer.text)
            assert 'aria-invalid="true"' in answer.text
            assert PASSWORD not in answer.text
            assert f'value="{fields["name"]}"' in answer.text
        assert browser.get("/inbox").status_code == 303


def test_a_wrong_sign_in_does_not_say_which_half_is_wrong(house: House, new_person: NewPerson) -> None:
    ann = new_person("Ann")
    with house.browser() as browser:
        wrong = [
            browser.post("/signin", data={"handle": ann.handle, "password": "something else"}),
            browser.post("/signin", data={"handle": "nobody_at_all", "password": "something else"}),
        ]
        assert [answer.status_code for answer in wrong] == [422, 422]
        said = [text_of(answer.text).replace(ann.handle, "") for answer in wrong]
        assert said[0] == said[1].replace("nobody_at_all", "")


def test_after_too_many_wrong_sign_ins_one_has_to_wait(house: House, new_person: NewPerson) -> None:
    handle = new_person("Ann").handle
    with house.browser() as browser:
        answers = [browser.post("/signin", data={"handle": handle, "password": "guess"}) for _ in range(11)]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 0


def test_signing_in_leads_to_where_one_wanted_to_be_and_never_away(
    house: House, new_person: NewPerson
) -> None:
    login = {"handle": new_person("Ann").handle, "password": PASSWORD}
    with house.browser() as browser:
        sent = browser.get("/apps?x=1")
        assert sent.status_code == 303
        assert sent.headers["location"] == "/signin?next=%2Fapps%3Fx%3D1"
        assert 'name="next" value="/apps?x=1"' in browser.get(sent.headers["location"]).text
        for wanted, leads in [("/apps?x=1", "/apps?x=1"), ("//evil.example", "/inbox"), ("", "/inbox")]:
            answer = browser.post("/signin", data={**login, "next": wanted})
            assert answer.headers["location"] == leads


def test_signing_out_ends_the_session_itself(new_person: NewPerson, house: House) -> None:
    ann = new_person("Ann")
    token = ann.browser.cookies["session"]
    assert ann.does("/signout") == "/signin?said=signed-out"
    with house.browser() as browser:
        assert browser.get("/inbox", headers={"cookie": f"session={token}"}).status_code == 303


def test_a_form_that_is_not_utf8_or_not_a_form_is_refused_whole(house: House) -> None:
    with house.browser() as browser:
        form = {"content-type": "application/x-www-form-urlencoded"}
        assert browser.post("/signup", content=b"handle=%ff", headers=form).status_code == 400
        assert browser.post("/signup", content=b"handle=a", headers={}).status_code == 415
        assert browser.post("/signup", content=b"a=" + b"x" * 200_000, headers=form).status_code == 413


def test_the_front_page_is_for_strangers(house: House, new_person: NewPerson) -> None:
    assert new_person("Ann").browser.get("/").headers["location"] == "/inbox"
    with house.browser() as browser:
        page = browser.get("/")
    assert page.status_code == 200
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["cache-control"] == "private, no-store"


def test_who_signs_up_is_signed_in_also_while_too_many_others_fail_to_sign_in(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "GLOBAL_LIMIT", 0)
    with house.browser() as browser:
        fields = {"handle": "latecomer", "name": "Late", "password": PASSWORD, "next": "/friends"}
        assert browser.post("/signin", data=fields).status_code == 429
        answer = browser.post("/signup", data=fields)
        assert (answer.status_code, answer.headers["location"]) == (303, "/friends")
        assert browser.get("/inbox").status_code == 200
