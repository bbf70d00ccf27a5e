"""A partner writes as the person: recorded first, once for each key, marked, and not after an end."""

import hashlib
from typing import Any

import msgspec
import pytest

from tests.gate.a_grant import connected_with, permit
from tests.gate.a_platform import Connected, World, receipts_of, refused
from vestibule.connections import ending, listing
from vestibule.connections.grants import Scope
from vestibule.connections.opaque import PartnersIds
from vestibule.gate.admitting import digest
from vestibule.inbox import conversations, messages
from vestibule.ledger import tags
from vestibule.partners import register, registering
from vestibule.people import blocks
from vestibule.store.ids import encode


def write(world: World, connected: Connected, **said: Any) -> Any:
    key = said.pop("key", f"key-{next(world.numbers)}")
    return written(world, connected, msgspec.json.encode({"body": "a song for you", **said}), f'"{key}"')


def written(world: World, connected: Connected, body: bytes, key: str | None) -> Any:
    path = f"/v1/conversations/{connected.refs[0]}/messages"
    headers = world.headers("jukebox", "POST", path, body, connected.token)
    if key is not None:
        headers["idempotency-key"] = key
    return world.send("POST", path, headers, body, "application/json")


def bodies(world: World, conversation: int) -> list[str]:
    return [one.body for one in world.run(messages.page(world.store, conversation, limit=200))]


@pytest.fixture
def group(world: World) -> int:
    return world.conversation("ana", "bob", "cleo")


@pytest.fixture
def ana(world: World, group: int) -> Connected:
    return connected_with(world, "ana", group, Scope.MESSAGES_READ, Scope.MESSAGES_SEND)


def test_it_stands_as_hers_with_the_apps_name_and_one_event(world: World, ana: Connected, group: int) -> None:
    with world.recording() as events:
        answer = write(world, ana, key="first")

    assert answer.status_code == 201
    said = answer.json()["message"]
    assert (said["body"], said["from"]) == ("a song for you", ana.person)
    [event] = events
    assert (event.leaf.kind, event.leaf.op, event.leaf.n) == ("send", "messages.send", 1)
    assert (event.subject, event.lane) == (world.subject("ana"), tags.SHARED)
    assert event.private.messages == (digest({"body": "a song for you"}),)
    assert event.private.extra == {"key": hashlib.sha256(b"first").hexdigest()}
    assert [proof.index for proof in receipts_of(answer)] == [event.index]
    stored = world.run(messages.page(world.store, group, limit=200))[-1]
    assert (stored.via_partner, stored.event_index) == ("jukebox", event.index)
    page = world.get("bob", f"/c/{encode(group)}").text
    assert "via Jukebox" in page
    assert world.read(ana).json()["messages"][-1] == said


def test_the_same_key_again_is_the_same_leaf_and_the_same_message(
    world: World, ana: Connected, group: int
) -> None:
    first = write(world, ana, key="once")
    before = bodies(world, group)

    with world.recording() as events:
        second = write(world, ana, key="once")

    assert events == []
    assert second.status_code == 201
    assert second.json()["message"] == first.json()["message"]
    assert [proof.index for proof in receipts_of(second)] == [proof.index for proof in receipts_of(first)]
    assert bodies(world, group) == before


@pytest.mark.parametrize("other", [{"body": "another song"}, {"reply_to": True}])
def test_another_message_under_the_same_key_is_refused(
    world: World, ana: Connected, group: int, other: dict[str, Any]
) -> None:
    key = f"twice-{next(world.numbers)}"
    first = write(world, ana, key=key).json()["message"]
    changed = {name: first["id"] if value is True else value for name, value in other.items()}
    before = bodies(world, group)

    with world.recording() as events:
        answer = write(world, ana, key=key, **changed)

    assert answer.status_code == 422
    assert "new key" in answer.json()["detail"]
    assert (events, bodies(world, group)) == ([], before)


def test_a_key_used_in_one_conversation_is_used_in_all(world: World) -> None:
    one, other = world.conversation("ana", "bob"), world.conversation("ana", "bob", "cleo")
    connected = world.connect("ana", one, other)
    permit(world, "ana", Scope.MESSAGES_SEND)
    assert write(world, connected, key="everywhere").status_code == 201

    swapped = Connected(connected.token, connected.refs[::-1], connected.person)

    assert write(world, swapped, key="everywhere").status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"body":""}',
        b'{"body":"x","reply_to":"made up"}',
        b'{"body":"x","key":"k"}',
        b'{"body":"\\u0000"}',
        b'\xff{"body":"x"}',
    ],
)
def test_what_cannot_be_understood_is_no_event(world: World, ana: Connected, group: int, body: bytes) -> None:
    before = bodies(world, group)

    with world.recording() as events:
        answer = written(world, ana, body, '"k"')

    assert answer.status_code == 400, answer.text
    assert (events, bodies(world, group)) == ([], before)


@pytest.mark.parametrize("key", [None, "unquoted", '""', '"two words"', '"twice", "twice"', f'"{"k" * 121}"'])
def test_a_key_that_is_none_is_no_event_and_says_what_was_expected(
    world: World, ana: Connected, group: int, key: str | None
) -> None:
    before = bodies(world, group)

    with world.recording() as events:
        answer = written(world, ana, b'{"body":"x"}', key)

    assert answer.status_code == 400, answer.text
    assert "Idempotency-Key: expected a new key in quotes" in answer.json()["detail"]
    assert (events, bodies(world, group)) == ([], before)


def test_without_the_scope_the_refusal_is_on_record_and_nothing_is_written(world: World, group: int) -> None:
    connected = connected_with(world, "ana", group, Scope.MESSAGES_READ)
    before = bodies(world, group)

    with world.recording() as events:
        answer = write(world, connected)

    refused(answer, "missing_scope")
    assert [(event.leaf.kind, event.leaf.op) for event in events] == [("refusal", "messages.send")]
    assert bodies(world, group) == before


def test_a_reply_is_possible_to_what_the_connection_can_see_and_to_nothing_else(
    world: World, ana: Connected, group: int
) -> None:
    world.says("bob", group, "withheld")
    seen = write(world, ana).json()["message"]["id"]

    answer = write(world, ana, reply_to=seen)

    assert answer.json()["message"]["reply_to"] == seen
    assert world.run(messages.page(world.store, group, limit=200))[-1].answers_via == "jukebox"
    ids = PartnersIds(world.platform.gate.secret, "jukebox", world.people["ana"].account.user_id)
    before = bodies(world, group)
    with world.recording() as events:
        refused(write(world, ana, reply_to=ids.message(group, 2)), "not_visible")
    assert [event.leaf.kind for event in events] == ["refusal"]
    assert write(world, ana, reply_to="0" * 32).status_code == 400
    assert bodies(world, group) == before


def test_somebody_who_was_blocked_is_not_written_to_and_the_partner_learns_no_reason(world: World) -> None:
    world.sign_up("dora")
    world.befriend("ana", "dora")
    assert world.post("ana", "/new", to="dora", body="hello", key="first").status_code == 303
    dora, ana = (world.people[who].account.user_id for who in ("dora", "ana"))
    opened = conversations.open_pair(world.store, world.platform.outbox, ana, dora, world.now)
    pair = world.run(opened)
    connected = connected_with(world, "ana", pair, Scope.MESSAGES_SEND)
    world.run(blocks.block(world.store, world.platform.outbox, dora, ana, world.now))
    before = bodies(world, pair)

    with world.recording() as events:
        answer = write(world, connected)

    refused(answer, "closed")
    assert "block" not in answer.text
    assert [event.said for event in events] == [("refusal", 0)]
    assert bodies(world, pair) == before


def test_a_log_that_cannot_be_written_writes_nothing_and_the_same_key_finishes_it(
    world: World, ana: Connected, group: int
) -> None:
    before = bodies(world, group)
    with world.broken_log():
        assert write(world, ana, key="later").status_code == 503
        assert bodies(world, group) == before

    assert write(world, ana, key="later").status_code == 201
    assert bodies(world, group) == [*before, "a song for you"]


def overtaken(world: World, ana: Connected, group: int, work: Any, done: Any) -> None:
    before = bodies(world, group)
    world.meanwhile(work, done)
    with world.recording() as events:
        answer = write(world, ana)
    refused(answer, "overtaken")
    assert ("send", 1) in [event.said for event in events]
    assert bodies(world, group) == before


def test_a_connection_that_ends_while_it_is_recorded_writes_nothing(
    world: World, ana: Connected, group: int
) -> None:
    person = world.people["ana"].account

    async def ended() -> bool:
        found = await listing.connections_of(world.store, person.user_id)
        return all(connection.state == "ended" for connection in found)

    end = lambda: ending.end(  # noqa: E731  (passed on)
        world.store, world.platform.outbox, person.user_id, "jukebox", world.now
    )
    overtaken(world, ana, group, end, ended)


def test_a_privilege_withdrawn_while_it_is_recorded_writes_nothing(
    world: World, ana: Connected, group: int
) -> None:
    held = world.run(register.privilege(world.store, "jukebox", "messages.send"))

    async def withdrawn() -> bool:
        effect = registering.effect_handlers(world.store)["privilege.withdrawn"]
        await effect(1 << 40, {"partner_id": "jukebox", "scope": "messages.send"})
        return True

    overtaken(world, ana, group, withdrawn, withdrawn)
    restore = """
        update privilege set state = 'held', leaf_index = :index
        where partner_id = 'jukebox' and scope = :scope
    """
    work: Any = lambda tx: tx.run(restore, index=held.leaf_index, scope="messages.send")  # noqa: E731
    world.run(world.store.write(work))


def test_a_token_that_is_gone_while_it_is_recorded_writes_nothing(
    world: World, ana: Connected, group: int
) -> None:
    async def gone() -> bool:
        await world.store.write(lambda tx: tx.run("delete from token"))
        return True

    overtaken(world, ana, group, gone, gone)
