"""Pages that say why a consent goes no further, what to do, and that nothing was changed."""

from litestar import Response

from vestibule.connections.language import Language
from vestibule.oauth.rfc6749_authorize import AuthorizationRequest
from vestibule.web.oauth.addresses import address_of
from vestibule.web.pages import page


def stopped(
    language: Language, status: int, title: str, sentence: str, again: AuthorizationRequest | None = None
) -> Response[str]:
    """Say what happened.

    Args:
        language: hers.
        status: the HTTP status.
        title: what happened, in a few words of that language.
        sentence: what it means and what to do.
        again: the request that she can look at again, if there is one.
    """
    return page(
        "oauth/stopped.html",
        status=status,
        language=language,
        title=title,
        sentence=sentence,
        again=again and address_of(again),
    )
