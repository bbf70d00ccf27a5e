"""What a served platform leaves in its folder is its own; what it cannot be served with is named."""

import os
import subprocess
from pathlib import Path

from tests.crash.a_server import START_SECONDS, Server, serving


def test_no_other_user_can_read_what_the_platform_keeps(tmp_path: Path) -> None:
    before = os.umask(0o022)
    server = Server(tmp_path / "data")
    try:
        server.start()
        assert server.terminate() == 0
    finally:
        server.leave()
        os.umask(before)

    made = [server.data, *server.data.rglob("*")]
    assert {"vestibule.db", "operator.token", "log.seed", "checkpoint"} <= {path.name for path in made}
    assert [path for path in made if path.stat().st_mode & 0o077] == []


def test_a_malformed_file_of_witnesses_is_named_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "witnesses.txt"
    file.write_text("# whom we asked\nwitness a\n")
    command = [*serving(tmp_path / "data", 0), "--witnesses", str(file), "--witnessing", "synchronous"]

    ended = subprocess.run(command, capture_output=True, text=True, timeout=START_SECONDS, check=False)

    complaint = f"vestibule: {file}: line 2: expected witness <name> <vkey> [<url>]\n"
    assert (ended.returncode, ended.stderr) == (1, complaint)


def test_witnesses_without_a_mode_are_refused(tmp_path: Path) -> None:
    command = [*serving(tmp_path / "data", 0), "--witnesses", str(tmp_path / "witnesses.txt")]

    ended = subprocess.run(command, capture_output=True, text=True, timeout=START_SECONDS, check=False)

    assert (ended.returncode, ended.stderr) == (1, "vestibule: --witnesses and --witnessing go together\n")
