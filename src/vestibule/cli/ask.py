"""`vestibule ask`: a partner signs which privilege it asks the operator for."""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from vestibule.cli import options
from vestibule.cli.keygen import SEED_BYTES
from vestibule.ledger.days import SECONDS_A_DAY
from vestibule.ledger.errors import LedgerError
from vestibule.sdk.signing import sign_privilege

DAYS = 365


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser(
        "ask",
        help="sign, as a partner, which privilege to ask the operator for",
        description="Print a privilege that you ask for, signed: the operator puts it on the register with"
        " `vestibule operator grant`.",
    )
    parser.add_argument("partner", metavar="PARTNER", help="your partner id")
    parser.add_argument("scope", metavar="SCOPE", help="such as messages.read")
    parser.add_argument("--purpose", required=True, metavar="TEXT", help="the sentence that people will read")
    parser.add_argument(
        "--agreement",
        required=True,
        type=Path,
        metavar="FILE",
        help="what you and the operator agreed on; its SHA-256 goes public, the file does not",
    )
    parser.add_argument("--seed", required=True, type=Path, metavar="FILE", help="from `vestibule keygen`")
    options.add_key_id(parser)
    until = parser.add_mutually_exclusive_group()
    until.add_argument(
        "--days", type=int, default=DAYS, metavar="N", help="for how long, from today (default: %(default)s)"
    )
    until.add_argument("--until", type=_day, metavar="YYYY-MM-DD", help="the last day instead (UTC)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the signed privilege as JSON."""
    try:
        seed, agreement = _seed(args.seed), args.agreement.read_bytes()
        asked: dict[str, Any] = {
            "partner": args.partner,
            "scope": args.scope,
            "purpose": args.purpose,
            "agreement": sha256(agreement).hexdigest(),
            "until_day": args.until or int(time.time()) // SECONDS_A_DAY + args.days,
            "key_id": args.key_id or f"{args.partner}:1",
        }
        signature = sign_privilege(**asked, seed=seed)
    except (ValueError, LedgerError, OSError) as error:
        print(f"vestibule ask: {options.said(error)}", file=sys.stderr)
        return options.EXIT_USAGE
    print(json.dumps({**asked, "signature": signature}, indent=1, ensure_ascii=False))
    return 0


def _day(text: str) -> int:
    """Read a UTC date as days since 1970."""
    try:
        return (date.fromisoformat(text) - date(1970, 1, 1)).days
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected a day as 2027-12-31, got {text[:40]!r}") from None


def _seed(file: Path) -> bytes:
    seed = file.read_bytes()
    if len(seed) != SEED_BYTES:
        raise ValueError(
            f"{file}: expected {SEED_BYTES} bytes, as `vestibule keygen` writes, got {len(seed)}"
        )
    return seed
