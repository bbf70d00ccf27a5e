"""Where a request is shown to the person it is asked of."""

from urllib.parse import urlencode

from vestibule.oauth.rfc6749_authorize import AuthorizationRequest

AUTHORIZE = "/oauth/authorize"


def address_of(asked: AuthorizationRequest) -> str:
    """Return the path and query of a request's page (RFC 9126 section 4)."""
    named = {"client_id": asked.partner.partner_id, "request_uri": asked.request_uri}
    return f"{AUTHORIZE}?{urlencode(named)}"
