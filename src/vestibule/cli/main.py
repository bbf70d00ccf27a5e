"""The `vestibule` command: finds the subcommand and runs it."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

SERVER_MODULES = frozenset(
    {"apsw", "argon2", "httptools", "jinja2", "litestar", "msgspec", "multipart", "uvicorn", "uvloop"}
)
"""What only the extras `server` and `witness` install; their absence means the base install."""
COMMANDS = ("verify", "bundle", "watch", "audit", "prove", "keygen", "ask", "report", "operator")
"""Commands of the base install, a module of this package each."""
NAMED_OTHERWISE = {"report": "reporting"}
"""Modules that do not have the name of their command."""
SERVING = {"serve": ("run the platform", "server"), "witness": ("cosign a log's checkpoints", "witness")}
"""Commands that serve, a module of this package each: what they do, and the extra they need."""
EXIT_USAGE = 2
EXIT_UNFORESEEN = 70
"""An exception nobody foresaw (EX_SOFTWARE of sysexits.h): never 1, which is "proven no"."""
EXIT_NOBODY_READS = 141
"""Whoever was to read the output has closed it; what a shell says of a program that SIGPIPE ended."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; whatever goes wrong, it is no verdict's."""
    try:
        try:
            return _run(argv)
        finally:
            # Here, where it can be caught: flushed by the interpreter at its end, a closed pipe is noisy.
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_NOBODY_READS
    except Exception:  # noqa: BLE001  (the interpreter would exit with 1)
        traceback.print_exc()
        return EXIT_UNFORESEEN


def _run(argv: Sequence[str] | None) -> int:
    arguments = spelled_out(list(sys.argv[1:] if argv is None else argv))
    parser = argparse.ArgumentParser(
        prog="vestibule",
        description="Private messaging that lets partners in only as far as the vestibule, and can prove it.",
    )
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    # None waits for what only another one needs; only the list of all of them needs all.
    asked = [command for command in (*COMMANDS, *SERVING) if arguments[:1] == [command]]
    for command in COMMANDS:
        if not asked or command in asked:
            module = NAMED_OTHERWISE.get(command, command)
            importlib.import_module(f"vestibule.cli.{module}").add(subparsers)
    # A server is imported for its own command alone: verifying must neither need it nor wait for it.
    for command, (does, extra) in SERVING.items():
        if arguments[:1] != [command]:
            subparsers.add_parser(command, help=f"{does} (needs the extra: pip install '.[{extra}]')")
        elif not _add_serving(subparsers, command):
            print(
                f"vestibule {command} needs more than the base install; from a clone of the source: "
                f"pip install '.[{extra}]'",
                file=sys.stderr,
            )
            return EXIT_USAGE
    args = parser.parse_args(arguments)
    exit_code: int = args.run(args)
    return exit_code


def spelled_out(arguments: list[str]) -> list[str]:
    """Let `verify bundle.zip` be `verify bundle bundle.zip`."""
    match arguments:
        case ["verify", name, *_] if name.lower().endswith(".zip"):
            return ["verify", "bundle", *arguments[1:]]
        case _:
            return arguments


def _add_serving(subparsers: argparse._SubParsersAction[argparse.ArgumentParser], command: str) -> bool:
    """Add a command that serves where its dependencies are installed, and say whether they are."""
    try:
        module = importlib.import_module(f"vestibule.cli.{command}")
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] in SERVER_MODULES:
            return False
        raise
    module.add(subparsers)
    return True


if __name__ == "__main__":
    sys.exit(main())
