"""A client that is not ours, as a process: it says what it did, and asks for a person where it needs one."""

import json
import os
import subprocess
import threading
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests import npm

PATIENCE = 60
"""Seconds."""
Steps = dict[str, list[dict[str, Any]]]
"""What the client reported, by step; a step can come several times."""


def play(script: Path, settings: dict[str, str], visit: Callable[[str, str], str]) -> Steps:
    """Run a script to its end.

    Args:
        script: which.
        settings: what it has to know.
        visit: sends a person to an address with a decision, and returns where she came back to.
    """
    command = [str(npm.NODE), str(script), json.dumps(settings)]
    child = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    watch = threading.Timer(PATIENCE, child.kill)
    watch.start()
    try:
        told = _converse(child, visit)
        _, complaints = child.communicate()
    finally:
        watch.cancel()
        child.kill()
        child.wait()
    assert child.returncode == 0, f"{script.name} ended with {child.returncode}: {complaints[-3000:]}"
    _keep(script.stem, told)
    steps: Steps = defaultdict(list)
    for one in told:
        steps[one["step"]].append(one["facts"])
    return steps


def _converse(child: subprocess.Popen[str], visit: Callable[[str, str], str]) -> list[dict[str, Any]]:
    told = []
    assert child.stdout is not None
    assert child.stdin is not None
    for line in child.stdout:
        said = json.loads(line)
        if "open" in said:
            child.stdin.write(visit(said["open"], said["decision"]) + "\n")
            child.stdin.flush()
        else:
            told.append(said)
    return told


def _keep(name: str, told: list[dict[str, Any]]) -> None:
    """Write a transcript into the folder VESTIBULE_TRANSCRIPTS, if there is to be one."""
    folder = os.environ.get("VESTIBULE_TRANSCRIPTS")
    if folder:
        lines = [f"{one['step']}: {json.dumps(one['facts'])}\n" for one in told]
        Path(folder, f"{name}.txt").write_text("".join(lines))
