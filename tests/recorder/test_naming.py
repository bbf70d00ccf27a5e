"""A log has one name for ever."""

from pathlib import Path

import pytest

from vestibule.recorder.errors import LogRefusesToStart
from vestibule.recorder.naming import log_name


def test_the_first_start_names_the_log_and_later_ones_keep_the_name(tmp_path: Path) -> None:
    data = tmp_path / "data"

    assert log_name(data, None, "127.0.0.1:8420/log") == "127.0.0.1:8420/log"
    assert log_name(data, None, "127.0.0.1:9999/log") == "127.0.0.1:8420/log"
    assert log_name(data, "127.0.0.1:8420/log", "other/log") == "127.0.0.1:8420/log"


def test_a_log_cannot_be_renamed(tmp_path: Path) -> None:
    log_name(tmp_path, "chat.example/log", "x/log")

    with pytest.raises(LogRefusesToStart, match=r"called chat\.example/log for ever, got other"):
        log_name(tmp_path, "other.example/log", "x/log")


@pytest.mark.parametrize("name", ["", "https://chat.example/log", "chat.example/log/", "a b", "a+b", "a\nb"])
def test_a_malformed_name_is_refused_and_not_kept(tmp_path: Path, name: str) -> None:
    with pytest.raises(LogRefusesToStart, match=r"expected a name as chat\.example/log"):
        log_name(tmp_path, None, name)

    assert not (tmp_path / "log.origin").exists()
