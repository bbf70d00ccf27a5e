"""The question `report` of `vestibule verify`: is this the table that a report's leaf holds?"""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import TYPE_CHECKING

from vestibule.cli import options, report
from vestibule.cli.errors import BadUsage
from vestibule.ledger.engagement import authenticate, read_csv, read_rows
from vestibule.ledger.errors import LedgerError
from vestibule.ledger.fortnight import Fortnight
from vestibule.verdict import wording

if TYPE_CHECKING:
    import argparse

    from vestibule.ledger.engagement import Table
    from vestibule.ledger.report import ReportLeaf
    from vestibule.verdict.log_view import LogView

EXIT_YES, EXIT_NO = 0, 1
KEY_BYTES = 32


def add(
    questions: argparse._SubParsersAction[argparse.ArgumentParser], epilog: str
) -> argparse.ArgumentParser:
    """Add the question and its options."""
    parser = questions.add_parser(
        "report",
        help="is this the table of a partner's engagement report?",
        description="Hold a table to a report's leaf by the random key that partner and auditor got.",
        epilog=epilog,
    )
    parser.add_argument("--partner", required=True, metavar="ID", help="whose report")
    parser.add_argument("--period", required=True, metavar="WEEK", help="of which fortnight, as 2026-W01")
    parser.add_argument("--table", required=True, type=Path, metavar="FILE", help="the table, CSV or JSON")
    parser.add_argument("--key", required=True, metavar="BASE64", help="the table's random key")
    parser.add_argument("--log", required=True, metavar="URL|FOLDER|ZIP", help="where the log's files are")
    options.add_policy(parser, of_bundle=True)
    return parser


def check(view: LogView, args: argparse.Namespace) -> tuple[str, int]:
    """Say which leaves hold the table, and which not; with the exit code.

    Raises:
        BadUsage: period, table or key are none.
    """
    try:
        fortnight = Fortnight.parse(args.period)
        table = _table(args.table.read_bytes(), fortnight)
        key = base64.b64decode(args.key, validate=True)
    except (LedgerError, ValueError, LookupError) as error:
        raise BadUsage(str(error)) from error
    if len(key) != KEY_BYTES:
        raise BadUsage(f"--key: expected {KEY_BYTES} bytes in base64, got {len(key)}")
    code = authenticate(key, table)
    found = [
        (index, leaf)
        for index, leaf in view.history.reports
        if (leaf.partner, leaf.fortnight) == (args.partner, fortnight)
    ]
    held = [f"leaf {index} holds it as {whose}" for index, leaf in found if (whose := _whose(leaf, code))]
    lines = [f"leaf {index}: {leaf.partner}: {wording.report(leaf)}" for index, leaf in found]
    answer = "; ".join(held) if held else f"no leaf of {fortnight.label} holds this table under this key"
    said = "\n".join(report.printable(line) for line in (*lines, answer))
    return said, EXIT_YES if held else EXIT_NO


def _whose(leaf: ReportLeaf, code: bytes) -> str:
    if leaf.ours == code:
        return "the platform's own count"
    return f"what {leaf.partner} filed" if leaf.theirs == code else ""


def _table(data: bytes, fortnight: Fortnight) -> Table:
    if data.lstrip()[:1] == b"{":
        return read_rows(json.loads(data)["rows"], fortnight)
    return read_csv(data, fortnight)
