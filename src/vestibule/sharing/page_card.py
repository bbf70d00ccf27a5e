"""A card made from what a partner's page says about itself: Open Graph, and oEmbed for what is left. Pure."""

import json
from codecs import getincrementaldecoder
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urljoin

from vestibule.sharing import open_graph
from vestibule.sharing.card import Card, check_link
from vestibule.sharing.errors import BadCard
from vestibule.sharing.open_graph import About

KIND_OF: Final = {
    "video.movie": "film",
    "video.tv_show": "series",
    "video.episode": "series",
    "music": "music",
    "book": "book",
    "article": "article",
    "place": "place",
}
"""Our kinds by `og:type`, whole or up to its first dot; any other is `other`."""


def about(html: bytes) -> About:
    """Read a page's first bytes, which may end within a character.

    Raises:
        BadCard: if they are not UTF-8, as the standard asks of pages (HTML, section 4.2.5.4).
    """
    try:
        return open_graph.read(getincrementaldecoder("utf-8")().decode(html))
    except UnicodeDecodeError as error:
        raise BadCard(f"page: expected UTF-8: {error}") from error


def oembed_address(page: str, found: About, home_origin: str) -> str:
    """Return where the page's oEmbed is to be fetched, or nothing if no title is missing or none is named.

    Raises:
        BadCard: if it lies outside the partner's home origin.
    """
    if found.properties.get("og:title") or not found.oembed:
        return ""
    address = urljoin(page, found.oembed)
    check_link(address, home_origin, "page: oEmbed discovery link")
    return address


def oembed(body: bytes) -> dict[str, str]:
    """Read an oEmbed answer as the properties that it stands for.

    Raises:
        BadCard: if it is no JSON object.
    """
    try:
        said: Any = json.loads(body.decode())
    except (ValueError, RecursionError) as error:
        raise BadCard(f"oEmbed: expected JSON in UTF-8: {str(error)[:80]}") from error
    if not isinstance(said, dict):
        raise BadCard(f"oEmbed: expected an object, got {type(said).__name__}")
    kept = {"og:title": said.get("title"), "og:image": said.get("thumbnail_url"), "og:type": said.get("type")}
    return {name: value for name, value in kept.items() if isinstance(value, str) and value}


def card_of(page: str, said: Mapping[str, str], *, expires: int, campaign: str) -> Card:
    """Make the card of a page from its properties; `card.check` says whether it is good.

    Raises:
        BadCard: naming the tag that is missing, and those that are there.
    """
    for needed in ("og:title", "og:type"):
        if not said.get(needed):
            there = ", ".join(sorted(said))[:200] or "none"
            raise BadCard(
                f'page: expected <meta property="{needed}" content="...">, found of Open Graph: {there}'
            )
    picture = said.get("og:image:secure_url") or said.get("og:image") or ""
    return Card(
        kind_of(said["og:type"]),
        " ".join(said["og:title"].split()),
        urljoin(page, picture) if picture else "",
        urljoin(page, said.get("og:url") or page),
        expires,
        campaign,
    )


def kind_of(og_type: str) -> str:
    """Return our kind for an `og:type`."""
    return KIND_OF.get(og_type.lower()) or KIND_OF.get(og_type.lower().partition(".")[0]) or "other"
