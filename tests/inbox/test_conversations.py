import asyncio

import pytest

from tests.inbox.conftest import NOW, Opened
from vestibule.inbox import conversations
from vestibule.inbox.errors import BadMembers, BadTitle, Blocked, NotAMember, NotFriends, UnknownConversation
from vestibule.inbox.memory import Known, KnownConversations
from vestibule.people import blocks, friends
from vestibule.store.errors import OutboxError
from vestibule.store.ids import encode
from vestibule.store.outbox import Outbox


def test_two_friends_have_one_conversation_whoever_opens_it_and_however_often(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            anna, bob = await here.person("anna"), await here.person("bob")
            await here.befriend(anna, bob)
            opened = await asyncio.gather(
                *(
                    conversations.open_pair(here.store, here.outbox, *both, NOW)
                    for both in ((anna, bob), (bob, anna)) * 5
                )
            )
            assert len(set(opened)) == 1
            assert await conversations.members(here.store, opened[0]) == tuple(sorted((anna, bob)))
            assert (await conversations.about(here.store, opened[0])).kind == "pair"

    asyncio.run(story())


def test_conversations_are_opened_among_friends_only_and_the_error_says_so(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            anna, bob, cleo = [await here.person(handle) for handle in ("anna", "bob", "cleo")]
            await here.befriend(anna, bob)
            with pytest.raises(NotFriends, match="among friends"):
                await conversations.open_pair(here.store, here.outbox, anna, cleo, NOW)
            with pytest.raises(NotFriends, match="among friends, 1 of these"):
                await conversations.create_group(here.store, here.outbox, anna, (bob, cleo), "Trip", NOW)
            await friends.ask(here.store, here.outbox, anna, cleo, NOW)
            with pytest.raises(NotFriends):
                await conversations.open_pair(here.store, here.outbox, anna, cleo, NOW)

    asyncio.run(story())


def test_a_conversation_outlives_the_friendship(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            pair, anna, bob = await here.pair()
            await friends.unfriend(here.store, here.outbox, anna, bob, NOW)
            assert await conversations.open_pair(here.store, here.outbox, bob, anna, NOW) == pair
            assert (await here.send(pair, bob, "k")).seq == 1

    asyncio.run(story())


def test_a_block_closes_the_pair_both_ways_at_once_until_it_is_lifted(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            pair, anna, bob = await here.pair()
            await here.send(pair, anna, "k1")
            await blocks.block(here.store, here.outbox, bob, anna, NOW)
            with pytest.raises(Blocked, match=r"^messages to this person are not possible$"):
                await here.send(pair, anna, "k2")
            with pytest.raises(Blocked, match="unblock this person"):
                await here.send(pair, bob, "k3")
            for both in ((anna, bob), (bob, anna)):
                with pytest.raises(Blocked):
                    await conversations.open_pair(here.store, here.outbox, *both, NOW)
            await blocks.unblock(here.store, here.outbox, bob, anna, NOW)
            assert (await here.send(pair, anna, "k2")).seq == 2

    asyncio.run(story())


def test_a_block_stands_after_a_restart_and_a_late_repetition_of_an_older_one_changes_nothing(
    place: Opened,
) -> None:
    async def story() -> None:
        async with place() as here:
            pair, anna, bob = await here.pair()
            await blocks.block(here.store, here.outbox, bob, anna, NOW)
        async with place() as here:
            late = {"blocker": bob, "blocked": anna, "blocks": 0, "changed_at": NOW - 1}
            await conversations.apply_block(here.store, late)
            with pytest.raises(Blocked):
                await here.send(pair, anna, "k")

    asyncio.run(story())


def test_somebody_blocked_cannot_open_a_conversation(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            anna, bob = await here.person("anna"), await here.person("bob")
            await here.befriend(anna, bob)
            await blocks.block(here.store, here.outbox, bob, anna, NOW)
            with pytest.raises(Blocked):
                await conversations.open_pair(here.store, here.outbox, anna, bob, NOW)
            assert await conversations.inbox_of(here.store, bob) == ()

    asyncio.run(story())


def test_a_block_that_comes_while_a_pair_is_being_made_closes_it(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            anna, bob = await here.person("anna"), await here.person("bob")
            await here.befriend(anna, bob)
            with pytest.raises(OutboxError):  # made, but a crash keeps its effects waiting
                await conversations.open_pair(here.store, Outbox(here.store, {}), anna, bob, NOW)
            await blocks.block(here.store, here.outbox, bob, anna, NOW)
            await here.outbox.recover()
            pair = await conversations._claimed(here.store, anna, bob)
            assert pair is not None
            with pytest.raises(Blocked):
                await here.send(pair, anna, "k")

    asyncio.run(story())


def test_a_block_between_the_claim_of_a_pair_and_its_making_closes_it(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            anna, bob = await here.person("anna"), await here.person("bob")
            await conversations._claim(here.store, anna, bob, 777)
            await blocks.block(here.store, here.outbox, bob, anna, NOW)
            await conversations._create(
                here.store,
                here.outbox,
                777,
                kind="pair",
                title="",
                members=(anna, bob),
                shown_to=(anna,),
                now=NOW,
            )
            with pytest.raises(Blocked):
                await here.send(777, anna, "k")

    asyncio.run(story())


def test_a_claim_whose_conversation_was_never_made_is_completed(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            anna, bob = await here.person("anna"), await here.person("bob")
            await here.befriend(anna, bob)
            await conversations._claim(here.store, anna, bob, 777)
            assert await conversations.open_pair(here.store, here.outbox, bob, anna, NOW) == 777
            assert (await here.send(777, anna, "k")).seq == 1

    asyncio.run(story())


def test_a_group_is_named_or_called_by_its_members(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            anna, bob, cleo = [await here.person(handle) for handle in ("anna", "bob", "cleo")]
            await here.befriend(anna, bob)
            await here.befriend(anna, cleo)
            group = await conversations.create_group(
                here.store, here.outbox, anna, (bob, cleo, anna), " Trip ", NOW
            )
            assert await conversations.title_for(here.store, group, bob) == "Trip"
            nameless = await conversations.create_group(here.store, here.outbox, anna, (bob, cleo), "", NOW)
            assert set((await conversations.title_for(here.store, nameless, bob)).split(", ")) == {
                "Anna",
                "Cleo",
            }
            for person in (anna, bob, cleo):
                assert len(await conversations.inbox_of(here.store, person)) == 2
            await blocks.block(here.store, here.outbox, bob, anna, NOW)
            assert (await here.send(group, anna, "k")).seq == 1

    asyncio.run(story())


@pytest.mark.parametrize(
    ("title", "reason"), [("x" * 81, "got 81"), ("a\nb", "U\\+000A"), ("\ud800", "U\\+D800")]
)
def test_a_title_that_breaks_the_rules_is_refused(place: Opened, title: str, reason: str) -> None:
    async def story() -> None:
        async with place() as here:
            _, anna, bob = await here.pair()
            with pytest.raises(BadTitle, match=reason):
                await conversations.create_group(here.store, here.outbox, anna, (bob,), title, NOW)

    asyncio.run(story())


def test_too_few_and_too_many_members_are_refused(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            anna = await here.person("anna")
            with pytest.raises(BadMembers, match="got 0"):
                await conversations.create_group(here.store, here.outbox, anna, (anna,), "", NOW)
            with pytest.raises(BadMembers, match="got 100"):
                await conversations.create_group(here.store, here.outbox, anna, range(1, 101), "", NOW)
            with pytest.raises(BadMembers, match="oneself"):
                await conversations.open_pair(here.store, here.outbox, anna, anna, NOW)

    asyncio.run(story())


def test_strangers_learn_nothing_of_a_conversation(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            pair, _, _ = await here.pair()
            cleo = await here.person("cleo")
            for conversation_id in (pair, 1):
                with pytest.raises(NotAMember, match=r"^there is no such conversation of this person$"):
                    await conversations.require_member(here.store, conversation_id, cleo)
                with pytest.raises(NotAMember):
                    await conversations.mark_read(
                        here.store, conversation_id=conversation_id, user_id=cleo, seq=1
                    )
            with pytest.raises(UnknownConversation):
                await conversations.about(here.store, 1)
            assert await conversations.members(here.store, 1) == ()

    asyncio.run(story())


def test_an_id_that_is_in_use_is_never_given_again(place: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        async with place() as here:
            pair, anna, bob = await here.pair()
            ids = iter((pair, 4711))
            monkeypatch.setattr(conversations, "new_id", lambda _now: next(ids))
            assert await conversations.create_group(here.store, here.outbox, anna, (bob,), "", NOW) == 4711

    asyncio.run(story())


def test_what_was_read_before_a_change_is_not_kept_after_it() -> None:
    known = Known(5, encode(5), "pair", "", 0, {}, frozenset())
    kept = KnownConversations()
    mark = kept.mark()
    kept.forget(5)
    kept.keep(known, mark)
    assert kept.get(5) is None
    kept.keep(known, kept.mark())
    assert kept.get(5) is known


def test_known_conversations_stay_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KnownConversations, "LIMIT", 3)
    kept = KnownConversations()
    for number in range(10):
        kept.keep(Known(number, encode(number), "pair", "", 0, {}, frozenset()), kept.mark())
    assert [number for number in range(10) if kept.get(number)] == [7, 8, 9]
