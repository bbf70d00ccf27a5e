"""Who may enter a partner's console, and how its pages are made."""

from dataclasses import dataclass
from typing import Any

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.partners import members, register
from vestibule.partners.register import Partner
from vestibule.people import stepping_up
from vestibule.people.accounts import Account
from vestibule.web.given import GivenPerson, GivenPlatform, NotProved
from vestibule.web.pages import page
from vestibule.web.person.cookie import session_of
from vestibule.web.platform import Platform


@dataclass(frozen=True, slots=True)
class Inside:
    """A member in the console of her partner.

    Attributes:
        proved: whether she has just proved that it is she.
    """

    platform: Platform
    person: Account
    partner: Partner
    proved: bool

    @property
    def partner_id(self) -> str:
        """Whose console it is."""
        return self.partner.partner_id

    @property
    def today(self) -> int:
        """The UTC day, days since 1970."""
        return self.platform.clock() // MICROSECONDS_A_DAY

    def at(self, path: str) -> str:
        """Give the address of a page of this console."""
        return f"/console/{self.partner_id}/{path}"

    def page(self, template: str, here: str, *, status: int = 200, **context: Any) -> Response[str]:
        """Answer with a page of this console; `here` is its place in the navigation."""
        return page(
            f"console/{template}.html",
            person=self.person,
            status=status,
            inside=self,
            partner=self.partner,
            room=here,
            today=self.today,
            **context,
        )


GivenInside = NamedDependency[Inside]
GivenChanging = NamedDependency[Inside]
"""The same, if she has just proved that it is she; else she is asked to first."""


async def provide_inside(
    request: Request[Any, Any, Any], platform: GivenPlatform, person: GivenPerson, partner_id: FromPath[str]
) -> Inside:
    """Let a member in.

    Raises:
        NotFoundException: if there is no such partner, or she does not act for it.
    """
    partner = await register.partner(platform.store, partner_id)
    if partner is None or not await members.is_member(platform.store, partner_id, person.user_id):
        raise NotFoundException("no such partner of yours")
    session = await session_of(request, platform)
    return Inside(platform, person, partner, stepping_up.is_proved(session, platform.clock()))


async def provide_changing(inside: GivenInside) -> Inside:
    """Let a member change something.

    Raises:
        NotProved: if she has not just proved that it is she.
    """
    if not inside.proved:
        raise NotProved
    return inside
