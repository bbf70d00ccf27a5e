"""Consent and tokens: `/oauth/authorize` for the person, `/oauth/token` for the partner's server."""

from datetime import UTC, datetime
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from vestibule.connections import granting, wording
from vestibule.connections.errors import ConnectionRefused
from vestibule.connections.grants import LONGEST_DAYS, Grant, Permission, Scope, Selection
from vestibule.gate.errors import BadRequest
from vestibule.gate.operations import reading
from vestibule.inbox import conversations
from vestibule.inbox.lines import MOST_LINES, InboxLine
from vestibule.ledger.agreement import Password
from vestibule.ledger.days import MICROSECONDS_A_DAY, SECONDS_A_DAY
from vestibule.oauth import rfc6749_authorize, rfc6749_token
from vestibule.oauth.errors import BadClient, OAuthError
from vestibule.oauth.rfc6749_authorize import AuthorizationRequest
from vestibule.partners import register
from vestibule.partners.errors import RequestRefused
from vestibule.people.accounts import Account
from vestibule.store.errors import BadId
from vestibule.store.ids import decode
from vestibule.web.errors import problem
from vestibule.web.given import GivenPerson, GivenPlatform
from vestibule.web.pages import page
from vestibule.web.partner import signed_by
from vestibule.web.person.forms import LARGEST, Fields, fields_of, parse
from vestibule.web.platform import Platform

USUAL_DAYS = 90
CARRIED = (
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
)


def _bad_client(error: BadClient) -> Response[str]:
    return page("error.html", status=400, title="This app cannot ask that", sentence=error.description)


def _day(text: str, name: str) -> int:
    """Read an HTML date field as a UTC day number."""
    try:
        date = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise ConnectionRefused(f"{name}: expected a date as 2026-11-23, got {text[:20]!r}") from error
    return int(date.timestamp()) // SECONDS_A_DAY


def _iso(day: int) -> str:
    return datetime.fromtimestamp(day * SECONDS_A_DAY, UTC).strftime("%Y-%m-%d")


async def _parsed(platform: Platform, parameters: dict[str, str]) -> AuthorizationRequest | Response[Any]:
    """Read the request, or say what to answer instead; never redirect before the client is known good."""
    try:
        return await rfc6749_authorize.parse(platform.store, parameters)
    except BadClient as error:
        return _bad_client(error)
    except OAuthError as error:
        partner = await register.partner(platform.store, parameters["client_id"])
        if partner is None:
            return problem(400, "Bad request", error.description)
        known_good = AuthorizationRequest(
            partner, parameters["redirect_uri"], (), parameters.get("state", ""), ""
        )
        return see_other_origin(
            known_good.answer(
                platform.settings.origin, error=error.error, error_description=error.description
            )
        )


def see_other_origin(address: str) -> Redirect:
    """Redirect to a registered address of a partner."""
    return Redirect(
        address, status_code=303, headers={"cache-control": "no-store", "referrer-policy": "no-referrer"}
    )


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


async def _consent_page(
    platform: Platform,
    person: Account,
    asked: AuthorizationRequest,
    carried: dict[str, str],
    *,
    wrong: str = "",
) -> Response[str]:
    today = platform.clock() // MICROSECONDS_A_DAY
    privileges = {
        privilege.scope: privilege
        for privilege in await register.privileges_of(platform.store, asked.partner.partner_id)
        if privilege.in_force(today)
    }
    held = [scope for scope in asked.scopes if scope in privileges]
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
        missing=[scope for scope in asked.scopes if scope not in privileges],
        lines=lines,
        titles={
            line.conversation_id: await conversations.title_for(
                platform.store, line.conversation_id, person.user_id
            )
            for line in lines
        },
        carried=carried,
        shown=wording.SHOWN,
        since=_iso(today - 30),
        until=_iso(min(today + USUAL_DAYS, latest)),
        latest=_iso(latest),
        today=_iso(today),
        others=wording.others_sentence(),
        log=wording.log_sentence(live, asked.partner.name),
        wrong=wrong,
    )


@get("/oauth/authorize", include_in_schema=False)
async def consent(
    request: Request[Any, Any, Any], platform: GivenPlatform, person: GivenPerson
) -> Response[Any]:
    """Show what a partner asks for."""
    parameters = {name: request.query_params.get(name, "") for name in CARRIED}
    asked = await _parsed(platform, parameters)
    if isinstance(asked, Response):
        return asked
    return await _consent_page(platform, person, asked, parameters)


@post("/oauth/authorize", include_in_schema=False, request_max_body_size=LARGEST)
async def decide(
    request: Request[Any, Any, Any], platform: GivenPlatform, person: GivenPerson
) -> Response[Any]:
    """Connect as the person chose, or not at all."""
    form = await fields_of(request)
    parameters = {name: form.text(name) for name in CARRIED}
    asked = await _parsed(platform, parameters)
    if isinstance(asked, Response):
        return asked
    if form.text("decision") != "connect":
        return see_other_origin(asked.answer(platform.settings.origin, error="access_denied"))
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
        connection = await granting.connect(
            platform.store,
            platform.outbox,
            platform.recorder,
            person=person,
            proposal=proposal,
            agreement=Password(),
            now=platform.clock(),
        )
    except ConnectionRefused as error:
        return await _consent_page(platform, person, asked, parameters, wrong=str(error))
    code = await rfc6749_token.issue_code(
        platform.store,
        connection,
        redirect_uri=asked.redirect_uri,
        challenge=asked.challenge,
        now=platform.clock(),
    )
    return see_other_origin(asked.answer(platform.settings.origin, code=code))


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


@post("/oauth/token", status_code=200, include_in_schema=False, request_max_body_size=LARGEST)
async def token(request: Request[Any, Any, Any], platform: GivenPlatform) -> Response[Any]:
    """Exchange a code for a token; the request's own signature says which partner asks."""
    headers = {"cache-control": "no-store"}
    try:
        signed = await signed_by(request, platform)
        form = parse(await request.body())
        fields = {name: form.text(name) for name in ("grant_type", "code", "redirect_uri", "code_verifier")}
        issued = await rfc6749_token.exchange(platform.store, signed.partner_id, fields, platform.clock())
    except RequestRefused as error:
        refusal = {"error": "invalid_client", "error_description": str(error)}
        return Response(refusal, status_code=401, headers={**headers, "www-authenticate": "Signature"})
    except BadRequest as error:
        return _oauth_error("invalid_request", str(error), headers)
    except OAuthError as error:
        return _oauth_error(error.error, error.description, headers)
    granted = issued.connection.grant
    return Response(
        {
            "access_token": issued.access_token,
            "token_type": "Bearer",
            "expires_in": issued.expires_in,
            "scope": " ".join(granted.scopes),
            "conversations": list(reading.granted(platform.gate, issued.connection)),
            "person": await reading.person_ref(platform.gate, issued.connection),
        },
        headers=headers,
    )


def _oauth_error(error: str, description: str, headers: dict[str, str]) -> Response[Any]:
    return Response({"error": error, "error_description": description}, status_code=400, headers=headers)


handlers: tuple[HTTPRouteHandler, ...] = (consent, decide, token)
