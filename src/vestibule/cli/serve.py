"""`vestibule serve`: runs the platform on embedded SQLite."""

import argparse
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from vestibule.recorder.errors import LogRefusesToStart
from vestibule.store import StoreError
from vestibule.web import serving
from vestibule.web.settings import Settings

EXIT_CANNOT_START = 1
OWNER_ONLY = 0o077
"""What is kept from every file this process makes: other users' access, to the store's files too."""


def add(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's options."""
    parser = subparsers.add_parser("serve", help="run the platform", description="Run the platform.")
    parser.add_argument("--data", type=Path, required=True, help="folder for everything the platform keeps")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, default=8420, help="port to listen on, 0 for a free one")
    parser.add_argument(
        "--origin", help="how people reach it, as https://chat.example (default: this address)"
    )
    parser.add_argument(
        "--log-origin", help="the log's name for ever, as chat.example/log (default: from --origin)"
    )
    parser.add_argument(
        "--partner-rate", type=float, default=50.0, help="requests a second each partner may make"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serve until stopped; returns 0, or 1 if it cannot start."""
    os.umask(OWNER_ONLY)
    try:
        listener = serving.bind(args.host, args.port)
    except OSError as error:
        print(f"vestibule: port {args.port} on {args.host} cannot be used: {error.strerror}", file=sys.stderr)
        return EXIT_CANNOT_START
    origin = args.origin or f"http://{args.host}:{listener.getsockname()[1]}"
    log_origin = args.log_origin or f"{urlsplit(origin).netloc}/log"
    print(f"Vestibule listens on {origin}", flush=True)
    try:
        settings = Settings(args.data, origin, log_origin, args.partner_rate, int(4 * args.partner_rate) or 1)
        serving.serve(settings, listener)
    except (StoreError, LogRefusesToStart) as error:
        print(f"vestibule: {error}", file=sys.stderr)
        return EXIT_CANNOT_START
    return 0
