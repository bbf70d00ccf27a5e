"""`python -m demo`: starts platform, partners, witness and auditor, plays the story over HTTP, stays up."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from demo import stage, story, verdicts
from demo.errors import DemoError
from demo.printing import Printer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

EXIT_FAILED = 1
EXIT_INTERRUPTED = 130
LATEST_PORT = 65_533


def main() -> int:
    """Run the demo; 0 if everything went as told."""
    args = _arguments()
    printer = Printer()
    for number in (signal.SIGINT, signal.SIGTERM):  # also where a shell started us with SIGINT ignored
        signal.signal(number, _interrupt)
    try:
        with _folder(args.data) as folder, stage.built(folder, args.port, printer) as built:
            try:
                _play(built, printer, once=args.once)
            finally:
                _ignore_interrupts()
    except KeyboardInterrupt:
        printer.plain("Stopped.")
        return EXIT_INTERRUPTED
    except DemoError as error:
        printer.error(f"The demo stopped: {error}")
        return EXIT_FAILED
    return 0


def _play(built: stage.Stage, printer: Printer, *, once: bool) -> None:
    began = time.monotonic()
    questions = story.play(built, printer)
    printer.console.print()
    printer.plain(f"Everything as told, in {time.monotonic() - began:.1f} s.", "bold green")
    if once:
        printer.plain("Without --once it stays up, and says how to see each verdict in full.")
        return
    verdicts.show_commands(questions, printer)
    _stay(built, printer)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make demo ARGS=...", description=__doc__)
    parser.add_argument("--once", action="store_true", help="end after the story")
    parser.add_argument(
        "--data", type=Path, help="keep everything in this folder (default: a new one, removed)"
    )
    parser.add_argument(
        "--port",
        type=int,
        default=stage.PORT,
        help="the platform's port, the partners take the next two; 0 takes free ones (default: %(default)s)",
    )
    args = parser.parse_args()
    if not 0 <= args.port <= LATEST_PORT:
        parser.error(f"--port: expected 0 to {LATEST_PORT}, got {args.port}")
    return args


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="vestibule-demo-") as made:
        yield Path(made)


def _stay(built: stage.Stage, printer: Printer) -> None:
    """Stay up until somebody ends it, or one of the others ends by itself."""
    story.show_doors(built, printer)
    try:
        printer.plain("Ctrl-C ends it.", "bold")
        while True:
            built.need_running()
    except KeyboardInterrupt:
        printer.plain("Stopping.")


def _ignore_interrupts() -> None:
    """Let an impatient second Ctrl-C not stop us from stopping the others."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
