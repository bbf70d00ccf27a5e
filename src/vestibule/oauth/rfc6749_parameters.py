"""Request parameters (RFC 6749 sections 3.1, 3.2 and appendix B): each once, empty ones as if omitted."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from vestibule.oauth.errors import OAuthError

FORM = "application/x-www-form-urlencoded"
MOST = 50


def parse(text: bytes) -> dict[str, str]:
    """Read a query or the body of a form.

    Raises:
        OAuthError: if a parameter comes twice, or it cannot be read.
    """
    try:
        pairs = parse_qsl(text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST)
    except ValueError as error:
        raise OAuthError(
            "invalid_request", f"expected at most {MOST} parameters in percent-encoded UTF-8"
        ) from error
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        twice = next(name for at, (name, _) in enumerate(pairs) if name in dict(pairs[:at]))
        raise OAuthError("invalid_request", f"{twice:.40}: expected once, got it twice")
    return {name: value for name, value in parameters.items() if value}


def need(parameters: Mapping[str, str], name: str) -> str:
    """Return a required parameter.

    Raises:
        OAuthError: if it is missing.
    """
    try:
        return parameters[name]
    except KeyError:
        raise OAuthError("invalid_request", f"{name}: expected, got none") from None
