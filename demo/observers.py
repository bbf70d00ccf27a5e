"""Who looks on: a newspaper that runs a witness, and a consumers' union that runs an auditor.

Both are processes of their own with keys of their own. The platform waits for both before anything goes out.
"""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING

from demo import processes
from vestibule.tlog.keys import COSIGNATURE, SigningKey

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from vestibule.tlog.keys import VerifierKey

NAMES = ("gazette", "union")
"""In the order in which they are started."""

COSIGNS = re.compile(r"^Cosigns on (http://\S+)$", re.MULTILINE)
KEY_NAMES = {"gazette": "gazette.example/witness", "union": "union.example/auditor"}
POLICY = """\
# run-by gazette The Gazette, a newspaper
witness gazette {gazette}
# run-by union Users' Union, which replays the whole log
witness union {union}
group auditors any union
group both all gazette auditors
quorum both
"""


def log_key(keys: Path, origin: str) -> VerifierKey:
    """Make the log's key before its first leaf, so that who looks on knows it from the beginning."""
    return SigningKey.from_seed(origin, _seed(keys / "log.seed")).verifier


def start(folder: Path, log: VerifierKey, url: str, children: list[subprocess.Popen[bytes]]) -> Path:
    """Start both; return the file with which the platform is told of them.

    Args:
        folder: the demo's folder; each gets one of its own in it.
        log: the key of the log that they know.
        url: where the log's files will be.
        children: takes the processes.
    """
    trusted = folder / "observers.policy"
    trusted.write_text(f"log {log} {url}\nquorum none\n")
    addresses = {
        "gazette": _start(folder, "gazette", ["witness", "--log", str(log)], children),
        "union": _start(
            folder, "union", ["audit", "--serve", "--log", url, "--policy", str(trusted)], children
        ),
    }
    file = folder / "witnesses"
    lines = {name: f"{_key(folder, name).verifier} {address}" for name, address in addresses.items()}
    file.write_text(POLICY.format(**lines))
    return file


def _start(folder: Path, name: str, command: list[str], children: list[subprocess.Popen[bytes]]) -> str:
    """Start one of them, and return where it cosigns."""
    key = _key(folder, name)
    own = folder / name
    options = ["--state", str(own / "state"), "--key", str(own / "seed"), "--name", key.verifier.name]
    log = folder / f"{name}.log"
    log.write_bytes(b"")
    child = processes.start(["-m", "vestibule.cli.main", *command, *options, "--port", "0"], log=log)
    children.append(child)
    return processes.said(COSIGNS, child, log)


def _key(folder: Path, name: str) -> SigningKey:
    return SigningKey.from_seed(KEY_NAMES[name], _seed(folder / name / "seed"), COSIGNATURE)


def _seed(path: Path) -> bytes:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(secrets.token_bytes(32))
    return path.read_bytes()
