"""What the conversation page shows: messages with cards and extras, and who can read here. Reads only."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vestibule.connections import agreements, listing, notices
from vestibule.connections.grants import Reach
from vestibule.connections.listing import Reader
from vestibule.connections.notices import Notice, What
from vestibule.connections.words import Shows
from vestibule.inbox import messages as inbox_messages
from vestibule.inbox.extra import Extra, extra_of
from vestibule.inbox.message import Message
from vestibule.partners import register
from vestibule.people import accounts
from vestibule.people.accounts import Account
from vestibule.sharing import mutes
from vestibule.store import Store

DAY = 86_400_000_000
REACHES = {
    Reach.CONVERSATIONS: "the conversation",
    Reach.THROUGH_PARTNER: "what came through it, and the replies",
    Reach.PICKED: "some messages, picked by hand",
}
TOLD = {
    What.LET_IN: "{through} let {app} read here",
    What.CHANGED: "{through} changed what {app} can read here",
    What.LEFT: "{app} can no longer read here through {through}",
}
NO_WORDS = "a message without words"
LONGEST_QUOTE = 90
"""Characters of a message that is replied to."""


@dataclass(frozen=True, slots=True)
class ShownCard:
    """A card as the page shows it; `click` is our own link, or empty."""

    kind: str
    title: str
    click: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """The message that another one replies to, in a line.

    Attributes:
        seq: its number.
        name: who wrote it; empty if the one who looks did.
        words: how it begins.
    """

    seq: int
    name: str
    words: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One message as one member sees it.

    Attributes:
        message: the message.
        mine: whether the member wrote it.
        new_day: whether it is the first of its UTC day on this page.
        via: the name of the partner it came through, or empty.
        card: its card, or None.
        extra: what else it carries.
        quoted: the message it replies to, or None.
        muted: whether it is a recommendation that the member does not want to see.
    """

    message: Message
    mine: bool
    new_day: bool
    via: str
    card: ShownCard | None
    extra: Extra
    quoted: Quoted | None
    muted: bool


@dataclass(frozen=True, slots=True)
class Way:
    """Through whom an app reads: the member's name (empty for the one who looks), since when, and what."""

    name: str
    since_at: int
    reach: str


@dataclass(frozen=True, slots=True)
class ShownReader:
    """An app that reads here.

    Attributes:
        partner_id: the partner.
        name: its name on the register.
        ways: the members who let it in.
        my_words: what it sees of the words of the one who looks.
        suspended: whether it is suspended as a whole, so that it reads nothing at present.
    """

    partner_id: str
    name: str
    ways: tuple[Way, ...]
    my_words: Shows
    suspended: bool

    @property
    def only_through_me(self) -> bool:
        """Whether nobody let it in but the one who looks."""
        return all(not way.name for way in self.ways)


async def told_of(store: Store, person: Account) -> dict[int, tuple[tuple[Notice, str], ...]]:
    """Say, by conversation, what a member was not told yet of who can read there."""
    unseen = await notices.unseen_of(store, person.user_id)
    if not unseen:
        return {}
    names = await partner_names(store)
    people = await accounts.by_ids(store, {notice.through_id for notice in unseen})
    found: dict[int, tuple[tuple[Notice, str], ...]] = {}
    for notice in unseen:
        through = people[notice.through_id].name if notice.through_id in people else "somebody"
        app = names.get(notice.partner_id, notice.partner_id)
        said = TOLD[notice.what].format(through=through, app=app)
        found[notice.conversation_id] = (*found.get(notice.conversation_id, ()), (notice, said))
    return found


async def partner_names(store: Store) -> dict[str, str]:
    """Map partner ids to names."""
    return {partner.partner_id: partner.name for partner in await register.partners(store)}


async def shown(
    store: Store,
    conversation_id: int,
    messages: Sequence[Message],
    person: Account,
    after: Message | None = None,
) -> tuple[Shown, ...]:
    """Prepare messages for one member.

    Args:
        store: where they are from.
        conversation_id: theirs.
        messages: in ascending order.
        person: who looks.
        after: the message before the first, if the page already shows it.
    """
    names = await partner_names(store)
    muted = await mutes.muted_by(store, person.user_id)
    answered = {message.reply_to for message in messages if message.reply_to is not None}
    quoted = await inbox_messages.numbered(store, conversation_id, sorted(answered)) if answered else {}
    earlier: list[Message | None] = [after, *messages[:-1]]
    return tuple(
        _shown(
            message,
            person,
            names,
            quoted.get(message.reply_to or 0),
            muted=message.card is not None and message.via_partner in muted,
            new_day=before is None or before.sent_at // DAY != message.sent_at // DAY,
        )
        for before, message in zip(earlier, messages, strict=False)
    )


def _shown(
    message: Message,
    person: Account,
    names: Mapping[str, str],
    answered: Message | None,
    *,
    muted: bool,
    new_day: bool,
) -> Shown:
    return Shown(
        message=message,
        mine=message.sender_id == person.user_id,
        new_day=new_day,
        via=names.get(message.via_partner, message.via_partner) if message.via_partner else "",
        card=None if message.card is None else card_of(message.card),
        extra=extra_of(message),
        quoted=None if answered is None else quote(answered, person),
        muted=muted and message.sender_id != person.user_id,
    )


def quote(message: Message, person: Account) -> Quoted:
    """Put the message that is replied to into a line."""
    words = " ".join(message.body.split())
    if message.taken_back is not None:
        words = "a deleted message"
    elif not words:
        words = "a recommendation" if message.card else "a file" if extra_of(message).files else NO_WORDS
    return Quoted(
        seq=message.seq,
        name="" if message.sender_id == person.user_id else message.sender_name,
        words=words if len(words) <= LONGEST_QUOTE else words[: LONGEST_QUOTE - 1] + "…",
    )


def card_of(stored: str) -> ShownCard:
    """Read what is stored of a card."""
    fields = json.loads(stored)
    click = str(fields.get("click", ""))
    # Whatever is stored, a card links to our own click links and nowhere else.
    return ShownCard(
        kind=str(fields.get("kind", "")),
        title=str(fields.get("title", "")),
        click=click if click.startswith("/r/") else "",
    )


async def shown_readers(store: Store, conversation_id: int, person: Account) -> tuple[ShownReader, ...]:
    """Say which apps read a conversation, in front of one of its members."""
    readers = await listing.readers_of(store, conversation_id)
    if not readers:
        return ()
    partners = {partner.partner_id: partner for partner in await register.partners(store)}
    words = await agreements.words_of(store, person.user_id)
    members = await accounts.by_ids(store, [reader.user_id for reader in readers])
    shown = []
    for partner_id in dict.fromkeys(reader.partner_id for reader in readers):
        ways = [reader for reader in readers if reader.partner_id == partner_id and reader.user_id in members]
        shown.append(
            ShownReader(
                partner_id=partner_id,
                name=partners[partner_id].name,
                ways=tuple(_way(reader, members, person) for reader in ways),
                my_words=await agreements.shows(store, person.user_id, words, conversation_id, ways),
                suspended=partners[partner_id].suspended_by is not None,
            )
        )
    return tuple(shown)


def _way(reader: Reader, members: Mapping[int, Account], person: Account) -> Way:
    name = "" if reader.user_id == person.user_id else members[reader.user_id].name
    return Way(name, reader.since_at, REACHES[Reach(reader.reach)])
