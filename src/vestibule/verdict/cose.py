"""Public keys of passkeys: COSE_Key (RFC 9052 section 7) for ES256 on P-256 and EdDSA on Ed25519 (RFC 9053).

RSA is refused: no passkey needs it, and its padding has a long history of lenient verifiers.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from vestibule.ledger import ed25519
from vestibule.verdict.errors import BadAgreement

if TYPE_CHECKING:
    from collections.abc import Iterator

Label: TypeAlias = int | bytes

KTY, ALG, CRV, X, Y = 1, 3, -1, -2, -3
"""Labels of a COSE_Key."""

ES256_ON_P256: Final = (2, -7, 1)
EDDSA_ON_ED25519: Final = (1, -8, 6)
"""Key type, algorithm and curve."""

COORDINATE: Final = 32
_LONGEST: Final = 1024
_SMALL: Final = 24
_LARGEST_INFO: Final = 27  # 24 to 27: the value stands in the 1, 2, 4 or 8 bytes that follow
_UNSIGNED, _NEGATIVE, _BYTES, _MAP = 0, 1, 2, 5


def verify(cose_key: bytes, message: bytes, signature: bytes) -> None:
    """Check a signature by a COSE_Key.

    Raises:
        BadAgreement: a key of another kind, a malformed one, or not its signature over `message`.
    """
    key = _read(cose_key)
    kind = (key.get(KTY), key.get(ALG), key.get(CRV))
    if kind == ES256_ON_P256:
        valid = _is_valid_es256(_coordinate(key, X) + _coordinate(key, Y), message, signature)
    elif kind == EDDSA_ON_ED25519:
        valid = ed25519.is_valid(_coordinate(key, X), message, signature)
    else:
        raise BadAgreement(
            f"public key: expected kty, alg and crv {ES256_ON_P256} (ES256 on P-256) or {EDDSA_ON_ED25519} "
            f"(EdDSA on Ed25519), got {kind!r:.80}"
        )
    if not valid:
        raise BadAgreement("signature: expected one by this public key over what was signed, got another")


def _is_valid_es256(point: bytes, message: bytes, signature: bytes) -> bool:
    try:
        key = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), b"\x04" + point)
    except ValueError:
        raise BadAgreement("public key: expected a point of P-256, got another") from None
    try:
        key.verify(signature, message, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def _coordinate(key: dict[int, Label], label: int) -> bytes:
    found = key.get(label)
    if not isinstance(found, bytes) or len(found) != COORDINATE:
        raise BadAgreement(f"public key: expected {COORDINATE} bytes under label {label}, got {found!r:.80}")
    return found


def _read(cose_key: bytes) -> dict[int, Label]:
    """Read the CBOR of a key (RFC 8949): one map of integers to integers and byte strings, and no more."""
    octets = iter(cose_key)
    try:
        major, count = _head(octets)
        if major != _MAP:
            raise BadAgreement(f"public key: expected a CBOR map, got major type {major}")
        key: dict[int, Label] = {}
        for _ in range(count):
            label, value = _item(octets), _item(octets)
            if not isinstance(label, int) or label in key:
                raise BadAgreement(f"public key: expected each label once, a number, got {label!r:.80}")
            key[label] = value
    except StopIteration:
        raise BadAgreement("public key: expected a whole CBOR map, got the beginning of one") from None
    if next(octets, None) is not None:
        raise BadAgreement("public key: expected nothing behind its CBOR map, got more")
    return key


def _item(octets: Iterator[int]) -> Label:
    major, value = _head(octets)
    if major == _UNSIGNED:
        return value
    if major == _NEGATIVE:
        return -1 - value
    if major == _BYTES:
        return _take(octets, value)
    raise BadAgreement(f"public key: expected CBOR integers and byte strings, got major type {major}")


def _head(octets: Iterator[int]) -> tuple[int, int]:
    first = next(octets)
    major, info = first >> 5, first & 31
    if info < _SMALL:
        return major, info
    if info > _LARGEST_INFO:
        raise BadAgreement("public key: expected CBOR of definite length, got another")
    return major, int.from_bytes(_take(octets, 1 << (info - _SMALL)), "big")


def _take(octets: Iterator[int], count: int) -> bytes:
    taken = bytes(islice(octets, min(count, _LONGEST)))
    if len(taken) != count:
        raise StopIteration
    return taken
