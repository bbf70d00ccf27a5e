"""Whether a passkey signed a canonical grant: verifying a WebAuthn assertion (level 3, section 7.2), offline.

What only the server can check is left out: that the challenge is fresh (here it is the grant itself), and
that the signature counter goes up.
"""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from vestibule.verdict import cose
from vestibule.verdict.errors import BadAgreement

if TYPE_CHECKING:
    from vestibule.ledger.agreement import Passkey
    from vestibule.ledger.consent import Consent

GET: Final = "webauthn.get"
HASH_LENGTH: Final = 32
HEAD_LENGTH: Final = 37
"""Authenticator data begin with the rp id's hash, a byte of flags and four of the counter (section 6.1)."""

USER_PRESENT, USER_VERIFIED = 0x01, 0x04


def check(passkey: Passkey, consent: Consent) -> None:
    """Check that this passkey signed this canonical grant, on the platform's own page, its person verified.

    Raises:
        BadAgreement: naming the part, what was expected and what was got.
    """
    _check_client_data(passkey.client_data_json, consent)
    _check_authenticator_data(passkey.authenticator_data, consent)
    signed = passkey.authenticator_data + sha256(passkey.client_data_json).digest()
    cose.verify(passkey.public_key, signed, passkey.signature)


def rp_id(consent: Consent) -> str:
    """Give the relying party's id: the host of the origin."""
    return urlsplit(consent.origin).hostname or ""


def _check_client_data(client_data_json: bytes, consent: Consent) -> None:
    said = _client_data(client_data_json)
    challenge = base64.urlsafe_b64encode(consent.challenge()).rstrip(b"=").decode()
    for name, expected in (("type", GET), ("challenge", challenge), ("origin", consent.origin)):
        if said.get(name) != expected:
            raise BadAgreement(f"client data, {name}: expected {expected}, got {said.get(name)!r:.120}")
    if said.get("crossOrigin", False) is not False:
        raise BadAgreement("client data: expected the platform's own page, got one inside another site's")


def _client_data(client_data_json: bytes) -> dict[str, Any]:
    try:
        said = json.loads(client_data_json.decode())
    except (ValueError, RecursionError) as error:
        raise BadAgreement(f"client data: expected JSON, got {error}") from None
    if not isinstance(said, dict):
        raise BadAgreement(f"client data: expected an object, got {type(said).__name__}")
    return said


def _check_authenticator_data(data: bytes, consent: Consent) -> None:
    if len(data) < HEAD_LENGTH:
        raise BadAgreement(f"authenticator data: expected at least {HEAD_LENGTH} bytes, got {len(data)}")
    if data[:HASH_LENGTH] != sha256(rp_id(consent).encode()).digest():
        raise BadAgreement(f"authenticator data: expected the hash of rp id {rp_id(consent)}, got another")
    flags = data[HASH_LENGTH]
    for flag, what in ((USER_PRESENT, "present"), (USER_VERIFIED, "verified")):
        if not flags & flag:
            raise BadAgreement(f"authenticator data: expected a user that was {what}, got flags {flags:#04x}")
