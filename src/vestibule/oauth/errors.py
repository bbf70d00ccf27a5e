"""OAuth errors, as RFC 6749 names them."""


class OAuthError(Exception):
    """An error response.

    Attributes:
        error: RFC 6749 section 4.1.2.1 or 5.2 code.
        description: what was expected and got.
    """

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


class BadClient(OAuthError):  # noqa: N818  (the decision)
    """Client or redirect URI are not known good: redirect nowhere (RFC 6749 section 4.1.2.1)."""
