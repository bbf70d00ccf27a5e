"""Recorded, then released: each way in which something comes in between, and what nobody sees then."""

import base64
from typing import Any

from tests.gate.a_platform import DAY, READ, SECRET, Connected, World, connected, receipts_of, refused
from vestibule.connections import agreements, ending, listing, tokens
from vestibule.gate.operations import reading
from vestibule.ledger import tags
from vestibule.partners import register, registering
from vestibule.tlog.policy import Policy
from vestibule.tlog.proof import verify


def bob_decides(world: World, agreed: int) -> None:
    bob = world.people["bob"].account
    world.run(agreements.set_agreed(world.store, bob.user_id, "jukebox", agreed, world.now))


def cleo_decides(world: World, agreed: int) -> None:
    cleo = world.people["cleo"].account
    world.run(agreements.set_agreed(world.store, cleo.user_id, "jukebox", agreed, world.now))


def test_a_read_is_answered_with_what_the_person_wrote_and_its_receipt_verifies(
    world: World, ana: Connected
) -> None:
    with world.recording() as events:
        answer = world.read(ana)

    assert answer.status_code == 200
    said = answer.json()
    assert [message["body"] for message in said["messages"]][1:] == [SECRET, "and another"]
    assert {message["from"] for message in said["messages"]} == {ana.person}
    assert said["withheld"] is True
    [event] = events
    assert (event.leaf.kind, event.leaf.op, event.leaf.n, event.lane) == ("access", READ, 3, tags.SHARED)
    assert event.subject == world.subject("ana")
    assert event.private.messages == tuple(reading.digest(message) for message in said["messages"])
    assert event.private.conversation == ana.refs[0]
    [proof] = receipts_of(answer)
    assert proof.index == event.index
    verify(proof, leaf_at(world, event.index), Policy.parse(world.platform.recorder.policy()))


def leaf_at(world: World, index: int) -> bytes:
    work: Any = lambda tx: tx.one("select leaf from entry where idx = :index", index=index)  # noqa: E731
    leaf: bytes = world.run(world.store.read(work))[0]
    return leaf


def test_the_partners_signature_is_in_what_was_committed_to(world: World, ana: Connected) -> None:
    path = f"/v1/conversations/{ana.refs[0]}/messages"
    headers = world.headers("jukebox", "GET", path, token=ana.token)

    with world.recording() as events:
        world.send("GET", path, headers)

    request = events[0].private.request
    assert request is not None
    assert f":{base64.b64encode(request.signature).decode()}:" in headers["signature"]
    assert request.authorization == f"DPoP {ana.token}"


def test_someone_else_who_agreed_is_shown_with_an_exposure_of_her_own(world: World, ana: Connected) -> None:
    bob_decides(world, 1)
    cleo_decides(world, 1)

    with world.recording() as events:
        answer = world.read(ana).json()
    bob_decides(world, 0)
    cleo_decides(world, 0)

    assert [message["body"] for message in answer["messages"]][1:] == [
        SECRET,
        "Bob's own words",
        "and another",
    ]
    assert answer["withheld"] is False
    by_kind = {event.leaf.kind: event for event in events}
    assert set(by_kind) == {"access", "exposure"}
    assert by_kind["access"].leaf.n == 4
    exposure = by_kind["exposure"]
    assert (exposure.leaf.n, exposure.private.n) == (1, 1)
    assert exposure.subject == world.subject("bob")
    assert exposure.lane == tags.SHARED
    assert exposure.private.messages == (reading.digest(answer["messages"][2]),)
    assert len(answer["receipts"]) == 2


def test_an_exposure_keeps_the_true_number_in_its_opening_and_shows_one(world: World, ana: Connected) -> None:
    group = world.conversation("ana", "bob", "cleo")
    for body in ("one", "two", "three"):
        world.says("bob", group, body)
    connected = world.connect("ana", group)
    bob_decides(world, 1)

    with world.recording() as events:
        world.read(connected)
    bob_decides(world, 0)

    [exposure] = [event for event in events if event.leaf.kind == "exposure"]
    assert (exposure.leaf.n, exposure.private.n, len(exposure.private.messages)) == (1, 3, 3)
    assert ana.token != connected.token


def test_who_has_not_agreed_is_in_no_answer_and_no_event(world: World, ana: Connected) -> None:
    with world.recording() as events:
        answer = world.read(ana)

    assert "Bob" not in str(answer.json()["messages"])
    assert {event.subject for event in events} == {world.subject("ana")}


def test_an_agreement_with_another_partner_counts_for_nothing(world: World, ana: Connected) -> None:
    bob = world.people["bob"].account
    world.run(agreements.set_agreed(world.store, bob.user_id, "echo", 1, world.now))

    assert "Bob" not in str(world.read(ana).json()["messages"])  # the receipts' base64 may spell any name


def test_an_empty_read_is_an_event_too(world: World, ana: Connected) -> None:
    last = world.read(ana).json()["messages"][-1]["id"]

    with world.recording() as events:
        answer = world.read(ana, f"?after={last}")

    assert answer.json()["messages"] == []
    assert [event.said for event in events] == [("access", 0)]
    assert len(receipts_of(answer)) == 1


def test_a_repeated_read_is_a_new_event(world: World, ana: Connected) -> None:
    with world.recording() as events:
        first, second = world.read(ana), world.read(ana)

    assert first.json()["messages"] == second.json()["messages"]
    assert [event.said for event in events] == [("access", 3), ("access", 3)]
    assert events[0].leaf.tag != events[1].leaf.tag


def test_messages_from_before_the_chosen_start_are_out_of_reach(world: World) -> None:
    pair = world.conversation("ana", "bob", "cleo")
    world.says("ana", pair, SECRET)
    world.now += 2 * DAY
    since = "2026-11-25"
    world.says("ana", pair, "later")
    code = world.code("ana", pair, since=since)

    answer = world.read(connected(world.exchange(code).json())).json()

    assert [message["body"] for message in answer["messages"]] == ["later"]


def test_pages_follow_each_other_without_gaps_and_end(world: World, ana: Connected) -> None:
    whole = world.read(ana).json()["messages"]

    pages, cursor = [], ""
    while True:
        answer = world.read(ana, f"?limit=1{cursor}").json()
        pages += answer["messages"]
        if answer["next"] is None:
            break
        cursor = f"&after={answer['next']}"

    assert pages == whole


def test_a_connection_that_ends_while_the_read_is_recorded_gets_no_data(world: World, ana: Connected) -> None:
    person = world.people["ana"].account

    async def ended() -> bool:
        found = await listing.connections_of(world.store, person.user_id)
        return all(connection.state == "ended" for connection in found)

    world.meanwhile(
        lambda: ending.end(world.store, world.platform.outbox, person.user_id, "jukebox", world.now), ended
    )
    with world.recording() as events:
        answer = world.read(ana)
        world.run(world.platform.outbox.drain(person.user_id))

    refused(answer, "overtaken")
    assert events[0].said == ("access", 3)
    assert sorted(event.leaf.kind for event in events[1:]) == ["end", "refusal"]
    assert all(event.subject == person.subject for event in events)


def test_a_privilege_withdrawn_while_the_read_is_recorded_releases_nothing(
    world: World, ana: Connected
) -> None:
    held_before = world.run(register.privilege(world.store, "jukebox", READ))

    async def withdrawn() -> bool:
        # A new withdrawal's leaf would wait for this checkpoint; the effect of an earlier one need not.
        effect = registering.effect_handlers(world.store)["privilege.withdrawn"]
        await effect(1 << 40, {"partner_id": "jukebox", "scope": READ})
        held = await register.privilege(world.store, "jukebox", READ)
        return held is not None and held.state == "withdrawn"

    world.meanwhile(withdrawn, withdrawn)
    with world.recording() as events:
        answer = world.read(ana)
    restore = "update privilege set state = 'held', leaf_index = :index where partner_id = 'jukebox'"
    world.run(world.store.write(lambda tx: tx.run(restore, index=held_before.leaf_index)))

    refused(answer, "overtaken")
    assert [event.said for event in events] == [("access", 3), ("refusal", 0)]


def test_a_token_that_is_gone_while_the_read_is_recorded_releases_nothing(
    world: World, ana: Connected
) -> None:
    digest = tokens.hash_token(ana.token)

    async def gone() -> bool:
        await world.store.write(
            lambda tx: tx.run("delete from token where token_hash = :digest", digest=digest)
        )
        return True

    world.meanwhile(gone, gone)
    with world.recording() as events:
        answer = world.read(ana)

    refused(answer, "overtaken")
    assert [event.said for event in events] == [("access", 3), ("refusal", 0)]


def test_a_log_that_cannot_be_written_answers_503_and_nothing_else(world: World, ana: Connected) -> None:
    with world.broken_log():
        first, second = world.read(ana), world.read(ana)

    for answer in (first, second):
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert SECRET not in answer.text
        assert "receipts" not in answer.json()
    assert world.read(ana).status_code == 200


def test_a_refusal_that_cannot_be_recorded_is_a_503_too(world: World, ana: Connected) -> None:
    stranger = Connected("vst_made_up", ana.refs, "")
    with world.broken_log():
        answer = world.read(stranger)

    assert answer.status_code == 503


def test_two_partners_know_the_same_person_and_conversation_by_different_ids(world: World) -> None:
    group = world.conversation("ana", "bob", "cleo")
    world.says("ana", group, "hi")
    a, b = world.connect("ana", group), world.connect("ana", group, partner="echo")
    one, other = world.read(a).json()["messages"], world.read(b, partner="echo").json()["messages"]

    assert a.person != b.person
    assert not {*a.refs, *(message["id"] for message in one)} & {
        *b.refs,
        *(message["id"] for message in other),
    }


def test_withheld_messages_move_neither_ids_nor_cursors(world: World) -> None:
    group = world.conversation("ana", "bob", "cleo")
    for body in ("a", "b", "c"):
        world.says("ana", group, body)
        world.says("bob", group, "withheld")
    connected = world.connect("ana", group)
    before = world.read(connected).json()

    ids = [message["id"] for message in before["messages"]]
    first = world.read(connected, "?limit=2").json()
    rest = world.read(connected, f"?after={first['next']}").json()

    assert first["next"] == ids[1]
    assert [message["id"] for message in rest["messages"]] == ids[2:]
    assert len({len(ref) for ref in ids}) == 1
    bob_decides(world, 1)
    shown = world.read(connected).json()["messages"]
    bob_decides(world, 0)
    assert [message["id"] for message in shown if message["from"] == connected.person] == ids


def test_asking_again_does_not_show_when_somebody_who_has_not_agreed_writes(world: World) -> None:
    group = world.conversation("ana", "bob", "cleo")
    connected = world.connect("ana", group)
    last = world.read(connected).json()["messages"][-1]["id"]

    before = world.read(connected, f"?after={last}").json()
    world.says("bob", group, "withheld")
    after = world.read(connected, f"?after={last}").json()

    told = ("messages", "withheld", "next")
    assert [before[name] for name in told] == [after[name] for name in told] == [[], True, None]


def test_an_agreement_withdrawn_while_the_read_is_recorded_releases_nothing(
    world: World, ana: Connected
) -> None:
    bob = world.people["bob"].account
    bob_decides(world, 1)

    async def withdrawn() -> bool:
        await agreements.set_agreed(world.store, bob.user_id, "jukebox", 0, world.now)
        return True

    world.meanwhile(withdrawn, withdrawn)
    with world.recording() as events:
        answer = world.read(ana)

    refused(answer, "overtaken")
    assert sorted(event.said for event in events) == [("access", 4), ("exposure", 1), ("refusal", 0)]


def test_the_use_is_noted_before_anything_is_recorded(world: World, ana: Connected) -> None:
    with world.broken_log():
        assert world.read(ana).status_code == 503

    [newest, *_] = world.run(listing.connections_of(world.store, world.people["ana"].account.user_id))
    assert newest.last_used_at is not None


def test_another_spelling_of_a_conversations_id_is_none_of_its_ids(world: World, ana: Connected) -> None:
    with world.recording() as events:
        answer = world.read(Connected(ana.token, (ana.refs[0].upper(),), ""))

    refused(answer, "not_selected")
    assert [event.private.conversation for event in events] == [""]


def test_a_thread_with_writers_without_an_account_says_that_some_may_be_withheld(world: World) -> None:
    group = world.conversation("ana", "bob")
    connected = world.connect("ana", group)
    bob_decides(world, 1)
    before = world.read(connected).json()
    stranger = """
        insert into message (conversation_id, seq, sender_id, sender_name, client_key, sent_at, body)
        values (:group, 2, 0, 'Zoe', 'key', :now, 'not hers to share')
    """
    world.run(world.store.write(lambda tx: tx.run(stranger, group=group, now=world.now)))

    after = world.read(connected).json()
    bob_decides(world, 0)

    assert (before["withheld"], after["withheld"]) == (False, True)
    assert after["messages"] == before["messages"]


def test_a_connection_does_not_live_on_under_a_new_privilege(world: World, ana: Connected) -> None:
    assert world.allow("jukebox", purpose="To sell what you mention.").status_code == 201

    with world.recording() as events:
        answer = world.read(ana)

    refused(answer, "privilege_changed")
    assert [(*event.said, event.subject) for event in events] == [("refusal", 0, world.subject("ana"))]
