"""`vestibule witness` as a process: what it says, what stops it, what it refuses."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.witness.a_witness import LOG, GrownLog
from vestibule.cli.main import main
from vestibule.tlog.note import COSIGNATURE, Note, SigningKey, VerifierKey

SEED = b"k" * 32
NAME = "witness.example/w1"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "witness.seed"
    path.write_bytes(SEED)
    return path


def options(tmp_path: Path, **changed: str) -> list[str]:
    given = {
        "state": str(tmp_path / "state"),
        "key": str(tmp_path / "witness.seed"),
        "name": NAME,
        "log": str(LOG.verifier),
        "port": "0",
        **changed,
    }
    return ["witness", *(word for option, value in given.items() for word in (f"--{option}", value))]


@contextmanager
def started(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """Start the command; give the process, the verifier key and the address that it printed."""
    command = [sys.executable, "-m", "vestibule.cli.main", *options(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            vkey = process.stdout.readline().strip()
            yield process, vkey, process.stdout.readline().strip().removeprefix("Cosigns on ")
        finally:
            process.kill()


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_witness_says_its_key_and_address_cosigns_and_stops(tmp_path: Path, how: signal.Signals) -> None:
    log = GrownLog().grow(5)
    with started(tmp_path) as (process, vkey, base):
        key = VerifierKey.parse(vkey)
        assert key == SigningKey.from_seed(NAME, SEED, COSIGNATURE).verifier
        answer = httpx2.post(f"{base}/add-checkpoint", content=log.request(0), timeout=30)
        assert answer.status_code == 200
        assert Note.parse(log.note() + answer.text).verify_key(key)
        process.send_signal(how)
        assert process.wait(60) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
    made = [tmp_path / "state", *(tmp_path / "state").iterdir()]
    assert [path for path in made if path.stat().st_mode & 0o077] == []


@pytest.mark.usefixtures("key")
def test_a_second_witness_on_one_folder_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with started(tmp_path):
        before = os.umask(0o022)
        try:
            assert main(options(tmp_path)) == 1
        finally:
            os.umask(before)
    assert capsys.readouterr().err == f"vestibule: {tmp_path}/state/witness.db: in use by another process\n"


@pytest.mark.parametrize(
    ("seed", "message"),
    [(None, "witness.seed: No such file or directory"), (b"short", "expected a seed of 32 bytes, got 5")],
)
def test_a_key_that_cannot_sign_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: bytes | None, message: str
) -> None:
    if seed is not None:
        (tmp_path / "witness.seed").write_bytes(seed)
    before = os.umask(0o022)
    try:
        assert main(options(tmp_path)) == 1
    finally:
        os.umask(before)
    assert message in capsys.readouterr().err


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("name", "https://witness.example", "expected an address without scheme"),
        ("name", "a+b", "expected a key name without spaces and plus"),
        ("log", "nonsense", "expected name+id+key"),
        ("log", str(SigningKey.from_seed(NAME, SEED, COSIGNATURE).verifier), "of signature type 0x01"),
        ("port", "70000", "expected 0 to 65535"),
    ],
)
def test_a_wrong_option_says_what_was_expected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, value: str, message: str
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(options(tmp_path, **{option: value}))
    assert message in capsys.readouterr().err
