"""Programs get problem details, people get a page, and neither learns anything of the inside."""

import json

from litestar import get
from litestar.testing import create_test_client

from vestibule.web import errors


def test_programs_get_problem_details_and_people_a_page() -> None:
    with create_test_client([], exception_handlers=errors.exception_handlers()) as client:
        for path in ("/v1/nowhere", "/api/nowhere", "/operator/nowhere"):
            answer = client.get(path)
            assert answer.status_code == 404
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["status"] == 404
        page = client.get("/nowhere")
        assert page.status_code == 404
        assert page.headers["content-type"].startswith("text/html")
        assert "default-src 'none'" in page.headers["content-security-policy"]


def test_an_unexpected_error_says_nothing_of_the_inside() -> None:
    @get(["/v1/broken", "/broken"])
    async def broken() -> None:
        raise RuntimeError("secret detail")

    with create_test_client(broken, exception_handlers=errors.exception_handlers()) as client:
        for path in ("/v1/broken", "/broken"):
            answer = client.get(path)
            assert answer.status_code == 500
            assert "secret" not in answer.text


def test_a_problem_carries_its_extension_members_and_headers() -> None:
    answer = errors.problem(
        503, "Log trouble", "the log is closed", headers={"retry-after": "2"}, receipts=["r"]
    )
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert json.loads(json.dumps(answer.content)) == {
        "type": "about:blank",
        "title": "Log trouble",
        "status": 503,
        "detail": "the log is closed",
        "receipts": ["r"],
    }


def test_every_error_page_has_words_of_its_kind() -> None:
    for status in (400, 403, 404, 405, 413, 415, 429, 500, 502, 503):
        answer = errors.error_page(status)
        assert answer.status_code == status
        assert "<h1>" in answer.content
    assert errors.WORDS[400][0] in errors.error_page(415).content
    assert errors.WORDS[500][0] in errors.error_page(502).content


def test_an_error_page_speaks_as_the_browser_prefers_and_a_program_hears_english() -> None:
    german = {"accept-language": "de-AT,en;q=0.5"}
    with create_test_client([], exception_handlers=errors.exception_handlers()) as client:
        page, program = client.get("/nowhere", headers=german), client.get("/v1/nowhere", headers=german)
    assert '<html lang="de">' in page.text
    assert "Hier ist keine Tür" in page.text
    assert "Zur Eingangstür" in page.text
    assert program.json()["title"] == "Not Found"
