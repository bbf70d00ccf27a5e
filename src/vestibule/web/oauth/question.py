"""What a person is asked, with everything that the pages about it show. Reads only."""

from dataclasses import dataclass
from typing import Any

from vestibule.connections import listing, wording
from vestibule.connections.choosing import Offer
from vestibule.connections.grants import Permission, Reach, Scope
from vestibule.connections.language import Language
from vestibule.connections.listing import Connection
from vestibule.connections.names import Names, inert, scope_words
from vestibule.connections.states import By
from vestibule.inbox import conversations
from vestibule.inbox.lines import MOST_LINES, InboxLine
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.oauth.rfc6749_authorize import AuthorizationRequest
from vestibule.partners import register
from vestibule.people.accounts import Account
from vestibule.store import Store
from vestibule.web.oauth.kept import Kept
from vestibule.web.platform import Platform


@dataclass(frozen=True, slots=True)
class Question:
    """What one person is asked.

    Attributes:
        asked: the request as it is kept.
        language: what she is asked in.
        today: the UTC day.
        offer: what can be granted of it.
        missing: what was asked for beyond the partner's privileges.
        standing: her connection with the partner that has not ended, None without one.
        lines: her inbox.
        names: what app and conversations are called.
        kept: what she was shown last, None before.
        live: live connections of the partner with what is asked for, the fewest of any scope.
    """

    asked: AuthorizationRequest
    person: Account
    language: Language
    today: int
    offer: Offer
    missing: tuple[Scope, ...]
    standing: Connection | None
    lines: tuple[InboxLine, ...]
    names: Names
    kept: Kept | None
    live: int

    @property
    def hers(self) -> frozenset[int]:
        """The conversations that she is in."""
        return frozenset(self.names.titles)

    @property
    def stopped_by_others(self) -> bool:
        """Whether somebody else has suspended her connection, so that she cannot change it."""
        return self.standing is not None and bool(self.standing.suspended_by & {By.PARTNER, By.OPERATOR})

    def page(self) -> dict[str, Any]:
        """Return what every page about it needs."""
        gettext = self.language.gettext
        return {
            "language": self.language,
            "person": self.person,
            "partner": self.asked.partner,
            "app": self.names.app,
            "changing": self.asked.begun_here,
            "form_actions": () if self.asked.begun_here else (self.asked.partner.home_origin,),
            "carried": {
                "client_id": [self.asked.partner.partner_id],
                "request_uri": [self.asked.request_uri],
            },
            "decline": gettext("Leave it as it is") if self.asked.begun_here else gettext("Decline"),
            "missing": [scope_words(scope, self.language) for scope in self.missing],
            "log": wording.log_sentence(self.live, self.names.app, self.language),
        }


async def question_of(
    platform: Platform, person: Account, asked: AuthorizationRequest, language: Language
) -> Question:
    """Gather what a request's pages show, as everything stands now."""
    today = platform.clock() // MICROSECONDS_A_DAY
    offer = await _offer(platform.store, asked, today)
    held = {granted.scope for granted in offer.permissions}
    lines = await _inbox(platform.store, person)
    totals = await platform.recorder.totals()
    partner_id = asked.partner.partner_id
    standing = await listing.connection_with(platform.store, person.user_id, partner_id)
    return Question(
        asked=asked,
        person=person,
        language=language,
        today=today,
        offer=offer,
        missing=tuple(scope for scope in asked.scopes if scope not in held),
        standing=standing,
        lines=lines,
        names=Names(inert(asked.partner.name), {line.conversation_id: line.title for line in lines}),
        kept=None if asked.proposed is None else Kept.from_json(asked.proposed),
        live=min((wording.live_connections(totals, partner_id, scope) for scope in held), default=0),
    )


async def _offer(store: Store, asked: AuthorizationRequest, today: int) -> Offer:
    privileges = {
        privilege.scope: privilege
        for privilege in await register.privileges_of(store, asked.partner.partner_id)
        if privilege.in_force(today)
    }
    held = [privileges[scope] for scope in asked.scopes if scope in privileges]
    return Offer(
        asked.partner.partner_id,
        tuple(Permission(Scope(one.scope), one.purpose, one.leaf_index) for one in held),
        next((detail.reach for detail in asked.details if detail.reach), Reach.CONVERSATIONS),
        {Scope(one.scope): one.until_day for one in held},
    )


async def _inbox(store: Store, person: Account) -> tuple[InboxLine, ...]:
    """Read the whole inbox, page by page."""
    lines: list[InboxLine] = []
    before: tuple[int, int] | None = None
    while part := await conversations.inbox_of(store, person.user_id, before=before, limit=MOST_LINES):
        lines += part
        before = part[-1].last_at, part[-1].conversation_id
    return tuple(lines)
