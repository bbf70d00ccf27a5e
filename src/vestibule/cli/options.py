"""Options that several commands have in common, and what an exit code says of an error."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from vestibule.cli.errors import BadUsage
from vestibule.verdict import about_me, wording
from vestibule.verdict.errors import BadPeriod, BadPolicy, UnknownPartner
from vestibule.verdict.period import Period

if TYPE_CHECKING:
    import argparse

EXIT_USAGE = 2
EXIT_BAD = 4
READ = "messages.read"
USAGE = (BadUsage, UnknownPartner, BadPeriod, BadPolicy, OSError)
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
    parser.add_argument("--scope", default=READ, help="default: %(default)s")


def add_called(parser: argparse.ArgumentParser) -> None:
    """Add how a person is called."""
    parser.add_argument("--called", default=about_me.SOMEBODY, metavar="NAME", help="her name in the answer")


def add_period(parser: argparse.ArgumentParser) -> None:
    """Add the days a question is about."""
    for flag, name, which in (("--from", "first", "first"), ("--to", "last", "last")):
        parser.add_argument(
            flag, dest=name, metavar="YYYY-MM-DD", help=f"the {which} day asked about (UTC, included)"
        )


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
    """Tell a wrong question from a log or a proof that does not hold."""
    return EXIT_USAGE if isinstance(error, USAGE) else EXIT_BAD
