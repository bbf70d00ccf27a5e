import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.verdict.log_builder import LogBuilder
from vestibule.cli.main import main

BASE_INSTALL = """
import importlib.abc, sys

ABSENT = {"apsw", "argon2", "litestar", "msgspec", "uvicorn", "jinja2", "uvloop", "httptools"}

class NotInstalled(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name in ABSENT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, NotInstalled())
from vestibule.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def base_install(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command where none of the server's dependencies can be imported."""
    command = [sys.executable, "-c", BASE_INSTALL, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_base_install_verifies() -> None:
    done = base_install("verify", "could", "--help")
    assert done.returncode == 0
    assert "4 the log or a proof does not hold" in " ".join(done.stdout.split())


@pytest.mark.parametrize(("command", "extra"), [("serve", "server"), ("witness", "witness")])
def test_the_base_install_says_what_serving_needs(command: str, extra: str) -> None:
    done = base_install(command, "--port", "0")
    assert done.returncode == 2
    assert done.stderr == (
        f"vestibule {command} needs more than the base install; from a clone of the source: "
        f"pip install '.[{extra}]'\n"
    )


def test_without_a_command_the_usage_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([])
    assert "COMMAND" in capsys.readouterr().err


def test_every_command_is_listed_without_the_server_too() -> None:
    done = base_install("--help")
    assert done.returncode == 0
    assert all(command in done.stdout for command in ("verify", "keygen", "serve", "witness"))


LISTING = """
import sys
from vestibule.cli.main import main
try:
    main(["--help"])
finally:
    print("litestar" in sys.modules)
"""


def test_verifying_does_not_wait_for_the_server_to_be_imported() -> None:
    done = subprocess.run([sys.executable, "-c", LISTING], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "False"


def of_marquee(log: LogBuilder, folder: Path) -> list[str]:
    """Ask a question to which the answer is a proven no, code 1; or the yes about Jukebox, code 0."""
    (folder / "policy").write_bytes(log.policy())
    log.write(folder / "log")
    return ["verify", "could", "--log", str(folder / "log"), "--policy", str(folder / "policy"), "--partner"]


@pytest.mark.parametrize("words", [["marquee"], ["jukebox"], ["jukebox", "--json"]])
def test_a_closed_pipe_is_no_verdict(log: LogBuilder, tmp_path: Path, words: list[str]) -> None:
    command = [sys.executable, "-m", "vestibule.cli.main", *of_marquee(log, tmp_path), *words]
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    finally:
        os.close(writing)
    assert (done.returncode, done.stderr) == (141, "")


UNFORESEEN = """
import sys
from vestibule.cli import verify
from vestibule.cli.main import main

del verify.read_log
sys.exit(main(sys.argv[1:]))
"""


def test_an_unforeseen_error_is_no_verdict(log: LogBuilder, tmp_path: Path) -> None:
    command = [sys.executable, "-c", UNFORESEEN, *of_marquee(log, tmp_path), "marquee"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (70, "")
    assert done.stderr.startswith("Traceback (most recent call last):")
    assert "NameError" in done.stderr
