"""The ids by which a connection's partner knows people, conversations and messages; no others reach it."""

from collections.abc import Mapping, Sequence
from typing import Any

from vestibule.connections.errors import UnknownId
from vestibule.connections.listing import Connection
from vestibule.connections.opaque import PartnersIds
from vestibule.gate.decide import Ground
from vestibule.gate.errors import BadRequest
from vestibule.gate.parts import Gate
from vestibule.inbox.extra import File
from vestibule.ledger import tags
from vestibule.people import accounts
from vestibule.people.accounts import Account


def ids_of(gate: Gate, connection: Connection) -> PartnersIds:
    """Return the ids by which a connection's partner knows what is its person's."""
    return PartnersIds(gate.secret, connection.partner_id, connection.user_id)


def conversation_ref(gate: Gate, connection: Connection, conversation_id: int) -> str:
    """Return the id by which a connection knows a conversation."""
    return ids_of(gate, connection).conversation(conversation_id)


def granted(gate: Gate, connection: Connection) -> Sequence[str]:
    """List the chosen conversations by the ids that the connection knows them by."""
    return [conversation_ref(gate, connection, chosen) for chosen in connection.grant.selection.conversations]


def unsealed(gate: Gate, ground: Ground, conversation: str) -> int | None:
    """Read a conversation's id as the connection knows it; None if it is not one of its own."""
    if ground.connection is None:
        return None
    try:
        return ids_of(gate, ground.connection).conversation_of(conversation)
    except UnknownId:
        return None


def position(ids: PartnersIds, conversation_id: int, text: str) -> int:
    """Read the id of a message.

    Raises:
        BadRequest: if it is not one that this partner was given.
    """
    try:
        return ids.message_of(conversation_id, text)
    except UnknownId as error:
        raise BadRequest(str(error)) from error


async def names_of(gate: Gate, partner_id: str, people: Mapping[int, Account]) -> dict[int, str]:
    """Return the ids by which a partner knows people: of no use to another partner."""
    return {
        user_id: tags.partner_person_id(await gate.recorder.lane_key(partner_id, account.subject))
        for user_id, account in people.items()
    }


async def person_ref(gate: Gate, connection: Connection) -> str:
    """Return the id by which the partner knows the connection's person."""
    person = await accounts.by_id(gate.store, connection.user_id)
    if person is None:
        raise BadRequest("the connection's person is gone")
    return (await names_of(gate, connection.partner_id, {person.user_id: person}))[person.user_id]


def described(attachment: str, file: File) -> dict[str, Any]:
    """Show a file as a partner sees it: by what id its bytes can be had, and what it is."""
    return {"id": attachment, "type": file.type, "name": file.name, "size": file.size}
