"""An authenticator in software (WebAuthn Level 3, section 6), as honest or not as a test wants it."""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "==")


@dataclass
class Credential:
    """What an authenticator keeps of one passkey."""

    rp_id: str
    user_handle: bytes
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    count: int = 0

    def public(self, algorithm: int = -7) -> bytes:
        point = self.key.public_key().public_numbers()
        x, y = point.x.to_bytes(32, "big"), point.y.to_bytes(32, "big")
        return cbor2.dumps({1: 2, 3: algorithm, -1: 1, -2: x, -3: y})


@dataclass
class Authenticator:
    """Makes passkeys and answers with them, from a page of `origin`.

    Attributes:
        flags: what it says about its user; `PRESENT | VERIFIED` if she touched it and gave her PIN.
        cross_origin: whether the page stood inside another site's.
        rp_id: for whom it signs, if not for whom it was asked.
        count: how far its counter moves at each use.
    """

    origin: str
    flags: int = PRESENT | VERIFIED
    cross_origin: bool = False
    rp_id: str = ""
    count: int = 1
    kept: list[Credential] = field(default_factory=list)

    def client_data(self, kind: str, challenge: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": self.cross_origin}
        return json.dumps(said).encode()

    def data(self, credential: Credential, *, more: bytes = b"", flags: int = 0) -> bytes:
        rp_id = self.rp_id or credential.rp_id
        head = hashlib.sha256(rp_id.encode()).digest() + bytes([self.flags | flags])
        return head + credential.count.to_bytes(4, "big") + more

    def create(self, options: str, *, algorithm: int = -7, twin_of: Credential | None = None) -> str:
        """Answer `navigator.credentials.create`."""
        asked = json.loads(options)
        credential = Credential(asked["rp"]["id"], unb64(asked["user"]["id"]))
        if twin_of is not None:
            credential.credential_id = twin_of.credential_id
        self.kept.append(credential)
        attested = (
            bytes(range(16))
            + len(credential.credential_id).to_bytes(2, "big")
            + credential.credential_id
            + credential.public(algorithm)
        )
        data = self.data(credential, more=attested, flags=ATTESTED)
        answer = {
            "clientDataJSON": b64(self.client_data("webauthn.create", asked["challenge"])),
            "attestationObject": b64(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
        }
        return _credential(credential.credential_id, answer)

    def get(self, options: str, *, with_one: Credential | None = None, **instead: Any) -> str:
        """Answer `navigator.credentials.get`; `instead` replaces members of the answer."""
        asked = json.loads(options)
        credential = with_one or self.kept[-1]
        credential.count += self.count
        client_data = self.client_data("webauthn.get", asked["challenge"])
        data = self.data(credential)
        signature = credential.key.sign(
            data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256())
        )
        answer = {
            "clientDataJSON": b64(client_data),
            "authenticatorData": b64(data),
            "signature": b64(signature),
            "userHandle": b64(credential.user_handle),
        }
        return _credential(credential.credential_id, {**answer, **instead})


def _credential(credential_id: bytes, response: dict[str, str]) -> str:
    named = b64(credential_id)
    return json.dumps({"id": named, "rawId": named, "type": "public-key", "response": response})
