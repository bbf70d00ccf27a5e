"""The partner's API, version 1. Every request is signed (RFC 9421); data come only from `gate.operations`."""

import base64
import dataclasses
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from vestibule.connections.states import By
from vestibule.gate.errors import BadRequest
from vestibule.gate.operations import own_connection, reading, suspending
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.oauth import rfc9396
from vestibule.partners import authentication, reconciling
from vestibule.partners.authentication import Received, Signed
from vestibule.web import partner_errors
from vestibule.web.given import GivenPlatform
from vestibule.web.oauth.proof import proven_key
from vestibule.web.partner_http import UNCHANGED, answered, known_tags
from vestibule.web.platform import Platform

LARGEST_BODY = 64 * 1024


class Attachment(msgspec.Struct, frozen=True):
    """A file that came with a message; its bytes are had one file at a time, by its id."""

    id: str
    type: str
    name: str
    size: int


class Message(msgspec.Struct, frozen=True):
    """A message as this partner sees it. `from` is the writer's id, different for every partner.

    `reply_to` is there only where this connection may see that message too, `attachments` only where
    there are some.
    """

    id: str
    from_: str = msgspec.field(name="from")
    sent_at: int = 0
    body: str = ""
    reply_to: str | msgspec.UnsetType = msgspec.UNSET
    attachments: list[Attachment] | msgspec.UnsetType = msgspec.UNSET


class Messages(msgspec.Struct, frozen=True):
    """An answer: oldest first. `withheld`: some may be, because somebody there has not agreed."""

    messages: list[Message]
    withheld: bool
    next: str | None
    receipts: list[str]


class ConversationRef(msgspec.Struct, frozen=True):
    """A chosen conversation, by the id that this partner knows it by for this person."""

    id: str


class ConnectionView(msgspec.Struct, frozen=True):
    """What the token's person agreed to, with `authorization_details` as the token's answer has them."""

    person: str
    scopes: list[str]
    conversations: list[ConversationRef]
    since: int
    until_day: int
    purposes: dict[str, str]
    authorization_details: list[dict[str, Any]]


class Reconciliation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A partner's own counters over the log's first `size` leaves, with its signature in base64."""

    size: int
    counts: dict[str, tuple[int, int]]
    key_id: str
    signature: str


class Receipts(msgspec.Struct, frozen=True):
    """C2SP tlog-proofs of what was recorded."""

    receipts: list[str]


class Suspension(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A partner's own side of its connection with a person: suspended, or not any more."""

    person: str
    suspended: bool


class Suspended(msgspec.Struct, frozen=True):
    """How a connection stands: `active`, `suspended` (by you or somebody else), `waiting`, or `ended`.

    It has ended where you undid your suspension after a privilege of yours had changed: ask her again.
    """

    person: str
    state: str
    suspended_by_you: bool


class Problem(msgspec.Struct, frozen=True):
    """Problem details (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str


class Refusal(Problem, frozen=True):
    """A recorded refusal; `code` is a stable word for programs.

    Where something is `missing` (`privilege`, `scope`, `selection`, `connection` or `token`), `scope` names
    the operation that needs it and `where` the page or endpoint at which it can be asked for.
    """

    code: str
    receipts: list[str]
    missing: str | msgspec.UnsetType = msgspec.UNSET
    scope: str | msgspec.UnsetType = msgspec.UNSET
    where: str | msgspec.UnsetType = msgspec.UNSET


class Unauthorized(Problem, frozen=True):
    """No answer without another signature, proof or token; with `code`, on record, as its receipts prove."""

    code: str | msgspec.UnsetType = msgspec.UNSET
    receipts: list[str] | msgspec.UnsetType = msgspec.UNSET
    missing: str | msgspec.UnsetType = msgspec.UNSET
    scope: str | msgspec.UnsetType = msgspec.UNSET
    where: str | msgspec.UnsetType = msgspec.UNSET


def _wrong(description: str, body: type[Problem] = Problem) -> ResponseSpec:
    return ResponseSpec(
        body, description=description, media_type="application/problem+json", generate_examples=False
    )


ANY_REQUEST = {
    400: _wrong("The request could not be understood; the detail says what was expected and what came."),
    401: _wrong(
        "No valid signature by a registered key in force; or no live token with a valid proof of its key. A "
        "properly signed and proven request with a token that is dead is on record: code says why, and "
        "receipts prove it.",
        Unauthorized,
    ),
    413: _wrong("The body is larger than 64 KiB."),
    429: _wrong("Over the partner's rate: nothing was decided or recorded; try again after Retry-After."),
    503: _wrong("The log cannot be written just now, so nothing is released; try again after Retry-After."),
}
REFUSABLE = {
    **ANY_REQUEST,
    403: _wrong("Not permitted: code says why, and receipts prove that the refusal is on record.", Refusal),
}


async def signed_by(
    request: Request[Any, Any, Any], platform: Platform, largest: int = LARGEST_BODY
) -> Signed:
    """Find out which partner sent a request, whose body has at most `largest` bytes.

    Raises:
        RequestRefused: without a valid signature by a registered key.
    """
    body = await request.body()
    if len(body) > largest:
        raise BadRequest(f"body: expected at most {largest} bytes, got {len(body)}")
    raw_path = request.scope["raw_path"].decode("latin-1")
    query = request.scope["query_string"].decode("latin-1")
    received = Received(
        method=request.method,
        target_uri=f"{platform.settings.origin}{raw_path}{'?' + query if query else ''}",
        headers=_joined(request),
        body=body,
    )
    signed = await authentication.authenticate(platform.store, platform.once, received, platform.clock())
    request.state.partner_id = signed.partner_id
    request.state.key_id = signed.request.key_id
    return signed


async def proven_by(request: Request[Any, Any, Any], platform: Platform) -> Signed:
    """Find out which partner sent a request about a person, and with which key it is proven (RFC 9449).

    Raises:
        RequestRefused: without a valid signature by a registered key.
        NoToken: without an access token that is sent as DPoP-bound.
        OAuthError: without a valid proof.
    """
    signed = await signed_by(request, platform)
    if signed.token is None:
        raise partner_errors.NoToken(
            "expected a signed request with Authorization: DPoP and the person's token"
        )
    return dataclasses.replace(signed, jkt=proven_key(request, platform, signed.token))


def _joined(request: Request[Any, Any, Any]) -> dict[str, str]:
    """Join fields that were sent twice, so that nothing unsigned hides behind a signed one."""
    joined: dict[str, str] = {}
    for raw_name, raw_value in request.scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1").strip()
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


@get(
    "/connection",
    summary="The connection behind this token",
    response_description="What the person agreed to: scopes, conversations, purpose and last day.",
    responses=REFUSABLE,
)
async def connection(request: Request[Any, Any, Any], platform: GivenPlatform) -> ConnectionView:
    """Return what the token's person agreed to. It carries nothing but the grant, so it is no event."""
    signed = await proven_by(request, platform)
    found = await own_connection.own_connection(platform.gate, signed, platform.clock())
    return ConnectionView(
        person=found.person,
        scopes=list(found.grant.scopes),
        conversations=[ConversationRef(ref) for ref in found.conversations],
        since=found.grant.selection.since,
        until_day=found.grant.until_day,
        purposes={granted.scope: granted.purpose for granted in found.grant.permissions},
        authorization_details=rfc9396.granted(found.grant, found.ids),
    )


@get(
    "/conversations/{conversation:str}/messages",
    summary="Read a chosen conversation",
    response_description="Messages, and a receipt for each event that this answer is.",
    responses={**REFUSABLE, **UNCHANGED},
)
async def read_messages(
    request: Request[Any, Any, Any],
    platform: GivenPlatform,
    conversation: FromPath[str],
    after: Annotated[str | None, QueryParameter(description="the id of the last message you have")] = None,
    limit: Annotated[int, QueryParameter(description="how many messages at most, 1 to 200")] = 50,
) -> Response[Messages]:
    """Read messages, oldest first. Recorded in the public log before it is answered, with receipts."""
    signed = await proven_by(request, platform)
    released = await reading.read_messages(
        platform.gate,
        signed,
        conversation=conversation,
        after=after,
        limit=limit,
        known=known_tags(request),
        now=platform.clock(),
    )
    value = Messages(
        messages=[msgspec.convert(fields, Message) for fields in released.messages],
        withheld=released.withheld,
        next=released.next,
        receipts=[leaf.receipt() for leaf in released.recorded],
    )
    return answered(request, value, released)


@post(
    "/reconciliations",
    summary="Put your own counters on record",
    response_description="The counters are in the published log, as the receipt proves.",
    responses=ANY_REQUEST,
)
async def reconcile(request: Request[Any, Any, Any], platform: GivenPlatform) -> Receipts:
    """Record the partner's own signed counters, for everyone to compare with the log's totals."""
    signed = await signed_by(request, platform)
    platform.gate.rates.take(signed.partner_id, platform.clock())
    try:
        filed = msgspec.json.decode(await request.body(), type=Reconciliation)
        signature = base64.b64decode(filed.signature, validate=True)
    except ValueError as error:
        raise BadRequest(f"body: {error}") from error
    recorded = await reconciling.reconcile(
        platform.store,
        platform.recorder,
        partner_id=signed.partner_id,
        size=filed.size,
        counts=filed.counts,
        key_id=filed.key_id,
        signature=signature,
        day=platform.clock() // MICROSECONDS_A_DAY,
    )
    return Receipts([leaf.receipt() for leaf in recorded])


@post(
    "/suspensions",
    status_code=200,
    summary="Suspend or resume your own side of a connection",
    response_description="How the connection stands now.",
    responses={
        **ANY_REQUEST,
        409: _wrong("Nothing of yours to undo, or the person has to be asked again; the detail says which."),
    },
)
async def suspend_own(request: Request[Any, Any, Any], platform: GivenPlatform) -> Suspended:
    """Suspend at once, tokens included, or undo your own suspension; its line is in the public log then.

    Nobody else's suspension can be undone here, nor yours by anybody else. No token is needed: while the
    connection is suspended, none lives.
    """
    signed = await signed_by(request, platform)
    platform.gate.rates.take(signed.partner_id, platform.clock())
    try:
        asked = msgspec.json.decode(await request.body(), type=Suspension)
    except ValueError as error:
        raise BadRequest(f"body: {error}") from error
    act = suspending.suspend if asked.suspended else suspending.resume
    connection = await act(platform.gate, signed.partner_id, asked.person, platform.clock())
    return Suspended(asked.person, connection.state, suspended_by_you=By.PARTNER in connection.suspended_by)


handlers = (connection, read_messages, suspend_own, reconcile)
