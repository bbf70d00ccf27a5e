"""Cards: a title with picture and link that a partner's app hands over, signed by the partner. Pure.

A card says what is recommended, never to whom or by whom: the partner makes it before it knows either.
"""

import base64
import json
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from vestibule.ledger import canonical, ed25519
from vestibule.ledger.errors import LedgerError
from vestibule.sharing.errors import BadCard

SIGNED_AS = b"vestibule/card/v1\n"
KINDS = frozenset({"film", "series", "music", "book", "article", "place", "other"})
LONGEST_TITLE = 200
LONGEST_URL = 2000


@dataclass(frozen=True, slots=True)
class Card:
    """What a partner recommends.

    Attributes:
        kind: one of `KINDS`.
        title: up to 200 characters.
        picture: https address or empty; pages of ours never load it from elsewhere.
        link: where a click leads, within the partner's home origin.
        expires: seconds since 1970; after that the dialog does not open.
    """

    kind: str
    title: str
    picture: str
    link: str
    expires: int

    def encode(self) -> bytes:
        """Return the canonical JSON that the partner signs."""
        return canonical.encode({"v": 1, **self.fields()})

    def fields(self) -> dict[str, Any]:
        """Return the card's fields."""
        return {
            "kind": self.kind,
            "title": self.title,
            "picture": self.picture,
            "link": self.link,
            "expires": self.expires,
        }

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read canonical JSON.

        Raises:
            BadCard: naming the field, expected against got.
        """
        try:
            fields = canonical.decode(data)
        except LedgerError as error:
            raise BadCard(f"card: {error}") from error
        expected = {"v", "kind", "title", "picture", "link", "expires"}
        if set(fields) != expected:
            raise BadCard(f"card: expected the fields {sorted(expected)}, got {sorted(fields)}")
        kind, title, picture, link = (fields[name] for name in ("kind", "title", "picture", "link"))
        if fields["v"] != 1 or not all(isinstance(text, str) for text in (kind, title, picture, link)):
            raise BadCard("card: expected version 1 and texts for kind, title, picture and link")
        if not isinstance(fields["expires"], int):
            raise BadCard("card.expires: expected seconds since 1970")
        return cls(kind, title, picture, link, fields["expires"])


def check(card: Card, home_origin: str, now: int) -> None:
    """Refuse a card that leads elsewhere or is stale.

    Args:
        card: the card.
        home_origin: the partner's registered origin.
        now: seconds since 1970.

    Raises:
        BadCard: naming the field, expected against got.
    """
    if card.kind not in KINDS:
        raise BadCard(f"card.kind: expected one of {sorted(KINDS)}, got {card.kind!r}")
    if not 1 <= len(card.title) <= LONGEST_TITLE or not card.title.isprintable():
        raise BadCard(f"card.title: expected 1 to {LONGEST_TITLE} printable characters")
    if card.expires <= now:
        raise BadCard(f"card.expires: expected after {now}, got {card.expires}")
    if card.picture and not card.picture.startswith("https://"):
        raise BadCard(f"card.picture: expected https or nothing, got {card.picture[:80]!r}")
    check_link(card.link, home_origin)


def check_link(link: str, home_origin: str) -> None:
    """Refuse a link that leads anywhere but into the partner's home origin.

    Raises:
        BadCard: naming both origins.
    """
    if len(link) > LONGEST_URL or not link.isascii() or not link.isprintable() or "\\" in link:
        raise BadCard(f"card.link: expected up to {LONGEST_URL} printable ASCII characters without backslash")
    try:
        parts = urlsplit(link)
    except ValueError as error:
        raise BadCard(f"card.link: expected an address under {home_origin}, got {link[:80]!r}") from error
    if f"{parts.scheme}://{parts.netloc}" != home_origin:
        raise BadCard(f"card.link: expected an address under {home_origin}, got {link[:80]!r}")


def sign(card: Card, seed: bytes) -> str:
    """Sign a card with a partner's 32-byte seed; returns base64url without padding."""
    signature = ed25519.sign(seed, SIGNED_AS + card.encode())
    return base64.urlsafe_b64encode(signature).decode().rstrip("=")


def verify(data: bytes, signature: str, public: bytes) -> None:
    """Check that a card's bytes are signed by a partner's key.

    Raises:
        BadCard: if they are not.
    """
    try:
        raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    except ValueError as error:
        raise BadCard("signature: not the partner's signature over the card") from error
    if not ed25519.is_valid(public, SIGNED_AS + data, raw):
        raise BadCard("signature: not the partner's signature over the card")


def decode_parameter(text: str) -> bytes:
    """Read the `card` parameter of a dialog's address: base64url without padding.

    Raises:
        BadCard: if it is not.
    """
    try:
        return base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError as error:
        raise BadCard("card: expected base64url") from error


def shown(card: Card, click: str) -> str:
    """Return what is stored with the message: the card without its target, and the click link instead."""
    kept = {"kind": card.kind, "title": card.title, "picture": card.picture, "click": click}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
