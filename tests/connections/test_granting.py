"""A grant is usable only after its leaf; an end takes effect at once and its leaf follows."""

import asyncio
import json
from typing import Any

import pytest

from tests.connections.moments import agrees, caught_up, grant, of, proposed
from tests.gate.a_platform import DAY, READ, TODAY, Connected, World
from vestibule.connections import end_leaves, ending, grant_leaves, granting, listing, proposing
from vestibule.connections.errors import ConnectionRefused
from vestibule.connections.grants import LONGEST_DAYS, Grant, Scope
from vestibule.connections.listing import Connection
from vestibule.connections.proposing import Proposal
from vestibule.connections.records import Record
from vestibule.connections.states import Why
from vestibule.ledger.agreement import Password
from vestibule.recorder.errors import RecorderError
from vestibule.store.ids import encode


@pytest.fixture
def group(world: World) -> int:
    conversation = world.conversation("ana", "bob", "cleo")
    world.says("ana", conversation, "hello again")
    return conversation


def codes(world: World) -> int:
    work: Any = lambda tx: tx.one("select count(*) from authorization_code")  # noqa: E731  (passed on)
    return int(world.run(world.store.read(work))[0])


def test_a_connection_begins_with_one_leaf_a_scope_in_her_lane(world: World, group: int) -> None:
    with world.recording() as events:
        world.connect("cleo", group)

    [event] = events
    assert (event.leaf.kind, event.leaf.op, event.leaf.n) == ("grant", READ, 0)
    assert event.subject == world.subject("cleo")
    [connection] = of(world, "cleo")
    assert (connection.state, connection.leaves) == ("active", {Scope.MESSAGES_READ: event.index})
    said = event.private.extra
    assert (said["why"], said["agreed"], said["consent"]) == ("began", "password", connection.consent)


def test_without_its_leaf_a_grant_stays_waiting_and_no_code_is_issued(world: World, group: int) -> None:
    before = codes(world)

    with world.broken_log():
        answer = world.consent("bob", group)

    assert answer.status_code == 503
    assert "location" not in answer.headers
    assert [connection.state for connection in of(world, "bob")] == ["waiting"]
    assert codes(world) == before
    assert world.run(listing.readers_of(world.store, group)) == ()


def test_a_grant_that_she_ends_before_its_leaf_never_becomes_active_and_the_leaf_gets_its_end(
    world: World, group: int
) -> None:
    with world.broken_log():
        world.consent("bob", group)
    waiting = of(world, "bob")[0]
    world.post("bob", "/apps/jukebox/end")

    with world.recording() as events:
        world.run(grant_leaves.write(world.platform.recorder, again(world, "bob", waiting)))
        caught_up(world)

    assert all(connection.state == "ended" for connection in of(world, "bob"))
    assert [
        (event.leaf.kind, event.private.extra["why"]) for event in events if event.leaf.kind == "end"
    ] == [("end", "overtaken")]
    assert events[-1].private.grant == events[0].index


def test_a_grant_that_she_ends_while_its_leaf_is_written_gives_no_code_and_its_end_follows(
    world: World, group: int
) -> None:
    person = world.people["cleo"].account
    connected, before = world.connect("cleo", group), codes(world)
    world.post("cleo", "/apps/jukebox/end")
    caught_up(world)

    async def ended() -> bool:
        found = await listing.connections_of(world.store, person.user_id)
        return all(connection.state == "ended" for connection in found)

    world.meanwhile(
        lambda: ending.end(world.store, world.platform.outbox, person.user_id, "jukebox", world.now), ended
    )
    with world.recording() as events:
        answer = world.consent("cleo", group)
        world.run(world.platform.outbox.drain(person.user_id))

    assert answer.status_code == 409
    assert "your connection" in answer.text
    assert codes(world) == before
    assert [event.leaf.kind for event in events] == ["grant", "end"]
    assert world.read(connected).json()["code"] == "connection_ended"


def test_an_end_kills_the_token_at_once_and_its_leaf_stands_beside_the_grants(
    world: World, group: int
) -> None:
    connected = world.connect("ana", group)
    assert world.read(connected).status_code == 200

    with world.recording() as events:
        world.post("ana", "/apps/jukebox/end")
        caught_up(world)
        answer = world.read(connected)

    assert (answer.status_code, answer.json()["code"]) == (401, "connection_ended")
    assert [(event.leaf.kind, event.leaf.op) for event in events] == [("end", READ), ("refusal", READ)]
    assert events[0].subject == world.subject("ana")


def test_an_end_counts_while_the_log_cannot_write_and_its_leaf_follows(world: World, group: int) -> None:
    connected = world.connect("ana", group)
    person = world.people["ana"].account

    with world.broken_log():
        assert world.post("ana", "/apps/jukebox/end").status_code == 303
        assert readers(world, group) == ()
        assert world.run(world.store.read(lambda tx: tx.all("select topic from outbox"))) == []
        assert all(connection.state == "ended" for connection in of(world, "ana"))
        assert world.read(connected).status_code == 503
    with world.recording() as events:
        answer = world.read(connected)
        caught_up(world)

    assert (answer.status_code, answer.json()["code"]) == (401, "connection_ended")
    kinds = [event.leaf.kind for event in world.written(0) if event.subject == person.subject]
    assert kinds.count("grant") == kinds.count("end")
    assert {event.leaf.kind for event in events} <= {"refusal", "end"}


def test_a_second_consent_changes_the_connection_and_its_token_lives_on(world: World, group: int) -> None:
    first = world.connect("ana", group)
    other = world.conversation("ana", "bob")

    with world.recording() as events:
        second = world.connect("ana", other)
        caught_up(world)

    kinds = [(event.leaf.kind, event.private.extra["why"]) for event in events]
    assert kinds == [("grant", "changed"), ("end", "changed")]
    assert world.read(Connected(first.token, second.refs, first.person)).status_code == 200
    assert world.read(first).json()["code"] == "not_selected"
    assert [connection.state for connection in of(world, "ana")].count("active") == 1


def test_a_change_whose_leaf_is_not_published_leaves_the_old_grant_as_it_was(
    world: World, group: int
) -> None:
    first = world.connect("ana", group)
    other = world.conversation("ana", "bob")

    with world.broken_log():
        assert world.consent("ana", other).status_code == 503
    before = of(world, "ana")[0]

    assert world.read(first).status_code == 200
    assert (before.state, before.grant.selection.conversations) == ("active", (group,))


def test_a_release_overtaken_by_a_change_does_not_leave(world: World, group: int) -> None:
    first = world.connect("bob", group)
    person, box = world.people["bob"].account, world.platform.outbox
    proposal = proposed(world, "bob", group)
    record = Record.fresh(proposal.consent, Password())
    effects = grant_leaves.effect_handlers(world.store, box)

    async def changed() -> bool:
        # New leaves would wait for this checkpoint; the effect of earlier ones need not.
        why, kept = await world.store.write(
            lambda tx: granting._await_leaves(tx, person, proposal, record, world.now)
        )
        for draft in grant_leaves._drafts(granting._granting(person, proposal, kept, why, world.now)):
            assert draft.effect is not None
            await effects[draft.effect.topic](1 << 40, dict(draft.effect.body))
        return True

    world.meanwhile(changed, changed)
    answer = world.read(first)

    assert (answer.status_code, answer.json()["code"]) == (403, "overtaken")
    assert of(world, "bob")[0].leaves == {Scope.MESSAGES_READ: 1 << 40}


def test_agreeing_twice_to_one_proposal_is_agreeing_once(world: World, group: int) -> None:
    proposal = proposed(world, "ana", group)

    with world.recording() as events:
        first, second = (world.run(agrees(world, "ana", proposal)) for _ in range(2))

    assert first.version == second.version
    assert [event.leaf.kind for event in events].count("grant") == 1


def test_an_older_proposal_is_refused_once_another_was_agreed_to_or_the_connection_ended(
    world: World, group: int
) -> None:
    world.connect("ana", group)
    older, newer = (proposed(world, "ana", group) for _ in range(2))
    world.run(agrees(world, "ana", older))
    world.run(agrees(world, "ana", newer))
    with pytest.raises(ConnectionRefused, match="please look again"):
        world.run(agrees(world, "ana", older))

    world.post("ana", "/apps/jukebox/end")

    with pytest.raises(ConnectionRefused, match="please look again"):
        world.run(agrees(world, "ana", proposed_again(newer)))


def proposed_again(proposal: Proposal) -> Proposal:
    """Read a proposal back as it was kept beside the request."""
    assert Proposal.from_json(proposal.to_json()) == proposal
    return Proposal.from_json(proposal.to_json())


def test_ending_one_partner_leaves_the_others(world: World, group: int) -> None:
    ended, kept = world.connect("ana", group), world.connect("ana", group, partner="echo")

    world.post("ana", "/apps/jukebox/end")

    assert world.read(ended).status_code == 401
    assert world.read(kept, partner="echo").status_code == 200


def test_every_member_sees_who_reads_until_it_ends(world: World, group: int) -> None:
    world.connect("ana", group)
    ana = world.people["ana"].account.user_id
    assert [(reader.user_id, reader.partner_id) for reader in readers(world, group)] == [(ana, "jukebox")]

    world.post("ana", "/apps/jukebox/end")

    assert readers(world, group) == ()


def again(world: World, who: str, connection: Connection) -> grant_leaves.Granting:
    """Return what writes the leaves that a connection awaits."""
    return grant_leaves.Granting(
        person=world.people[who].account,
        connection_id=connection.connection_id,
        grant_id=connection.pending or 0,
        grant=connection.grant,
        why=Why.BEGAN,
        event_id=b"a later attempt.",
        consent=connection.consent,
        agreed=connection.agreed,
        last_day=TODAY + 90,
        now=world.now,
    )


def of_log(world: World, who: str) -> list[str]:
    return [event.leaf.kind for event in world.written(0) if event.subject == world.subject(who)]


def test_the_leaf_of_an_end_is_made_again_after_a_restart_and_only_once(world: World, group: int) -> None:
    world.connect("ana", group)
    caught_up(world)
    before = of_log(world, "ana").count("end")
    with world.broken_log():
        world.post("ana", "/apps/jukebox/end")
    end_leaves.due_of(world.store).people.clear()

    end_leaves.due_of(world.store).people |= world.run(end_leaves.people_left(world.store))
    caught_up(world)
    caught_up(world)

    assert of_log(world, "ana").count("end") == before + 1
    assert world.run(end_leaves.people_left(world.store)) == set()


def test_an_end_that_an_earlier_process_left_gets_its_leaf_at_the_next_start(
    world: World, group: int
) -> None:
    world.connect("ana", group)
    caught_up(world)
    before = of_log(world, "ana").count("end")
    with world.broken_log():
        world.post("ana", "/apps/jukebox/end")
    # What a process knows of its own is gone with it; what runs at a start has only the store to go by.
    end_leaves.due_of(world.store).people.clear()
    assert world.run(end_leaves.people_left(world.store))

    async def started() -> None:
        running = asyncio.create_task(end_leaves.run(world.store, world.platform.recorder))
        while await end_leaves.people_left(world.store):  # noqa: ASYNC110  (the store tells nobody)
            await asyncio.sleep(0)
        running.cancel()

    world.run(asyncio.wait_for(started(), 60))

    assert of_log(world, "ana").count("end") == before + 1


def test_two_consents_at_once_leave_one_connection_and_right_ends(world: World, group: int) -> None:
    person = world.people["cleo"].account
    proposals = [proposed(world, "cleo", group) for _ in range(2)]

    async def both() -> list[Any]:
        return await asyncio.gather(
            *[agrees(world, "cleo", proposal) for proposal in proposals], return_exceptions=True
        )

    world.run(both())
    caught_up(world)

    assert [connection.state for connection in of(world, "cleo")].count("active") == 1
    kinds = of_log(world, "cleo")
    assert kinds.count("grant") - kinds.count("end") == 1
    assert len([reader for reader in readers(world, group) if reader.user_id == person.user_id]) == 1


def test_what_the_privilege_does_not_cover_any_more_is_not_recorded(world: World, group: int) -> None:
    proposal = proposed(world, "bob", group, until=TODAY - 1)

    with world.recording() as events, pytest.raises(RecorderError):
        world.run(agrees(world, "bob", proposal))

    assert events == []


def readers(world: World, conversation: int) -> tuple[listing.Reader, ...]:
    found: tuple[listing.Reader, ...] = world.run(listing.readers_of(world.store, conversation))
    return found


@pytest.mark.parametrize(
    ("unacceptable", "why"),
    [
        (grant(1, permissions=()), "nothing is ticked"),
        (grant(), "no conversation is chosen"),
        (grant(1, until_day=TODAY - 1), "the end must lie between today and 731 days from now"),
        (grant(1, until_day=TODAY + LONGEST_DAYS + 1), "the end must lie between today and 731 days"),
    ],
)
def test_a_grant_that_permits_nothing_or_for_too_long_is_refused(unacceptable: Grant, why: str) -> None:
    with pytest.raises(ConnectionRefused, match=why):
        proposing.check(unacceptable, TODAY)


@pytest.mark.parametrize("days", [0, LONGEST_DAYS])
def test_today_and_two_years_are_the_bounds(days: int) -> None:
    proposing.check(grant(1, until_day=TODAY + days), TODAY)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"until": "2029-01-01"}, "The end has to lie between"),
        ({"until": "2026-11-21"}, "The end has to lie between"),
        ({"until": "tomorrow"}, "Give the day as year, month and day"),
        ({"since": ""}, "Give the day as year, month and day"),
        ({"scope_granted": []}, "Nothing is ticked"),
        ({"conversation": []}, "No conversation is chosen"),
        ({"conversation": ["not an id"]}, "Choose among your own conversations"),
        ({"scope_granted": ["messages.send"]}, "Nothing is ticked"),
    ],
)
def test_the_consent_page_says_what_to_choose_instead(
    world: World, group: int, changed: dict[str, Any], why: str
) -> None:
    before = len(of(world, "ana"))
    with world.recording() as events:
        answer = world.consent("ana", group, **changed)

    assert answer.status_code == 422
    assert why in answer.text
    assert (events, len(of(world, "ana"))) == ([], before)


def test_someone_elses_conversation_cannot_be_granted(world: World) -> None:
    world.befriend("bob", "cleo")
    theirs = world.conversation("bob", "cleo")

    answer = world.consent("ana", theirs)

    assert answer.status_code == 422
    assert "Choose among your own conversations" in answer.text
    mixed = world.consent("ana", world.conversation("ana", "bob"), theirs)
    assert mixed.status_code == 422


def test_a_partner_without_the_privilege_gets_no_consent_at_all(world: World, group: int) -> None:
    answer = world.consent("ana", group, partner="marquee")

    assert answer.status_code == 422
    assert "It does not hold that privilege" in answer.text


def test_nothing_more_than_was_asked_for_can_be_ticked(world: World, group: int) -> None:
    friends = json.dumps([{"type": "friends", "actions": ["list"]}])
    carried = world.pushed("jukebox", authorization_details=friends)

    answer = world.consent("ana", group, carried=carried, scope_granted=READ)

    assert answer.status_code == 422
    assert "Nothing is ticked" in answer.text


def test_a_conversation_chosen_twice_is_granted_once(world: World, group: int) -> None:
    connected: Connected = world.connect("ana", group, group)

    assert len(connected.refs) == 1
    assert of(world, "ana")[0].grant.selection.conversations == (group,)
    assert encode(group) not in connected.refs


def test_use_is_noted_to_the_day(world: World, group: int) -> None:
    connected = world.connect("ana", group)
    world.read(connected)
    first = of(world, "ana")[0].last_used_at
    world.read(connected)

    assert first is not None
    assert of(world, "ana")[0].last_used_at == first
    assert first // DAY == world.now // DAY
