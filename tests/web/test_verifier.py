"""The page /verify and its modules, as the platform serves them."""

import re

from tests.web.conftest import House, text_of
from vestibule.web import pages

VERIFY = pages.STATIC / "verify"
OURS = sorted(VERIFY.glob("*.js"))


def test_the_page_says_whose_code_it_is_and_how_to_check_without_it(house: House) -> None:
    with house.browser() as browser:
        answer = browser.get("/verify")
        assert "own code comes from the platform that it checks" in text_of(answer.text)
        assert "vestibule verify history" in text_of(answer.text)
        assert "script-src 'self';" in answer.headers["content-security-policy"]
        assert 'href="/verify"' in browser.get("/log").text


def test_its_modules_are_served_under_their_digest_and_confined(house: House) -> None:
    folder, digest = pages.static_folder("verify")
    assert folder == f"/static/verify/{digest[:12]}"
    with house.browser() as browser:
        assert f'src="{folder}/page.js"' in browser.get("/verify").text
        for path in OURS:
            answer = browser.get(f"{folder}/{path.name}")
            assert answer.status_code == 200
            assert "javascript" in answer.headers["content-type"]
            assert "immutable" in answer.headers["cache-control"]
            assert answer.headers["content-security-policy"] == pages.content_security_policy()
        assert browser.get(f"{folder}/../../../app.py").status_code == 404


def test_modules_import_each_other_by_relative_paths_that_are_there() -> None:
    for path in OURS:
        imported = re.findall(r'(?:^import .* from |new URL\()"([^"]+)"', path.read_text(), re.MULTILINE)
        assert [name for name in imported if not name.startswith("./")] == []
        assert [name for name in imported if not (path.parent / name).exists()] == []


def test_modules_are_short_and_checked_by_type() -> None:
    for path in OURS:
        text = path.read_text()
        assert text.startswith("// @ts-check\n"), path.name
        assert text.count("\n") <= 260, path.name


def test_nothing_fetched_is_read_as_markup_or_code() -> None:
    forbidden = re.compile(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\(|new Function")
    assert [path.name for path in OURS if forbidden.search(path.read_text())] == []
