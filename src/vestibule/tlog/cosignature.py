"""Cosignatures, version 1: a cosigner says when it saw a checkpoint (C2SP tlog-cosignature)."""

from vestibule.tlog import mldsa
from vestibule.tlog.encoding import from_decimal, hash_from_base64, shown
from vestibule.tlog.errors import NoteError
from vestibule.tlog.keys import (
    COSIGNATURES,
    MLDSA44,
    SIGNATURE_SIZES,
    SigningKey,
    VerifierKey,
    check_text,
)

MAX_TIMESTAMP = 2**63 - 1
TIMESTAMP_SIZE = 8
_CHECKPOINT_LINES = 3


def cosigned_message(text: str, timestamp: int) -> bytes:
    """Return the bytes of an Ed25519 cosigner: header, time in seconds since 1970, the checkpoint's text."""
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()


def cosigned_subtree(text: str, cosigner: str, timestamp: int) -> bytes:
    """Return the bytes of an ML-DSA-44 cosigner: what the checkpoint says, without extension lines.

    Raises:
        NoteError: the text is not a checkpoint's, or a name is too long.
    """
    lines = text.split("\n")
    if len(lines) <= _CHECKPOINT_LINES:
        raise NoteError(f"expected origin, size and root on three lines, got {len(lines) - 1}")
    return mldsa.cosigned_message(
        cosigner=cosigner,
        timestamp=timestamp,
        origin=lines[0],
        end=from_decimal(lines[1], NoteError),
        root=hash_from_base64(lines[2], NoteError),
    )


def cosign(text: str, key: SigningKey, timestamp: int) -> str:
    """Return the signature line over a checkpoint's text at `timestamp`, seconds since 1970.

    Raises:
        NoteError: the key is not a cosigner's, or the time is out of range.
    """
    _check_cosigner(key.verifier)
    if not 0 <= timestamp <= MAX_TIMESTAMP:
        raise NoteError(f"expected a timestamp from 0 to 2**63 - 1, got {timestamp}")
    signature = key.sign_bytes(_signed(check_text(text), key.verifier, timestamp))
    return key.line(timestamp.to_bytes(TIMESTAMP_SIZE, "big") + signature)


def verify_cosignature(text: str, blob: bytes, key: VerifierKey) -> int:
    """Check what follows the key ID of a cosignature and return its timestamp, seconds since 1970.

    Raises:
        NoteError: wrong length, timestamp out of range, or not this key's signature.
    """
    _check_cosigner(key)
    size = TIMESTAMP_SIZE + SIGNATURE_SIZES[key.algorithm]
    if len(blob) != size:
        raise NoteError(f"expected a cosignature of {size} bytes by {shown(key.name)}, got {len(blob)}")
    timestamp = int.from_bytes(blob[:TIMESTAMP_SIZE], "big")
    if timestamp > MAX_TIMESTAMP:
        raise NoteError(f"expected a timestamp up to 2**63 - 1 by {shown(key.name)}, got {timestamp}")
    key.verify_bytes(_signed(text, key, timestamp), blob[TIMESTAMP_SIZE:])
    return timestamp


def _signed(text: str, key: VerifierKey, timestamp: int) -> bytes:
    if key.algorithm == MLDSA44:
        return cosigned_subtree(text, key.name, timestamp)
    return cosigned_message(text, timestamp)


def _check_cosigner(key: VerifierKey) -> None:
    if key.algorithm not in COSIGNATURES:
        raise NoteError(f"expected a key of signature type 0x04 or 0x06, got 0x{key.algorithm:02x}")
