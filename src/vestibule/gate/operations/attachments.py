"""A partner takes the bytes of a file that came with a message it may read: an event of its own.

The pages of messages only name files. Whoever may see the message may have its files, one at a time; the
event says which, by the digest of its name, type, size and SHA-256.
"""

import asyncio
import dataclasses
from dataclasses import dataclass
from typing import Any

from vestibule.connections import using
from vestibule.connections.errors import UnknownId
from vestibule.connections.grants import Refusal, Scope
from vestibule.gate.admitting import Admitted, admit, digest
from vestibule.gate.ids import conversation_ref, described, ids_of
from vestibule.gate.parts import Gate
from vestibule.gate.release import refuse, release
from vestibule.gate.selecting import chosen_now, visible
from vestibule.inbox import messages
from vestibule.inbox.extra import File, extra_of
from vestibule.partners.authentication import Signed
from vestibule.people import accounts
from vestibule.people.accounts import Account
from vestibule.recorder.drafts import Draft, Recorded
from vestibule.store import Blobs

HIDDEN = Refusal("not_visible", "only a file of a message that this connection can see can be had")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that may leave.

    Attributes:
        shown: its id, type, name and size, as the message's page has them.
        data: its bytes.
        recorded: the events, for receipts.
    """

    shown: dict[str, Any]
    data: bytes
    recorded: tuple[Recorded, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    seq: int
    writer: Account
    file: File


async def read_attachment(
    gate: Gate, blobs: Blobs, signed: Signed, *, conversation: str, attachment: str, now: int
) -> Attachment:
    """Let a partner have one file of a message that its token reaches.

    Args:
        gate: what the gate works with.
        blobs: where the bytes are.
        signed: the partner's request, its signature checked.
        conversation: the conversation's id as this connection knows it.
        attachment: the file's id, from a page of messages.
        now: microseconds since 1970.

    Raises:
        TooManyRequests: before anything is decided.
        Refused: if it is not permitted, or there is no such file to be seen; the refusal is recorded.
        LogUnavailable: if it cannot be recorded now; there is no answer then.
    """
    gate.rates.take(signed.partner_id, now)
    admitted = await admit(gate, signed, Scope.MESSAGES_READ, now, conversation)
    found = await _find(gate, admitted, attachment)
    data = None if found is None else await asyncio.to_thread(blobs.get, found.file.path)
    if found is None or data is None:
        raise await refuse(gate.recorder, admitted.caller, HIDDEN)
    await using.note_use(gate.store, admitted.connection, now)

    async def unchanged() -> bool:
        return await admitted.still(gate) and await _find(gate, admitted, attachment) == found

    shown = described(attachment, found.file)
    drafts = _events(admitted, found, digest({**shown, "sha256": found.file.sha256}), gate)
    recorded = await release(gate.recorder, admitted.caller, drafts, unchanged)
    return Attachment(shown, data, recorded)


async def _find(gate: Gate, admitted: Admitted, attachment: str) -> _Found | None:
    """Find a file by its id, if the connection may see its message as things stand now."""
    connection, conversation_id = admitted.connection, admitted.conversation_id
    try:
        seq, number = ids_of(gate, connection).attachment_of(conversation_id, attachment)
    except UnknownId:
        return None
    chosen = await chosen_now(gate, connection, conversation_id)
    if not await visible(gate, connection, chosen, conversation_id, [seq]):
        return None
    message = (await messages.numbered(gate.store, conversation_id, [seq]))[seq]
    writer = await accounts.by_id(gate.store, message.sender_id)
    files = extra_of(message).files
    return _Found(seq, writer, files[number]) if writer is not None and number < len(files) else None


def _events(admitted: Admitted, found: _Found, released: str, gate: Gate) -> tuple[Draft, ...]:
    """Make an event for the granting person, and one for the writer if that is somebody else."""
    where = conversation_ref(gate, admitted.connection, admitted.conversation_id)
    access = admitted.event("access", 1, conversation=where, messages=(released,))
    if found.writer.user_id == admitted.person.user_id:
        return (access,)
    return access, dataclasses.replace(access, kind="exposure", subject=found.writer.subject, items=1)
