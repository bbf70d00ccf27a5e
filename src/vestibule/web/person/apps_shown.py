"""What the Apps page says of each app, from connections, openings and who reads where. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from vestibule.connections import agreements, listing, records, wording
from vestibule.connections.grants import Scope
from vestibule.connections.language import Language
from vestibule.connections.listing import Connection
from vestibule.connections.names import Names
from vestibule.connections.records import Record
from vestibule.connections.states import UNDOES, By, Status
from vestibule.connections.wording import Group, Sentence
from vestibule.connections.words import Shows, Words, lets_see
from vestibule.inbox import conversations
from vestibule.inbox.errors import NotAMember
from vestibule.ledger.agreement import Passkey
from vestibule.partners import register
from vestibule.partners.register import Partner
from vestibule.people.accounts import Account
from vestibule.recorder import history
from vestibule.recorder.history import Line
from vestibule.store import Store
from vestibule.store.errors import BadId
from vestibule.store.ids import decode, encode
from vestibule.web.person.apps_words import suspended_sentences

NEWEST = 200
"""Lines of one app that are shown and counted; the person's file holds all."""

MOST_AGREED = 50
"""Times of agreement with one app that are listed."""


@dataclass(frozen=True, slots=True)
class ShownConnection:
    """A connection with its sentences, the same that the consent page had; `ends` says until when.

    Attributes:
        suspended: who suspended it and who can undo that; nothing while it is not suspended.
        agreed: when and how she agreed to what stands; None while that is not in the log yet.
    """

    connection: Connection
    sentences: tuple[Sentence, ...]
    ends: str
    suspended: tuple[str, ...]
    agreed: "Agreed | None"

    @property
    def views(self) -> tuple[Sentence, ...]:
        """What the app can look at."""
        return tuple(said for said in self.sentences if said.group is Group.VIEW)

    @property
    def does(self) -> tuple[Sentence, ...]:
        """What the app can do."""
        return tuple(said for said in self.sentences if said.group is Group.DO)

    @property
    def hers_to_suspend(self) -> bool:
        """Whether she has not suspended it yet."""
        return By.PERSON not in self.connection.suspended_by

    @property
    def hers_to_resume(self) -> bool:
        """Whether she can undo a suspension."""
        return bool(self.connection.suspended_by & UNDOES[By.PERSON])


@dataclass(frozen=True, slots=True)
class Tally:
    """What the log holds of one app about one person, counted over the newest lines.

    Attributes:
        reads: answers that carried messages through her own connection.
        messages: how many messages those carried.
        told: other answers through her own connection: of her friends, of recommendations to her.
        exposures: what happened through others' connections that concerned her.
        writes: messages that it wrote as her, or took back.
        sends: recommendations sent to her through the app.
        refusals: requests in her name that were refused.
        all_lines: all of these, also the begin and end of connections.
        more: whether there are older lines, which are not counted.
        last_at: when the newest was, microseconds since 1970; None if there is none.
    """

    reads: int
    messages: int
    told: int
    exposures: int
    writes: int
    sends: int
    refusals: int
    all_lines: int
    more: bool
    last_at: int | None


@dataclass(frozen=True, slots=True)
class App:
    """One app in front of one person.

    Attributes:
        partner: who it is.
        live: her connections that are not ended.
        tally: what the log holds.
        reads_where: titles of her conversations that others let it read, by what it sees of her words there.
        my_words: whether she lets it see her words in a conversation about which she said nothing else.
        chosen: whether she said so of this app.
    """

    partner: Partner
    live: tuple[ShownConnection, ...]
    tally: Tally
    reads_where: Mapping[Shows, tuple[str, ...]]
    my_words: bool
    chosen: bool

    @property
    def suspended(self) -> bool:
        """Whether a connection of hers is suspended."""
        return any(shown.connection.state == Status.SUSPENDED for shown in self.live)

    @property
    def concerns_her(self) -> bool:
        """Whether there is anything between the app and this person."""
        return bool(self.live or self.tally.all_lines or self.reads_where or self.chosen)


@dataclass(frozen=True, slots=True)
class Agreed:
    """One time that a person agreed, as the page lists it.

    Attributes:
        connection: the connection's id, spelled out.
        issued: when she was shown what she agreed to, microseconds since 1970.
        by_passkey: whether her passkey signed it.
    """

    connection: str
    issued: int
    by_passkey: bool


async def agreed_with(store: Store, person: Account, partner_id: str) -> tuple[Agreed, ...]:
    """List when and how a person agreed to what an app may do, the newest first."""
    found = [
        _agreed(connection, record)
        for connection in await listing.connections_of(store, person.user_id)
        if connection.partner_id == partner_id
        for record in await records.of(store, person.user_id, connection.connection_id)
    ]
    return tuple(sorted(found, key=lambda agreed: -agreed.issued)[:MOST_AGREED])


def _agreed(connection: Connection, record: Record) -> Agreed:
    return Agreed(
        encode(connection.connection_id), record.consent.issued, isinstance(record.agreement, Passkey)
    )


@dataclass(frozen=True, slots=True)
class OpenedByStaff:
    """One time that the operator's staff opened a conversation of hers.

    Attributes:
        line: what the log holds.
        title: the conversation's, empty if she is not in it any more.
        address: its page, likewise.
    """

    line: Line
    title: str
    address: str


async def opened_by_staff(store: Store, person: Account, line: Line) -> OpenedByStaff:
    """Say which conversation of hers it was."""
    try:
        title = await conversations.title_for(store, decode(line.conversation), person.user_id)
    except (NotAMember, BadId):
        return OpenedByStaff(line, "", "")
    return OpenedByStaff(line, title, f"/c/{line.conversation}")


async def lines_of(store: Store, log_id: str, person: Account, partner_id: str | None) -> tuple[Line, ...]:
    """Read the newest lines of one app about a person, or of each app, and one more if there are more."""
    # The limit holds for each of the two lanes: the newest of both together are among them.
    return await history.lines_of(store, log_id, person.subject, partner_id, limit=NEWEST + 1)


def tally_of(lines: Sequence[Line]) -> Tally:
    """Count the newest of one app's lines, given in the order of the log."""
    newest = lines[-NEWEST:]
    reads = [line for line in newest if line.kind == "access" and line.op == Scope.MESSAGES_READ]
    kinds = [line.kind for line in newest]
    sends = sum(line.kind == "send" and line.op == "dialog" for line in newest)
    return Tally(
        reads=len(reads),
        messages=sum(line.n for line in reads),
        told=kinds.count("access") - len(reads),
        exposures=kinds.count("exposure"),
        writes=kinds.count("send") - sends + kinds.count("delete"),
        sends=sends,
        refusals=kinds.count("refusal"),
        all_lines=len(newest),
        more=len(lines) > len(newest),
        last_at=max((line.at for line in newest), default=None),
    )


async def apps_of(
    store: Store, person: Account, lines: Sequence[Line], language: Language
) -> tuple[App, ...]:
    """Describe every app on the register in front of one person.

    Args:
        store: where everything is.
        person: in front of whom.
        lines: what `lines_of` found.
        language: hers.
    """
    connections = [
        connection
        for connection in await listing.connections_of(store, person.user_id)
        if connection.state != "ended"
    ]
    words = await agreements.words_of(store, person.user_id)
    through_others = await _through_others(store, person, words)
    return tuple(
        [
            App(
                partner=partner,
                live=tuple(
                    [
                        await _shown(store, person, partner, connection, language)
                        for connection in connections
                        if connection.partner_id == partner.partner_id
                    ]
                ),
                tally=tally_of([line for line in lines if line.partner == partner.partner_id]),
                reads_where=through_others.get(partner.partner_id, {}),
                my_words=lets_see(words, partner.partner_id),
                chosen=words.partners.get(partner.partner_id, False),
            )
            for partner in await register.partners(store)
        ]
    )


async def _shown(
    store: Store, person: Account, partner: Partner, connection: Connection, language: Language
) -> ShownConnection:
    titles: dict[int, str] = {}
    for conversation_id in connection.grant.selection.conversations:
        try:
            titles[conversation_id] = await conversations.title_for(store, conversation_id, person.user_id)
        except NotAMember:
            continue
    return ShownConnection(
        connection,
        wording.sentences(connection.grant, Names(partner.name, titles), language),
        wording.end_sentence(connection.grant, language),
        suspended_sentences(connection, language),
        await _agreed_to(store, person, connection),
    )


async def _agreed_to(store: Store, person: Account, connection: Connection) -> Agreed | None:
    """Find when she agreed to the grant that stands, or stood before it was suspended."""
    if connection.state == Status.WAITING:
        return None
    kept = await records.of(store, person.user_id, connection.connection_id)
    return next(
        (_agreed(connection, one) for one in kept if one.consent.encode().decode() == connection.consent),
        None,
    )


async def _through_others(
    store: Store, person: Account, words: Words
) -> dict[str, dict[Shows, tuple[str, ...]]]:
    """Say, by partner, in which of her newest conversations others let it read, and what it sees of her."""
    found: dict[str, dict[Shows, tuple[str, ...]]] = {}
    for line in await conversations.inbox_of(store, person.user_id, limit=200):
        readers = await listing.readers_of(store, line.conversation_id)
        for partner_id in {reader.partner_id for reader in readers if reader.user_id != person.user_id}:
            ways = [reader for reader in readers if reader.partner_id == partner_id]
            sees = await agreements.shows(store, person.user_id, words, line.conversation_id, ways)
            titles = found.setdefault(partner_id, {})
            titles[sees] = (*titles.get(sees, ()), line.title)
    return found
