"""A platform in a process of its own, which a test may kill and start again on the same folder and port."""

import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from tests.ports import free_ports

LOG_ORIGIN = "crash.test/log"
START_SECONDS = 60.0
STOP_SECONDS = 60.0


def serving(data: Path, port: int) -> list[str]:
    """Spell the command."""
    command = [sys.executable, "-m", "vestibule.cli.main", "serve", "--data", str(data), "--port", str(port)]
    return [*command, "--log-origin", LOG_ORIGIN, "--partner-rate", "100000", "--dialogs-an-hour", "1000000"]


@dataclass
class Server:
    """One folder and one address; a process while it runs."""

    data: Path
    port: int = field(default_factory=free_ports)
    process: subprocess.Popen[bytes] | None = None
    options: tuple[str, ...] = ()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def spawn(self) -> subprocess.Popen[bytes]:
        """Start the process; what it says goes to a file beside the folder."""
        assert self.process is None
        with self.output.open("ab") as output:
            command = [*serving(self.data, self.port), *self.options]
            self.process = subprocess.Popen(command, stdout=output, stderr=output)
        return self.process

    @property
    def output(self) -> Path:
        return self.data.with_suffix(".out")

    def start(self) -> None:
        """Start the process and return when it answers."""
        process = self.spawn()
        with httpx2.Client(base_url=self.base, timeout=START_SECONDS) as client:
            while True:
                assert process.poll() is None, self.output.read_text()
                try:
                    assert client.get("/log/checkpoint").status_code == 200, self.output.read_text()
                except httpx2.ConnectError:  # the port is not taken yet; once it is, requests wait
                    continue
                return

    def kill(self) -> None:
        """Take the process away as a power cut would, whatever it is doing."""
        assert self.process is not None
        self.process.kill()
        assert self.process.wait(STOP_SECONDS) == -signal.SIGKILL
        self.process = None

    def terminate(self) -> int:
        """Ask the process to stop and return its exit code."""
        assert self.process is not None
        self.process.terminate()
        code = self.process.wait(STOP_SECONDS)
        self.process = None
        return code

    def leave(self) -> None:
        """End the process if a test left it running."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(STOP_SECONDS)
            self.process = None

    def fetch(self, path: str) -> bytes:
        """Fetch a file of the published log."""
        answer = httpx2.get(f"{self.base}/log/{path}", timeout=START_SECONDS)
        if answer.status_code != 200:
            raise FileNotFoundError(f"{path}: {answer.status_code}")
        return answer.content
