"""`vestibule serve`: runs the platform on embedded SQLite."""

import argparse
import os
import re
import sys
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from vestibule import listening
from vestibule.cli import options
from vestibule.ledger.days import SECONDS_A_DAY
from vestibule.recorder.errors import LogRefusesToStart, LostTheLog
from vestibule.recorder.naming import log_name
from vestibule.reports.events import Events, FolderEvents
from vestibule.reports.s3 import SCHEME, S3Events
from vestibule.reports.suppressing import LEAST_THRESHOLD, THRESHOLD
from vestibule.store import StoreError
from vestibule.web import serving
from vestibule.web.settings import Settings

MOST_A_SECOND = 1e9
LEAST_SECONDS = 0.1
HIDDEN = f"counts below it are hidden in what is shown of engagement reports (default: {THRESHOLD})"
ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?")


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's options."""
    parser = subparsers.add_parser("serve", help="run the platform", description="Run the platform.")
    parser.add_argument("--data", type=Path, required=True, help="folder for everything the platform keeps")
    options.add_listening(parser, 8420)
    parser.add_argument(
        "--origin", type=_origin, help="how people reach it, as https://chat.example (default: this address)"
    )
    parser.add_argument(
        "--log-origin",
        help="the log's name for ever, as chat.example/log (default: kept, at first from --origin)",
    )
    parser.add_argument(
        "--partner-rate",
        type=_rate,
        default=50.0,
        help="requests a second each partner may make (default: 50)",
    )
    parser.add_argument(
        "--dialogs-an-hour",
        type=int,
        default=20,
        metavar="N",
        help="recommendations a person may send through one partner (default: 20), to 10 N recipients a day",
    )
    parser.add_argument(
        "--witnesses", type=Path, metavar="FILE", help="witnesses, groups and quorum (C2SP tlog-policy)"
    )
    parser.add_argument(
        "--witnessing",
        choices=("synchronous", "asynchronous"),
        help="releases wait for the quorum, or cosignatures are collected behind them",
    )
    parser.add_argument(
        "--epoch-seconds",
        type=_seconds,
        default=60.0,
        help="seconds from one epoch of the log to the next, if anything was written (default: 60)",
    )
    parser.add_argument(
        "--second-head",
        type=Path,
        metavar="FILE",
        help="a file on another volume that remembers how far the log is, in case a backup is restored",
    )
    parser.add_argument(
        "--events",
        type=_events,
        metavar="PLACE",
        help="folder or s3://bucket/prefix of engagement events (default: events in the data folder)",
    )
    parser.add_argument("--report-threshold", type=_threshold, default=THRESHOLD, metavar="N", help=HIDDEN)
    parser.add_argument(
        "--sandbox",
        action="store_true",
        help="partners are tried out on this machine: their webhook endpoints may be on loopback, over http",
    )
    parser.add_argument(
        "--proxy",
        action="append",
        default=[],
        type=_network,
        metavar="ADDRESS",
        help="a proxy on another machine, or its network, whose X-Forwarded-For is believed; repeatable",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve until stopped; returns 0, or 1 if it cannot start or its log had to stop."""
    os.umask(options.OWNER_ONLY)
    if (args.witnesses is None) != (args.witnessing is None):
        print("vestibule: --witnesses and --witnessing go together", file=sys.stderr)
        return options.EXIT_CANNOT_START
    try:
        listener = listening.bind(args.host, args.port)
    except OSError as error:
        print(f"vestibule: port {args.port} on {args.host} cannot be used: {error.strerror}", file=sys.stderr)
        return options.EXIT_CANNOT_START
    here = f"http://{args.host}:{listener.getsockname()[1]}"
    origin = args.origin or here

    def announce() -> None:
        lines = [f"Vestibule listens on {here}"]
        lines += [f"People reach it as {origin}"] if origin != here else []
        lines += [f"Witnesses, {args.witnessing}: {args.witnesses}"] if args.witnesses else []
        lines += ["Sandbox: webhooks may go to this machine"] if args.sandbox else []
        print(*lines, sep="\n", flush=True)

    try:
        name = log_name(args.data, args.log_origin, f"{urlsplit(origin).netloc}/log")
        serving.serve(_settings(args, origin, name), listener, announce)
    except (StoreError, LogRefusesToStart, LostTheLog) as error:
        print(f"vestibule: {error}", file=sys.stderr)
    except OSError as error:
        print(f"vestibule: {args.data}: {error.strerror}", file=sys.stderr)
    else:
        return 0
    return options.EXIT_CANNOT_START


def _events(text: str) -> Events:
    try:
        return S3Events(text) if text.startswith(SCHEME) else FolderEvents(Path(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _settings(args: argparse.Namespace, origin: str, log_origin: str) -> Settings:
    return Settings(
        data=args.data,
        origin=origin,
        log_origin=log_origin,
        partner_rate=args.partner_rate,
        partner_burst=int(4 * args.partner_rate) or 1,
        dialogs_an_hour=args.dialogs_an_hour,
        witnesses=args.witnesses,
        witnessing=args.witnessing or "none",
        second_head=args.second_head,
        epoch_seconds=args.epoch_seconds,
        sandbox=args.sandbox,
        events=args.events,
        report_threshold=args.report_threshold,
        proxies=tuple(args.proxy),
    )


def _origin(text: str) -> str:
    if not ORIGIN.fullmatch(text):
        raise argparse.ArgumentTypeError(f"expected scheme://host[:port] without a path, got {text!r}")
    return text


def _network(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected an address or a network, got {text!r}") from error


def _rate(text: str) -> float:
    rate = _number(text)
    if not 0 < rate < MOST_A_SECOND:
        raise argparse.ArgumentTypeError(f"expected more than 0 requests a second, got {text!r}")
    return rate


def _threshold(text: str) -> int:
    if not text.isdecimal() or int(text) < LEAST_THRESHOLD:
        raise argparse.ArgumentTypeError(f"expected {LEAST_THRESHOLD} or more, got {text!r}")
    return int(text)


def _seconds(text: str) -> float:
    seconds = _number(text)
    if not LEAST_SECONDS <= seconds <= SECONDS_A_DAY:
        raise argparse.ArgumentTypeError(
            f"expected {LEAST_SECONDS} to {SECONDS_A_DAY} seconds, got {text!r}; every day has an epoch"
        )
    return seconds


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
