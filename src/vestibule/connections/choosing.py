"""From what a person ticked to the grant: never more than was asked for, nor than can be granted. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from vestibule.connections.coverage import ABOUT_MESSAGES
from vestibule.connections.errors import ConnectionRefused
from vestibule.connections.grants import (
    IN_CONVERSATIONS,
    LONGEST_DAYS,
    Grant,
    Permission,
    Reach,
    Scope,
    Selection,
)
from vestibule.connections.language import ENGLISH, Language
from vestibule.ledger.days import MICROSECONDS_A_DAY

MOST_PICKED = 200
"""Messages that can be picked by hand."""

NARROWER: Mapping[Reach, tuple[Reach, ...]] = {
    Reach.CONVERSATIONS: (Reach.CONVERSATIONS, Reach.THROUGH_PARTNER, Reach.PICKED),
    Reach.THROUGH_PARTNER: (Reach.THROUGH_PARTNER,),
    Reach.PICKED: (Reach.PICKED,),
}
"""What may be chosen where a reach was asked for: the same, or less."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be granted to a partner: what it asked for, as far as its privileges go.

    Attributes:
        permissions: each scope that was asked for and is held as a privilege.
        reach: the widest that was asked for.
        until_day: the last UTC day that can be chosen, of each scope's privilege.
    """

    partner: str
    permissions: tuple[Permission, ...]
    reach: Reach
    until_day: Mapping[Scope, int]

    def last_day(self, scopes: Collection[Scope], today: int) -> int:
        """Return the last UTC day on which some of its scopes can end together."""
        return min([today + LONGEST_DAYS, *(self.until_day[scope] for scope in scopes)])


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person ticked and filled in, as it came.

    Attributes:
        since_day: the first UTC day whose messages are in reach.
        until_day: the last UTC day on which anything is permitted.
    """

    scopes: frozenset[Scope]
    conversations: tuple[int, ...]
    reach: Reach
    picked: frozenset[tuple[int, int]]
    since_day: int
    until_day: int


def grant_of(
    offer: Offer, choice: Choice, hers: Collection[int], today: int, language: Language = ENGLISH
) -> Grant:
    """Make the grant that a person chose.

    What she ticked beside the offer does not count, and what the chosen scopes have no use for is left out:
    conversations without a scope about them, picked messages outside the chosen ones.

    Args:
        offer: what can be granted.
        choice: what she ticked.
        hers: the conversations that she is in.
        today: the UTC day.
        language: what a refusal is said in.

    Raises:
        ConnectionRefused: saying what to choose instead.
    """
    permissions = tuple(granted for granted in offer.permissions if granted.scope in choice.scopes)
    scopes = {granted.scope for granted in permissions}
    if not scopes:
        raise ConnectionRefused(language.gettext("Nothing is ticked: tick what the app may do, or decline."))
    _check_end(offer, scopes, choice, today, language)
    selection = Selection((), 0)
    if IN_CONVERSATIONS & scopes:
        selection = _selection(offer, scopes, choice, hers, language)
    return Grant(offer.partner, permissions, selection, choice.until_day)


def _check_end(
    offer: Offer, scopes: Collection[Scope], choice: Choice, today: int, language: Language
) -> None:
    last_day = offer.last_day(scopes, today)
    if not today <= choice.until_day <= last_day:
        raise ConnectionRefused(
            language.gettext(
                "The end has to lie between %(first)s and %(last)s.",
                first=language.day(today),
                last=language.day(last_day),
            )
        )


def _selection(
    offer: Offer, scopes: Collection[Scope], choice: Choice, hers: Collection[int], language: Language
) -> Selection:
    if not choice.conversations:
        raise ConnectionRefused(
            language.gettext("No conversation is chosen: choose at least one, or decline.")
        )
    if not set(choice.conversations) <= set(hers):
        raise ConnectionRefused(language.gettext("Choose among your own conversations."))
    # Not in the order of the form, which is that of her inbox: the app would read where was written last.
    conversations = tuple(sorted(set(choice.conversations)))
    if not ABOUT_MESSAGES.intersection(scopes):
        return Selection(conversations, 0)
    if choice.reach not in NARROWER[offer.reach]:
        raise ConnectionRefused(
            language.gettext("That is more than the app asked for: choose among what is offered.")
        )
    picked = tuple(sorted(one for one in choice.picked if one[0] in conversations))
    if choice.reach is not Reach.PICKED:
        picked = ()
    elif not 1 <= len(picked) <= MOST_PICKED:
        raise ConnectionRefused(
            language.gettext("Pick between 1 and %(most)s messages, or decline.", most=MOST_PICKED)
        )
    return Selection(conversations, choice.since_day * MICROSECONDS_A_DAY, choice.reach, picked)
