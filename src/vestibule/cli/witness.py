"""`vestibule witness`: cosigns checkpoints of the logs it is told to know."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from vestibule import listening
from vestibule.cli import options
from vestibule.tlog.errors import NoteError, TlogError
from vestibule.tlog.keys import COSIGNATURE, ED25519, MLDSA44, SigningKey, VerifierKey
from vestibule.witness import server
from vestibule.witness.decision import known_logs
from vestibule.witness.errors import WitnessError
from vestibule.witness.state import State
from vestibule.witness.witness import Witness

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator, Sequence

    from vestibule.witness.witness import Check


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser(
        "witness",
        help="cosign a log's checkpoints",
        description="Run a C2SP tlog-witness: cosign each checkpoint that only appends to the one before.",
    )
    add_options(parser)
    parser.set_defaults(run=run)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of everything that cosigns."""
    parser.add_argument("--state", type=Path, required=True, help="folder that remembers what was cosigned")
    parser.add_argument(
        "--key", type=Path, required=True, help="file with an Ed25519 seed, made by vestibule keygen"
    )
    parser.add_argument(
        "--mldsa-key",
        type=Path,
        help="file with a seed of its own for ML-DSA-44 cosignatures beside the others",
    )
    parser.add_argument(
        "--name", type=options.key_name, required=True, help="the key's name: an address without scheme"
    )
    parser.add_argument(
        "--log",
        type=_log,
        action="append",
        required=True,
        metavar="VKEY",
        help="a log's verifier key; may be given again",
    )
    options.add_listening(parser, 8421)


def run(args: argparse.Namespace) -> int:
    """Cosign until stopped; returns 0, or 1 if it cannot start."""
    return cosign_until_stopped(args)


def cosign_until_stopped(args: argparse.Namespace, check: Check | None = None) -> int:
    """Serve a witness with the options of `add_options` and a further check, if there is one."""
    os.umask(options.OWNER_ONLY)
    try:
        keys = tuple(_read_keys(args))
        listener = listening.bind(args.host, args.port)
    except OSError as error:
        print(f"vestibule: port {args.port} on {args.host} cannot be used: {error.strerror}", file=sys.stderr)
        return options.EXIT_CANNOT_START
    except NoteError as error:
        print(f"vestibule: {error}", file=sys.stderr)
        return options.EXIT_CANNOT_START
    with listener:
        return _serve(args, keys, listener, check)


def _serve(
    args: argparse.Namespace, keys: Sequence[SigningKey], listener: socket.socket, check: Check | None
) -> int:
    here = f"http://{args.host}:{listener.getsockname()[1]}"
    logs = known_logs(args.log)

    def announce() -> None:
        print(*(key.verifier for key in keys), f"Cosigns on {here}", sep="\n", flush=True)

    try:
        state = State.open(args.state)
    except WitnessError as error:
        print(f"vestibule: {error}", file=sys.stderr)
        return options.EXIT_CANNOT_START
    try:
        witness = Witness(keys, logs, state, _now, check)
        server.serve(server.build(witness, logs), listener, announce)
    finally:
        state.close()
    return 0


def _read_keys(args: argparse.Namespace) -> Iterator[SigningKey]:
    yield _read_key(args.key, args.name, COSIGNATURE)
    if args.mldsa_key is not None:
        yield _read_key(args.mldsa_key, args.name, MLDSA44)


def _read_key(path: Path, name: str, algorithm: int) -> SigningKey:
    try:
        return SigningKey.from_seed(name, path.read_bytes(), algorithm)
    except OSError as error:
        raise NoteError(f"{path}: {error.strerror}") from None
    except NoteError as error:
        raise NoteError(f"{path}: {error}") from None


def _now() -> int:
    return int(time.time())


def _log(text: str) -> VerifierKey:
    try:
        key = VerifierKey.parse(text)
    except TlogError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if key.algorithm != ED25519:
        raise argparse.ArgumentTypeError(
            f"expected a log's key, of signature type 0x01, got 0x{key.algorithm:02x}"
        )
    return key
