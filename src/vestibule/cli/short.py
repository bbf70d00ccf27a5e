"""`vestibule verify history --proof FILE`: a person's history by its short proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2

from vestibule.cli.errors import BadUsage
from vestibule.cli.fetching import fetcher
from vestibule.verdict.about_me_short import about_me_short
from vestibule.verdict.short_history import read_short
from vestibule.verdict.tail import read_tail, with_tail
from vestibule.verdict.trust import trust

if TYPE_CHECKING:
    import argparse

    from vestibule.verdict.short_history import ShortHistory
    from vestibule.verdict.verdict import Verdict


def answer(args: argparse.Namespace) -> tuple[Verdict, ShortHistory]:
    """Check the proof, read the log's tail where a log is named, and answer.

    Raises:
        BadUsage: for a period or a person file, which a short proof does not go with.
        VerdictError: something is not what it claims to be.
        OSError: the file cannot be read.
    """
    if args.person is not None or args.first is not None or args.last is not None:
        raise BadUsage("expected --proof without --person, --from and --to")
    if args.policy is None:
        raise BadUsage("expected --policy FILE: a short proof brings none")
    short = read_short(args.proof.read_bytes(), trust(args.policy.read_bytes(), args.policy_source))
    if args.log is not None:
        with httpx2.Client() as http:
            short = with_tail(short, read_tail(fetcher(args.log, http), short))
    verdict = about_me_short(short, args.partner, args.called, tail_read=args.log is not None)
    return verdict, short


def check_options(args: argparse.Namespace) -> None:
    """Ask for what a history without a short proof needs.

    Raises:
        BadUsage: naming the option that is missing.
    """
    for option in ("partner", "log", "person"):
        if getattr(args, option) is None:
            raise BadUsage(f"expected --{option}, or --proof with a short proof")
