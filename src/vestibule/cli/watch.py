"""`vestibule watch`: follows a log and says what is new in it, and whether it still is the log it was."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2

from vestibule.cli.fetching import fetcher
from vestibule.cli.report import printable
from vestibule.tlog.errors import TlogError
from vestibule.tlog.split_view import SplitView
from vestibule.verdict.errors import VerdictError
from vestibule.verdict.trust import trust
from vestibule.watch import state as states
from vestibule.watch import webhook
from vestibule.watch.errors import BadState, WatchError
from vestibule.watch.looking import Watch
from vestibule.watch.standing import WORST

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator

    from vestibule.watch.notice import Notice
    from vestibule.watch.state import State

EXIT_NOTHING_NEW = 0
EXIT_USAGE = 2
EXIT_BAD = 4
EXIT_NEWS = 10
EVERY = 30.0
PATIENCE = 300
LOCK = "watch.lock"
EPILOG = (
    "exit codes with --once: 0 nothing new, 10 something new, 2 usage, "
    "4 the log shows another tree than before, or its files do not bear out its checkpoint"
)


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    text = "follow a log, and say what is new and what is wrong with it"
    parser = subparsers.add_parser("watch", help=text, description=text.capitalize(), epilog=EPILOG)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("log", nargs="?", metavar="URL|FOLDER", help="where the log's files are")
    what.add_argument("--evidence", type=Path, metavar="FILE", help="check a kept split-view.json instead")
    parser.add_argument("--policy", type=Path, required=True, metavar="FILE", help="whose keys to trust")
    parser.add_argument(
        "--state",
        type=Path,
        default=Path("vestibule-watch"),
        metavar="DIR",
        help="its memory, its copy of the log, evidence (default: %(default)s)",
    )
    parser.add_argument(
        "--every", type=float, default=EVERY, metavar="SECONDS", help="between looks (default: 30)"
    )
    parser.add_argument("--once", action="store_true", help="look once, for cron")
    parser.add_argument("--webhook", metavar="URL", help="where each notice is posted as JSON too")
    parser.add_argument(
        "--patience",
        type=int,
        default=PATIENCE,
        metavar="SECONDS",
        help="how long events may wait for an epoch (default: 300)",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Watch until stopped, or once; return the exit code."""
    try:
        if args.evidence is not None:
            return _check(args.evidence, args.policy)
        if args.webhook is not None:
            webhook.check_url(args.webhook)
        with _alone(args.state), httpx2.Client() as http:
            return _follow(_Watching(args, http), args)
    except BrokenPipeError:
        raise  # nobody reads its lines any more: that is not for this command to report
    except (VerdictError, WatchError, OSError) as error:
        print(f"vestibule watch: {printable(str(error))}", file=sys.stderr)
        return EXIT_USAGE


class _Watching:
    """One run: prints, then saves, then posts, so that a crash repeats a line and loses none."""

    def __init__(self, args: argparse.Namespace, http: httpx2.Client) -> None:
        trusted = trust(args.policy.read_bytes())
        self._folder: Path = args.state
        self._webhook: str | None = args.webhook
        self._http = http
        self._fetch = fetcher(args.log, http)
        self._watch = Watch(self._folder, trusted, args.patience)
        self._state = self._saved = states.load(self._folder, trusted.policy.log.key.name)

    def recall(self) -> bool:
        """Read what is kept of the log; say whether any of it is news."""
        return self._tell(self._state, self._watch.recall(self._state.told))

    def look(self) -> bool:
        """Look once; say whether anything is news."""
        return self._tell(*self._watch.look(self._fetch, self._state, int(time.time())))

    def exit_code(self, *, news: bool) -> int:
        """Say in a number what was found."""
        if not WORST.isdisjoint(self._state.standing):
            return EXIT_BAD
        return EXIT_NEWS if news else EXIT_NOTHING_NEW

    def _tell(self, state: State, notices: tuple[Notice, ...]) -> bool:
        for notice in notices:
            print(printable(notice.line()), flush=True)
        self._keep(state if self._webhook is None else webhook.queue(state, notices))
        if self._webhook is not None:
            self._state, missed = webhook.post(self._state, self._webhook, self._http, self._keep)
            if missed is not None:
                print(f"vestibule watch: {printable(missed)}", file=sys.stderr)
        return bool(notices)

    def _keep(self, state: State) -> None:
        if state != self._saved:
            states.save(self._folder, state)
        self._state = self._saved = state


def _follow(watching: _Watching, args: argparse.Namespace) -> int:
    """Look once, or again and again until SIGINT or SIGTERM; return the exit code."""
    if args.once:
        news = watching.recall()
        return watching.exit_code(news=watching.look() or news)
    # Before the first line: whoever has read it may send the signal at once.
    stop = _set_by_a_signal()
    watching.recall()
    watching.look()
    while not stop.wait(args.every):
        watching.look()
    return watching.exit_code(news=False)


def _set_by_a_signal() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _check(path: Path, policy: Path) -> int:
    """Check a split view offline, and say what it proves."""
    key = trust(policy.read_bytes()).policy.log.key
    try:
        smaller, larger = SplitView.parse(path.read_bytes()).verify(key)
    except TlogError as error:
        print(f"vestibule watch: {path}: {printable(str(error))}", file=sys.stderr)
        return EXIT_USAGE
    print(
        f"proven: {printable(key.name)} signed two trees that contradict each other\n"
        f"  size {smaller.size}, root {smaller.root.hex()}\n"
        f"  size {larger.size}, root {larger.root.hex()}"
    )
    return EXIT_BAD


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep a second watch out of a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BadState(f"{folder}: expected a folder for one watch, another is running in it") from None
        yield
    finally:
        os.close(handle)
