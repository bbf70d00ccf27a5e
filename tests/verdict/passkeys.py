"""A software authenticator: makes what a browser and a passkey make together."""

import base64
import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256

from vestibule.ledger.agreement import Passkey
from vestibule.ledger.consent import Consent

PRESENT_AND_VERIFIED = 0x05
SCALAR = 0x1F2E3D4C5B6A79880123456789ABCDEF1F2E3D4C5B6A79880123456789ABCDEF


def cbor_bytes(data: bytes) -> bytes:
    return bytes([0x58, len(data)]) + data


def es256_key(public: ec.EllipticCurvePublicKey) -> bytes:
    """COSE_Key {1: 2, 3: -7, -1: 1, -2: x, -3: y}."""
    numbers = public.public_numbers()
    x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
    return b"\xa5\x01\x02\x03\x26\x20\x01\x21" + cbor_bytes(x) + b"\x22" + cbor_bytes(y)


def eddsa_key(public: ed25519.Ed25519PublicKey) -> bytes:
    """COSE_Key {1: 1, 3: -8, -1: 6, -2: x}."""
    return b"\xa4\x01\x01\x03\x27\x20\x06\x21" + cbor_bytes(public.public_bytes_raw())


@dataclass
class Authenticator:
    """Signs with ES256; `of_eddsa` with Ed25519."""

    scalar: int = SCALAR
    of_eddsa: bool = False
    count: int = 0
    _edwards: ed25519.Ed25519PrivateKey = field(
        default_factory=lambda: ed25519.Ed25519PrivateKey.from_private_bytes(
            b"a passkey's secret of 32 bytes.."
        )
    )

    @property
    def _curve(self) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(self.scalar, ec.SECP256R1())

    @property
    def public_key(self) -> bytes:
        return eddsa_key(self._edwards.public_key()) if self.of_eddsa else es256_key(self._curve.public_key())

    def sign(self, data: bytes) -> bytes:
        return self._edwards.sign(data) if self.of_eddsa else self._curve.sign(data, ec.ECDSA(SHA256()))

    def agree(
        self,
        consent: Consent,
        *,
        rp_id: str = "",
        flags: int = PRESENT_AND_VERIFIED,
        client_data: bytes | None = None,
        cut: int | None = None,
        **changes: Any,
    ) -> Passkey:
        """Sign a canonical grant; `changes` replace fields of the client data."""
        challenge = base64.urlsafe_b64encode(consent.challenge()).rstrip(b"=").decode()
        said = {
            "type": "webauthn.get",
            "challenge": challenge,
            "origin": consent.origin,
            "crossOrigin": False,
        } | changes
        client_data = json.dumps(said).encode() if client_data is None else client_data
        self.count += 1
        rp_id = rp_id or urlsplit(consent.origin).hostname or ""
        data = sha256(rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")
        data = data[:cut]
        signature = self.sign(data + sha256(client_data).digest())
        return Passkey(data, client_data, signature, self.public_key)
