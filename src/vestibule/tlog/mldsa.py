"""ML-DSA-44 (FIPS 204) as cosigners use it (C2SP tlog-cosignature)."""

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from vestibule.tlog.errors import NoteError

PUBLIC_SIZE = 1312
SIGNATURE_SIZE = 2420
MISSING = "ML-DSA-44 is not in this build of cryptography; its wheels on the Python Package Index have it"

_from_seed = MLDSA44PrivateKey.from_seed_bytes
_LABEL = b"subtree/v1\n\x00"
_LONGEST = 255


def public_of(seed: bytes) -> bytes:
    """Give the 1312-byte public key of a 32-byte seed.

    Raises:
        NoteError: it cannot be used here; see `require`.
    """
    return _secret(seed).public_key().public_bytes_raw()


def sign(seed: bytes, message: bytes) -> bytes:
    """Give a 2420-byte signature; two over the same message differ.

    Raises:
        NoteError: as for `public_of`.
    """
    return _secret(seed).sign(message)


def is_valid(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether `signature` is one over `message` by the key.

    Raises:
        NoteError: as for `public_of`.
    """
    require()
    try:
        MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def require() -> None:
    """Return if ML-DSA-44 can be used here.

    Raises:
        NoteError: it cannot: a cryptography built on the system's library may have the version without it.
    """
    _secret(bytes(32))


def cosigned_message(
    *, cosigner: str, timestamp: int, origin: str, start: int = 0, end: int, root: bytes
) -> bytes:
    """Return the `cosigned_message` structure over the leaves from `start` to `end` of a log.

    Args:
        cosigner: the key's name.
        timestamp: seconds since 1970.
        origin: the log's.
        start: 0 for a checkpoint.
        end: the checkpoint's size.
        root: the checkpoint's root.

    Raises:
        NoteError: a name is empty or longer than 255 bytes.
    """
    numbers = [number.to_bytes(8, "big") for number in (timestamp, start, end)]
    return b"".join([_LABEL, _short(cosigner), numbers[0], _short(origin), *numbers[1:], root])


def _short(name: str) -> bytes:
    data = name.encode()
    if not 0 < len(data) <= _LONGEST:
        raise NoteError(f"expected a name of 1 to {_LONGEST} bytes for ML-DSA-44, got {len(data)}")
    return bytes([len(data)]) + data


def _secret(seed: bytes) -> MLDSA44PrivateKey:
    try:
        return _from_seed(seed)
    except UnsupportedAlgorithm:
        raise NoteError(MISSING) from None
