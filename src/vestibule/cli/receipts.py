"""The question `receipt` of `vestibule verify`: of one leaf, or of what a person agreed to."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2

from vestibule.cli import options, progress, report
from vestibule.cli.errors import BadUsage
from vestibule.cli.fetching import fetcher
from vestibule.verdict import consent_receipt, consent_since, consent_words, person_file
from vestibule.verdict.log_view import read_log
from vestibule.verdict.receipt import open_receipt

if TYPE_CHECKING:
    import argparse

    from vestibule.verdict.consent_receipt import Agreed
    from vestibule.verdict.trust import Trust
    from vestibule.verdict.verdict import Verdict

DESCRIPTION = "Check a receipt: that a leaf is in the log, or what a person agreed to, and how."


def add(
    questions: argparse._SubParsersAction[argparse.ArgumentParser], epilog: str
) -> argparse.ArgumentParser:
    """Add the question and its options."""
    parser = questions.add_parser(
        "receipt",
        help="is this receipt's leaf in the log? did she agree to this?",
        description=DESCRIPTION,
        epilog=epilog,
    )
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="a .tlog-proof, a consent receipt (.jwt), or a file that a partner's program keeps",
    )
    options.add_policy(parser, of_bundle=False)
    parser.add_argument(
        "--log",
        metavar="URL|FOLDER",
        help="of a consent receipt: say from the log whether it has ended since",
    )
    parser.add_argument(
        "--person",
        type=Path,
        metavar="FILE",
        help="of a consent receipt: her person file, which says under which agreement it goes on",
    )
    parser.add_argument("--json", action="store_true", help="print what was found as JSON")
    return parser


def is_consent(text: bytes) -> bool:
    """Tell which kind of receipt a file is."""
    return consent_receipt.is_one(text)


def of_leaf(text: bytes, trusted: Trust, args: argparse.Namespace) -> str:
    """Check the receipt of one leaf and write down what it shows.

    Raises:
        BadUsage: a log was given, which such a receipt does not need.
        BadReceipt: it does not hold.
    """
    for option, given in (("--log", args.log), ("--person", args.person)):
        if given is not None:
            raise BadUsage(f"{option}: expected a consent receipt with it, got the receipt of a leaf")
    opened = open_receipt(text, trusted)
    return report.receipt_as_json(opened, trusted) if args.json else report.of_receipt(opened, trusted)


def of_consent(text: bytes, trusted: Trust, args: argparse.Namespace) -> tuple[Verdict, Agreed]:
    """Check a consent receipt, by itself or with a log as it stands later.

    Raises:
        BadUsage: her file was given without a log to find its events in.
        BadPersonFile: her file does not hold.
        BadConsentReceipt: it does not hold, or the log is not the one it is of.
        VerdictError: the log does not hold.
    """
    agreed = consent_receipt.open_consent_receipt(text, trusted)
    if args.log is None:
        if args.person is not None:
            raise BadUsage("--person: expected --log with it")
        return consent_words.verdict(agreed), agreed
    person = None if args.person is None else person_file.parse(args.person.read_bytes())
    with httpx2.Client() as http, progress.shown(sys.stderr) as told:
        view = read_log(fetcher(args.log, http), trusted, told)
    return consent_words.verdict(agreed, consent_since.since(agreed, view, person)), agreed
