"""The partners as the operator sees them: privileges with end and use, suspending, what ties them."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery

from vestibule.partners import asked, disclosing, members, register, registering, suspending
from vestibule.partners.errors import RegisterError
from vestibule.partners.register import Partner, Privilege
from vestibule.web.person.forms import LARGEST, Fields, fields_of
from vestibule.web.person.places import see_other
from vestibule.web.public.partner_page import UNUSED_DAYS, Unused, unused_of
from vestibule.web.staff.door import GivenActing, GivenInside, Inside

HERE = "partners"
FIRST_DAY = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Held:
    """A privilege of a partner, as far as the operator cares.

    Attributes:
        live: how many connections there are under it.
        ceiling: how many people the partner said it would be at most; None where it did not.
        unused: that nobody made use of it for long, None if somebody did, or it is not in force.
    """

    partner: Partner
    privilege: Privilege
    in_force: bool
    live: int
    ceiling: int | None
    unused: Unused | None


async def _held(inside: Inside, partner: Partner) -> tuple[Held, ...]:
    store, partner_id = inside.platform.store, partner.partner_id
    record = await inside.platform.recorder.public_record(partner_id)
    privileges = await register.privileges_of(store, partner_id)
    in_force = [one.scope for one in privileges if one.in_force(inside.today)]
    unused = {one.scope: one for one in unused_of(record, in_force, inside.today)}
    ceilings = {
        one.leaf_index: one.asked.ceiling
        for one in await asked.of_partner(store, partner_id)
        if one.leaf_index is not None
    }
    return tuple(
        Held(
            partner,
            one,
            one.scope in in_force,
            record.lives.get(one.scope, (0, 0))[0],
            ceilings.get(one.leaf_index),
            unused.get(one.scope),
        )
        for one in privileges
    )


@get("/partners")
async def show_partners(inside: GivenInside) -> Response[str]:
    """List the partners with their privileges, and what nobody uses."""
    partners = await register.partners(inside.platform.store)
    held = {one.partner_id: await _held(inside, one) for one in partners}
    unused = [one for of_partner in held.values() for one in of_partner if one.unused is not None]
    return inside.page("partners", HERE, partners=partners, held=held, unused=unused, unused_days=UNUSED_DAYS)


async def _page(
    inside: Inside, partner_id: str, *, said: str | None = None, wrong: str = "", form: Fields | None = None
) -> Response[str]:
    partner = await register.partner(inside.platform.store, partner_id)
    if partner is None:
        raise NotFoundException("no such partner")
    names = ("kind", "band", "from", "until", "document")
    return inside.page(
        "partner",
        HERE,
        status=422 if wrong else 200,
        said=said,
        wrong=wrong,
        partner=partner,
        held=await _held(inside, partner),
        kinds=disclosing.KINDS,
        filled={name: form.word(name) if form else "" for name in names},
    )


@get("/partners/{partner_id:str}")
async def show_partner(
    partner_id: FromPath[str], inside: GivenInside, said: FromQuery[str | None] = None
) -> Response[str]:
    """Show one partner."""
    return await _page(inside, partner_id, said=said)


@post("/partners/{partner_id:str}", request_max_body_size=LARGEST)
async def act(
    request: Request[Any, Any, Any], partner_id: FromPath[str], acting: GivenActing
) -> Response[Any]:
    """Suspend a partner or undo that, withdraw a privilege, or disclose a tie."""
    form = await fields_of(request)
    try:
        said = await _do(acting, partner_id, form)
    except RegisterError as error:
        return await _page(acting, partner_id, wrong=str(error), form=form)
    return see_other(f"/staff/partners/{partner_id}?said={said}")


async def _do(acting: Inside, partner_id: str, form: Fields) -> str:
    store, recorder = acting.platform.store, acting.platform.recorder
    match form.word("do"):
        case "suspend":
            await suspending.suspend(store, partner_id, suspending.OPERATOR)
            return "suspended-by-staff"
        case "lift":
            await members.check_impartial(store, partner_id, acting.person.user_id)
            await suspending.lift(store, recorder, partner_id, suspending.OPERATOR)
            return "lifted-by-staff"
        case "withdraw":
            await registering.withdraw_privilege(
                store, recorder, partner_id=partner_id, scope=form.word("scope")
            )
            return "privilege-withdrawn"
        case "disclose":
            await disclosing.disclose(
                store,
                recorder,
                partner_id=partner_id,
                kind=form.word("kind"),
                band=form.word("band"),
                from_day=_day("from", form.word("from")),
                until_day=_day("until", form.word("until")) if form.word("until") else None,
                document=form.word("document"),
                day=acting.today,
            )
            return "tie-disclosed"
        case other:
            raise RegisterError(f"do: expected suspend, lift, withdraw or disclose, got {other[:40]!r}")


def _day(name: str, text: str) -> int:
    try:
        return (date.fromisoformat(text) - FIRST_DAY).days
    except ValueError as error:
        raise RegisterError(f"{name}: expected a day as 2026-12-31, got {text[:40]!r}") from error


handlers = (show_partners, show_partner, act)
