"""The stage: platform, partners, witness and auditor as processes of their own, with ports and folders."""

from __future__ import annotations

import json
import re
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx2

from demo import observers, processes
from demo.errors import DemoError

if TYPE_CHECKING:
    import socket
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from demo.printing import Printer

LOG_ORIGIN = "vestibule.localhost/log"
PORT = 8420
PARTNERS = ("marquee", "jukebox")
PROGRAMS = (*observers.NAMES, "platform", *PARTNERS)
"""In the order in which they are started."""
STAYING_SECONDS = 0.5
LISTENS = re.compile(r"^Vestibule listens on (http://\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where everybody is.

    Attributes:
        platform: the platform's origin.
        homes: the partners' own origins by id.
        data: the platform's data folder.
        keys: the partners' folder, theirs alone.
        work: for what people download in the story.
        children: the processes.
        logs: the files in which each says what goes wrong.
    """

    platform: str
    homes: dict[str, str]
    data: Path
    keys: Path
    work: Path
    children: tuple[subprocess.Popen[bytes], ...]
    logs: tuple[Path, ...]

    def need_running(self) -> None:
        """Give everybody a moment; raises DemoError if one of the programs ends by itself."""
        for child, log in zip(self.children, self.logs, strict=True):
            processes.need_running(child, log, STAYING_SECONDS)


@dataclass(frozen=True, slots=True)
class _Building:
    """A stage while it is being built: its folder, and the processes that run already."""

    folder: Path
    children: list[subprocess.Popen[bytes]]

    def sub(self, *names: str) -> Path:
        """Return a folder in the stage's."""
        made = self.folder.joinpath(*names)
        made.mkdir(mode=0o700, parents=True, exist_ok=True)
        return made

    def log(self, name: str) -> Path:
        """Return where a process says what goes wrong."""
        return self.folder / f"{name}.log"


@contextmanager
def built(folder: Path, port: int, printer: Printer) -> Iterator[Stage]:
    """Start everything, and stop everything at the end, whatever happened."""
    building = _Building(folder, [])
    with ExitStack() as stack:
        stack.callback(processes.stop, building.children)
        listeners = _partner_ports(building.sub("demo-keys"), port, printer)
        for listener in listeners.values():
            stack.callback(listener.close)
        ports = {name: one.getsockname()[1] for name, one in listeners.items()}
        number = _free(port, "Vestibule", printer)
        key = observers.log_key(building.sub("platform", "keys"), LOG_ORIGIN)
        witnesses = observers.start(
            building.folder, key, f"http://{processes.HOST}:{number}/log", building.children
        )
        platform = _start_platform(building, number, witnesses)
        # People reach the partners by another host name than the platform: browsers share cookies between
        # the ports of one host, and a partner must never see the platform's. Of the two names for this
        # machine the platform has the one that browsers let have passkeys.
        homes = {name: f"http://{processes.HOST}:{number}" for name, number in ports.items()}
        for name, listener in listeners.items():
            _start_partner(building, name, listener, platform, homes[name])
        first = len(observers.NAMES)
        _wait(platform, building.children[first], building.log("platform"))
        for name, child in zip(listeners, building.children[first + 1 :], strict=True):
            _wait(f"http://{processes.HOST}:{ports[name]}", child, building.log(name))
        yield Stage(
            platform=platform,
            homes=homes,
            data=building.sub("platform"),
            keys=building.sub("demo-keys"),
            work=building.sub("downloads"),
            children=tuple(building.children),
            logs=tuple(building.log(name) for name in PROGRAMS),
        )


def _free(port: int, who: str, printer: Printer) -> int:
    """Return this port if nobody has it, else a free one, and say so."""
    probe = processes.bind(port)
    if probe is None:
        printer.warn(f"Port {port} is busy: {who} takes a free one instead.")
        probe = processes.bind(0)
    if probe is None:
        raise DemoError(f"no free port on {processes.HOST}")
    number: int = probe.getsockname()[1]
    probe.close()
    return number


def _partner_ports(keys: Path, port: int, printer: Printer) -> dict[str, socket.socket]:
    """Take a port for each partner: the one its registered home has, if this folder was used before."""
    remembered = keys / "ports.json"
    before: dict[str, int] = json.loads(remembered.read_text()) if remembered.exists() else {}
    taken: dict[str, socket.socket] = {}
    for offset, name in enumerate(PARTNERS, start=1):
        wanted = before.get(name, port + offset if port else 0)
        listener = processes.bind(wanted)
        if listener is None and name in before:
            raise DemoError(
                f"port {wanted} is busy, and {name.title()} is on this folder's register as "
                f"http://{processes.HOST}:{wanted}; end what uses it, or start without --data"
            )
        if listener is None:
            printer.warn(f"Port {wanted} is busy: {name.title()} takes a free one instead.")
            listener = processes.bind(0)
        if listener is None:
            raise DemoError(f"no free port on {processes.HOST}")
        taken[name] = listener
    remembered.write_text(json.dumps({name: one.getsockname()[1] for name, one in taken.items()}))
    return taken


def _start_platform(building: _Building, port: int, witnesses: Path) -> str:
    """Start the platform and return its origin, once it says where it listens."""
    log, origin = building.log("platform"), f"http://localhost:{port}"
    log.write_bytes(b"")
    data = str(building.sub("platform"))
    command = ["-m", "vestibule.cli.main", "serve", "--data", data, "--port", str(port)]
    command += ["--origin", origin, "--log-origin", LOG_ORIGIN]
    command += ["--witnesses", str(witnesses), "--witnessing", "synchronous"]
    child = processes.start(command, log=log)
    building.children.append(child)
    processes.said(LISTENS, child, log)
    return origin


def _start_partner(building: _Building, name: str, listener: socket.socket, platform: str, home: str) -> None:
    keys, log, number = building.sub("demo-keys", name), building.log(name), listener.fileno()
    command = ["-m", f"demo.{name}", "--platform", platform, "--home", home, "--keys", str(keys)]
    child = processes.start([*command, "--socket", str(number)], log=log, inherit=[number])
    building.children.append(child)
    listener.close()  # the child has its own; ours would keep callers waiting if it ended


def _wait(origin: str, child: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until somebody answers there."""
    deadline = time.monotonic() + processes.START_SECONDS
    while time.monotonic() < deadline:
        with suppress(httpx2.TransportError):
            if httpx2.get(f"{origin}/", timeout=processes.START_SECONDS).is_success:
                return
        processes.need_running(child, log)
    raise DemoError(f"{log.stem} did not answer within {processes.START_SECONDS:.0f} s")
