"""Ed25519 cosignatures, version 1: a witness says when it saw a checkpoint (C2SP tlog-cosignature)."""

from vestibule.tlog.encoding import shown
from vestibule.tlog.errors import NoteError
from vestibule.tlog.keys import COSIGNATURE, SIGNATURE_SIZE, SigningKey, VerifierKey, check_text

MAX_TIMESTAMP = 2**63 - 1
TIMESTAMP_SIZE = 8


def cosigned_message(text: str, timestamp: int) -> bytes:
    """Return the bytes a cosigner signs: header, time in seconds since 1970, the checkpoint's text."""
    return f"cosignature/v1\ntime {timestamp}\n{text}".encode()


def cosign(text: str, key: SigningKey, timestamp: int) -> str:
    """Return the signature line over a checkpoint's text at `timestamp`, seconds since 1970.

    Raises:
        NoteError: the key is not a cosigner's, or the time is out of range.
    """
    if key.verifier.algorithm != COSIGNATURE:
        raise NoteError(f"expected a key of signature type 0x04, got 0x{key.verifier.algorithm:02x}")
    if not 0 <= timestamp <= MAX_TIMESTAMP:
        raise NoteError(f"expected a timestamp from 0 to 2**63 - 1, got {timestamp}")
    signature = key.sign_bytes(cosigned_message(check_text(text), timestamp))
    return key.line(timestamp.to_bytes(TIMESTAMP_SIZE, "big") + signature)


def verify_cosignature(text: str, blob: bytes, key: VerifierKey) -> int:
    """Check what follows the key ID of a cosignature and return its timestamp, seconds since 1970.

    Raises:
        NoteError: wrong length, timestamp out of range, or not this key's signature.
    """
    if key.algorithm != COSIGNATURE:
        raise NoteError(f"expected a key of signature type 0x04, got 0x{key.algorithm:02x}")
    if len(blob) != TIMESTAMP_SIZE + SIGNATURE_SIZE:
        raise NoteError(f"expected a cosignature of 72 bytes by {shown(key.name)}, got {len(blob)}")
    timestamp = int.from_bytes(blob[:TIMESTAMP_SIZE], "big")
    if timestamp > MAX_TIMESTAMP:
        raise NoteError(f"expected a timestamp up to 2**63 - 1 by {shown(key.name)}, got {timestamp}")
    key.verify_bytes(cosigned_message(text, timestamp), blob[TIMESTAMP_SIZE:])
    return timestamp
