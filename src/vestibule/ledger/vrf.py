"""ECVRF-EDWARDS25519-SHA512-TAI of RFC 9381, on libsodium's point arithmetic.

Stricter than the RFC in one way: a public key or a Gamma outside the prime-order subgroup is refused. No
honest prover makes one (H is cleared of its cofactor), and so Gamma has one encoding.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Final, Self

from nacl import bindings
from nacl.exceptions import CryptoError

from vestibule.ledger.errors import VrfError

PROOF_LENGTH: Final = 80
_SUITE: Final = b"\x03"
_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
_FIELD: Final = 2**255 - 19
_IDENTITY: Final = b"\x01" + bytes(31)


@dataclass(frozen=True, slots=True)
class VrfKey:
    """A VRF secret key (RFC 9381 section 5.5, as in RFC 8032 section 5.1.5)."""

    public: bytes
    _scalar: bytes = field(repr=False)
    _prefix: bytes = field(repr=False)

    @classmethod
    def from_seed(cls, seed: bytes) -> Self:
        """Derive the key from 32 secret bytes.

        Raises:
            VrfError: if `seed` is not 32 bytes.
        """
        if len(seed) != 32:  # noqa: PLR2004  # RFC 8032 section 5.1.5
            raise VrfError(f"expected a seed of 32 bytes, got {len(seed)}")
        digest = hashlib.sha512(seed).digest()
        low = bytearray(digest[:32])
        low[0] &= 248
        low[31] = low[31] & 127 | 64
        scalar = bytes(low)
        public = bindings.crypto_scalarmult_ed25519_base_noclamp(scalar)
        return cls(public=public, _scalar=scalar, _prefix=digest[32:])

    def prove(self, alpha: bytes) -> bytes:
        """Give the 80-byte proof for `alpha` (RFC 9381 section 5.1); deterministic."""
        h = _encode_to_curve(self.public, alpha)
        gamma = bindings.crypto_scalarmult_ed25519_noclamp(self._scalar, h)
        k = bindings.crypto_core_ed25519_scalar_reduce(hashlib.sha512(self._prefix + h).digest())
        u = bindings.crypto_scalarmult_ed25519_base_noclamp(k)
        v = bindings.crypto_scalarmult_ed25519_noclamp(k, h)
        c = _challenge(self.public, h, gamma, u, v)
        product = bindings.crypto_core_ed25519_scalar_mul(c + bytes(16), self._scalar)
        return gamma + c + bindings.crypto_core_ed25519_scalar_add(product, k)


def verify(public: bytes, alpha: bytes, proof: bytes) -> bytes:
    """Verify a proof with validate_key on (RFC 9381 sections 5.3 and 5.4.5).

    Returns:
        The 64-byte VRF output beta.

    Raises:
        VrfError: if key or proof are malformed, or the proof is not for this key and input.
    """
    _check_point("public key", public)
    gamma, c, s = _decode_proof(proof)
    h = _encode_to_curve(public, alpha)
    wide_c = c + bytes(16)
    try:
        u = bindings.crypto_core_ed25519_sub(
            bindings.crypto_scalarmult_ed25519_base_noclamp(s),
            bindings.crypto_scalarmult_ed25519_noclamp(wide_c, public),
        )
        v = bindings.crypto_core_ed25519_sub(
            bindings.crypto_scalarmult_ed25519_noclamp(s, h),
            bindings.crypto_scalarmult_ed25519_noclamp(wide_c, gamma),
        )
    except CryptoError:  # libsodium refuses zero scalars; an honest proof has them with chance 2**-128
        raise VrfError("expected a proof for this key and input, got a zero scalar") from None
    if _challenge(public, h, gamma, u, v) != c:
        raise VrfError("expected a proof for this key and input, got a challenge that does not match")
    return _hash_of(gamma)


def proof_to_hash(proof: bytes) -> bytes:
    """Give the 64-byte output of a proof that was made or verified here (RFC 9381 section 5.2).

    Raises:
        VrfError: if the proof does not decode.
    """
    gamma, _, _ = _decode_proof(proof)
    return _hash_of(gamma)


def _decode_proof(proof: bytes) -> tuple[bytes, bytes, bytes]:
    """Split a proof into Gamma, c and s (RFC 9381 section 5.4.4)."""
    if len(proof) != PROOF_LENGTH:
        raise VrfError(f"expected a proof of {PROOF_LENGTH} bytes, got {len(proof)}")
    gamma, c, s = proof[:32], proof[32:48], proof[48:]
    _check_point("gamma", gamma)
    if int.from_bytes(s, "little") >= _ORDER:  # s + order would verify too
        raise VrfError("expected a scalar below the group order, got one not reduced")
    return gamma, c, s


def _check_point(what: str, point: bytes) -> None:
    if len(point) != 32:  # noqa: PLR2004  # RFC 8032 section 5.1.2
        raise VrfError(f"expected a {what} of 32 bytes, got {len(point)}")
    # Canonical, on the curve, not of small order, in the prime-order subgroup.
    if not bindings.crypto_core_ed25519_is_valid_point(point):
        raise VrfError(f"expected a {what} in the prime-order group, got {point.hex()}")


def _encode_to_curve(public: bytes, alpha: bytes) -> bytes:
    """Hash to a point by try and increment, the public key as salt (RFC 9381 section 5.4.1.1)."""
    start = hashlib.sha512(_SUITE + b"\x01" + public + alpha)
    for counter in range(256):
        attempt = start.copy()
        attempt.update(bytes((counter, 0)))
        candidate = attempt.digest()[:32]
        if int.from_bytes(candidate, "little") % 2**255 >= _FIELD:  # RFC 8032 section 5.1.3 step 1
            continue
        try:
            point = _times_cofactor(candidate)
        except CryptoError:  # not on the curve
            continue
        if point != _IDENTITY:
            return point
    raise VrfError("expected a point within 256 attempts, got none")


def _times_cofactor(point: bytes) -> bytes:
    for _ in range(3):
        point = bindings.crypto_core_ed25519_add(point, point)
    return point


def _challenge(*points: bytes) -> bytes:
    """Hash five points to 16 bytes (RFC 9381 section 5.4.3)."""
    return hashlib.sha512(_SUITE + b"\x02" + b"".join(points) + b"\x00").digest()[:16]


def _hash_of(gamma: bytes) -> bytes:
    return hashlib.sha512(_SUITE + b"\x03" + _times_cofactor(gamma) + b"\x00").digest()
