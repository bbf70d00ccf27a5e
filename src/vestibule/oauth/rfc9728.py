"""Protected resource metadata (RFC 9728), and the challenge that leads a client from a 401 to it."""

from typing import Any

from vestibule.oauth import rfc9396
from vestibule.oauth.errors import OAuthError
from vestibule.oauth.rfc7519 import ALGORITHMS

PATH = "/.well-known/oauth-protected-resource"


def metadata(origin: str) -> dict[str, Any]:
    """Return the document of the partner API, whose resource identifier is `origin` and `/v1`."""
    return {
        "resource": f"{origin}/v1",
        "resource_name": "Vestibule partner API",
        "authorization_servers": [origin],
        "bearer_methods_supported": [],
        "dpop_bound_access_tokens_required": True,
        "dpop_signing_alg_values_supported": list(ALGORITHMS),
        "authorization_details_types_supported": list(rfc9396.ACTIONS),
        "resource_documentation": f"{origin}/docs/api",
    }


def challenge(origin: str, error: OAuthError | None = None) -> str:
    """Write the WWW-Authenticate field of a 401 (section 5.1, and RFC 9449 section 7.1).

    Args:
        origin: the platform's.
        error: what was wrong; None where there was no token at all (RFC 6750 section 3.1).
    """
    told = {} if error is None else {"error": error.error, "error_description": error.description}
    fields = {**told, "algs": " ".join(ALGORITHMS), "resource_metadata": f"{origin}{PATH}/v1"}
    return "DPoP " + ", ".join(f'{name}="{value}"' for name, value in fields.items())
