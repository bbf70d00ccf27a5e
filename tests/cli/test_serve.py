"""What a served platform leaves in its folder is its owner's alone."""

import os
from pathlib import Path

from tests.crash.a_server import Server


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
