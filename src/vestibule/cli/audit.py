"""`vestibule audit`: replays a whole log, reports what it finds, and cosigns a clean one as auditor."""

from __future__ import annotations

import asyncio
import importlib
import sys
import time
from argparse import Namespace
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2

from vestibule.cli import audit_report, options
from vestibule.cli.audit_report import Audit
from vestibule.cli.errors import BadUsage, CannotFetch
from vestibule.cli.fetching import fetcher
from vestibule.cli.report import printable
from vestibule.files import replace
from vestibule.ledger.days import SECONDS_A_DAY
from vestibule.tlog.add_checkpoint import AddCheckpoint
from vestibule.tlog.errors import TlogError
from vestibule.tlog.keys import COSIGNATURE, SigningKey
from vestibule.tlog.merkle import consistency_proof
from vestibule.tlog.note import Note
from vestibule.tlog.tiles import node_reader
from vestibule.verdict import wording
from vestibule.verdict.errors import BadPolicy, NoCheckpoint, VerdictError
from vestibule.verdict.log_view import read_checkpoint
from vestibule.verdict.trust import trust
from vestibule.witness.auditing import Auditor
from vestibule.witness.decision import Refusal, known_logs
from vestibule.witness.errors import CheckFailed, Forked, WitnessError
from vestibule.witness.replaying import TOLERANCE
from vestibule.witness.sightings import Sightings
from vestibule.witness.state import State
from vestibule.witness.witness import Witness

if TYPE_CHECKING:
    import argparse

    from vestibule.tlog.tiles import Fetch
    from vestibule.verdict.trust import Trust
    from vestibule.verdict.vouched import Vouched

REFUSED_FOR_GOOD = 422
EPILOG = "exit codes: 0 every rule is kept, 2 usage or no answer, 4 a breach, or the log does not hold"
SERVE_NEEDS = "from a clone of the source: pip install '.[witness]'"


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    text = "replay a whole log, report every breach, and cosign it if there is none"
    parser = subparsers.add_parser("audit", help=text, description=text.capitalize(), epilog=EPILOG)
    parser.add_argument("--log", required=True, metavar="URL|FOLDER", help="where the log's files are")
    options.add_policy(parser, of_bundle=False)
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument(
        "--state", type=Path, metavar="DIR", help="folder that remembers what was seen and cosigned"
    )
    cosigning = parser.add_argument_group("cosigning")
    cosigning.add_argument(
        "--key", type=Path, metavar="FILE", help="an Ed25519 seed, made by vestibule keygen"
    )
    cosigning.add_argument("--name", type=options.key_name, help="the key's name: an address without scheme")
    cosigning.add_argument(
        "--mldsa-key",
        type=Path,
        metavar="FILE",
        help="a seed of its own for ML-DSA-44 cosignatures, with --serve",
    )
    cosigning.add_argument("--out", type=Path, metavar="FILE", help="write the cosigned checkpoint here")
    cosigning.add_argument("--serve", action="store_true", help="cosign what the log sends, until stopped")
    options.add_listening(cosigning, 8422)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Audit once, or serve; return the exit code."""
    try:
        _check_options(args)
        trusted = trust(args.policy.read_bytes(), args.policy_source)
        with httpx2.Client() as http, closing(Sightings.open(args.state)) as sightings:
            if args.serve:
                return _serve(args, trusted, fetcher(args.log, http), sightings)
            audit = _Once(args, trusted, fetcher(args.log, http), sightings).audit()
    except (VerdictError, TlogError, WitnessError, OSError) as error:
        print(f"vestibule audit: {printable(str(error))}", file=sys.stderr)
        usage = isinstance(error, (CannotFetch, NoCheckpoint, BadPolicy, OSError, WitnessError, BadUsage))
        return options.EXIT_USAGE if usage else options.EXIT_BAD
    print(audit_report.as_json(audit) if args.json else audit_report.as_text(audit))
    if audit.cosignature is not None and not args.json and args.out is None:
        print(f"\n{audit.cosignature}", end="")
    return audit.exit_code


def _check_options(args: argparse.Namespace) -> None:
    # A cosigner without memory could be made to sign two trees.
    if (args.key is not None or args.serve) and None in (args.key, args.name, args.state):
        raise BadUsage("expected --key, --name and --state together, to cosign")
    if args.out is not None and args.key is None:
        raise BadUsage("expected --key with --out, got none")


class _Once:
    """An audit of the newest checkpoint that the policy accepts."""

    def __init__(self, args: argparse.Namespace, trusted: Trust, fetch: Fetch, sightings: Sightings) -> None:
        self._args = args
        self._trust = trusted
        self._fetch = fetch
        self._auditor = Auditor(trusted.policy.log.key, fetch, sightings, _now)

    def audit(self) -> Audit:
        """Replay, remember, and cosign if there is a key and no breach."""
        verified = read_checkpoint(self._fetch, self._trust)
        refused, cosignature = self._examine(verified), None
        if refused is None and self._args.key is not None:
            refused, cosignature = self._cosign(verified)
        return Audit(
            self._trust, verified, self._auditor.history(), self._auditor.breaches, refused, cosignature
        )

    def _examine(self, verified: Vouched) -> str | None:
        """Say why the log is refused, None if it is not."""
        # What was refused before is replayed too, for the report; the auditor says all the same that it is.
        with suppress(Forked):
            self._auditor.replay(verified.checkpoint, _now())
        try:
            self._auditor(verified.checkpoint)
        except CheckFailed as failed:
            if failed.status != REFUSED_FOR_GOOD:
                raise
            return str(failed)
        return self._later_than_attested(verified)

    def _later_than_attested(self, verified: Vouched) -> str | None:
        """Say why not, if a leaf is of a later day than its witnesses attest; None if none is.

        This is not remembered: one of their clocks may be slow, and the log has no part in that.
        """
        if verified.attested_at is None:
            return None
        last, got = verified.attested_at // SECONDS_A_DAY + TOLERANCE, self._auditor.history().day
        if got <= last:
            return None
        return (
            f"expected no leaf of a day after {wording.day(last)}, as its witnesses saw the log before, "
            f"got one of {wording.day(got)}"
        )

    def _cosign(self, verified: Vouched) -> tuple[str | None, str | None]:
        """Ask a witness of the same state, as the log would; return why it refuses, or its line."""
        key = SigningKey.from_seed(self._args.name, self._args.key.read_bytes(), COSIGNATURE)
        note = Note.parse(verified.note)
        with closing(State.open(self._args.state)) as state:
            old, new = state.seen(verified.origin).size, verified.checkpoint
            proof = consistency_proof(min(old, new.size), new.size, node_reader(self._fetch, new))
            witness = Witness((key,), known_logs([self._trust.policy.log.key]), state, _now, self._auditor)
            answer = asyncio.run(witness.add_checkpoint(AddCheckpoint(old, proof, note).render().encode()))
        if isinstance(answer, Refusal):
            return answer.reason, None
        if self._args.out is not None:
            replace(self._args.out, note.with_lines(*answer.splitlines()).render().encode())
        return None, answer


def _serve(args: argparse.Namespace, trusted: Trust, fetch: Fetch, sightings: Sightings) -> int:
    """Cosign what the log sends, for as long as it keeps the rules."""
    try:
        serving = importlib.import_module("vestibule.cli.witness")
    except ModuleNotFoundError as missing:
        raise BadUsage(f"expected {missing.name}, which --serve needs; {SERVE_NEEDS}") from missing
    key = trusted.policy.log.key
    auditor = Auditor(key, _as_os_error(fetch), sightings, _now)
    options = {name: getattr(args, name) for name in ("state", "key", "mldsa_key", "name", "host", "port")}
    exit_code: int = serving.cosign_until_stopped(Namespace(log=[key], **options), auditor)
    return exit_code


def _as_os_error(fetch: Fetch) -> Fetch:
    """Let what cannot be had be no fault of the log: the auditor then answers that it cannot tell now."""

    def get(path: str) -> bytes:
        try:
            return fetch(path)
        except CannotFetch as error:
            raise OSError(str(error)) from error

    return get


def _now() -> int:
    return int(time.time())
