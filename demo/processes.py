"""Child processes that never outlive the demo, and ports. Touches processes and sockets."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from demo.errors import DemoError

if TYPE_CHECKING:
    import re
    from collections.abc import Sequence
    from pathlib import Path

HOST = "127.0.0.1"
PATIENCE = 8.0
"""Seconds a child may take to finish what it is doing before it is killed."""
START_SECONDS = 30.0
"""How long a child may take until it is ready."""
MOMENT = 0.02
"""Seconds between two looks at something that is about to happen."""
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def bind(port: int) -> socket.socket | None:
    """Take a port and listen; None if somebody else has it. 0 takes a free one."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()
    except OSError as error:
        listener.close()
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            return None
        raise
    return listener


def start(command: Sequence[str], *, log: Path, inherit: Sequence[int] = ()) -> subprocess.Popen[bytes]:
    """Start a child with its output in a file; the terminal's Ctrl-C does not reach it, our end does."""
    with log.open("ab") as out:
        return subprocess.Popen(
            [sys.executable, "-u", *command],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            pass_fds=inherit,
            start_new_session=True,
            preexec_fn=_die_with_parent,  # noqa: PLW1509  (no thread of ours runs yet when children are started)
        )


def stop(children: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask all to end, the newest first, then wait; who does not listen is killed."""
    for child in reversed(children):
        _signal(child, signal.SIGTERM)
    for child in reversed(children):
        try:
            child.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            _signal(child, signal.SIGKILL)
            child.wait()


def need_running(child: subprocess.Popen[bytes], log: Path, seconds: float = MOMENT) -> None:
    """Give a child a moment; if it ends instead, stop the demo and say what it said last."""
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        return
    said = log.read_text(errors="replace").strip().splitlines()[-5:]
    raise DemoError(f"{log.stem} ended with {child.returncode}: {' / '.join(said)}")


def said(pattern: re.Pattern[str], child: subprocess.Popen[bytes], log: Path) -> str:
    """Wait until a child has said something and return the group in it; raises DemoError if it does not."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        found = pattern.search(log.read_text(errors="replace"))
        if found:
            return found[1]
        need_running(child, log)
    raise DemoError(f"{log.stem} did not say within {START_SECONDS:.0f} s where it listens")


def _signal(child: subprocess.Popen[bytes], number: int) -> None:
    if child.poll() is None:
        os.killpg(child.pid, number)


def _die_with_parent() -> None:
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
