"""A partner takes the bytes of a file: recorded like a read, and only where it may see the message."""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.gate.a_platform import Connected, World
from vestibule.connections import agreements
from vestibule.inbox import attachments, messages
from vestibule.ledger import canonical

WORDS = b"all the words of the song"


def attach(world: World, who: str, conversation: int, data: bytes = WORDS, name: str = "song.txt") -> None:
    async def work() -> None:
        extra = await attachments.keep(world.platform.blobs, [(name, data)])
        await messages.send(
            world.store,
            world.platform.live,
            conversation_id=conversation,
            sender_id=world.people[who].account.user_id,
            client_key=f"file-{next(world.numbers)}",
            body="",
            now=world.clock(),
            extra=extra,
        )

    world.run(work())


def bob_decides(world: World, agreed: int) -> None:
    bob = world.people["bob"].account
    world.run(agreements.set_agreed(world.store, bob.user_id, "jukebox", agreed, world.now))


def one_of(world: World, connected: Connected) -> dict[str, Any]:
    """The only file on the first page of messages."""
    page = world.read(connected).json()["messages"]
    [file] = [file for message in page for file in message.get("attachments", [])]
    return dict(file)


def take(world: World, connected: Connected, file: str, partner: str = "jukebox") -> httpx2.Response:
    path = f"/v1/conversations/{connected.refs[0]}/attachments/{file}"
    return world.signed(partner, "GET", path, token=connected.token)


@pytest.fixture
def talk(world: World) -> int:
    """A new group of Ana, Bob and Cleo."""
    return world.conversation("ana", "bob", "cleo")


@pytest.fixture
def ana(world: World, talk: int) -> Connected:
    """Ana's connection to that group."""
    return world.connect("ana", talk)


@pytest.fixture
def file(world: World, ana: Connected, talk: int) -> dict[str, Any]:
    """A file of Ana's, as Jukebox sees it."""
    attach(world, "ana", talk)
    return one_of(world, ana)


@pytest.fixture
def bobs(world: World, ana: Connected, talk: int) -> Iterator[dict[str, Any]]:
    """A file of Bob's, who lets Jukebox see his words."""
    bob_decides(world, 1)
    attach(world, "bob", talk)
    yield one_of(world, ana)
    bob_decides(world, 0)


def test_a_page_names_files_and_the_bytes_are_an_event_of_their_own(
    world: World, ana: Connected, file: dict[str, Any]
) -> None:
    assert file == {"id": file["id"], "type": "application/octet-stream", "name": "song.txt", "size": 25}

    with world.recording() as events:
        answer = take(world, ana, file["id"])

    assert answer.status_code == 200
    told = answer.json()
    assert base64.b64decode(told["data"]) == WORDS
    [event] = events
    released = canonical.encode({**file, "sha256": hashlib.sha256(WORDS).hexdigest()})
    assert (event.leaf.kind, event.leaf.op, event.leaf.n) == ("access", "messages.read", 1)
    assert event.private.messages == (hashlib.sha256(released).hexdigest(),)
    assert len(told["receipts"]) == 1


def test_its_writer_has_an_event_of_his_own(world: World, ana: Connected, bobs: dict[str, Any]) -> None:
    with world.recording() as events:
        assert take(world, ana, bobs["id"]).status_code == 200

    assert {(event.leaf.kind, event.subject) for event in events} == {
        ("access", world.subject("ana")),
        ("exposure", world.subject("bob")),
    }


def test_a_file_of_words_withheld_is_answered_as_one_that_never_was(
    world: World, ana: Connected, bobs: dict[str, Any]
) -> None:
    bob_decides(world, 0)

    with world.recording() as events:
        told = [take(world, ana, one).json() for one in (bobs["id"], "0" * 32)]

    withheld, never = ({**one, "receipts": []} for one in told)
    assert withheld == never
    assert [event.leaf.kind for event in events] == ["refusal", "refusal"]


def test_another_conversation_or_partner_cannot_have_it(
    world: World, ana: Connected, file: dict[str, Any]
) -> None:
    assert take(world, ana, file["id"], partner="echo").status_code == 401
    other = world.connect("ana", world.conversation("ana", "bob"))
    assert take(world, other, file["id"]).json()["code"] == "not_visible"


def test_what_changes_while_it_is_recorded_keeps_the_bytes_back(
    world: World, ana: Connected, bobs: dict[str, Any]
) -> None:
    bob = world.people["bob"].account.user_id

    async def over() -> bool:
        return not await agreements.agreed_among(world.store, [bob], "jukebox", 0, 0)

    world.meanwhile(lambda: agreements.set_agreed(world.store, bob, "jukebox", 0, world.now), over)
    answer = take(world, ana, bobs["id"]).json()

    assert answer["code"] == "overtaken"
    assert "data" not in answer
