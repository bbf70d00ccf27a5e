"""The operator's side: the register, and suspending a connection. JSON, behind the operator's token."""

import base64
import hmac
from typing import Any

import msgspec
from litestar import Request, Response, Router, post
from litestar.connection import ASGIConnection
from litestar.exceptions import NotAuthorizedException
from litestar.handlers import BaseRouteHandler
from litestar.params import JSONBody

from vestibule.connections import listing, suspending
from vestibule.connections.errors import ConnectionRefused
from vestibule.connections.listing import Connection
from vestibule.connections.states import By, Status
from vestibule.gate import privileges
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.partners import registering
from vestibule.partners.errors import RegisterError
from vestibule.people import accounts, kids
from vestibule.people.errors import NotStaff
from vestibule.recorder.drafts import Recorded
from vestibule.reports.errors import ReportRefused
from vestibule.web import operator_filed, operator_members, operator_partners, operator_reports
from vestibule.web.errors import problem
from vestibule.web.given import GivenPlatform
from vestibule.web.platform import Platform
from vestibule.webhooks import signing

LARGEST_BODY = 64 * 1024


class Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A partner's public key; `public` in base64."""

    key_id: str
    public: str


class NewPartner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A partner to be registered."""

    partner: str
    legal_entity: str
    name: str
    home_origin: str
    redirect_uris: list[str]
    key: Key


class NewPrivilege(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A privilege, with the partner's signature in base64 over its canonical text."""

    partner: str
    scope: str
    purpose: str
    agreement: str
    until_day: int
    key_id: str
    signature: str


class Withdrawal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A privilege to be withdrawn."""

    partner: str
    scope: str


class Suspension(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A connection to be suspended or resumed, by the id under which the partner knows its person."""

    partner: str
    person: str
    suspended: bool


class Kid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An account that is, or is not, a child's."""

    handle: str
    kid: bool


class Standing(msgspec.Struct, frozen=True):
    """How a connection stands, and whose suspensions it has."""

    state: str
    suspended_by: list[str]


class Placed(msgspec.Struct, frozen=True):
    """Where in the log it stands."""

    indexes: list[int]


class Rotated(msgspec.Struct, frozen=True):
    """Since when each seed is used that webhooks are signed from now, newest first (seconds since 1970)."""

    since: list[int]


def only_operator(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Let only the operator's token pass."""
    expected = f"Bearer {connection.app.state.platform.operator_token}"
    if not hmac.compare_digest(connection.headers.get("authorization", "").encode(), expected.encode()):
        raise NotAuthorizedException("expected the operator's token")


def _answer(recorded: tuple[Recorded, ...]) -> Placed:
    return Placed([leaf.index for leaf in recorded])


def _b64(name: str, text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise RegisterError(f"{name}: expected base64, got {text[:60]!r}") from error


@post("/partners")
async def register_partner(data: JSONBody[NewPartner], platform: GivenPlatform) -> Placed:
    """Put a partner and its first key on the register; links into our own origin would run in circles."""
    if data.home_origin == platform.settings.origin:
        raise RegisterError(f"home_origin: expected another origin than our own, got {data.home_origin!r}")
    return _answer(
        await registering.register_partner(
            platform.store,
            platform.recorder,
            partner_id=data.partner,
            legal_entity=data.legal_entity,
            name=data.name,
            home_origin=data.home_origin,
            redirect_uris=data.redirect_uris,
            key_id=data.key.key_id,
            public=_b64("key.public", data.key.public),
            now=platform.clock(),
        )
    )


@post("/privileges")
async def hold_privilege(data: JSONBody[NewPrivilege], platform: GivenPlatform) -> Placed:
    """Give a partner a privilege that it has signed."""
    indexes = await registering.hold_privilege(
        platform.store,
        platform.recorder,
        partner_id=data.partner,
        scope=data.scope,
        purpose=data.purpose,
        agreement=data.agreement,
        until_day=data.until_day,
        key_id=data.key_id,
        signature=_b64("signature", data.signature),
        day=platform.clock() // MICROSECONDS_A_DAY,
    )
    return Placed(list(indexes))


@post("/withdrawals")
async def withdraw_privilege(data: JSONBody[Withdrawal], platform: GivenPlatform) -> Placed:
    """Take a privilege away."""
    return _answer(
        await registering.withdraw_privilege(
            platform.store, platform.recorder, partner_id=data.partner, scope=data.scope
        )
    )


@post("/suspensions", status_code=200)
async def suspend_connection(data: JSONBody[Suspension], platform: GivenPlatform) -> Standing:
    """Suspend one connection, or undo that; no end of it is a way around the operator."""
    found = await listing.known_as(platform.store, data.partner, data.person)
    wanted = [one for one in found if not data.suspended or one.state != Status.ENDED]
    if not wanted:
        raise ConnectionRefused("person: expected the id of a person who is connected with the partner")
    return await _moved(platform, wanted[0], suspended=data.suspended)


async def _moved(platform: Platform, connection: Connection, *, suspended: bool) -> Standing:
    user_id, connection_id, now = connection.user_id, connection.connection_id, platform.clock()
    if suspended:
        moved = await suspending.suspend(
            platform.store,
            platform.outbox,
            user_id=user_id,
            connection_id=connection_id,
            by=By.OPERATOR,
            now=now,
        )
    else:
        person = await accounts.by_id(platform.store, user_id)
        if person is None:
            raise ConnectionRefused("person: the account is deleted")
        moved = await suspending.resume(
            platform.store,
            platform.outbox,
            platform.recorder,
            person=person,
            connection_id=connection_id,
            by=By.OPERATOR,
            privilege_until=await privileges.last_day_if_held(platform.store, connection.grant, now),
            now=now,
        )
    return Standing(moved.state, sorted(moved.suspended_by))


@post("/webhook-keys", status_code=201)
async def rotate_webhook_keys(platform: GivenPlatform) -> Rotated:
    """Begin to sign webhooks by new keys; the ones before sign along for a week."""
    now = platform.clock() // 1_000_000
    platform.webhook_keys.rotate(now)
    return Rotated(since=[seed.since for seed in signing.in_force(platform.webhook_keys.seeds, now)])


@post("/kids", status_code=204)
async def mark_kid(data: JSONBody[Kid], platform: GivenPlatform) -> None:
    """Say whether an account is a child's."""
    person = await accounts.by_handle(platform.store, data.handle)
    if person is None:
        raise RegisterError(f"handle: expected one of an account, got {data.handle[:40]!r}")
    await kids.mark(platform.store, person.user_id, kid=data.kid)


def _not_now(_: Request[Any, Any, Any], error: ConnectionRefused) -> Response[Any]:
    return problem(409, "Not as things stand", str(error))


def _bad(_: Request[Any, Any, Any], error: RegisterError | NotStaff) -> Response[Any]:
    return problem(400, "Not for the register", str(error))


router = Router(
    "/operator",
    route_handlers=[
        register_partner,
        hold_privilege,
        withdraw_privilege,
        suspend_connection,
        *operator_partners.handlers,
        *operator_reports.handlers,
        *operator_filed.handlers,
        *operator_members.handlers,
        rotate_webhook_keys,
        mark_kid,
    ],
    guards=[only_operator],
    request_max_body_size=LARGEST_BODY,
    exception_handlers={
        RegisterError: _bad,
        ReportRefused: operator_filed.refused,
        NotStaff: _bad,
        ConnectionRefused: _not_now,
    },
    include_in_schema=False,
)
