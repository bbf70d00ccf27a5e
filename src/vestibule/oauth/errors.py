"""OAuth errors, by the names that their RFCs give them."""

import re

_NOT_PLAIN = re.compile(r"[^ -!#-\[\]-~]")


class OAuthError(Exception):
    """An error response to the client (RFC 6749 section 5.2; at the resource RFC 9449 section 7.1).

    Attributes:
        error: the code.
        description: what was expected and got, in the characters that `error_description` allows.
    """

    def __init__(self, error: str, description: str) -> None:
        self.error = error
        self.description = _NOT_PLAIN.sub("?", description.replace('"', "'"))
        super().__init__(self.description)


class BadAuthorization(Exception):  # noqa: N818  (what is the case)
    """An authorization request that this person cannot decide on, told to her; it redirects nowhere.

    Attributes:
        status: the page's HTTP status.
        title: what is the case.
        sentence: what happened, and what she can do.
    """

    def __init__(self, status: int, title: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.title = title
        self.sentence = sentence
