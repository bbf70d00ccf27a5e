"""Secrets in files: made once, whole, for the owner alone."""

from pathlib import Path

import pytest

from vestibule.recorder.errors import LogRefusesToStart
from vestibule.recorder.keys import kept


def test_a_secret_is_made_once_and_kept_for_the_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "secret"

    assert kept(path, b"a" * 32) == b"a" * 32
    assert kept(path, b"b" * 32) == b"a" * 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["secret"]


def test_what_a_crash_left_of_a_secret_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "secret.new").write_bytes(b"a")

    assert kept(tmp_path / "secret", b"b" * 32) == b"b" * 32


@pytest.mark.parametrize("length", [0, 31, 33])
def test_a_secret_of_another_length_is_not_used(tmp_path: Path, length: int) -> None:
    (tmp_path / "secret").write_bytes(b"a" * length)

    with pytest.raises(LogRefusesToStart, match=f"expected a secret of 32 bytes, got {length}"):
        kept(tmp_path / "secret", b"b" * 32)
