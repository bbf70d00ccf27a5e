"""The authorization endpoint (RFC 6749 section 3.1): one person decides, once, on one pushed request.

The first signed-in person who opens a request claims it: from then on it is hers, and nobody else's.
Touches `authorization_request`. Nobody is sent anywhere before client and redirect URI are known good.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from vestibule.connections.grants import Scope
from vestibule.connections.language import marked
from vestibule.oauth import rfc9207, rfc9396
from vestibule.oauth.errors import BadAuthorization
from vestibule.oauth.rfc9126 import hash_of
from vestibule.oauth.rfc9396 import Detail
from vestibule.partners import register
from vestibule.partners.register import Partner
from vestibule.store import Store, Value

CLAIMED_MICROSECONDS = 1_800_000_000
"""How long whoever opened a request has for it."""

CLAIM = """
    update authorization_request set user_id = :user_id, expires_at = :until
    where request_hash = :request_hash and partner_id = :partner_id and user_id is null and expires_at > :now
"""
FIND = """
    select partner_id, redirect_uri, challenge, state, details, jkt, user_id, proposed, decided, expires_at
    from authorization_request where request_hash = :request_hash
"""
PROPOSE = """
    update authorization_request set proposed = :proposed
    where request_hash = :request_hash and user_id = :user_id and decided = 0
"""
DECIDE = """
    update authorization_request set decided = 1
    where request_hash = :request_hash and user_id = :user_id and decided = 0 and expires_at > :now
"""
REOPEN = """
    update authorization_request set decided = 0
    where request_hash = :request_hash and user_id = :user_id and decided = 1
"""
RECOVER_OVER = """
    delete from authorization_request where request_hash in
    (select request_hash from authorization_request where expires_at < :now
    order by expires_at, request_hash limit 500)
"""
REOPENED = "urn:vestibule:opened-request:"
"""Begins what names a request on its person's own pages, by its hash; it opens nothing to anybody else."""
_REOPENED = re.compile(re.escape(REOPENED) + r"([0-9a-f]{64})")
HERE = ""
"""The redirect URI of what a person began herself, on her Apps page: its answer goes to no partner."""

UNKNOWN = (
    400,
    marked("This is not a request we know"),
    marked(
        "Its address is not whole, or it is long over. Nothing was changed. Begin again where you came from: "
        "in the app, or on your Apps page."
    ),
)
SOMEBODY_ELSES = (
    403,
    marked("This request is somebody else's"),
    marked(
        "Another person has opened it first. Nothing was changed. Go back to the app and connect from there "
        "again."
    ),
)
OVER = (
    410,
    marked("This request is over"),
    marked("It waited for too long. Nothing was changed. Go back to the app and connect from there again."),
)
SOMEBODY_ELSES_CHANGE = (
    403,
    marked("This change is somebody else's"),
    marked(
        "Another person began it. Nothing was changed. What your own apps can do stands on your Apps page."
    ),
)
CHANGE_OVER = (
    410,
    marked("This change is over"),
    marked("It waited for too long. Nothing was changed. Begin it again on your Apps page."),
)
SUSPENDED = (
    403,
    marked("This app is suspended"),
    marked(
        "At present it cannot ask anybody for anything. Nothing was changed. Its page on the register "
        "says who suspended it."
    ),
)
FOR_TRYING = (
    403,
    marked("This is not your app"),
    marked("You are a person for trying, and can connect with the app only that you were made for."),
)
CHANGED = (
    400,
    marked("This app has changed"),
    marked(
        "Its registered addresses are others by now. Nothing was changed. Go back to the app and "
        "connect from there again."
    ),
)
DECIDED = (
    410,
    marked("You have decided on this already"),
    marked("Coming here again changes nothing. What is connected stands on your Apps page."),
)


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What a partner asks one person for, its client and redirect URI known good.

    Attributes:
        request_uri: names it, to its person alone, or is what her pages name it by.
        user_id: whose it is to decide.
        details: what is asked for.
        state: the partner's own value, given back to it.
        challenge: RFC 7636 code_challenge.
        jkt: the key that the code will be bound to, None if the partner named none (RFC 9449 section 10).
        proposed: the grant that she was shown, as it was kept with the request; None before.
    """

    request_uri: str
    user_id: int
    partner: Partner
    redirect_uri: str
    details: tuple[Detail, ...]
    state: str
    challenge: str
    jkt: str | None
    proposed: str | None

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """What is asked for, as scopes."""
        return tuple(scope for detail in self.details for scope in detail.scopes)

    @property
    def begun_here(self) -> bool:
        """Whether the person began it herself, on her Apps page."""
        return self.redirect_uri == HERE

    def answer(self, issuer: str, **fields: str) -> str:
        """Return the redirect URI with an answer, `state` and `iss`."""
        return rfc9207.response(self.redirect_uri, issuer, self.state, **fields)


async def opened(store: Store, parameters: Mapping[str, str], user_id: int, now: int) -> AuthorizationRequest:
    """Open a request for a person, claiming it for her if nobody has; else as `found`."""
    named: dict[str, Value] = {
        "request_hash": hash_of(parameters.get("request_uri", "")),
        "partner_id": parameters.get("client_id", ""),
    }
    until = now + CLAIMED_MICROSECONDS
    await store.write(lambda tx: tx.run(CLAIM, **named, user_id=user_id, now=now, until=until))
    return await found(store, parameters, user_id, now)


async def found(store: Store, parameters: Mapping[str, str], user_id: int, now: int) -> AuthorizationRequest:
    """Find a request that a person has opened.

    Args:
        store: where it is kept.
        parameters: `client_id` and `request_uri` (RFC 9126 section 4); whatever else comes is ignored.
        user_id: who is signed in.
        now: microseconds since 1970.

    Raises:
        BadAuthorization: if it is unknown, over, decided, another person's, or its partner has changed.
    """
    request_uri, client_id = parameters.get("request_uri", ""), parameters.get("client_id", "")
    row = await store.read(lambda tx: tx.one(FIND, request_hash=hash_named(request_uri)))
    partner = await register.partner(store, client_id)
    if row is None or partner is None or row[0] != client_id:
        raise BadAuthorization(*UNKNOWN)
    if partner.suspended_by is not None:
        raise BadAuthorization(*SUSPENDED)
    _, redirect_uri, challenge, state, details, jkt, owner, proposed, decided, expires_at = row
    if owner not in (None, user_id):
        raise BadAuthorization(*(SOMEBODY_ELSES_CHANGE if redirect_uri == HERE else SOMEBODY_ELSES))
    if decided:
        raise _decided_already()
    if owner is None or now >= expires_at:
        raise BadAuthorization(*(CHANGE_OVER if redirect_uri == HERE else OVER))
    if redirect_uri != HERE and redirect_uri not in partner.redirect_uris:
        raise BadAuthorization(*CHANGED)
    return AuthorizationRequest(
        request_uri,
        user_id,
        partner,
        redirect_uri,
        rfc9396.parse(details),
        state,
        challenge,
        jkt,
        proposed,
    )


def _decided_already() -> BadAuthorization:
    return BadAuthorization(*DECIDED)


def hash_named(request_uri: str) -> bytes:
    """Return the hash of the request that its person names, by its request_uri or as her pages do."""
    reopened = _REOPENED.fullmatch(request_uri)
    return bytes.fromhex(reopened[1]) if reopened else hash_of(request_uri)


async def propose(store: Store, asked: AuthorizationRequest, proposed: str) -> None:
    """Keep with a request the very grant that its person is shown."""
    await store.write(
        lambda tx: tx.run(
            PROPOSE, request_hash=hash_named(asked.request_uri), user_id=asked.user_id, proposed=proposed
        )
    )


async def decide(store: Store, asked: AuthorizationRequest, now: int) -> None:
    """Use a request up, so that it is decided on once; raises BadAuthorization if it was."""
    named: dict[str, Value] = {"request_hash": hash_named(asked.request_uri), "user_id": asked.user_id}
    if not await store.write(lambda tx: tx.run(DECIDE, **named, now=now)):
        raise _decided_already()


async def reopen(store: Store, asked: AuthorizationRequest) -> None:
    """Give a request back, because nothing came of the decision."""
    named: dict[str, Value] = {"request_hash": hash_named(asked.request_uri), "user_id": asked.user_id}
    await store.write(lambda tx: tx.run(REOPEN, **named))


async def forget_expired(store: Store, now: int) -> int:
    """Forget some of the requests that are over; returns how many, 0 when none is left."""
    return await store.write(lambda tx: tx.run(RECOVER_OVER, now=now))
