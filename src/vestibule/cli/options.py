"""Options that several commands have in common, and what an exit code says of an error."""

from __future__ import annotations

import argparse
from pathlib import Path

from vestibule.cli.errors import BadUsage, CannotFetch
from vestibule.tlog.errors import TlogError
from vestibule.tlog.keys import check_name
from vestibule.verdict import about_me, wording
from vestibule.verdict.errors import BadPeriod, BadPolicy, NoCheckpoint, UnknownPartner, UnknownScope
from vestibule.verdict.period import Period
from vestibule.verdict.scopes import VOCABULARY

EXIT_CANNOT_START = 1
EXIT_USAGE = 2
EXIT_BAD = 4
READ = "messages.read"
LAST_PORT = 65_535
OWNER_ONLY = 0o077
"""What is kept from every file that a server makes: other users' access."""
USAGE = (BadUsage, UnknownPartner, UnknownScope, BadPeriod, BadPolicy, NoCheckpoint, CannotFetch, OSError)
"""Errors that say nothing about log or proof."""


def add_policy(parser: argparse.ArgumentParser, *, of_bundle: bool) -> None:
    """Add whose keys are trusted; `of_bundle` where a dispute bundle can bring the policy."""
    default = "; a bundle brings its own" if of_bundle else ""
    parser.add_argument(
        "--policy", type=Path, required=not of_bundle, metavar="FILE", help=f"whose keys to trust{default}"
    )
    parser.add_argument(
        "--policy-source",
        default=wording.OPERATOR,
        metavar="WHO",
        help="who gave you the policy file (default: %(default)s)",
    )


def add_scope(parser: argparse.ArgumentParser) -> None:
    """Add which data a question is about."""
    parser.add_argument(
        "--scope", default=READ, help=f"one of {', '.join(VOCABULARY)} (default: %(default)s)"
    )


def add_called(parser: argparse.ArgumentParser) -> None:
    """Add how a person is called."""
    parser.add_argument("--called", default=about_me.SOMEBODY, metavar="NAME", help="her name in the answer")


def add_period(parser: argparse.ArgumentParser) -> None:
    """Add the days a question is about."""
    for flag, name, which in (("--from", "first", "first"), ("--to", "last", "last")):
        parser.add_argument(
            flag, dest=name, metavar="YYYY-MM-DD", help=f"the {which} day asked about (UTC, included)"
        )


def add_key_id(parser: argparse.ArgumentParser) -> None:
    """Add which of a partner's keys is meant."""
    parser.add_argument("--key-id", metavar="ID", help="of the key on the register (default: PARTNER:1)")


def add_listening(parser: argparse._ActionsContainer, port: int) -> None:
    """Add where a server listens."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port",
        type=_port,
        default=port,
        help="port to listen on, 0 for a free one (default: %(default)s)",
    )


def key_name(text: str) -> str:
    """Read the name of a cosigner's key.

    Raises:
        ArgumentTypeError: it is no address without scheme.
    """
    try:
        check_name(text)
    except TlogError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if "://" in text:
        raise argparse.ArgumentTypeError(f"expected an address without scheme, got {text!r}")
    return text


def period(args: argparse.Namespace) -> Period | None:
    """Return the days asked about; the whole log if None.

    Raises:
        BadUsage: one of two days is missing.
        BadPeriod: one is no day.
    """
    if args.first is None and args.last is None:
        return None
    if args.first is None or args.last is None:
        raise BadUsage("period: expected both --from and --to, got one")
    return Period.parse(args.first, args.last)


def exit_code(error: Exception) -> int:
    """Tell a wrong question or files that cannot be had, from a log or a proof that does not hold."""
    return EXIT_USAGE if isinstance(error, USAGE) else EXIT_BAD


def said(error: Exception) -> str:
    """Write an error for people: a file that is not there by its name, without the system's number."""
    if isinstance(error, FileNotFoundError) and error.filename is not None:
        return f"{error.filename}: no such file or folder"
    return str(error)


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > LAST_PORT:
        raise argparse.ArgumentTypeError(f"expected 0 to {LAST_PORT}, got {text!r}")
    return int(text)
