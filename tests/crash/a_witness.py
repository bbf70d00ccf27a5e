"""A witness in a process of its own, which a test may kill and start again on the same folder and port."""

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from tests.crash.a_server import LOG_ORIGIN, START_SECONDS
from tests.ports import free_ports
from vestibule.recorder.keys import load_keys
from vestibule.tlog.note import COSIGNATURE, SigningKey

NAME = "witness.test/1"
SEED = b"w" * 32


@dataclass
class WitnessProcess:
    """A witness of the platform whose data folder is `data`; a process while it runs."""

    folder: Path
    data: Path
    port: int = field(default_factory=free_ports)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process and return when it answers."""
        self.folder.mkdir(exist_ok=True)
        key = self.folder / "key"
        key.write_bytes(SEED)
        log = load_keys(self.data / "keys", LOG_ORIGIN).signing.verifier
        command = [
            sys.executable,
            "-m",
            "vestibule.cli.main",
            "witness",
            "--state",
            str(self.folder / "state"),
        ]
        command += ["--key", str(key), "--name", NAME, "--log", str(log), "--port", str(self.port)]
        with (self.folder / "out").open("ab") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output)
        with httpx2.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=START_SECONDS) as client:
            while True:
                assert self.process.poll() is None, (self.folder / "out").read_text()
                try:
                    client.get("/")
                except httpx2.ConnectError:  # the port is not taken yet; once it is, requests wait
                    continue
                return

    def kill(self) -> None:
        """Take the process away as a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(START_SECONDS)
            self.process = None

    def policy(self) -> Path:
        """Write the operator's file that makes this witness the quorum."""
        key = SigningKey.from_seed(NAME, SEED, COSIGNATURE).verifier
        path = self.folder / "policy"
        path.write_text(f"witness w {key} http://127.0.0.1:{self.port}\n# run-by w Somebody\nquorum w\n")
        return path
