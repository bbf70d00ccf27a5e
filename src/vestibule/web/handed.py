"""What a partner hands over in the dialog's address, checked. Reads the register and nothing else."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Final, Self
from urllib.parse import parse_qs, urlsplit

from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.partners import register
from vestibule.partners.register import Partner, PartnerKey
from vestibule.sharing import card as cards
from vestibule.sharing import registered
from vestibule.sharing.card import Card
from vestibule.sharing.errors import BadCard
from vestibule.sharing.placement import Placement
from vestibule.sharing.signed_card import SignedCard
from vestibule.web.platform import Platform

LONGEST_STATE = 500
PATH: Final = "/dialog"
POPUP: Final = "popup"
DISPLAYS: Final = ("", "page", POPUP)


@dataclass(frozen=True, slots=True)
class Handed:
    """The parameters as they came; the page carries them in its form.

    Attributes:
        card: a signed card, or the id of a registered one.
        return_uri: where to go afterwards, one that is registered.
        state: the partner's own value, given back to it.
        surface: where it showed its button, as `Placement`; so `interface` and `variant`.
        display: `popup` if the partner's page opened a window for the dialog and waits for its word.
    """

    card: str
    return_uri: str
    state: str
    surface: str
    interface: str
    variant: str
    display: str

    @classmethod
    def read(cls, field: Callable[[str], str]) -> Self:
        """Take them from an address or a form, where what is missing is empty."""
        return cls(**{each.name: field(each.name) for each in fields(cls)})

    @property
    def in_popup(self) -> bool:
        """Whether the page is to look for the one that opened it."""
        return self.display == POPUP

    @property
    def return_origin(self) -> str:
        """The origin that may hear how the dialog ended, and no other."""
        parts = urlsplit(self.return_uri)
        return f"{parts.scheme}://{parts.netloc}"

    def carried(self, key: str) -> dict[str, str]:
        """Return the form's hidden fields, with the secret key of this opening.

        Only the page's script finds out whether somebody waits for its word, and says so; else it redirects.
        """
        return {"key": key, **asdict(self), "display": "page"}


@dataclass(frozen=True, slots=True)
class Checked:
    """What is left of it when all of it is in order."""

    partner: Partner
    card: Card
    placement: Placement


async def checked(platform: Platform, handed: Handed, *, grace: int = 0) -> Checked:
    """Check all that a partner hands over.

    Args:
        platform: where the register is, and the time.
        handed: what it hands over.
        grace: for how many seconds a card counts beyond its time.

    Raises:
        BadCard: naming what was wrong; the person is not sent anywhere.
    """
    partner, card = await _whose(platform, handed.card)
    cards.check(card, partner.home_origin, platform.clock() // 1_000_000, grace)
    if handed.return_uri not in partner.redirect_uris:
        raise BadCard(
            f"return_uri: expected one that {partner.partner_id} has registered, exactly, "
            f"got {handed.return_uri!r:.200}"
        )
    if len(handed.state) > LONGEST_STATE:
        raise BadCard(f"state: expected at most {LONGEST_STATE} characters, got {len(handed.state)}")
    if handed.display not in DISPLAYS:
        raise BadCard(f"display: expected popup or page, got {handed.display!r:.80}")
    placement = Placement(handed.surface, handed.interface, handed.variant)
    placement.check()
    return Checked(partner, card, placement)


def opens_popup(path: str) -> bool:
    """Say whether a path on this origin is that of a dialog in a popup."""
    parts = urlsplit(path)
    return parts.path == PATH and parse_qs(parts.query).get("display") == [POPUP]


async def _whose(platform: Platform, text: str) -> tuple[Partner, Card]:
    """Find whose card it is: by the id it is registered under, or by its signature."""
    if text.startswith(registered.PREFIX):
        found = await registered.find(platform.store, text)
        return await _partner(platform, found.partner_id), found.card
    signed = SignedCard.parse(text)
    partner = await _partner(platform, signed.partner_id)
    signed.verify((await _key(platform, signed)).public)
    # Made for us, so that no other platform's is shown here.
    if signed.audience != platform.settings.origin:
        raise BadCard(f"card.aud: expected {platform.settings.origin}, got {signed.audience!r:.200}")
    return partner, signed.card


async def _partner(platform: Platform, partner_id: str) -> Partner:
    partner = await register.partner(platform.store, partner_id)
    if partner is None:
        raise BadCard(f"card.iss: expected the id of a partner on the register, got {partner_id!r}")
    if partner.suspended_by is not None:
        raise BadCard(f"{partner.name} is suspended as a whole, and can hand over nothing; nothing was sent")
    return partner


async def _key(platform: Platform, signed: SignedCard) -> PartnerKey:
    today = platform.clock() // MICROSECONDS_A_DAY
    keys = await register.keys_of(platform.store, signed.partner_id)
    in_force = {key.key_id: key for key in keys if key.in_force(today)}
    if signed.key_id not in in_force:
        raise BadCard(
            f"card header.kid: expected a key of {signed.partner_id} in force today, "
            f"one of {', '.join(in_force) or 'none'}; got {signed.key_id!r}"
        )
    return in_force[signed.key_id]
