"""Proof Key for Code Exchange (RFC 7636), with the method S256 and no other."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping

from vestibule.oauth.errors import OAuthError

METHOD = "S256"
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


def challenge_of(parameters: Mapping[str, str]) -> str:
    """Read code_challenge and code_challenge_method (section 4.3).

    Raises:
        OAuthError: if they are missing or of another method.
    """
    challenge = parameters.get("code_challenge", "")
    if parameters.get("code_challenge_method") != METHOD or not _CHALLENGE.fullmatch(challenge):
        raise OAuthError(
            "invalid_request", "code_challenge: expected 43 characters and code_challenge_method S256"
        )
    return challenge


def check(verifier: str, challenge: str) -> None:
    """Hold a code_verifier against the challenge (section 4.6).

    Raises:
        OAuthError: if it does not fit.
    """
    if not _VERIFIER.fullmatch(verifier) or not hmac.compare_digest(s256(verifier), challenge):
        raise OAuthError("invalid_grant", "code_verifier: does not fit the code_challenge")


def s256(verifier: str) -> str:
    """Compute BASE64URL(SHA256(ASCII(code_verifier))) (section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).decode().rstrip("=")
