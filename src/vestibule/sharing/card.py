"""Cards: a title with picture and link that a partner's app hands over. Pure.

A card says what is recommended, never to whom or by whom: the partner makes it before it knows either.
`signed_card` is how one travels.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from vestibule.ledger import canonical
from vestibule.sharing.errors import BadCard

KINDS = frozenset({"film", "series", "music", "book", "article", "place", "other"})
LONGEST_TITLE = 200
LONGEST_URL = 2000
LONGEST_LIFE = 400 * 86_400
"""Seconds; a partner may keep a card beside what it is about, and renews it about once a year."""
CAMPAIGN = re.compile(r"[a-z0-9._-]{1,64}")
OURS = re.compile(r"click(_[a-z]+)?")
"""Parameters of a link that only a counted click has."""
NEEDED = ("exp", "kind", "title", "link")
POSSIBLE = frozenset({*NEEDED, "picture", "campaign"})


@dataclass(frozen=True, slots=True)
class Card:
    """What a partner recommends.

    Attributes:
        kind: one of `KINDS`.
        title: up to 200 characters.
        picture: https address or empty; pages of ours never load it from elsewhere.
        link: where a click leads, within the partner's home origin.
        expires: seconds since 1970; after that the dialog does not open.
        campaign: the partner's own word for why it shows the card, or empty.
    """

    kind: str
    title: str
    picture: str
    link: str
    expires: int
    campaign: str = ""

    def claims(self) -> dict[str, Any]:
        """Return the claims that make up the card, without those that say whose and for whom it is."""
        made: dict[str, Any] = {
            "kind": self.kind,
            "title": self.title,
            "picture": self.picture,
            "link": self.link,
            "exp": self.expires,
        }
        return made | ({"campaign": self.campaign} if self.campaign else {})

    def encode(self) -> bytes:
        """Return the claims in canonical JSON, by which one card is told from another."""
        return canonical.encode(self.claims())

    @classmethod
    def of(cls, claims: Mapping[str, object]) -> Self:
        """Read a card's claims; `check` says whether they are good.

        Raises:
            BadCard: naming the claim, expected against got.
        """
        missing = [name for name in NEEDED if name not in claims]
        if missing:
            raise BadCard(f"card.{missing[0]}: expected this claim, got {_listed(claims)}")
        unknown = sorted(claims.keys() - POSSIBLE)
        if unknown:
            raise BadCard(f"card.{unknown[0][:40]}: expected no such claim; possible are {_listed(POSSIBLE)}")
        expires = claims["exp"]
        if type(expires) is not int:
            raise BadCard(f"card.exp: expected whole seconds since 1970, got {expires!r:.80}")
        kind, title, link = (text_of(claims, name) for name in ("kind", "title", "link"))
        picture, campaign = (text_of({name: "", **claims}, name) for name in ("picture", "campaign"))
        return cls(kind, title, picture, link, expires, campaign)


def _listed(names: Mapping[str, object] | frozenset[str]) -> str:
    return ", ".join(sorted(names))[:200] or "none"


def text_of(claims: Mapping[str, object], name: str) -> str:
    """Return a claim that has to be text.

    Raises:
        BadCard: if it is missing or no text.
    """
    value = claims.get(name)
    if not isinstance(value, str):
        raise BadCard(f"card.{name}: expected text, got {value!r:.80}")
    return value


def check(card: Card, home_origin: str, now: int, grace: int = 0) -> None:
    """Refuse a card that leads elsewhere or is stale.

    Args:
        card: the card.
        home_origin: the partner's registered origin.
        now: seconds since 1970.
        grace: for how many seconds it counts beyond its time.

    Raises:
        BadCard: naming the claim, expected against got.
    """
    if card.kind not in KINDS:
        raise BadCard(f"card.kind: expected one of {', '.join(sorted(KINDS))}, got {card.kind!r:.80}")
    if not 1 <= len(card.title) <= LONGEST_TITLE or not card.title.isprintable():
        raise BadCard(
            f"card.title: expected 1 to {LONGEST_TITLE} printable characters, got {len(card.title)}: "
            f"{card.title!r:.80}"
        )
    if not now - grace < card.expires <= now + LONGEST_LIFE:
        raise BadCard(
            f"card.exp: expected after now, {now}, and by {now + LONGEST_LIFE} (400 days), got {card.expires}"
        )
    if card.campaign and CAMPAIGN.fullmatch(card.campaign) is None:
        raise BadCard(f"card.campaign: expected 1 to 64 of a-z 0-9 . _ -, got {card.campaign!r:.80}")
    check_picture(card.picture)
    check_link(card.link, home_origin)


def check_picture(address: str) -> None:
    """Refuse a picture that is neither an https address nor missing.

    Raises:
        BadCard: saying what was expected.
    """
    if address and not (address.startswith("https://") and _is_plain(address)):
        raise BadCard(
            f"card.picture: expected an https address of up to {LONGEST_URL} printable ASCII characters "
            f"or nothing, got {address!r:.80}"
        )


def check_link(link: str, home_origin: str, what: str = "card.link") -> None:
    """Refuse a link that leads anywhere but into the partner's home origin.

    Raises:
        BadCard: naming `what` it is, and both origins.
    """
    if not _is_plain(link):
        raise BadCard(
            f"{what}: expected up to {LONGEST_URL} printable ASCII characters without backslash, "
            f"got {link!r:.80}"
        )
    try:
        parts = urlsplit(link)
    except ValueError as error:
        raise BadCard(f"{what}: expected an address under {home_origin}, got {link[:80]!r}") from error
    if f"{parts.scheme}://{parts.netloc}" != home_origin:
        raise BadCard(f"{what}: expected an address under {home_origin}, got {link[:80]!r}")
    taken = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True) if OURS.fullmatch(name)]
    if taken:
        raise BadCard(f"{what}: expected no parameter {taken[0]}, which we add, got {link[:80]!r}")


def _is_plain(address: str) -> bool:
    return len(address) <= LONGEST_URL and address.isascii() and address.isprintable() and "\\" not in address


def shown(card: Card, click: str) -> str:
    """Return what is stored with the message: the card without its target, and the click link instead."""
    kept = {"kind": card.kind, "title": card.title, "picture": card.picture, "click": click}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
