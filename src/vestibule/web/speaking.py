"""In which language a page speaks: the one that the browser prefers, where its texts are in the catalogue."""

from typing import Any

from litestar import Request

from vestibule.connections.language import Language, preferred


def language_of(request: Request[Any, Any, Any]) -> Language:
    """Return the language that a browser prefers."""
    return preferred(request.headers.get("accept-language", ""))
