import asyncio
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.people.conftest import NOW, Opened, Place
from vestibule.people import blocks, friends
from vestibule.people.errors import Blocked, NotAsked, Oneself, UnknownPerson
from vestibule.people.friends import Friendship, _accepted, _asked, _declined, _ended
from vestibule.store import Tx
from vestibule.store.errors import OutboxError
from vestibule.store.outbox import Outbox


async def two(here: Place) -> tuple[int, int]:
    return (await here.person("anna")).user_id, (await here.person("bob")).user_id


async def states(here: Place, ids: Iterable[int]) -> list[list[str]]:
    return [[one.state for one in await friends.friends_of(here.store, user_id)] for user_id in ids]


def test_a_request_that_is_accepted_makes_friends_on_both_sides(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            for a, b in ((await two(here)), (await two_more(here))[::-1]):
                assert await friends.ask(here.store, here.outbox, a, b, NOW) == "asked"
                assert await states(here, (a, b)) == [["asked"], ["asking"]]
                assert not await friends.are_friends(here.store, a, b)
                await friends.accept(here.store, here.outbox, b, a, NOW)
                assert await states(here, (a, b)) == [["friends"], ["friends"]]
                assert await friends.are_friends(here.store, b, a)

    async def two_more(here: Place) -> tuple[int, int]:
        return (await here.person("cleo")).user_id, (await here.person("dan")).user_id

    asyncio.run(story())


def test_asking_somebody_who_is_asking_makes_friends(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            a, b = await two(here)
            await asyncio.gather(
                friends.ask(here.store, here.outbox, a, b, NOW),
                friends.ask(here.store, here.outbox, b, a, NOW),
            )
            assert await states(here, (a, b)) == [["friends"], ["friends"]]

    asyncio.run(story())


def test_a_request_can_be_declined_taken_back_and_made_again(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            a, b = await two(here)
            for ender, other in ((b, a), (a, b)):
                await friends.ask(here.store, here.outbox, a, b, NOW)
                await friends.decline(here.store, here.outbox, ender, other, NOW)
                assert await states(here, (a, b)) == [[], []]
            with pytest.raises(NotAsked):
                await friends.accept(here.store, here.outbox, b, a, NOW)

    asyncio.run(story())


def test_one_cannot_accept_her_own_request(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            a, b = await two(here)
            await friends.ask(here.store, here.outbox, a, b, NOW)
            with pytest.raises(NotAsked):
                await friends.accept(here.store, here.outbox, a, b, NOW)

    asyncio.run(story())


def test_oneself_and_unknown_persons_cannot_be_asked(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            a, _ = await two(here)
            with pytest.raises(Oneself):
                await friends.ask(here.store, here.outbox, a, a, NOW)
            with pytest.raises(UnknownPerson):
                await friends.ask(here.store, here.outbox, a, 5, NOW)

    asyncio.run(story())


def test_a_block_ends_the_friendship_and_refuses_requests_both_ways_until_it_is_lifted(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            a, b = await two(here)
            await friends.ask(here.store, here.outbox, a, b, NOW)
            await friends.accept(here.store, here.outbox, b, a, NOW)
            await blocks.block(here.store, here.outbox, b, a, NOW)
            await blocks.block(here.store, here.outbox, b, a, NOW)
            assert await blocks.has_blocked(here.store, b, a)
            assert not await blocks.has_blocked(here.store, a, b)
            assert await blocks.blocked_by(here.store, b) == (a,)
            assert await states(here, (a, b)) == [[], []]
            for asker, other in ((a, b), (b, a)):
                with pytest.raises(Blocked):
                    await friends.ask(here.store, here.outbox, asker, other, NOW)
            await blocks.unblock(here.store, here.outbox, b, a, NOW)
            assert not await friends.are_friends(here.store, a, b)
            assert await friends.ask(here.store, here.outbox, a, b, NOW) == "asked"

    asyncio.run(story())


def test_a_block_between_strangers_does_not_outdate_what_they_decide_later(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            a, b = await two(here)
            await blocks.block(here.store, here.outbox, a, b, NOW)
            await blocks.unblock(here.store, here.outbox, a, b, NOW)
            await friends.ask(here.store, here.outbox, b, a, NOW)
            assert await states(here, (a, b)) == [["asking"], ["asked"]]

    asyncio.run(story())


def test_a_mirror_that_comes_late_or_twice_changes_nothing(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            low, high = sorted(await two(here))
            await friends.ask(here.store, here.outbox, low, high, NOW)
            late = {"low": low, "high": high, "state": "asking", "changed_at": NOW}
            await friends.unfriend(here.store, here.outbox, low, high, NOW)
            await friends.mirror(here.store, late)
            assert await states(here, (low, high)) == [[], []]

    asyncio.run(story())


def test_a_decision_whose_mirror_was_lost_in_a_crash_is_mirrored_at_the_next_start(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            low, high = sorted(await two(here))
            with pytest.raises(OutboxError):
                await friends.ask(here.store, Outbox(here.store, {}), low, high, NOW)
            assert await states(here, (low, high)) == [["asked"], []]
        async with place() as here:
            assert await here.outbox.recover() == {}
            assert await states(here, (low, high)) == [["asked"], ["asking"]]

    asyncio.run(story())


DECISIONS = {
    "ask": friends.ask,
    "accept": friends.accept,
    "decline": friends.decline,
    "unfriend": friends.unfriend,
    "block": blocks.block,
    "unblock": blocks.unblock,
}


def test_after_any_decisions_in_any_order_both_sides_agree(place: Opened) -> None:
    steps = st.lists(st.tuples(st.booleans(), st.sampled_from(sorted(DECISIONS))), max_size=8)

    async def play(plan: list[list[tuple[bool, str]]]) -> None:
        async with place() as here:
            a, b = await two(here)
            for taken in plan:
                calls = [
                    DECISIONS[name](here.store, here.outbox, *((a, b) if first else (b, a)), NOW)
                    for first, name in taken
                ]
                await asyncio.gather(*calls, return_exceptions=True)
                await check(here, a, b)

    async def check(here: Place, a: int, b: int) -> None:
        async def row(tx: Tx, mine: int, other: int) -> str:
            found = await tx.one(friends._TRUTH, user_id=mine, friend_id=other)
            return found[0] if found else "none"

        async def both(tx: Tx) -> tuple[str, str]:
            return await row(tx, a, b), await row(tx, b, a)

        mine, theirs = await here.store.read(both)
        assert friends._FLIPPED[mine] == theirs  # type: ignore[index]  # states of the table

    plans: list[list[tuple[bool, str]]] = []

    @settings(max_examples=30, database=None)
    @given(steps)
    def collect(taken: list[tuple[bool, str]]) -> None:
        plans.append(taken)

    collect()
    asyncio.run(play(plans))


def test_the_decisions_lead_where_they_should() -> None:
    assert [_asked(state) for state in ("none", "asked", "asking", "friends")] == [
        "asked",
        "asked",
        "friends",
        "friends",
    ]
    assert [_declined(state) for state in ("none", "asked", "asking", "friends")] == [
        "none",
        "none",
        "none",
        "friends",
    ]
    assert _accepted("asking") == _accepted("friends") == "friends"
    assert _ended("friends") == "none"
    assert Friendship(1, "friends", 2).state == "friends"
