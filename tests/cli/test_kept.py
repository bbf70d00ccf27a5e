"""`vestibule verify receipt` on the files that a partner's program keeps."""

from pathlib import Path

import pytest

from tests.sdk.both import client_of, closed
from tests.sdk.small_platform import SmallPlatform, token
from tests.verdict.log_builder import NOW
from vestibule.cli.main import main
from vestibule.verdict.errors import BadReceipt


@pytest.fixture
def platform() -> SmallPlatform:
    return SmallPlatform()


@pytest.fixture
def policy(platform: SmallPlatform, tmp_path: Path) -> str:
    file = tmp_path / "policy.txt"
    file.write_bytes(platform.log.policy())
    return str(file)


def folder_of(platform: SmallPlatform, tmp_path: Path) -> Path:
    """Read twice; the second answer carries other words than are recorded."""
    client = client_of("waiting", platform.answer, platform.log.policy(), tmp_path / "kept", float(NOW))
    client.messages(token(platform), "abc")
    platform.tamper = lambda answer: answer["messages"][0].update(body="other\x1b words")
    with pytest.raises(BadReceipt):
        client.messages(token(platform), "abc")
    closed(client)
    return tmp_path / "kept"


def test_a_file_of_receipts_is_checked_and_added_up(
    platform: SmallPlatform, policy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder_of(platform, tmp_path) / "receipts.jsonl"
    assert main(["verify", "receipt", str(file), "--policy", policy]) == 0
    said = capsys.readouterr().out
    assert "checked, and good: 2 receipts of 1 answer, in the log vestibule.example/log up to size" in said
    assert "2026-11-23  access/messages.read: 1 with 3 items" in said


def test_a_receipt_that_does_not_hold_is_named_by_its_line(
    platform: SmallPlatform, policy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = folder_of(platform, tmp_path) / "receipts.jsonl"
    file.write_text(file.read_text().replace("index ", "index 1", 1))
    assert main(["verify", "receipt", str(file), "--policy", policy]) == 4
    assert "line 1: receipt: " in capsys.readouterr().err


def test_an_answer_that_did_not_hold_fails_again_and_says_what_it_shows(
    platform: SmallPlatform, policy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (file,) = folder_of(platform, tmp_path).glob("evidence-*.json")
    assert main(["verify", "receipt", str(file), "--policy", policy]) == 4
    said = capsys.readouterr().out
    assert "jukebox asked GET https://vestibule.example/v1/conversations/abc/messages?limit=50" in said
    assert "checked again: receipt of leaf" in said
    assert "expected the 3 messages of the answer, got others" in said
    assert "nobody but the partner signed" in said
    assert "\x1b" not in said


def test_a_file_of_something_else_is_a_question_that_cannot_be_answered(
    policy: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "something.json"
    file.write_text('{"name": "value"}')
    assert main(["verify", "receipt", str(file), "--policy", policy]) == 2
    assert "kept answer: v: expected a whole number" in capsys.readouterr().err
