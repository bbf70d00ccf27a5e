"""The register and the log's page, for everybody."""

from tests.web.conftest import App, House, NewPerson, text_of


def test_the_register_shows_who_may_ask_for_what(house: House, jukebox: App, marquee: App) -> None:
    with house.browser() as browser:
        page = text_of(browser.get("/register").text)
        assert "may ask: messages.read" in page
        assert "no privilege" in page
        held = text_of(browser.get(f"/register/{jukebox.partner}").text)
        assert "Jukebox Ltd" in held
        assert "messages.read held" in held
        none = text_of(browser.get(f"/register/{marquee.partner}").text)
        assert "Marquee holds no privilege" in none
        assert "not provable" in none
        assert browser.get("/register/nobody").status_code == 404


def test_the_log_page_says_what_is_not_attested_and_how_to_check(house: House) -> None:
    with house.browser() as browser:
        page = browser.get("/log").text
        assert "time not attested" in text_of(page)
        assert "vestibule verify could" in text_of(page)
        assert browser.get("/log/checkpoint").text.split("\n")[2] in page
        assert "What everybody can learn" in text_of(page)


def test_public_pages_greet_who_is_signed_in(new_person: NewPerson) -> None:
    assert "Sign out" in text_of(new_person("Ann").sees("/log"))


def test_static_files_are_served_to_be_kept(house: House) -> None:
    with house.browser() as browser:
        for name, kind in (("vestibule.css", "text/css"), ("live.js", "javascript"), ("mark.svg", "svg")):
            answer = browser.get(f"/static/{name}")
            assert answer.status_code == 200
            assert kind in answer.headers["content-type"]
            assert "immutable" in answer.headers["cache-control"]
        assert browser.get("/static/../app.py").status_code == 404
        assert browser.get("/static/%2e%2e/app.py").status_code == 404


def test_no_answer_is_taken_for_something_else_or_shown_inside_another_page(house: House) -> None:
    with house.browser() as browser:
        for path in (
            "/",
            "/apps",
            "/signin",
            "/nowhere",
            "/log/checkpoint",
            "/static/mark.svg",
            "/v1/connection",
        ):
            headers = browser.get(path).headers
            assert (headers["x-content-type-options"], headers["x-frame-options"]) == ("nosniff", "DENY"), (
                path
            )
        assert browser.get("/api/events").headers["x-content-type-options"] == "nosniff"
