"""Every way in which a connection is suspended, resumed, ended or runs out, over HTTP and in the log."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.connections.moments import caught_up, entries, of, recovered, whys
from tests.gate.a_platform import DAY, READ, Connected, World, opened
from vestibule.connections import ending, listing, states, suspending
from vestibule.connections.states import By
from vestibule.ledger.replay import replay
from vestibule.web import sweeping

Act = Callable[[World, Connected], Any]


@pytest.fixture
def group(world: World) -> int:
    conversation = world.conversation("ana", "bob", "cleo")
    world.says("ana", conversation, "hello again")
    return conversation


@pytest.fixture
def cleo(world: World, group: int) -> Iterator[Connected]:
    connected = world.connect("cleo", group)
    yield connected
    world.post("cleo", "/apps/jukebox/end")
    operator_says(world, connected, suspended=False)
    caught_up(world)


def partner_says(world: World, connected: Connected, *, suspended: bool, partner: str = "jukebox") -> Any:
    body = json.dumps({"person": connected.person, "suspended": suspended}).encode()
    headers = world.headers(partner, "POST", "/v1/suspensions", body)
    return world.send("POST", "/v1/suspensions", headers, body, kind="application/json")


def operator_says(world: World, connected: Connected, *, suspended: bool) -> Any:
    asked = {"partner": "jukebox", "person": connected.person, "suspended": suspended}
    return world.operate("suspensions", asked)


def end_all(world: World) -> int:
    person = world.people["cleo"].account
    ended: int = world.run(ending.end_all(world.store, world.platform.outbox, person.user_id, world.now))
    return ended


SUSPEND: dict[By, Act] = {
    By.PERSON: lambda world, _: world.post("cleo", "/apps/jukebox/suspend"),
    By.PARTNER: lambda world, her: partner_says(world, her, suspended=True),
    By.OPERATOR: lambda world, her: operator_says(world, her, suspended=True),
}
RESUME: dict[By, Act] = {
    By.PERSON: lambda world, _: world.post("cleo", "/apps/jukebox/resume"),
    By.PARTNER: lambda world, her: partner_says(world, her, suspended=False),
    By.OPERATOR: lambda world, her: operator_says(world, her, suspended=False),
}
OUT: dict[str, tuple[Act, str]] = {
    "ended": (lambda world, _: world.post("cleo", "/apps/jukebox/end"), "connection_ended"),
    "everything ended": (lambda world, _: end_all(world), "connection_ended"),
    **{f"suspended by {by}": (act, "connection_suspended") for by, act in SUSPEND.items()},
}


@pytest.mark.parametrize("way", OUT)
def test_every_way_out_works_at_once_while_the_log_is_down_and_its_leaf_follows(
    world: World, cleo: Connected, way: str
) -> None:
    act, code = OUT[way]
    assert world.read(cleo).status_code == 200

    with world.broken_log():
        act(world, cleo)
        assert of(world, "cleo")[0].state in ("ended", "suspended")
        assert world.read(cleo).status_code == 503
    caught_up(world)

    assert world.read(cleo).json()["code"] == code
    assert whys(world, "cleo")[-1] == ("end", "ended" if code == "connection_ended" else way)


@pytest.mark.parametrize("way", OUT)
def test_a_release_overtaken_by_any_way_out_does_not_leave(world: World, cleo: Connected, way: str) -> None:
    user_id = world.people["cleo"].account.user_id
    by = {f"suspended by {by}": by for by in SUSPEND}.get(way)
    box = world.platform.outbox

    async def out() -> bool:
        found = await listing.connection_with(world.store, user_id, "jukebox")
        if found is None or found.state != "active":
            return True
        if by is None:
            await ending.end_all(world.store, box, user_id, world.now)
        else:
            await suspending.suspend(
                world.store,
                box,
                user_id=user_id,
                connection_id=found.connection_id,
                by=by,
                now=world.now,
            )
        return True

    world.meanwhile(out, out)
    answer = world.read(cleo)

    assert (answer.status_code, answer.json()["code"]) == (403, "overtaken")


@pytest.mark.parametrize("by", RESUME)
def test_whoever_suspended_it_resumes_it_and_the_token_lives_again(
    world: World, cleo: Connected, group: int, by: By
) -> None:
    SUSPEND[by](world, cleo)
    assert [one for one in readers(world, group) if one.user_id == of(world, "cleo")[0].user_id] == []

    answer = RESUME[by](world, cleo)

    assert answer.status_code in (200, 303), answer.text
    assert world.read(cleo).status_code == 200
    assert whys(world, "cleo")[-2:] == [("end", f"suspended by {by}"), ("grant", "resumed")]
    assert len([one for one in readers(world, group) if one.user_id == of(world, "cleo")[0].user_id]) == 1


def readers(world: World, conversation: int) -> tuple[listing.Reader, ...]:
    found: tuple[listing.Reader, ...] = world.run(listing.readers_of(world.store, conversation))
    return found


@pytest.mark.parametrize("whose", SUSPEND)
@pytest.mark.parametrize("by", RESUME)
def test_nobody_else_resumes_it(world: World, cleo: Connected, by: By, whose: By) -> None:
    if by == whose:
        return
    SUSPEND[whose](world, cleo)

    answer = RESUME[by](world, cleo)

    assert answer.status_code == 409
    assert re.search("[Oo]nly (they|the app|the operator) can undo that", answer.text)
    assert of(world, "cleo")[0].suspended_by == {whose}


def test_undoing_ones_own_leaves_what_others_did(world: World, cleo: Connected) -> None:
    for by in (By.PERSON, By.PARTNER):
        SUSPEND[by](world, cleo)

    assert RESUME[By.PERSON](world, cleo).headers["location"].startswith("/apps?said=still-suspended")
    assert world.read(cleo).json()["code"] == "connection_suspended"
    answer = RESUME[By.PARTNER](world, cleo).json()

    assert answer == {"person": cleo.person, "state": "active", "suspended_by_you": False}
    assert world.read(cleo).status_code == 200


def test_a_resumption_without_its_leaf_permits_nothing(world: World, cleo: Connected) -> None:
    SUSPEND[By.PERSON](world, cleo)

    caught_up(world)

    with world.broken_log():
        assert RESUME[By.PERSON](world, cleo).status_code == 503
    assert of(world, "cleo")[0].state == "suspended"
    assert world.read(cleo).json()["code"] == "connection_suspended"

    assert RESUME[By.PERSON](world, cleo).status_code == 303
    assert world.read(cleo).status_code == 200
    assert balanced(world)


def test_a_suspension_while_it_resumes_overtakes_it_and_the_leaf_gets_its_end(
    world: World, cleo: Connected
) -> None:
    SUSPEND[By.PERSON](world, cleo)
    caught_up(world)
    user_id, box = of(world, "cleo")[0].user_id, world.platform.outbox

    async def operator() -> bool:
        found = await listing.connection_with(world.store, user_id, "jukebox")
        assert found is not None
        await suspending.suspend(
            world.store,
            box,
            user_id=user_id,
            connection_id=found.connection_id,
            by=By.OPERATOR,
            now=world.now,
        )
        return True

    world.meanwhile(operator, operator)
    answer = RESUME[By.PERSON](world, cleo)
    caught_up(world)

    assert answer.status_code == 409
    assert of(world, "cleo")[0].suspended_by == {By.PERSON, By.OPERATOR}
    assert whys(world, "cleo")[-2:] == [("grant", "resumed"), ("end", "overtaken")]


def test_ending_and_connecting_anew_is_no_way_around_the_operator(
    world: World, cleo: Connected, group: int
) -> None:
    SUSPEND[By.OPERATOR](world, cleo)
    world.post("cleo", "/apps/jukebox/end")

    answer = world.consent("cleo", group)

    assert answer.status_code == 422
    assert "The operator has suspended your connection" in answer.text
    assert operator_says(world, cleo, suspended=False).json() == {"state": "ended", "suspended_by": []}
    assert world.consent("cleo", group).status_code == 303


def test_agreeing_anew_undoes_ones_own_suspension(world: World, cleo: Connected, group: int) -> None:
    SUSPEND[By.PERSON](world, cleo)

    world.connect("cleo", group)

    assert world.read(cleo).status_code == 200


def test_a_partner_can_name_only_people_whose_id_it_was_given(world: World, cleo: Connected) -> None:
    answer = partner_says(world, cleo, suspended=True, partner="echo")

    assert answer.status_code == 400
    assert "expected the id of a person who is connected with you" in answer.text
    assert world.read(cleo).status_code == 200


def test_an_id_that_another_partner_was_given_names_nobody(world: World, cleo: Connected, group: int) -> None:
    world.connect("cleo", group, partner="echo")

    answer = partner_says(world, cleo, suspended=True, partner="echo")
    world.post("cleo", "/apps/echo/end")

    assert answer.status_code == 400


def test_a_resumption_stands_behind_the_ends_it_follows(world: World, cleo: Connected) -> None:
    [one, *_] = of(world, "cleo")
    # As in an earlier process, so that nothing but the resumption itself asks for the ends.
    work: Any = lambda tx: suspending._move(  # noqa: E731  (passed on)
        tx, one.user_id, one.connection_id, lambda state: states.suspend(state, By.PERSON), world.now
    )
    world.run(world.store.write(work))

    RESUME[By.PERSON](world, cleo)

    assert whys(world, "cleo")[-2:] == [("end", "suspended by person"), ("grant", "resumed")]


def test_a_use_that_comes_before_the_suspension_is_written_prevents_it(world: World, cleo: Connected) -> None:
    world.read(cleo)
    [connection, *_] = of(world, "cleo")
    used = connection.last_used_at or 0

    work = suspending._suspend_if_unused(
        world.store, connection.user_id, connection.connection_id, before=used, now=used
    )
    world.run(work)

    assert of(world, "cleo")[0].state == "active"


def test_what_is_not_used_for_90_days_is_suspended_and_she_can_undo_it(world: World, cleo: Connected) -> None:
    since = of(world, "cleo")[0].active_at
    box = world.platform.outbox
    assert world.run(suspending.suspend_unused(world.store, box, since + 90 * DAY)) == 0

    world.run(suspending.suspend_unused(world.store, box, since + 90 * DAY + 1))

    assert of(world, "cleo")[0].suspended_by == {By.UNUSED}
    assert "not used for 90 days. You can resume it." in world.get("cleo", "/apps").text
    assert RESUME[By.PARTNER](world, cleo).status_code == 409
    assert RESUME[By.PERSON](world, cleo).status_code == 303
    assert world.read(cleo).status_code == 200


def test_a_use_puts_that_off(world: World, cleo: Connected) -> None:
    world.read(cleo)
    used = of(world, "cleo")[0].last_used_at
    assert used is not None

    assert world.run(suspending.suspend_unused(world.store, world.platform.outbox, used + 90 * DAY)) == 0
    assert of(world, "cleo")[0].state == "active"


@pytest.mark.usefixtures("cleo")
def test_it_ends_by_itself_after_its_last_day(world: World) -> None:
    last = of(world, "cleo")[0].grant.until_day
    box = world.platform.outbox
    assert world.run(ending.expire(world.store, box, last, world.now)) == 0

    world.run(ending.expire(world.store, box, last + 1, world.now))
    caught_up(world)

    assert of(world, "cleo")[0].state == "ended"
    assert whys(world, "cleo")[-1] == ("end", "expired")


def test_her_page_says_who_did_it_and_every_change_is_a_line_of_her_history(
    world: World, cleo: Connected
) -> None:
    SUSPEND[By.PERSON](world, cleo)
    page = world.get("cleo", "/apps").text
    assert "You have suspended it, and can resume it." in page
    assert 'action="/apps/jukebox/resume"' in page
    assert 'action="/apps/jukebox/suspend"' not in page
    RESUME[By.PERSON](world, cleo)
    SUSPEND[By.OPERATOR](world, cleo)
    caught_up(world)

    page = world.get("cleo", "/apps").text
    assert "The operator has suspended it. Only the operator can undo that." in page
    assert 'action="/apps/jukebox/resume"' not in page
    lines = world.get("cleo", "/apps/jukebox").text
    for said in ("Suspended by you", "Resumed", "Suspended by the operator"):
        assert f"{said}: Read messages" in lines


def test_nothing_to_suspend_or_resume_is_a_page_that_says_so(world: World) -> None:
    for verb in ("suspend", "resume"):
        answer = world.post("bob", f"/apps/marquee/{verb}")
        assert answer.status_code == 409
        assert "You have no connection with this app" in answer.text


def balanced(world: World) -> bool:
    """Say whether the log counts exactly the connections that are active, after all ends."""
    recovered(world)
    history = replay(entries(world))
    assert history.breaches == ()
    active: Any = lambda tx: tx.one("select count(*) from connection where state = 'active'")  # noqa: E731
    lives = sum(steps[-1][1] for steps in history.lives.values())
    return bool(lives == world.run(world.store.read(active))[0])


def test_after_all_of_this_the_log_counts_exactly_the_active_connections(tmp_path: Any) -> None:
    with opened(tmp_path) as world:
        group = world.conversation("ana", "bob", "cleo")
        first = world.connect("cleo", group)
        world.connect("ana", group, partner="echo")
        for act in (*SUSPEND.values(), *RESUME.values()):
            act(world, first)
        world.connect("cleo", world.conversation("ana", "cleo"))
        assert balanced(world)
        SUSPEND[By.PERSON](world, first)
        world.run(sweeping.end_and_suspend(world.store, world.platform.outbox, world.now + 100 * DAY))
        assert of(world, "ana")[0].state in ("ended", "suspended")
        assert balanced(world)


@pytest.mark.parametrize("by", [By.PARTNER, By.OPERATOR])
def test_a_suspension_lifted_after_the_privilege_changed_leaves_her_to_be_asked_anew(
    world: World, cleo: Connected, group: int, by: By
) -> None:
    SUSPEND[by](world, cleo)
    assert world.operate("withdrawals", {"partner": "jukebox", "scope": READ}).status_code == 201
    assert world.allow("jukebox").status_code == 201

    lifted = RESUME[by](world, cleo)

    assert (lifted.status_code, lifted.json()["state"]) == (200, "ended")
    assert world.read(world.connect("cleo", group)).status_code == 200
