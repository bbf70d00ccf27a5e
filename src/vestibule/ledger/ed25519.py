"""Plain Ed25519 signatures (RFC 8032), as partners make them over requests, privileges and counts."""

from nacl import bindings
from nacl.exceptions import BadSignatureError

SIGNATURE_LENGTH = bindings.crypto_sign_BYTES


def public_of(seed: bytes) -> bytes:
    """Give the 32-byte public key of 32 secret bytes."""
    public, _ = bindings.crypto_sign_seed_keypair(seed)
    return public


def sign(seed: bytes, message: bytes) -> bytes:
    """Give the 64-byte signature over `message`."""
    _, secret = bindings.crypto_sign_seed_keypair(seed)
    return bindings.crypto_sign(message, secret)[:SIGNATURE_LENGTH]


def is_valid(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether `signature` is one over `message` by the key; False too for parts of a wrong length."""
    if len(signature) != SIGNATURE_LENGTH:  # a shorter one would borrow bytes of the message
        return False
    try:
        bindings.crypto_sign_open(signature + message, public)
    except (BadSignatureError, ValueError):
        return False
    return True
