"""Importing one's own Facebook export, on the page."""

import io
import json
import zipfile

import pytest

from tests.web.conftest import NewPerson, Person, text_of

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
OTHER = "Ólga"


def as_exported(text: str) -> str:
    return text.encode().decode("latin-1")


def export(files: dict[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return written.getvalue()


def thread() -> bytes:
    return json.dumps(
        {
            "participants": [{"name": as_exported(OTHER)}, {"name": "Ann Lee"}],
            "title": as_exported(OTHER),
            "messages": [
                {
                    "sender_name": "Ann Lee",
                    "timestamp_ms": 1_400_000_100_000,
                    "content": as_exported("café ❤"),
                },
                {
                    "sender_name": as_exported(OTHER),
                    "timestamp_ms": 1_400_000_000_000,
                    "photos": [{"uri": "messages/inbox/olga_1/photos/1.png"}],
                },
            ],
        }
    ).encode()


WHOLE = {
    "messages/inbox/olga_1/message_1.json": thread(),
    "messages/inbox/olga_1/photos/1.png": PNG,
    "messages/inbox/broken_2/message_1.json": b"{",
}


@pytest.fixture
def ann(new_person: NewPerson) -> Person:
    return new_person("Ann Lee")


def upload(person: Person, data: bytes, own_name: str = "Ann Lee") -> tuple[int, str]:
    answer = person.browser.post(
        "/import", data={"own_name": own_name}, files={"export": ("e.zip", data, "application/zip")}
    )
    return answer.status_code, answer.text


def test_good_threads_come_in_and_a_broken_one_is_named(ann: Person) -> None:
    status, page = upload(ann, export(WHOLE))
    assert status == 200
    assert "2 messages added" in text_of(page)
    assert "messages/inbox/broken_2/message_1.json" in page
    inbox = ann.sees("/inbox")
    assert OTHER in inbox
    conversation = "/c/" + inbox.partition('href="/c/')[2][:13]
    shown = ann.sees(conversation)
    assert "café ❤" in shown
    assert 'class="write"' not in shown
    picture = ann.browser.get(f"{conversation}/1/photo/0")
    assert picture.content == PNG
    assert picture.headers["content-type"] == "image/png"
    assert picture.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert ann.browser.get(f"{conversation}/1/photo/1").status_code == 404
    assert ann.browser.get(f"{conversation}/2/photo/0").status_code == 404


def test_importing_again_adds_nothing(ann: Person) -> None:
    upload(ann, export(WHOLE))
    status, page = upload(ann, export(WHOLE))
    assert status == 200
    assert "Nothing new" in text_of(page)


@pytest.mark.parametrize("data", [b"not a zip", export({"readme.txt": b"hello"})])
def test_what_is_no_export_is_refused_with_the_reason(ann: Person, data: bytes) -> None:
    status, page = upload(ann, data)
    assert status == 422
    assert "This file cannot be imported: expected" in text_of(page)
    assert "Nobody has written yet" in text_of(ann.sees("/inbox"))


def test_a_form_without_file_or_name_says_so(ann: Person) -> None:
    status, page = upload(ann, b"", own_name=" ")
    assert status == 422
    assert "Give the name that you have" in text_of(page)
    answer = ann.browser.post("/import", data={"own_name": "Ann"})
    assert answer.status_code == 415
