import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.inbox import sample_export as sample
from vestibule.inbox.errors import BadFile
from vestibule.inbox.extra import Extra
from vestibule.inbox.facebook import (
    MOST_IN_FILE,
    Thread,
    ThreadFiles,
    find_threads,
    parse_thread,
    photo_paths,
    repaired,
)
from vestibule.inbox.pictures import image_type

FOLDER = "messages/inbox/bob_1"
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60)
MESSAGES = st.lists(
    st.builds(sample.text, st.sampled_from([sample.BOB, sample.ME]), st.integers(0, 9), TEXT), max_size=25
).map(lambda messages: sorted(messages, key=lambda message: int(message["timestamp_ms"])))


def parsed(files: sample.Files) -> Thread:
    (thread,) = find_threads(files)
    return parse_thread(thread, [files[path] for path in thread.files])


def one_file(body: Any) -> Thread:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return parsed({f"{FOLDER}/message_1.json": data})


@given(TEXT)
def test_every_text_comes_back_from_the_double_encoding(text: str) -> None:
    assert repaired(sample.garbled(text)) == text


@given(st.text())
def test_text_that_was_never_double_encoded_is_kept_unless_it_reads_as_utf_8(text: str) -> None:
    try:
        expected = text.encode("latin-1").decode()
    except UnicodeError:
        expected = text
    assert repaired(text) == expected


@pytest.mark.parametrize("text", ["Größe", "naïve", "日本語", "😀", "plain", "", "â"])
def test_text_of_an_export_without_the_fault_stays_as_it_is(text: str) -> None:
    assert repaired(text) == text


@given(MESSAGES, st.integers(1, 9))
def test_a_thread_is_read_in_the_order_it_was_written_however_it_is_cut_into_files(
    messages: list[dict[str, Any]], per_file: int
) -> None:
    thread = parsed(sample.thread_files(FOLDER, messages, per_file=per_file))
    assert [message.body for message in thread.messages] == [message["content"] for message in messages]
    assert [message.sent_at for message in thread.messages] == [
        message["timestamp_ms"] * 1000 for message in messages
    ]
    assert (thread.title, thread.participants) == (sample.BOB, (sample.BOB, sample.ME))


@given(MESSAGES, MESSAGES)
def test_keys_are_unique_and_stay_when_the_thread_grows(
    old: list[dict[str, Any]], later: list[dict[str, Any]]
) -> None:
    for message in later:
        message["timestamp_ms"] += 100
    before = [message.key for message in parsed(sample.thread_files(FOLDER, old, per_file=4)).messages]
    after = [message.key for message in parsed(sample.thread_files(FOLDER, old + later, per_file=7)).messages]
    assert len(set(after)) == len(after)
    assert after[: len(before)] == before


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(
        lambda value: json.dumps(value).encode()
    )
)
def test_any_bytes_are_a_thread_or_a_bad_file_and_nothing_else(data: bytes) -> None:
    with pytest.raises(BadFile, match="not what an export holds"):
        one_file(data)


@given(st.data())
def test_a_file_that_was_cut_anywhere_is_refused(data: st.DataObject) -> None:
    whole = sample.thread_files(FOLDER, [sample.text(sample.BOB, 1, "ü")])[f"{FOLDER}/message_1.json"]
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(BadFile):
        one_file(whole[:cut])


GOOD = {"sender_name": "Bob", "timestamp_ms": 1}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"participants": []}, "missing required field `messages`"),
        ({"participants": [], "messages": [{"timestamp_ms": 1}]}, "`sender_name` - at `\\$.messages\\[0\\]`"),
        ({"participants": [], "messages": [GOOD | {"timestamp_ms": "1"}]}, "Expected `int`"),
        (
            {"participants": [], "messages": [GOOD, GOOD | {"timestamp_ms": -1}]},
            "message 1: expected milliseconds",
        ),
        (
            {"participants": [], "messages": [GOOD | {"timestamp_ms": 10**15}]},
            "message 0: expected milliseconds",
        ),
        ({"participants": [], "messages": [GOOD | {"content": "x" * 20_001}]}, "expected 20000 characters"),
        ({"participants": [], "messages": [GOOD | {"photos": [{"url": 1}]}]}, "`uri` - at `\\$.messages"),
        (b"[" * 100_000, "not what an export holds"),
        (b'{"participants":[],"messages":[],"x":' + b"[" * 100_000, "not what an export holds"),
        (
            b'{"participants":[],"messages":[{"sender_name":"\xff","timestamp_ms":1}]}',
            "not what an export holds",
        ),
        (
            b'{"participants":[],"messages":[{"sender_name":"\\ud83d","timestamp_ms":1}]}',
            "not what an export",
        ),
    ],
)
def test_a_malformed_file_is_named_with_its_reason(body: Any, reason: str) -> None:
    with pytest.raises(BadFile, match=reason) as error:
        one_file(body)
    assert error.value.file == f"{FOLDER}/message_1.json"


def test_a_file_missing_in_the_middle_is_named() -> None:
    files = sample.thread_files(FOLDER, [sample.text(sample.BOB, at, "x") for at in range(9)], per_file=3)
    del files[f"{FOLDER}/message_2.json"]
    with pytest.raises(BadFile, match=r"missing, but there is message_3\.json") as error:
        parsed(files)
    assert error.value.file == f"{FOLDER}/message_2.json"


def test_files_are_ordered_by_number_not_by_name() -> None:
    messages = [sample.text(sample.BOB, at, str(at)) for at in range(24)]
    thread = parsed(sample.thread_files(FOLDER, messages, per_file=2))
    assert [message.body for message in thread.messages] == [str(at) for at in range(24)]


@pytest.mark.parametrize(
    "root", ["", "facebook-zoe/", "your_facebook_activity/", "x/your_facebook_activity/"]
)
@pytest.mark.parametrize("box", ["inbox", "archived_threads", "filtered_threads", "message_requests"])
def test_threads_are_found_in_old_and_new_layouts(root: str, box: str) -> None:
    path = f"{root}messages/{box}/bob_1/message_1.json"
    others = (
        f"{root}messages/{box}/bob_1/photos/message_1.json",
        f"{root}messages/autofill.json",
        "message_1.json",
    )
    assert find_threads((path, *others)) == (ThreadFiles(f"{box}/bob_1", root, (path,)),)


def test_pictures_are_looked_for_from_the_root_of_the_export() -> None:
    old = ThreadFiles("inbox/bob_1", "facebook-zoe/", ())
    new = ThreadFiles("inbox/bob_1", "x/your_facebook_activity/", ())
    assert photo_paths(old, "messages/a.jpg") == ("facebook-zoe/messages/a.jpg",)
    assert photo_paths(new, "your_facebook_activity/messages/a.jpg")[0] == (
        "x/your_facebook_activity/messages/a.jpg"
    )
    assert "x/your_facebook_activity/messages/a.jpg" in photo_paths(new, "messages/a.jpg")


def test_only_web_addresses_are_taken_as_links() -> None:
    messages = [
        GOOD | {"share": {"link": link}} for link in ("javascript:alert(1)", "https://a.example", "http://b")
    ]
    thread = one_file({"participants": [], "messages": messages})
    assert sorted(message.extra.link for message in thread.messages) == ["", "http://b", "https://a.example"]


def test_a_nul_is_replaced() -> None:
    thread = one_file({"participants": [], "messages": [GOOD | {"content": "a\x00b"}]})
    assert thread.messages[0].body == "a\ufffdb"


def test_a_message_without_anything_special_carries_nothing_extra() -> None:
    thread = one_file({"participants": [], "messages": [GOOD | {"content": "hi"}]})
    assert thread.messages[0].extra == Extra()
    assert Extra().encode() is None


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (sample.JPEG, "image/jpeg"),
        (sample.PNG, "image/png"),
        (b"GIF89a..", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVE", None),
        (b"<svg onload=alert(1)>", None),
        (b"", None),
    ],
)
def test_a_picture_is_known_by_its_first_bytes(data: bytes, expected: str | None) -> None:
    assert image_type(data) == expected


def test_a_file_of_more_messages_than_an_export_writes_is_refused() -> None:
    message = b'{"sender_name":"","timestamp_ms":0}'
    messages = b",".join([message] * (MOST_IN_FILE + 1))
    (thread,) = find_threads(["messages/inbox/b_1/message_1.json"])
    with pytest.raises(BadFile, match="length <= 20000"):
        parse_thread(thread, [b'{"participants":[],"messages":[' + messages + b"]}"])
