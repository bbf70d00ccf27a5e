"""What to do about an OAuth error: the codes of RFC 6749, 9126, 9396 and 9449 in an engineer's words."""

from __future__ import annotations

from typing import Final

_ADVICE: Final = {
    "access_denied": "The person said no; do not ask again unless she wants to",
    "invalid_client": "Check that this key id is on the register and in force today, that the seed is its"
    " seed, and this computer's clock",
    "invalid_grant": "A code works once, for a minute, with its own verifier, redirect_uri and key; a refresh"
    " token until the connection ends. If it is over, send the person through the login again",
    "invalid_dpop_proof": "Use the DPoP key that the login began with, and check this computer's clock",
    "use_dpop_nonce": "The platform did not accept its own nonce twice; try again in a moment",
    "invalid_authorization_details": "Ask for types and actions of the platform's metadata"
    " (authorization_details_types_supported) and nothing else",
    "invalid_request": "A parameter is missing, doubled or not registered; the redirect_uri must be on the"
    " register exactly as sent",
    "invalid_token": "The token is over: refresh it; if that is refused, the connection has ended",
    "temporarily_unavailable": "Try again in a moment",
    "server_error": "Try again in a moment",
}


def advice(error: str) -> str:
    """Return what can be done about an error code, "" for one nobody knows."""
    return _ADVICE.get(error, "")
