"""Which messages of a conversation a connection may see: of what she chose, hers and of those who agreed."""

from collections.abc import Collection, Iterable, Sequence

from vestibule.connections import agreements
from vestibule.connections.grants import Grant, Reach, Seen, reaches
from vestibule.connections.listing import Connection
from vestibule.gate.parts import Gate
from vestibule.inbox import conversations, messages
from vestibule.inbox.message import Message
from vestibule.inbox.selected import Chosen, page_of


async def others_in(gate: Gate, connection: Connection, conversation_id: int) -> tuple[int, ...]:
    """Return the members of a conversation besides the granting person."""
    members = await conversations.members(gate.store, conversation_id)
    return tuple(member for member in members if member != connection.user_id)


async def agreed_among(
    gate: Gate, connection: Connection, others: Collection[int], conversation_id: int
) -> frozenset[int]:
    """Return those of the others who let this connection see their words there, as it stands now."""
    return await agreements.agreed_among(
        gate.store, others, connection.partner_id, conversation_id, connection.user_id
    )


def chosen_by(grant: Grant, conversation_id: int, senders: tuple[int, ...]) -> Chosen:
    """Say for the inbox which messages a grant is about: those that `reaches` lets through."""
    selection = grant.selection
    through = grant.partner if selection.reach is Reach.THROUGH_PARTNER else None
    picked = tuple(seq for conversation, seq in selection.picked if conversation == conversation_id)
    return Chosen(senders, selection.since, through, picked if selection.reach is Reach.PICKED else None)


async def chosen_now(gate: Gate, connection: Connection, conversation_id: int) -> Chosen:
    """Say the same of a connection, with the senders who let it see their words as things stand now."""
    others = await others_in(gate, connection, conversation_id)
    agreed = await agreed_among(gate, connection, others, conversation_id)
    return chosen_by(connection.grant, conversation_id, (connection.user_id, *agreed))


async def has_strangers(gate: Gate, conversation_id: int) -> bool:
    """Say whether an imported thread has writers without an account here; they can agree to nothing."""
    return bool(await page_of(gate.store, conversation_id, Chosen(senders=(0,)), after=0, limit=1))


def within(grant: Grant, found: Iterable[Message]) -> tuple[Message, ...]:
    """Let through what the grant is about, whatever the store gave."""
    return tuple(message for message in found if reaches(grant, seen_of(message)))


def seen_of(message: Message) -> Seen:
    """Say of a message what a selection has to know."""
    return Seen(
        message.conversation_id, message.seq, message.sent_at, message.via_partner, message.answers_via
    )


async def visible(
    gate: Gate, connection: Connection, chosen: Chosen, conversation_id: int, numbers: Sequence[int]
) -> frozenset[int]:
    """Return those of a conversation's messages with these numbers that the connection may see."""
    if not numbers:
        return frozenset()
    found = await messages.numbered(gate.store, conversation_id, numbers)
    return frozenset(
        message.seq for message in within(connection.grant, found.values()) if chosen.has(message)
    )
