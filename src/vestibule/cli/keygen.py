"""`vestibule keygen`: makes the Ed25519 key of a partner or a witness."""

from __future__ import annotations

import base64
import os
import secrets
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from nacl.signing import SigningKey

if TYPE_CHECKING:
    import argparse

EXIT_USAGE = 2
SEED_BYTES = 32


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser(
        "keygen",
        help="make the Ed25519 key of a partner or a witness",
        description="Write a new Ed25519 seed (32 bytes, mode 0600) and print its public key in base64.",
    )
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="where the seed goes; an existing file is kept"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the seed, print the public key."""
    seed = secrets.token_bytes(SEED_BYTES)
    try:
        _write(args.file, seed)
    except FileExistsError:
        print(
            f"vestibule keygen: {args.file}: there is a file already; a key is never overwritten",
            file=sys.stderr,
        )
        return EXIT_USAGE
    except OSError as error:
        print(f"vestibule keygen: {args.file}: {error.strerror}", file=sys.stderr)
        return EXIT_USAGE
    print(base64.b64encode(bytes(SigningKey(seed).verify_key)).decode())
    return 0


def _write(path: Path, seed: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(seed)
        file.flush()
        os.fsync(file.fileno())
