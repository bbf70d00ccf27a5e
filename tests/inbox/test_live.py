import asyncio

import msgspec
import pytest

from tests.inbox.conftest import NOW, Opened
from vestibule.inbox.live import HEARTBEAT, OPENING, SYNC, Live, Subscription
from vestibule.inbox.memory import Known, Voice
from vestibule.inbox.message import Message, event
from vestibule.store.ids import encode


async def ready(live: Live, user_id: int = 1) -> Subscription:
    stream = live.subscribe(user_id)
    assert await anext(stream) == OPENING
    return stream


def test_a_stream_opens_with_a_sync_and_then_brings_what_is_published_to_its_person() -> None:
    async def story() -> None:
        live = Live()
        stream = await ready(live)
        live.publish((1, 2), b"a\n\n")
        live.publish((2,), b"b\n\n")
        live.publish((1,), b"c\n\n")
        assert await anext(stream) == b"a\n\nc\n\n"

    asyncio.run(story())


def test_a_waiting_reader_is_woken_and_gets_everything_of_that_moment_in_one_chunk() -> None:
    async def story() -> None:
        live = Live()
        stream = await ready(live)
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        for payload in (b"a", b"b", b"c"):
            live.publish((1,), payload)
        assert await waiting == b"abc"

    asyncio.run(story())


@pytest.mark.parametrize("live", [Live(most_events=5), Live(most_bytes=50)])
def test_a_slow_reader_loses_what_waited_and_is_told_to_sync(live: Live) -> None:
    async def story() -> None:
        slow, quick = await ready(live), await ready(live)
        for number in range(30):
            live.publish((1,), b"event %03d\n\n" % number)
            assert (await anext(quick)).startswith(b"event")
        chunk = await anext(slow)
        assert chunk.startswith(SYNC)
        assert len(chunk) < 200
        assert chunk.endswith(b"event 029\n\n")

    asyncio.run(story())


def test_a_busy_stream_gathers_what_comes_shortly_after_a_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vestibule.inbox.live.PACE", 0.5)  # longer than a busy machine lets this test wait

    async def story() -> None:
        live = Live()
        stream = await ready(live)
        live.publish((1,), b"a")
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        live.publish((1,), b"b")
        assert await waiting == b"ab"

    asyncio.run(story())


def test_a_silent_stream_is_kept_alive() -> None:
    async def story() -> None:
        stream = await ready(Live(heartbeat=0.001))
        assert await anext(stream) == HEARTBEAT
        assert await anext(stream) == HEARTBEAT

    asyncio.run(story())


def test_a_closed_stream_ends_after_what_was_waiting_and_gets_nothing_more() -> None:
    async def story() -> None:
        live = Live()
        stream = await ready(live)
        live.publish((1,), b"a")
        stream.close()
        stream.close()
        live.publish((1,), b"b")
        assert [chunk async for chunk in stream] == [b"a"]
        assert live._streams == {}

    asyncio.run(story())


def test_closing_wakes_a_waiting_reader() -> None:
    async def story() -> None:
        live = Live()
        stream = await ready(live)
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        live.close()
        with pytest.raises(StopAsyncIteration):
            await waiting

    asyncio.run(story())


def test_one_more_stream_than_a_person_may_have_ends_the_oldest() -> None:
    async def story() -> None:
        live = Live(most_streams=2)
        streams = [await ready(live) for _ in range(3)]
        live.publish((1,), b"a")
        assert [chunk async for chunk in streams[0]] == []
        assert [await anext(stream) for stream in streams[1:]] == [b"a", b"a"]

    asyncio.run(story())


def test_a_reader_that_is_cancelled_leaves_no_waiter_behind() -> None:
    async def story() -> None:
        live = Live()
        stream = await ready(live)
        waiting = asyncio.ensure_future(anext(stream))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        live.publish((1,), b"a")
        assert await anext(stream) == b"a"

    asyncio.run(story())


def test_a_message_reaches_every_member_as_one_line_of_json(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            pair, anna, bob = await here.pair()
            streams = [await ready(here.live, person) for person in (anna, bob)]
            await here.send(pair, anna, "k", "two\nlines \u2028 \r and event: fake\n\n")
            chunks = [await anext(stream) for stream in streams]
            assert chunks[0] == chunks[1]
            head, data, *rest = chunks[0].split(b"\n")
            assert (head, rest) == (b"event: message", [b"", b""])
            assert b"\r" not in data
            assert msgspec.json.decode(data.removeprefix(b"data: ")) == {
                "conversation": encode(pair),
                "seq": 1,
                "sender": encode(anna),
                "name": "Anna",
                "at": NOW,
                "body": "two\nlines \u2028 \r and event: fake\n\n",
                "card": None,
                "via": None,
                "reply_to": None,
            }

    asyncio.run(story())


def test_a_card_is_sent_as_an_object() -> None:
    known = Known(5, encode(5), "pair", "", 0, {9: Voice("Anna", encode(9))}, frozenset())
    message = Message(5, 1, 9, "Anna", 100, "", '{"title":"Solaris"}', "marquee", 3)
    data = event(message, known).split(b"data: ")[1]
    assert msgspec.json.decode(data)["card"] == {"title": "Solaris"}
    assert msgspec.json.decode(data)["via"] == "marquee"
