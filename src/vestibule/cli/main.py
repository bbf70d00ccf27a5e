"""The `vestibule` command: finds the subcommand and runs it."""

from __future__ import annotations

import argparse
import importlib
import sys
from typing import TYPE_CHECKING

from vestibule.cli import keygen, verify

if TYPE_CHECKING:
    from collections.abc import Sequence

SERVER_MODULES = frozenset(
    {"apsw", "argon2", "httptools", "jinja2", "litestar", "msgspec", "multipart", "uvicorn", "uvloop"}
)
"""What only the extra `server` installs; their absence means the base install."""
EXIT_USAGE = 2
NEEDS_SERVER = "vestibule serve needs the server; from a clone of the source: pip install '.[server]'"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(
        prog="vestibule",
        description="Private messaging that lets partners in only as far as the vestibule, and can prove it.",
    )
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    verify.add(subparsers)
    keygen.add(subparsers)
    # The server is imported for its own command alone: verifying must neither need it nor wait for it.
    if arguments[:1] != ["serve"]:
        subparsers.add_parser("serve", help="run the platform (needs the extra: pip install '.[server]')")
    elif not _add_serve(subparsers):
        print(NEEDS_SERVER, file=sys.stderr)
        return EXIT_USAGE
    args = parser.parse_args(arguments)
    exit_code: int = args.run(args)
    return exit_code


def _add_serve(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> bool:
    """Add `serve` where the server's dependencies are installed, and say whether they are."""
    try:
        serve = importlib.import_module("vestibule.cli.serve")
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] in SERVER_MODULES:
            return False
        raise
    serve.add(subparsers)
    return True


if __name__ == "__main__":
    sys.exit(main())
