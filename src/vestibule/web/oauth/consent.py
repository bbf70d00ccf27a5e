"""The consent page: what a partner asks for, and what a person chooses of it."""

from datetime import UTC, datetime
from typing import Any

from litestar import Response

from vestibule.connections import granting, wording
from vestibule.connections.errors import ConnectionRefused
from vestibule.connections.grants import LONGEST_DAYS, Grant, Permission, Scope, Selection
from vestibule.inbox import conversations
from vestibule.inbox.lines import MOST_LINES, InboxLine
from vestibule.ledger.agreement import Password
from vestibule.ledger.days import MICROSECONDS_A_DAY, SECONDS_A_DAY
from vestibule.oauth.rfc6749_authorize import AuthorizationRequest
from vestibule.partners import register
from vestibule.people.accounts import Account
from vestibule.store.errors import BadId
from vestibule.store.ids import decode
from vestibule.web.oauth.deciding import connected, declined
from vestibule.web.pages import page
from vestibule.web.person.forms import Fields
from vestibule.web.platform import Platform

USUAL_DAYS = 90


def _day(text: str, name: str) -> int:
    """Read an HTML date field as a UTC day number."""
    try:
        date = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise ConnectionRefused(f"{name}: expected a date as 2026-11-23, got {text[:20]!r}") from error
    return int(date.timestamp()) // SECONDS_A_DAY


def _iso(day: int) -> str:
    return datetime.fromtimestamp(day * SECONDS_A_DAY, UTC).strftime("%Y-%m-%d")


async def _conversations(platform: Platform, person: Account) -> list[InboxLine]:
    """Read the whole inbox, page by page."""
    lines: list[InboxLine] = []
    before: tuple[int, int] | None = None
    while part := await conversations.inbox_of(
        platform.store, person.user_id, before=before, limit=MOST_LINES
    ):
        lines += part
        before = part[-1].last_at, part[-1].conversation_id
    return lines


async def shown(
    platform: Platform, person: Account, asked: AuthorizationRequest, *, wrong: str = ""
) -> Response[str]:
    """Show what a partner asks for, and what was wrong with an earlier answer."""
    today = platform.clock() // MICROSECONDS_A_DAY
    privileges = {
        privilege.scope: privilege
        for privilege in await register.privileges_of(platform.store, asked.partner.partner_id)
        if privilege.in_force(today)
    }
    held = [scope for scope in asked.scopes if scope in privileges and scope in wording.SHOWN]
    lines = await _conversations(platform, person)
    latest = min([today + LONGEST_DAYS, *(privileges[scope].until_day for scope in held)])
    totals = await platform.recorder.totals()
    live = wording.live_connections(totals, asked.partner.partner_id, Scope.MESSAGES_READ)
    return page(
        "oauth/consent.html",
        person=person,
        status=422 if wrong else 200,
        form_actions=(asked.partner.home_origin,),
        partner=asked.partner,
        held=[(scope, privileges[scope]) for scope in held],
        missing=[scope for scope in asked.scopes if scope not in held],
        lines=lines,
        titles={
            line.conversation_id: await conversations.title_for(
                platform.store, line.conversation_id, person.user_id
            )
            for line in lines
        },
        carried={"client_id": asked.partner.partner_id, "request_uri": asked.request_uri},
        shown=wording.SHOWN,
        since=_iso(today - 30),
        until=_iso(min(today + USUAL_DAYS, latest)),
        latest=_iso(latest),
        today=_iso(today),
        others=wording.others_sentence(),
        log=wording.log_sentence(live, asked.partner.name),
        wrong=wrong,
    )


async def answered(
    platform: Platform, person: Account, asked: AuthorizationRequest, form: Fields
) -> Response[Any]:
    """Connect as the person chose, or not at all."""
    if form.text("decision") != "connect":
        return await declined(platform, asked)
    try:
        grant, privilege_until = await _grant(platform, person, asked, form)
        proposal = await granting.propose(
            platform.store,
            platform.recorder,
            secret=platform.gate.secret,
            origin=platform.settings.origin,
            person=person,
            grant=grant,
            privilege_until=privilege_until,
            now=platform.clock(),
        )
        return await connected(platform, person, asked, proposal, Password())
    except ConnectionRefused as error:
        return await shown(platform, person, asked, wrong=str(error))


async def _grant(
    platform: Platform, person: Account, asked: AuthorizationRequest, form: Fields
) -> tuple[Grant, int]:
    """Make the grant of what is ticked: never more than was asked for, nor than the partner may ask for.

    Returns:
        the grant, and the last UTC day of the privileges it stands on.
    """
    today = platform.clock() // MICROSECONDS_A_DAY
    ticked = tuple(scope for scope in asked.scopes if scope in form.all("scope_granted"))
    # None of them is the same as nothing ticked, which granting.check refuses.
    privilege_until, permissions = today + LONGEST_DAYS, []
    for scope in ticked:
        privilege = await register.privilege(platform.store, asked.partner.partner_id, scope)
        if privilege is None or not privilege.in_force(today):
            raise ConnectionRefused(f"{asked.partner.name} does not hold the privilege to ask for {scope}")
        # Absent in requests that no page of ours made: there nothing was shown.
        shown = form.all("privilege_shown")
        if shown and str(privilege.leaf_index) not in shown:
            raise ConnectionRefused("the request changed, please look again")
        privilege_until = min(privilege_until, privilege.until_day)
        permissions.append(Permission(scope, privilege.purpose, privilege.leaf_index))
    chosen = [_conversation(text) for text in form.all("conversation")]
    for conversation_id in chosen:
        if person.user_id not in await conversations.members(platform.store, conversation_id):
            raise ConnectionRefused("choose among your own conversations")
    until_day = _day(form.text("until"), "end")
    if privilege_until < until_day <= today + LONGEST_DAYS:
        raise ConnectionRefused(
            f"{asked.partner.name} may ask until {wording.day_words(privilege_until)}: choose that or sooner"
        )
    grant = Grant(
        partner=asked.partner.partner_id,
        permissions=tuple(permissions),
        selection=Selection(
            conversations=tuple(dict.fromkeys(chosen)),
            since=_day(form.text("since"), "start") * MICROSECONDS_A_DAY,
        ),
        until_day=until_day,
    )
    return grant, privilege_until


def _conversation(text: str) -> int:
    try:
        return decode(text)
    except BadId as error:
        raise ConnectionRefused("choose among your own conversations") from error
