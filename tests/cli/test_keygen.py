import base64
import stat
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from vestibule.cli.main import main


def test_a_seed_is_written_for_its_owner_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "marquee.seed"
    assert main(["keygen", str(path)]) == 0
    seed = path.read_bytes()
    assert len(seed) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    public = base64.b64decode(capsys.readouterr().out.strip(), validate=True)
    assert public == bytes(SigningKey(seed).verify_key)


def test_a_key_is_never_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "marquee.seed"
    path.write_bytes(b"kept")
    assert main(["keygen", str(path)]) == 2
    assert path.read_bytes() == b"kept"
    assert "a key is never overwritten" in capsys.readouterr().err


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "none" / "marquee.seed"
    assert main(["keygen", str(path)]) == 2
    assert capsys.readouterr().err == f"vestibule keygen: {path}: No such file or directory\n"
