"""The issuer in every authorization response (RFC 9207), so that no client mixes servers up."""

from urllib.parse import urlencode


def response(redirect_uri: str, issuer: str, state: str, **fields: str) -> str:
    """Write the address that an authorization response goes to.

    Args:
        redirect_uri: the registered one of the request.
        issuer: our issuer identifier.
        state: the client's own value, "" if it sent none.
        fields: `code`, or `error` (RFC 6749 sections 4.1.2 and 4.1.2.1).
    """
    query = urlencode({**fields, **({"state": state} if state else {}), "iss": issuer})
    return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{query}"
