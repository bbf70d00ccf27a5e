"""ML-DSA-44 (FIPS 204) as cosigners use it (C2SP tlog-cosignature), where `cryptography` is installed.

It is imported when it is first needed: no verifier without such a key needs it or waits for it.
"""

from types import ModuleType

from vestibule.tlog.errors import NoteError

PUBLIC_SIZE = 1312
SIGNATURE_SIZE = 2420
NEEDS = "ML-DSA-44 needs cryptography 50 or newer; from a clone of the source: pip install '.[mldsa]'"

_LABEL = b"subtree/v1\n\x00"
_LONGEST = 255


def public_of(seed: bytes) -> bytes:
    """Give the 1312-byte public key of a 32-byte seed.

    Raises:
        NoteError: `cryptography` is not there, or cannot do it.
    """
    return bytes(_library().MLDSA44PrivateKey.from_seed_bytes(seed).public_key().public_bytes_raw())


def sign(seed: bytes, message: bytes) -> bytes:
    """Give a 2420-byte signature; two over the same message differ.

    Raises:
        NoteError: as for `public_of`.
    """
    return bytes(_library().MLDSA44PrivateKey.from_seed_bytes(seed).sign(message))


def is_valid(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether `signature` is one over `message` by the key.

    Raises:
        NoteError: as for `public_of`.
    """
    library = _library()
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  (optional; see the module)

    try:
        library.MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def require() -> None:
    """Return if ML-DSA-44 can be used here.

    Raises:
        NoteError: it cannot; the message says what to install.
    """
    _library()


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


def _library() -> ModuleType:
    try:
        from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415  (optional; see the module)
        from cryptography.hazmat.primitives.asymmetric import mldsa  # noqa: PLC0415  (the same)
    except ImportError:
        raise NoteError(NEEDS) from None
    try:
        mldsa.MLDSA44PrivateKey.from_seed_bytes(bytes(32))
    except UnsupportedAlgorithm:  # built on a library of the system that has none
        raise NoteError(NEEDS) from None
    return mldsa
