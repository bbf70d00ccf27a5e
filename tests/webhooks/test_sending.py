"""How webhooks are sent, and what follows from each answer."""

import asyncio
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from tests.reaching.a_far_end import drips, far_end, hangs, hangs_up, says, status
from tests.webhooks.a_sender import NOW, SECOND, SHORT, Sender, ids_of, sender, until
from vestibule.store import Store
from vestibule.webhooks import endpoints, pace, signing, tries, waiting
from vestibule.webhooks.sending import LIMITS
from vestibule.webhooks.topics import Topic
from vestibule.webhooks.waiting import spelled

Run = Callable[[Awaitable[object]], object]
DAY = 86_400 * SECOND


def test_what_is_due_is_sent_once_and_logged(run: Run, store: Store, tmp_path: Path) -> None:
    async def story() -> None:
        async with far_end(status(200, body=b"thanks\x1b[31m")) as end, sender(store, tmp_path) as here:
            await here.configure("jukebox", end.url)
            webhook_id = await here.tell("jukebox", '{"type":"message.created"}')
            line = await here.tried("jukebox", 1)
            assert end.bodies == [b'{"type":"message.created"}']
            assert (line.webhook.webhook_id, line.webhook.state) == (webhook_id, "accepted")
            assert (line.tries[0].status, line.tries[0].answer) == (200, "thanks [31m")
            await here.passes(DAY)
            await here.tell("jukebox")
            await until(lambda: len(end.bodies) == 2)

    run(story())


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (hangs, "no whole answer within 0.3 s"),
        (drips, "no whole answer within 0.3 s"),
        (hangs_up, "Server disconnected"),
        (says(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "illegal status line"),
        (status(302, "location: http://127.0.0.1:9/elsewhere"), ""),
        (status(500, body=b"oops"), "oops"),
        (status(404), ""),
    ],
)
def test_a_try_that_fails_is_logged_and_followed_by_another(
    run: Run, store: Store, tmp_path: Path, reply: Any, told: str
) -> None:
    async def story() -> None:
        limits = SHORT if reply in (hangs, drips) else LIMITS
        async with far_end(reply) as end:
            async with sender(store, tmp_path, limits) as here:
                await here.configure("jukebox", end.url)
                await here.tell("jukebox")
                line = await here.tried("jukebox", 1)
                now = here.now
            assert line.webhook.state == "due"
            assert told in line.tries[0].answer
            end.reply = status(204)
            async with sender(store, tmp_path) as again:
                again.now = now + 10 * SECOND
                line = await again.tried("jukebox", 2)
            assert [one.accepted for one in line.tries] == [False, True]
            assert line.webhook.state == "accepted"
            assert len(set(ids_of(end))) == 1

    run(story())


def test_an_endpoint_that_hangs_delays_no_other(run: Run, store: Store, tmp_path: Path) -> None:
    async def story() -> None:
        async with (
            far_end(hangs) as dead,
            far_end(status(204)) as end,
            sender(store, tmp_path) as here,
        ):
            await here.configure("echo", dead.url)
            await here.configure("jukebox", end.url)
            for _ in range(3):
                await here.tell("echo")
            await until(lambda: dead.heads)
            for _ in range(20):
                await here.tell("jukebox")
            await until(lambda: len(end.bodies) == 20)
            assert len(dead.heads) == 1

    run(story())


def test_an_endpoint_gets_one_at_a_time_in_the_order_of_what_happened(
    run: Run, store: Store, tmp_path: Path
) -> None:
    at_once, most = 0, 0

    async def slow(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0)
        at_once -= 1
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    async def story() -> None:
        async with far_end(slow) as end, sender(store, tmp_path) as here:
            await here.configure("jukebox", end.url)
            told = [spelled(await here.tell("jukebox")) for _ in range(30)]
            await until(lambda: len(end.bodies) == 30)
            assert ids_of(end) == told
            assert most == 1
            assert end.connections == 1

    run(story())


def test_one_that_is_never_accepted_keeps_the_others_waiting_for_seconds_only(
    run: Run, store: Store, tmp_path: Path
) -> None:
    async def picky(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        refused = picky_end[0].bodies[-1] == b"poison"
        await status(500 if refused else 204)(reader, writer)

    picky_end: list[Any] = []

    async def story() -> None:
        async with far_end(picky) as end, sender(store, tmp_path) as here:
            picky_end.append(end)
            await here.configure("jukebox", end.url)
            await here.tell("jukebox", "poison")
            await here.tried("jukebox", 1)
            await here.tell("jukebox", "fine")
            await here.passes(6 * SECOND)
            await until(lambda: b"fine" in end.bodies)

    run(story())


def test_retry_after_is_waited_for(run: Run, store: Store, tmp_path: Path) -> None:
    async def story() -> None:
        async with far_end(status(503, "retry-after: 3600")) as end, sender(store, tmp_path) as here:
            await here.configure("jukebox", end.url)
            await here.tell("jukebox")
            line = await here.tried("jukebox", 1)
            assert line.webhook.due_at - line.tries[0].tried_at == 3600 * SECOND
            endpoint = await here.endpoint("jukebox")
            assert endpoint.paused_until - line.tries[0].tried_at == 3600 * SECOND

    run(story())


def test_410_disables_the_endpoint_until_it_is_configured_again(
    run: Run, store: Store, tmp_path: Path
) -> None:
    async def story() -> None:
        async with far_end(status(410)) as end, sender(store, tmp_path) as here:
            await here.configure("jukebox", end.url)
            await here.tell("jukebox")
            line = await here.tried("jukebox", 1)
            assert line.webhook.state == "given up"
            assert (await here.endpoint("jukebox")).disabled == "answered 410 Gone"
            await here.tell("jukebox")
            await here.passes(DAY)
            end.reply = status(204)
            await here.configure("jukebox", end.url)
            await until(lambda: len(end.bodies) == 2)

    run(story())


def test_after_days_of_nothing_the_endpoint_is_disabled(run: Run, store: Store, tmp_path: Path) -> None:
    async def story() -> None:
        async with far_end(status(500)) as end, sender(store, tmp_path) as here:
            await here.configure("jukebox", end.url)
            await here.tell("jukebox")
            for number in range(1, len(pace.AGAIN) + 2):
                await here.tried("jukebox", number)
                await here.passes(2 * DAY)
            [line] = await here.log("jukebox")
            assert line.webhook.state == "given up"
            assert (await here.endpoint("jukebox")).disabled == "accepted nothing for days"
            assert len(end.bodies) == len(pace.AGAIN) + 1

    run(story())


def test_what_was_given_up_can_be_sent_once_more_under_its_id(run: Run, store: Store, tmp_path: Path) -> None:
    async def story() -> None:
        async with far_end(status(410)) as end, sender(store, tmp_path) as here:
            await here.configure("jukebox", end.url)
            webhook_id = await here.tell("jukebox")
            await here.tried("jukebox", 1)
            end.reply = status(204)
            await here.configure("jukebox", end.url)
            assert not await waiting.replay(store, "echo", webhook_id, here.now)
            assert not await waiting.replay(store, "jukebox", webhook_id + 1, here.now)
            assert await waiting.replay(store, "jukebox", webhook_id, here.now)
            line = await here.tried("jukebox", 2)
            assert line.webhook.state == "accepted"
            assert len(set(ids_of(end))) == 1

    run(story())


def test_what_may_not_be_told_any_more_is_not(run: Run, store: Store, tmp_path: Path) -> None:
    async def story() -> None:
        async with far_end(status(204)) as end, sender(store, tmp_path) as here:
            await here.configure("jukebox", end.url)
            here.allowed = False
            webhook_id = await here.tell("jukebox")
            await until(lambda: dropped(here))
            assert end.bodies == []
            assert not await waiting.replay(store, "jukebox", webhook_id, here.now)

    run(story())


async def dropped(here: Sender) -> bool:
    rows = await here.store.read(lambda tx: tx.all("select state from webhook"))
    return [row[0] for row in rows] == ["dropped"]


def test_an_endpoint_that_is_removed_gets_nothing_of_what_waited(
    run: Run, store: Store, tmp_path: Path
) -> None:
    async def story() -> None:
        async with far_end(status(500)) as end, sender(store, tmp_path) as here:
            await here.configure("jukebox", end.url)
            await here.tell("jukebox")
            await here.tried("jukebox", 1)
            assert await endpoints.remove(store, "jukebox")
            assert not await endpoints.remove(store, "jukebox")
            assert await dropped(here)

    run(story())


def test_a_sender_that_starts_again_sends_what_an_earlier_one_left(
    run: Run, store: Store, tmp_path: Path
) -> None:
    async def story() -> None:
        async with far_end(hangs) as end:
            async with sender(store, tmp_path) as here:
                await here.configure("jukebox", end.url)
                await here.tell("jukebox")
                await until(lambda: end.heads)
            end.reply = status(204)
            async with sender(store, tmp_path) as again:
                again.now = here.now
                await again.tried("jukebox", 1)
            assert len(set(ids_of(end))) == 1

    run(story())


def test_a_name_that_becomes_private_is_not_sent_to(run: Run, store: Store, tmp_path: Path) -> None:
    """The endpoint was configured while its name was public; what it stands for is looked at each time."""

    async def story() -> None:
        async with sender(store, tmp_path) as here:
            await endpoints.configure(
                store,
                "jukebox",
                url="https://localhost.localdomain/hook",
                topics=("message.created",),
                loopback=False,
                now=NOW,
            )
            here.sending.reaching._loopback = False
            here.sending.reaching._resolve = private
            await here.tell("jukebox")
            line = await here.tried("jukebox", 1)
            assert (line.tries[0].status, line.webhook.state) == (0, "due")
            assert "expected public addresses only, got 10.0.0.1" in line.tries[0].answer

    run(story())


async def private(_: str, __: int) -> list[Any]:
    return [ip_address("10.0.0.1")]


def test_the_delivery_log_is_kept_for_thirty_days(run: Run, store: Store, tmp_path: Path) -> None:
    async def story() -> None:
        async with far_end(status(204)) as end, sender(store, tmp_path) as here:
            await here.configure("jukebox", end.url)
            await here.tell("jukebox")
            await here.tried("jukebox", 1)
            assert await tries.forget_expired(store, here.now + 29 * DAY) == 0
            assert await tries.forget_expired(store, here.now + 31 * DAY) == 2
            assert await here.log("jukebox") == ()

    run(story())


def test_after_a_rotation_both_keys_sign_for_a_week(run: Run, store: Store, tmp_path: Path) -> None:
    async def story() -> None:
        async with far_end(status(204)) as end, sender(store, tmp_path) as here:
            await here.configure("jukebox", end.url)
            here.sending.keys.rotate(NOW // SECOND + 60)
            here.now += 120 * SECOND
            await here.tell("jukebox")
            await here.tried("jukebox", 1)
            here.now += signing.OVERLAP * SECOND
            await here.tell("jukebox")
            await until(lambda: len(end.heads) == 2)
            assert [head.count("v1a,") for head in end.heads] == [2, 1]

    run(story())


def test_the_same_thing_is_noted_once(run: Run, store: Store) -> None:
    async def story() -> None:
        for _ in range(2):
            await waiting.note(
                store,
                Topic.MESSAGE_CREATED,
                partner_id="jukebox",
                user_id=1,
                connection_id=2,
                place=3,
                number=4,
                now=NOW,
            )
        assert len(await waiting.noted(store, "jukebox", 10)) == 1

    run(story())
