import asyncio
from dataclasses import replace

import pytest

from tests.inbox.conftest import NOW, Opened, Place
from vestibule.inbox import messages
from vestibule.inbox.appending import Draft, append
from vestibule.inbox.errors import BadBody, BadClientKey, KeyReused, NotAMember, UnknownConversation
from vestibule.inbox.message import Message
from vestibule.store import Store


async def everything(store: Store, conversation_id: int) -> list[Message]:
    found: list[Message] = []
    while part := await messages.page(store, conversation_id, after=len(found), limit=200):
        found += part
    return found


async def via(here: Place, conversation_id: int, sender_id: int, key: str, body: str = "") -> Message:
    return await messages.deliver_via(
        here.store,
        here.live,
        conversation_id=conversation_id,
        sender_id=sender_id,
        client_key=key,
        body=body,
        card='{"title":"Solaris"}',
        via_partner="marquee",
        event_index=7,
        now=NOW,
    )


def test_a_message_is_there_after_a_restart(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            pair, anna, _ = await here.pair()
            sent = await here.send(pair, anna, "k", "Grüße 👋")
            assert (sent.seq, sent.sender_name, sent.body) == (1, "Anna", "Grüße 👋")
        async with place() as here:
            assert await messages.page(here.store, pair) == (sent,)

    asyncio.run(story())


def test_numbers_have_no_gaps_when_many_send_at_once_and_some_twice(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            pair, anna, bob = await here.pair()
            keys = [f"k{n % 150}" for n in range(400)]
            sent = await asyncio.gather(
                *(here.send(pair, sender, key, key) for key in keys for sender in (anna, bob))
            )
            stored = await everything(here.store, pair)
            assert [message.seq for message in stored] == list(range(1, 301))
            assert {message.seq for message in sent} == set(range(1, 301))
            for message in sent:
                assert stored[message.seq - 1] == message

    asyncio.run(story())


def test_a_replayed_send_gets_the_same_answer_even_after_a_restart_and_is_published_once(
    place: Opened,
) -> None:
    async def story() -> None:
        async with place() as here:
            pair, anna, bob = await here.pair()
            stream = here.live.subscribe(bob)
            await anext(stream)
            first, second = await asyncio.gather(here.send(pair, anna, "k"), here.send(pair, anna, "k"))
            assert first == second
            assert (await anext(stream)).count(b"event: message") == 1
        async with place() as here:
            assert await here.send(pair, anna, "k") == first
            assert (await here.send(pair, anna, "k2")).seq == 2

    asyncio.run(story())


def test_a_key_that_stands_for_another_text_is_refused(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            pair, anna, bob = await here.pair()
            await here.send(pair, anna, "k", "one")
            with pytest.raises(KeyReused, match="'k' stands for another message"):
                await here.send(pair, anna, "k", "two")
            assert (await here.send(pair, bob, "k", "two")).seq == 2

    asyncio.run(story())


def test_one_bad_draft_in_a_batch_spoils_no_other(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            pair, anna, _ = await here.pair()
            good = Draft(pair, anna, "Anna", "k1", NOW, "one")
            lost = replace(good, conversation_id=99)
            clash = replace(good, body="two")
            results = await asyncio.gather(
                *(here.store.write_batched(append, draft) for draft in (good, lost, clash)),
                return_exceptions=True,
            )
            assert isinstance(results[1], UnknownConversation)
            assert isinstance(results[2], KeyReused)
            assert [message.body for message in await everything(here.store, pair)] == ["one"]

    asyncio.run(story())


def test_strangers_cannot_send_and_an_unknown_conversation_looks_the_same(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            pair, _, _ = await here.pair()
            cleo = await here.person("cleo")
            said = set()
            for conversation_id in (pair, 12345):
                with pytest.raises(NotAMember) as error:
                    await here.send(conversation_id, cleo, "k")
                said.add(str(error.value))
            assert len(said) == 1
            assert await messages.page(here.store, pair) == ()

    asyncio.run(story())


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "1 to 8000 characters, got 0"),
        ("x" * 8001, "got 8001"),
        ("a\x00b", "NUL, got one at character 2"),
        ("ab\ud800", "lone surrogate at character 3"),
    ],
)
def test_a_body_that_breaks_the_rules_is_refused_by_name(place: Opened, body: str, reason: str) -> None:
    async def story() -> None:
        async with place() as here:
            pair, anna, _ = await here.pair()
            with pytest.raises(BadBody, match=reason):
                await here.send(pair, anna, "k", body)
            assert (await here.send(pair, anna, "k", "x" * 8000)).seq == 1

    asyncio.run(story())


@pytest.mark.parametrize("key", ["", "x" * 121, "a b", "a\n", "é"])
def test_a_client_key_that_breaks_the_rules_is_refused(place: Opened, key: str) -> None:
    async def story() -> None:
        async with place() as here:
            pair, anna, _ = await here.pair()
            with pytest.raises(BadClientKey, match="expected 1 to 120"):
                await here.send(pair, anna, key)

    asyncio.run(story())


def test_what_comes_through_a_partner_is_marked_and_delivered_once(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            pair, anna, _ = await here.pair()
            first = await via(here, pair, anna, "dialog:1")
            assert (first.via_partner, first.event_index, first.body) == ("marquee", 7, "")
            assert await via(here, pair, anna, "dialog:1") == first
            with pytest.raises(KeyReused):
                await here.send(pair, anna, "dialog:1", "mine")
            assert len(await everything(here.store, pair)) == 1

    asyncio.run(story())


def test_pages_go_backwards_forwards_and_begin_at_a_time(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            pair, anna, _ = await here.pair()
            for number in range(1, 11):
                await messages.send(
                    here.store,
                    here.live,
                    conversation_id=pair,
                    sender_id=anna,
                    client_key=f"k{number}",
                    body="x",
                    now=number * 100,
                )

            async def numbers(**asked: int) -> list[int]:
                return [message.seq for message in await messages.page(here.store, pair, **asked)]

            assert await numbers(limit=3) == [8, 9, 10]
            assert await numbers(before=8, limit=3) == [5, 6, 7]
            assert await numbers(after=2, limit=3) == [3, 4, 5]
            assert await numbers(after=2, before=5) == [3, 4]
            assert await numbers(since=700) == [7, 8, 9, 10]
            assert await numbers(since=700, after=0, limit=2) == [7, 8]
            assert await numbers(limit=0) == [10]
            assert len(await numbers(limit=10_000)) == 10

    asyncio.run(story())
