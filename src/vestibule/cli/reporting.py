"""`vestibule report`: a partner builds, signs and files its engagement report of a fortnight."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from vestibule import files
from vestibule.cli import options
from vestibule.cli.errors import BadUsage
from vestibule.cli.report import printable
from vestibule.ledger.engagement import write_rows
from vestibule.ledger.errors import LedgerError
from vestibule.ledger.fortnight import Fortnight, write_day
from vestibule.ledger.report_file import CSV, JSON
from vestibule.sdk.errors import SdkError
from vestibule.sdk.signing import report_file, sign_report
from vestibule.verdict.errors import VerdictError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from vestibule.sdk.reported import Reported

EXIT_REFUSED = 1
SIGNED = ".jws"
KINDS = {".csv": CSV, ".json": JSON}
SEED_BYTES = 32


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and what it can do."""
    parser = subparsers.add_parser(
        "report", help="build, sign and file, as a partner, the engagement report of a fortnight"
    )
    does = parser.add_subparsers(title="what to do", metavar="DO", required=True)
    one = _action(does, "build", _build, "write the report from your own counters")
    one.add_argument("--counts", required=True, type=Path, metavar="FILE", help="that your program counts in")
    one = _action(does, "sign", _sign, "write the detached signature beside the report, as FILE.jws")
    _add_key(one)
    one = _action(does, "file", _file, "send report and signature, and check that they are on record")
    _add_key(one)
    options.add_policy(one, of_bundle=False)


def _action(
    does: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    act: Callable[[argparse.Namespace], str],
    help_text: str,
) -> argparse.ArgumentParser:
    parser = does.add_parser(name, help=help_text, description=help_text.capitalize())
    parser.add_argument("file", type=Path, metavar="FILE", help="the report: .csv or .json")
    parser.add_argument("--partner", required=True, metavar="ID", help="your partner id")
    parser.add_argument("--platform", required=True, metavar="ORIGIN", help="as https://chat.example")
    parser.add_argument("--period", required=True, metavar="WEEK", help="the fortnight, as 2026-W01")
    parser.add_argument(
        "--edition", type=int, default=1, metavar="N", help="one more for each correction (default: 1)"
    )
    parser.set_defaults(run=run, act=act)
    return parser


def _add_key(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seed", required=True, type=Path, metavar="FILE", help="from `vestibule keygen`")
    options.add_key_id(parser)


def run(args: argparse.Namespace) -> int:
    """Do it, and say what came of it."""
    try:
        print(printable_lines(args.act(args)))
    except (LedgerError, VerdictError, OSError, SdkError) as error:
        print(f"vestibule report: {printable(options.said(error))}", file=sys.stderr)
        if isinstance(error, SdkError):
            return EXIT_REFUSED
        return options.EXIT_USAGE if isinstance(error, LedgerError) else options.exit_code(error)
    return 0


def printable_lines(text: str) -> str:
    """Make each line fit for a terminal."""
    return "\n".join(map(printable, text.splitlines()))


def _build(args: argparse.Namespace) -> str:
    from vestibule.sdk.engagement import read_counts  # noqa: PLC0415  (flock: not on every system)

    fortnight = Fortnight.parse(args.period)
    table = read_counts(args.counts, fortnight)
    data = report_file(
        args.platform,
        partner=args.partner,
        period=fortnight.label,
        edition=args.edition,
        table=table,
        media_type=_kind(args.file),
    )
    files.replace(args.file, data)
    days = f"{write_day(fortnight.first)} to {write_day(fortnight.last)}"
    return f"{args.file}: {len(write_rows(table))} rows of {days} (UTC)"


def _sign(args: argparse.Namespace) -> str:
    signature = sign_report(
        args.platform,
        partner=args.partner,
        period=args.period,
        edition=args.edition,
        data=args.file.read_bytes(),
        key_id=_key_id(args),
        seed=_seed(args.seed),
    )
    beside = _beside(args.file)
    files.replace(beside, f"{signature}\n".encode())
    return f"{beside}: signed by {_key_id(args)} as edition {args.edition} of {args.period}"


def _file(args: argparse.Namespace) -> str:
    # Only here: a client needs what building and signing do not.
    from vestibule.sdk.client import Client  # noqa: PLC0415
    from vestibule.sdk.keys import Keys, kept_dpop_key  # noqa: PLC0415
    from vestibule.sdk.receipts import Receipts  # noqa: PLC0415

    data, signature = args.file.read_bytes(), _beside(args.file).read_text().strip()
    with tempfile.TemporaryDirectory() as folder:
        # A report is about nobody: its key for tokens and its receipts are for this once.
        keys = Keys(args.partner, _key_id(args), _seed(args.seed), kept_dpop_key(Path(folder) / "dpop"))
        with (
            Receipts(Path(folder) / "receipts") as kept,
            Client(args.platform, keys, args.policy.read_bytes(), kept) as client,
        ):
            filed = client.file_report(data, _kind(args.file), signature)
    receipt = args.file.with_name(f"{args.file.name}.tlog-proof")
    files.replace(receipt, filed.receipt.encode())
    return "\n".join((*_said(filed), f"{receipt}: proves it"))


def _said(filed: Reported) -> list[str]:
    edition = filed.edition
    late = ", late" if edition.late else ""
    lines = [f"leaf {edition.leaf}: edition {edition.number} of {filed.period} {edition.verdict}{late}"]
    for row in filed.differences:
        place = f"{row.placed.interface}/{row.placed.surface}/{row.placed.variant}"
        counts = f"sends {row.theirs.sends} (platform {row.ours.sends}), clicks {row.theirs.clicks}"
        lines.append(f"  {write_day(row.placed.day)} {place}: {counts} (platform {row.ours.clicks})")
    return lines


def _kind(file: Path) -> str:
    kind = KINDS.get(file.suffix.lower())
    if kind is None:
        raise BadUsage(f"{file}: expected a name that ends in {' or '.join(KINDS)}")
    return kind


def _beside(file: Path) -> Path:
    return file.with_name(file.name + SIGNED)


def _key_id(args: argparse.Namespace) -> str:
    key_id: str = args.key_id or f"{args.partner}:1"
    return key_id


def _seed(file: Path) -> bytes:
    seed = file.read_bytes()
    if len(seed) != SEED_BYTES:
        raise BadUsage(f"{file}: expected {SEED_BYTES} bytes, as `vestibule keygen` writes, got {len(seed)}")
    return seed
