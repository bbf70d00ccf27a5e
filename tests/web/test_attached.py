"""Files that go with messages: sent by a form, given to the conversation's members and to nobody else."""

import html

import pytest

from tests.web.conftest import NewPerson, Person, befriend, text_of
from vestibule.inbox import attached
from vestibule.inbox.attachments import LARGEST_FILE

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
PAGE = b"<!doctype html><script>alert(1)</script>"


@pytest.fixture
def ann(new_person: NewPerson) -> Person:
    return new_person("Ann")


@pytest.fixture
def bob(new_person: NewPerson, ann: Person) -> Person:
    bob = new_person("Bob")
    befriend(ann, bob)
    return bob


def sends(
    person: Person, conversation: str, *files: tuple[str, bytes], body: str = "", key: str = "f1"
) -> int:
    given = [("files", (name, data)) for name, data in files]
    answer = person.browser.post(f"{conversation}/files", data={"body": body, "key": key}, files=given)
    return answer.status_code


def test_members_get_the_very_bytes_and_nobody_else_gets_any(
    ann: Person, bob: Person, new_person: NewPerson
) -> None:
    conversation = ann.writes_to(bob, body="look")
    assert sends(ann, conversation, ("cat.png", PNG), ("a note.txt", b"words"), body="two files") == 303

    page = bob.sees(conversation)
    assert 'alt="cat.png"' in page
    assert "a note.txt" in page
    assert bob.browser.get(f"{conversation}/2/file/0").content == PNG
    assert bob.browser.get(f"{conversation}/2/file/1").content == b"words"
    for missing in (f"{conversation}/2/file/2", f"{conversation}/1/file/0", f"{conversation}/9/file/0"):
        assert bob.browser.get(missing).status_code == 404
    assert new_person("Eve").browser.get(f"{conversation}/2/file/0").status_code == 404


def test_no_file_can_run_as_a_page_of_ours(ann: Person, bob: Person) -> None:
    conversation = ann.writes_to(bob, body="look")
    sends(ann, conversation, ("evil.html", PAGE), ("évil\u202egnp.\r\nexe", PAGE))

    for number, name in enumerate(("evil.html", "%C3%A9vilgnp.exe")):
        answer = bob.browser.get(f"{conversation}/2/file/{number}")
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"] == f"attachment; filename*=UTF-8''{name}"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"


def test_the_inbox_and_a_reply_say_that_there_is_a_file(ann: Person, bob: Person) -> None:
    conversation = ann.writes_to(bob, body="look")
    sends(ann, conversation, ("cat.png", PNG))

    assert "A file" in text_of(bob.sees("/inbox"))
    assert "In reply to Ann: a file" in text_of(bob.sees(f"{conversation}?reply_to=2"))


def test_the_same_form_sent_twice_is_one_message_and_with_another_file_none(ann: Person, bob: Person) -> None:
    conversation = ann.writes_to(bob, body="look")
    for _ in range(2):
        assert sends(ann, conversation, ("cat.png", PNG)) == 303
    assert sends(ann, conversation, ("other.png", PNG + b"x")) == 422
    assert bob.sees(conversation).count('alt="cat.png"') == 1


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ((), "expected 1 to 4 files, got 0"),
        ([("a.txt", b"x")] * 5, "expected 1 to 4 files, got 5"),
        ([("empty.txt", b"")], "expected a file with something in it, got 'empty.txt' with 0 bytes"),
        ([("big.bin", bytes(LARGEST_FILE + 1))], "expected files of at most 10,485,760 bytes, got 'big.bin'"),
    ],
    ids=["none", "too many", "empty", "too large"],
)
def test_what_cannot_go_is_named_and_the_words_are_kept(
    ann: Person, bob: Person, files: list[tuple[str, bytes]], told: str
) -> None:
    conversation = ann.writes_to(bob, body="look")
    given = [("files", (name, data)) for name, data in files] or {"body": (None, "my words")}
    answer = ann.browser.post(f"{conversation}/files", data={"body": "my words", "key": "k"}, files=given)

    assert answer.status_code == 422
    assert told in html.unescape(text_of(answer.text))
    assert ">my words</textarea>" in answer.text
    assert "/2/file/" not in bob.sees(conversation)


def test_files_chosen_but_not_sent_along_are_asked_for_again(ann: Person, bob: Person) -> None:
    conversation = ann.writes_to(bob, body="look")
    answer = ann.browser.post(conversation, data={"body": "see", "key": "k", "files": "cat.png"})

    assert answer.status_code == 422
    assert "Choose the files again" in text_of(answer.text)
    assert "see" not in text_of(bob.sees("/inbox"))


def test_more_than_a_person_may_have_in_all_is_not_sent(
    ann: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attached, "MOST_BYTES", len(PNG))
    conversation = ann.writes_to(bob, body="look")
    for key in ("1", "2"):
        assert sends(ann, conversation, ("cat.png", PNG), key=key) == 303
    given = [("files", ("more.txt", b"x"))]
    answer = ann.browser.post(f"{conversation}/files", data={"body": "my words", "key": "3"}, files=given)
    assert answer.status_code == 422
    assert f"{len(PNG)} bytes together; expected at most 0 more, got 1" in text_of(answer.text)
    assert ">my words</textarea>" in answer.text
    assert "more.txt" not in bob.sees(conversation)
