"""A partner deletes what it wrote as the person, and nothing else; every member has it on record."""

import hashlib
from typing import Any

import pytest

from tests.connections.moments import of
from tests.gate.a_grant import connected_with, permit
from tests.gate.a_platform import SECRET, Connected, World, receipts_of, refused
from tests.gate.test_writing import write
from vestibule.connections import agreements, ending, listing, suspending
from vestibule.connections.grants import Scope
from vestibule.connections.opaque import PartnersIds
from vestibule.connections.states import By
from vestibule.inbox import messages
from vestibule.inbox.message import Message
from vestibule.ledger import tags
from vestibule.store.ids import encode

ALL = (Scope.MESSAGES_READ, Scope.MESSAGES_SEND, Scope.MESSAGES_DELETE)


def delete(
    world: World, connected: Connected, message: str, partner: str = "jukebox", key: str | None = None
) -> Any:
    path = f"/v1/conversations/{connected.refs[0]}/messages/{message}"
    headers = world.headers(partner, "DELETE", path, token=connected.token)
    return world.send("DELETE", path, headers if key is None else {**headers, "idempotency-key": key})


def stored(world: World, conversation: int) -> list[Message]:
    return list(world.run(messages.page(world.store, conversation, limit=200)))


@pytest.fixture
def group(world: World) -> int:
    return world.conversation("ana", "bob", "cleo")


@pytest.fixture
def ana(world: World, group: int) -> Connected:
    return connected_with(world, "ana", group, *ALL)


@pytest.fixture
def song(world: World, ana: Connected) -> str:
    """The id of a message that Jukebox wrote as Ana."""
    message: str = write(world, ana, body=SECRET).json()["message"]["id"]
    return message


def test_the_words_are_gone_and_the_place_says_by_whom(
    world: World, ana: Connected, group: int, song: str
) -> None:
    answer = delete(world, ana, song)

    assert answer.status_code == 200
    last = stored(world, group)[-1]
    assert (last.body, last.taken_back) == ("", receipts_of(answer)[0].index)
    for who, by in (("bob", "Ana"), ("ana", "you")):
        page = world.get(who, f"/c/{encode(group)}").text
        assert f"Deleted by {by} via Jukebox" in page
        assert SECRET not in page
    assert SECRET not in world.get("bob", "/inbox").text
    assert song not in world.read(ana).text


def test_one_event_for_her_and_one_for_every_other_member(world: World, ana: Connected, song: str) -> None:
    bob = world.people["bob"].account
    world.run(agreements.set_agreed(world.store, bob.user_id, "jukebox", 1, world.now))

    with world.recording() as events:
        answer = delete(world, ana, song)
    world.run(agreements.set_agreed(world.store, bob.user_id, "jukebox", 0, world.now))

    by_person = {event.subject: event for event in events}
    hers, bobs, cleos = (by_person[world.subject(who)] for who in ("ana", "bob", "cleo"))
    assert {event.leaf.op for event in events} == {"messages.delete"}
    assert (hers.said, hers.lane) == (("delete", 1), tags.SHARED)
    assert (bobs.said, bobs.lane) == (("exposure", 1), tags.SHARED)
    # Of her the partner learns nothing: neither receipt nor id.
    assert (cleos.said, cleos.lane) == (("exposure", 1), tags.OWN)
    assert {proof.index for proof in receipts_of(answer)} == {hers.index, bobs.index}


def test_under_a_key_it_is_one_leaf_that_names_the_key(world: World, ana: Connected, song: str) -> None:
    with world.recording() as events:
        first = delete(world, ana, song, key='"once"')
        again = delete(world, ana, song, key='"once"')

    assert (first.status_code, again.status_code) == (200, 200)
    assert [one.index for one in receipts_of(again)] == [one.index for one in receipts_of(first)]
    by_kind = {event.leaf.kind: event.private.extra for event in events}
    assert len(events) == 3
    assert by_kind == {"delete": {"key": hashlib.sha256(b"once").hexdigest()}, "exposure": {}}


@pytest.mark.parametrize("gone", [False, True])
def test_a_key_that_stands_for_another_deletion_is_refused_and_nothing_is_deleted(
    world: World, ana: Connected, group: int, song: str, *, gone: bool
) -> None:
    """Of the other message it makes no difference whether it is there or deleted."""
    other = write(world, ana, body="another").json()["message"]["id"]
    taken = f'"taken-{gone}"'
    assert delete(world, ana, song, key=taken).status_code == 200
    if gone:
        assert delete(world, ana, other).status_code == 200
    before = stored(world, group)

    with world.recording() as events:
        answer = delete(world, ana, other, key=taken)

    assert answer.status_code == 422, answer.text
    assert "take a new key" in answer.json()["detail"]
    assert (events, stored(world, group)) == ([], before)


def test_another_key_for_what_is_deleted_is_answered_by_the_first_leaf(
    world: World, ana: Connected, song: str
) -> None:
    first = delete(world, ana, song, key='"one"')
    with world.recording() as events:
        second = delete(world, ana, song, key='"two"')
    assert receipts_of(second)[0].index == receipts_of(first)[0].index
    assert events == []


def test_a_key_that_is_none_deletes_nothing(world: World, ana: Connected, group: int, song: str) -> None:
    with world.recording() as events:
        answer = delete(world, ana, song, key="unquoted")
    assert answer.status_code == 400
    assert "Idempotency-Key: expected a new key in quotes" in answer.json()["detail"]
    assert events == []
    assert stored(world, group)[-1].body == SECRET


def test_deleted_again_it_is_the_same_leaf(world: World, ana: Connected, song: str) -> None:
    first = receipts_of(delete(world, ana, song))[0].index

    with world.recording() as events:
        again = delete(world, ana, song)

    assert again.status_code == 200
    assert (events, [proof.index for proof in receipts_of(again)]) == ([], [first])


def test_nothing_but_what_this_partner_wrote_can_be_deleted(world: World, ana: Connected, group: int) -> None:
    world.says("ana", group, "her own")
    world.says("bob", group, "Bob's")
    ids = PartnersIds(world.platform.gate.secret, "jukebox", world.people["ana"].account.user_id)
    before = stored(world, group)

    for text in (ids.message(group, 2), ids.message(group, 3), ids.message(group, 99), "made-up"):
        with world.recording() as events:
            answer = delete(world, ana, text)
        refused(answer, "not_own")
        assert [event.said for event in events] == [("refusal", 0)]
    assert stored(world, group) == before


def test_a_card_that_she_sent_in_the_partners_dialog_is_hers(
    world: World, ana: Connected, group: int
) -> None:
    sent = messages.deliver_via(
        world.store,
        world.platform.live,
        conversation_id=group,
        sender_id=world.people["ana"].account.user_id,
        client_key="dialog:1",
        body="see this",
        card="{}",
        via_partner="jukebox",
        event_index=1,
        now=world.now,
    )
    message = world.run(sent)
    ids = PartnersIds(world.platform.gate.secret, "jukebox", world.people["ana"].account.user_id)

    refused(delete(world, ana, ids.message(group, message.seq)), "not_own")


def test_sending_does_not_permit_deleting(world: World, ana: Connected, group: int, song: str) -> None:
    permit(world, "ana", Scope.MESSAGES_READ, Scope.MESSAGES_SEND)

    refused(delete(world, ana, song), "missing_scope")
    assert stored(world, group)[-1].body == SECRET


def test_a_connection_that_ends_while_it_is_recorded_deletes_nothing(
    world: World, ana: Connected, group: int, song: str
) -> None:
    person = world.people["ana"].account

    async def ended() -> bool:
        found = await listing.connections_of(world.store, person.user_id)
        return all(connection.state == "ended" for connection in found)

    world.meanwhile(
        lambda: ending.end(world.store, world.platform.outbox, person.user_id, "jukebox", world.now), ended
    )
    answer = delete(world, ana, song)

    refused(answer, "overtaken")
    assert stored(world, group)[-1].body == SECRET


def test_a_deletion_that_was_overtaken_can_be_asked_for_again_once_all_stands_anew(
    world: World, ana: Connected, group: int, song: str
) -> None:
    user_id = world.people["ana"].account.user_id
    [connection] = [one for one in of(world, "ana") if one.state == "active"]

    async def suspended() -> bool:
        found = await listing.connection(world.store, user_id, connection.connection_id)
        return found is not None and found.state == "suspended"

    world.meanwhile(
        lambda: suspending.suspend(
            world.store,
            world.platform.outbox,
            user_id=user_id,
            connection_id=connection.connection_id,
            by=By.PERSON,
            now=world.now,
        ),
        suspended,
    )
    refused(delete(world, ana, song), "overtaken")
    assert world.post("ana", "/apps/jukebox/resume").status_code == 303

    assert delete(world, ana, song).status_code == 200
    assert stored(world, group)[-1].body == ""
