"""Authorization server metadata (RFC 8414): exactly what is built, with the members of the other RFCs."""

from typing import Any

from vestibule.oauth import rfc7636, rfc9396
from vestibule.oauth.rfc6749_token import GRANT_TYPES
from vestibule.oauth.rfc7519 import ALGORITHMS, ED25519

AUTHENTICATED = ("token", "revocation", "introspection")
"""Endpoints whose client authentication the RFC lets a server state."""


def metadata(issuer: str) -> dict[str, Any]:
    """Return the document of the issuer, which is the platform's origin."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "pushed_authorization_request_endpoint": f"{issuer}/oauth/par",
        "token_endpoint": f"{issuer}/oauth/token",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "require_pushed_authorization_requests": True,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANT_TYPES),
        "code_challenge_methods_supported": [rfc7636.METHOD],
        "authorization_details_types_supported": list(rfc9396.ACTIONS),
        "authorization_response_iss_parameter_supported": True,
        "dpop_signing_alg_values_supported": list(ALGORITHMS),
        **{f"{name}_endpoint_auth_methods_supported": ["private_key_jwt"] for name in AUTHENTICATED},
        **{f"{name}_endpoint_auth_signing_alg_values_supported": list(ED25519) for name in AUTHENTICATED},
        "service_documentation": f"{issuer}/docs/api",
    }
