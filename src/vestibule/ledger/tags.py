"""Tags: how one person finds all her events with one partner, and nobody else can tell which are hers."""

import base64
import hashlib
import hmac
from typing import Final, Literal

from vestibule.ledger.errors import TagError
from vestibule.ledger.fields import NAME

Lane = Literal["shared", "own"]

SHARED: Final = "shared"
"""Events whose opening the partner gets too."""

OWN: Final = "own"
"""Events the partner must learn no more of; openings and proof go to the person alone."""

NOBODY: Final = b"nobody".ljust(16, b"\0")
"""The subject of requests that name no live token."""

_U64: Final = 2**64


def alpha(origin: str, partner: str, lane: str, subject: bytes) -> bytes:
    """Give the VRF input of one person's lane with one partner in one log.

    Args:
        origin: the log's origin line.
        partner: the partner's id.
        lane: SHARED or OWN.
        subject: the person's 16 bytes.

    Raises:
        TagError: if a part could be read as another part or is of the wrong length.
    """
    if not origin or "\n" in origin:
        raise TagError(f"expected an origin of one line, got {origin!r}")
    if NAME.fullmatch(partner) is None:
        raise TagError(f"expected a partner id, got {partner!r}")
    if lane not in (SHARED, OWN):
        raise TagError(f"expected the lane shared or own, got {lane!r}")
    if len(subject) != len(NOBODY):
        raise TagError(f"expected a subject of {len(NOBODY)} bytes, got {len(subject)}")
    return f"ledger/pair/v1\n{origin}\n{partner}\n{lane}\n{subject.hex()}".encode()


def lane_key(beta: bytes) -> bytes:
    """Take a lane's 32-byte HMAC key from its 64-byte VRF output."""
    if len(beta) != 64:  # noqa: PLR2004  # the length of SHA-512, RFC 9381 section 5.5
        raise TagError(f"expected a vrf output of 64 bytes, got {len(beta)}")
    return beta[:32]


def tag(lane_key: bytes, i: int) -> bytes:
    """Give the tag of a lane's event number `i`, counted from 0.

    Raises:
        TagError: if the key is not 32 bytes, or `i` is negative or 2**64 and more.
    """
    _check_length(lane_key)
    if not 0 <= i < _U64:
        raise TagError(f"expected a counter from 0 below 2**64, got {i}")
    return hmac.digest(lane_key, b"ledger/tag/v1\0" + i.to_bytes(8, "big"), "sha256")


def partner_person_id(lane_key: bytes) -> str:
    """Give a person's id in one lane: 32 characters of base32, different for every partner.

    Of the shared lane it is the id under which the partner knows her: both hold that key and can check it.
    Of the own lane it stands in openings that are hers alone, and no partner ever sees it.

    Raises:
        TagError: if the key is not 32 bytes.
    """
    _check_length(lane_key)
    digest = hashlib.sha256(b"ledger/pid/v1\0" + lane_key).digest()
    return base64.b32encode(digest[:20]).decode()


def _check_length(lane_key: bytes) -> None:
    if len(lane_key) != 32:  # noqa: PLR2004  # half a VRF output
        raise TagError(f"expected a lane key of 32 bytes, got {len(lane_key)}")
