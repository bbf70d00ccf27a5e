"""What a partner does to its own entry on the register: keys, redirect URIs, suspending itself as a whole.

Requests are signed by a registered key; no person is concerned, so that there is no token.
"""

import base64
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from litestar import Request, post, put
from litestar.handlers import HTTPRouteHandler

from vestibule.gate.errors import BadRequest
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.partners import register, rotating
from vestibule.partners import suspending as stopping
from vestibule.partners.authentication import Signed
from vestibule.web.given import GivenPlatform
from vestibule.web.partner import ANY_REQUEST, Receipts, signed_by
from vestibule.web.platform import Platform

T = TypeVar("T")


class OwnSuspension(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A partner as a whole, suspended by itself or not any more."""

    suspended: bool


class NewKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A further key: its id begins with the partner's id and a colon; `public` in base64."""

    key_id: str
    public: str


class KeyEnd(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The last day of a key, a UTC day number; with yesterday's it is refused at once."""

    key_id: str
    until_day: int


class RedirectUris(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All addresses to which consent and dialog may return, each compared exactly."""

    redirect_uris: list[str]


async def _asked(
    request: Request[Any, Any, Any], platform: Platform, kind: Callable[..., T]
) -> tuple[Signed, T]:
    signed = await signed_by(request, platform)
    platform.gate.rates.take(signed.partner_id, platform.clock())
    try:
        return signed, msgspec.json.decode(await request.body(), type=kind)
    except ValueError as error:
        raise BadRequest(f"body: {error}") from error


@post(
    "/own-suspension",
    status_code=200,
    summary="Suspend yourself as a whole, or undo that",
    response_description="As a whole you are suspended by yourself, or not any more.",
    responses=ANY_REQUEST,
)
async def suspend_itself(request: Request[Any, Any, Any], platform: GivenPlatform) -> OwnSuspension:
    """Let nothing pass at once: no token, privilege or dialog. Undone by you alone, on the public record."""
    signed, asked = await _asked(request, platform, OwnSuspension)
    if asked.suspended:
        await stopping.suspend(platform.store, signed.partner_id, stopping.PARTNER)
    else:
        await stopping.lift(platform.store, platform.recorder, signed.partner_id, stopping.PARTNER)
    return asked


@post(
    "/keys",
    summary="Register another key",
    response_description="The key is in force, and in the published log, as the receipt proves.",
    responses=ANY_REQUEST,
)
async def add_key(request: Request[Any, Any, Any], platform: GivenPlatform) -> Receipts:
    """Register a key beside the one that signs this request; both count until one is ended."""
    signed, asked = await _asked(request, platform, NewKey)
    try:
        public = base64.b64decode(asked.public, validate=True)
    except ValueError as error:
        raise BadRequest(f"public: expected base64, got {asked.public[:60]!r}") from error
    recorded = await rotating.add_key(
        platform.store,
        platform.recorder,
        partner_id=signed.partner_id,
        key_id=asked.key_id,
        public=public,
        day=platform.clock() // MICROSECONDS_A_DAY,
    )
    return Receipts([leaf.receipt() for leaf in recorded])


@post(
    "/key-ends",
    summary="End a key",
    response_description="The end is in the published log, as the receipt proves.",
    responses=ANY_REQUEST,
)
async def end_key(request: Request[Any, Any, Any], platform: GivenPlatform) -> Receipts:
    """Say the last day of a key of yours; another one has to go on."""
    signed, asked = await _asked(request, platform, KeyEnd)
    recorded = await rotating.end_key(
        platform.store,
        platform.recorder,
        partner_id=signed.partner_id,
        key_id=asked.key_id,
        until_day=asked.until_day,
        day=platform.clock() // MICROSECONDS_A_DAY,
    )
    return Receipts([leaf.receipt() for leaf in recorded])


@put(
    "/redirect-uris",
    summary="Replace your redirect URIs",
    response_description="The addresses as they count from now on.",
    responses=ANY_REQUEST,
)
async def set_redirect_uris(request: Request[Any, Any, Any], platform: GivenPlatform) -> RedirectUris:
    """Replace the addresses below your home origin to which consent and dialog may return."""
    signed, asked = await _asked(request, platform, RedirectUris)
    await rotating.set_redirect_uris(platform.store, signed.partner_id, asked.redirect_uris)
    found = await register.partner(platform.store, signed.partner_id)
    return RedirectUris([] if found is None else list(found.redirect_uris))


handlers: tuple[HTTPRouteHandler, ...] = (suspend_itself, add_key, end_key, set_redirect_uris)
