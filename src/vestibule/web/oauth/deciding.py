"""What a decision on an authorization request leads to: back to the partner, with a code or without."""

from litestar import Response
from litestar.response import Redirect

from vestibule.connections import granting
from vestibule.ledger.agreement import Agreement
from vestibule.oauth import rfc6749_authorize, rfc6749_token
from vestibule.oauth.errors import BadAuthorization
from vestibule.oauth.rfc6749_authorize import AuthorizationRequest
from vestibule.people.accounts import Account
from vestibule.web.oauth.kept import Kept
from vestibule.web.person.places import see_other
from vestibule.web.platform import Platform


def see_other_origin(address: str) -> Redirect:
    """Redirect to a registered address of a partner."""
    return Redirect(
        address, status_code=303, headers={"cache-control": "no-store", "referrer-policy": "no-referrer"}
    )


async def declined(platform: Platform, asked: AuthorizationRequest) -> Response[None]:
    """Tell the partner that the person does not want to; raises BadAuthorization if she has decided.

    She may have agreed before and been told that the log cannot be written: if that has begun meanwhile, she
    has decided; else it does not begin any more.
    """
    now, partner_id = platform.clock(), asked.partner.partner_id
    shown = None if asked.proposed is None else Kept.from_json(asked.proposed).proposal.grant_id
    await rfc6749_authorize.decide(platform.store, asked, now)
    if not await granting.decline(platform.store, asked.user_id, partner_id, shown, now):
        raise BadAuthorization(*rfc6749_authorize.DECIDED)
    if asked.begun_here:
        return see_other("/apps")
    return see_other_origin(asked.answer(platform.settings.origin, error="access_denied"))


async def connected(
    platform: Platform,
    person: Account,
    asked: AuthorizationRequest,
    kept: Kept,
    agreement: Agreement,
) -> Response[None]:
    """Begin or change the connection that a person agreed to, and lead to the partner with a code.

    The request is used up first, so that pressing twice connects once; given back if nothing came of it.

    Raises:
        BadAuthorization: if she has decided on it already.
        ConnectionRefused, LogUnavailable: as `granting.connect`.
    """
    await rfc6749_authorize.decide(platform.store, asked, platform.clock())
    try:
        connection = await granting.connect(
            platform.store,
            platform.outbox,
            platform.recorder,
            person=person,
            proposal=kept.proposal,
            agreement=agreement,
            now=platform.clock(),
            session_hash=bytes.fromhex(kept.session),
        )
    except Exception:
        await rfc6749_authorize.reopen(platform.store, asked)
        raise
    if asked.begun_here:
        return see_other(f"/apps?said=changed#{asked.partner.partner_id}")
    code = await rfc6749_token.issue_code(platform.store, asked, connection, platform.clock())
    return see_other_origin(asked.answer(platform.settings.origin, code=code))
