"""Who may enter the pages of the operator's staff, and how they are made."""

from dataclasses import dataclass
from typing import Any

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException

from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.people import staff, stepping_up
from vestibule.people.accounts import Account
from vestibule.web.given import GivenPerson, GivenPlatform, NotProved
from vestibule.web.pages import page
from vestibule.web.person.cookie import session_of
from vestibule.web.platform import Platform


@dataclass(frozen=True, slots=True)
class Inside:
    """Somebody of the staff.

    Attributes:
        proved: whether she has just proved that it is she.
    """

    platform: Platform
    person: Account
    proved: bool

    @property
    def today(self) -> int:
        """The UTC day, days since 1970."""
        return self.platform.clock() // MICROSECONDS_A_DAY

    def page(self, template: str, here: str, *, status: int = 200, **context: Any) -> Response[str]:
        """Answer with a page of the staff's; `here` is its place in the navigation."""
        return page(
            f"staff/{template}.html",
            person=self.person,
            status=status,
            inside=self,
            room=here,
            today=self.today,
            **context,
        )


GivenInside = NamedDependency[Inside]
GivenActing = NamedDependency[Inside]
"""The same, if she has just proved that it is she; else she is asked to first."""


async def provide_inside(
    request: Request[Any, Any, Any], platform: GivenPlatform, person: GivenPerson
) -> Inside:
    """Let somebody of the staff in.

    Raises:
        NotFoundException: if she is not.
    """
    if not await staff.is_staff(platform.store, person.user_id):
        raise NotFoundException("no such page")
    session = await session_of(request, platform)
    return Inside(platform, person, stepping_up.is_proved(session, platform.clock()))


async def provide_acting(inside: GivenInside) -> Inside:
    """Let somebody of the staff do something.

    Raises:
        NotProved: if she has not just proved that it is she.
    """
    if not inside.proved:
        raise NotProved
    return inside
