"""`vestibule prove`: makes the short proof of a person's history, from the public log and her own file."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2

from vestibule.cli import options, progress, report
from vestibule.cli.fetching import fetcher
from vestibule.ledger.replay import OPERATOR
from vestibule.tlog.tiles import node_reader
from vestibule.verdict import person_file, wording
from vestibule.verdict.company import company_of
from vestibule.verdict.errors import BadPersonFile, VerdictError
from vestibule.verdict.log_view import read_log
from vestibule.verdict.proving import prove
from vestibule.verdict.trust import trust

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from vestibule.verdict.log_view import LogView
    from vestibule.verdict.person_file import PersonFile

OWNER_ALONE = 0o600


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser(
        "prove",
        help="make a short proof of everything recorded about a person",
        description="Makes a file that shows, without the log, everything recorded about a person. It holds "
        "what is in her person file about these partners: give it only to whom you would show that.",
    )
    parser.add_argument("--person", type=Path, required=True, metavar="FILE", help="her person file")
    parser.add_argument("--log", required=True, metavar="URL|FOLDER", help="where the log's files are")
    parser.add_argument("--policy", type=Path, required=True, metavar="FILE", help="whose keys to trust")
    parser.add_argument(
        "--partner", action="append", metavar="ID", help="a partner it is about (default: every one)"
    )
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="where to write it")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the proof and return the exit code."""
    try:
        person = person_file.parse(args.person.read_bytes())
        trusted = trust(args.policy.read_bytes())
        with httpx2.Client() as http:
            fetch = fetcher(args.log, http)
            with progress.shown(sys.stderr) as told:
                view = read_log(fetch, trusted, told)
            partners = _partners(view, person, args.partner)
            proof = prove(view, node_reader(fetch, view.verified.checkpoint), person, partners)
        _write(args.output, proof)
    except (VerdictError, OSError) as error:
        print(f"vestibule prove: {report.printable(options.said(error))}", file=sys.stderr)
        return options.exit_code(error)
    about = wording.count(len(partners), "partner")
    print(f"{args.output}: {len(proof)} bytes about {about}, to checkpoint {view.size}")
    if not view.verified.auditors:
        print(f"so far it can prove that something is recorded, not that nothing is: {wording.MAP_UNAUDITED}")
    return 0


def _partners(view: LogView, person: PersonFile, asked: Sequence[str] | None) -> tuple[str, ...]:
    """Take the partners asked for, else every one on the register; her file has to be about each."""
    for partner in asked or ():
        if partner != OPERATOR:  # whose staff's tool is on no register
            company_of(view.history, partner)  # refuses an id that is not on it
    partners = tuple(dict.fromkeys(asked or view.history.partners))
    missing = [partner for partner in partners if partner not in person.partners]
    if missing:
        raise BadPersonFile(
            f"person file: expected lanes of {', '.join(missing)}, got none; download a newer one"
        )
    return partners


def _write(path: Path, data: bytes) -> None:
    with open(path, "wb", opener=_for_owner) as file:
        file.write(data)


def _for_owner(path: str, flags: int) -> int:
    return os.open(path, flags, OWNER_ALONE)
