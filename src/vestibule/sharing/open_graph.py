"""What a page says about itself: Open Graph (ogp.me), and where its oEmbed is (oembed.com). Pure.

The standard library's parser takes minutes for some malformed pages, so it is given one tag at a time, and
those are short and few: the time is linear in the page's length.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

TAG: Final = re.compile(
    r"<(?:meta|link)\s(?:[^>\"']|\"[^\"]{0,2100}\"|'[^']{0,2100}'){0,200}>", re.IGNORECASE
)
MOST_TAGS: Final = 500
OEMBED: Final = "application/json+oembed"


@dataclass(slots=True)
class About:
    """What was found.

    Attributes:
        properties: of each `og:` property the first content.
        oembed: the address that the page's discovery link gives, or empty.
    """

    properties: dict[str, str] = field(default_factory=dict)
    oembed: str = ""


class _Tags(HTMLParser):
    def __init__(self, about: About) -> None:
        super().__init__()
        self._about = about

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take note of one tag."""
        said = {name: value or "" for name, value in reversed(attrs)}
        name = said.get("property", "").strip().lower()
        if tag == "meta" and name.startswith("og:"):
            self._about.properties.setdefault(name, said.get("content", "").strip())
        if tag == "link" and said.get("type", "").strip().lower() == OEMBED:
            self._about.oembed = self._about.oembed or said.get("href", "").strip()


def read(page: str) -> About:
    """Read a page, however malformed."""
    about = About()
    for tag in _tags(page):
        parser = _Tags(about)
        parser.feed(tag)
        parser.close()
    return about


def _tags(page: str) -> Iterator[str]:
    for count, found in enumerate(TAG.finditer(page)):
        if count == MOST_TAGS:
            return
        yield found[0]
