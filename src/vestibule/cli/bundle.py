"""`vestibule bundle`: makes the dispute bundle, one zip that answers about a partner can be checked from."""

from __future__ import annotations

import sys
import time
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2

from vestibule.cli import options, report, zipping
from vestibule.cli.fetching import fetcher
from vestibule.tlog.layout import CHECKPOINT, WITNESSED
from vestibule.verdict import bundle, bundle_summary, bundle_tokens, consent_receipt, person_file
from vestibule.verdict.errors import VerdictError
from vestibule.verdict.log_view import read_log
from vestibule.verdict.trust import trust

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from vestibule.tlog.tiles import Fetch
    from vestibule.verdict.bundle import Evidence
    from vestibule.verdict.log_view import LogView
    from vestibule.verdict.trust import Trust

DESCRIPTION = (
    "Make a dispute bundle: one zip with the log, the policy, a person's file, receipts, the answers, a page "
    "for people and one on how to check it all. Everything is verified before anything is written."
)
EPILOG = "exit codes: 0 written, 2 usage or no file or server there, 4 the log or a proof does not hold"


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser(
        "bundle", help="make a dispute bundle about a partner", description=DESCRIPTION, epilog=EPILOG
    )
    parser.add_argument("--partner", required=True, metavar="ID", help="partner id on the register")
    parser.add_argument("--log", required=True, metavar="URL|FOLDER", help="where the log's files are")
    options.add_policy(parser, of_bundle=False)
    options.add_scope(parser)
    options.add_period(parser)
    parser.add_argument("--person", type=Path, metavar="FILE", help="a person file; makes the bundle private")
    options.add_called(parser)
    parser.add_argument(
        "--receipt",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a receipt, or a consent receipt (.jwt); any number",
    )
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help="the zip; never replaced"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Verify, then write."""
    try:
        policy = args.policy.read_bytes()
        trusted = trust(policy, args.policy_source)
        with httpx2.Client() as http:
            view, notes = _read(fetcher(args.log, http), trusted)
        evidence = _evidence(args, policy, view, notes)
        files = bundle.files(view, evidence)
        zipping.write(args.output, files)
    except (VerdictError, OSError) as error:
        print(f"vestibule bundle: {report.printable(options.said(error))}", file=sys.stderr)
        return options.exit_code(error)
    _say(args.output, evidence, len(files), bundle.tokens_until(view, evidence))
    return 0


def _read(fetch: Fetch, trusted: Trust) -> tuple[LogView, dict[str, bytes]]:
    """Read the log under the checkpoints as they are now, and return these too."""
    notes: dict[str, bytes] = {}
    # The older one first: fetched the other way round, it could have become the newer one in between.
    for path in (WITNESSED, CHECKPOINT):
        try:
            notes[path] = fetch(path)
        except FileNotFoundError:
            continue

    def pinned(path: str) -> bytes:
        if path not in (WITNESSED, CHECKPOINT):
            return fetch(path)
        if path not in notes:
            raise FileNotFoundError(f"{path}: not published")
        return notes[path]

    return read_log(pinned, trusted), notes


def _evidence(args: argparse.Namespace, policy: bytes, view: LogView, notes: Mapping[str, bytes]) -> Evidence:
    checkpoint = view.verified.note
    handed = [path.read_bytes() for path in args.receipt]
    return bundle.Evidence(
        asked=bundle.Asked(args.partner, args.scope, args.called, args.policy_source, options.period(args)),
        policy=policy,
        checkpoint=checkpoint,
        # Where the policy accepts the witnessed one alone, that is the bundle's checkpoint.
        witnessed=notes.get(WITNESSED) if checkpoint == notes[CHECKPOINT] else None,
        person=None if args.person is None else person_file.parse(args.person.read_bytes()),
        receipts=tuple(text for text in handed if not consent_receipt.is_one(text)),
        consents=tuple(text for text in handed if consent_receipt.is_one(text)),
    )


def _say(output: Path, evidence: Evidence, count: int, tokens_until: int | None) -> None:
    if evidence.private:
        print(bundle_summary.PRIVATE)
    if tokens_until is not None and tokens_until > time.time():
        print(bundle_tokens.warning_now(tokens_until))
    digest = sha256(output.read_bytes()).hexdigest()
    print(f"{output}: {count} files, SHA-256 {digest}")
    print(f"check it with: vestibule verify {output.name}")
