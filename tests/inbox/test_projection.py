import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.inbox.conftest import NOW, Opened, Place
from vestibule.inbox import conversations, messages, projection
from vestibule.inbox.conversations import InboxLine
from vestibule.inbox.memory import Ahead, memory_of
from vestibule.store import Store, Tx


async def only_line(here: Place, user_id: int) -> InboxLine:
    (line,) = await conversations.inbox_of(here.store, user_id)
    return line


async def rows_behind(tx: Tx) -> list[tuple[int, int]]:
    found = await tx.all("select last_seq, projected_seq from conversation where projected_seq < last_seq")
    return [(row[0], row[1]) for row in found]


def test_a_person_sees_what_was_sent_before_the_rows_have_followed_and_the_same_after(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            pair, anna, bob = await here.pair()
            assert await conversations.inbox_of(here.store, bob) == ()
            await here.send(pair, anna, "k1", "one")
            newest = await here.send(pair, anna, "k2", "two")
            before = [await only_line(here, person) for person in (anna, bob)]
            await projection.drain(here.store)
            assert memory_of(here.store).ahead == {}
            assert [await only_line(here, person) for person in (anna, bob)] == before
            assert [(line.unread, line.title) for line in before] == [(0, "Bob"), (2, "Anna")]
            assert before[1].newest == newest

    asyncio.run(story())


def test_reading_never_goes_back_nor_beyond_the_newest_message(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            pair, anna, bob = await here.pair()
            for key in "abc":
                await here.send(pair, anna, key)
            for seq, unread in ((2, 1), (1, 1), (99, 0)):
                await conversations.mark_read(here.store, conversation_id=pair, user_id=bob, seq=seq)
                assert (await only_line(here, bob)).unread == unread
            await projection.drain(here.store)
            await here.send(pair, anna, "d")
            assert (await only_line(here, bob)).unread == 1
            assert await conversations.unread_of(here.store, bob) == 1
            assert await conversations.unread_of(here.store, anna) == 0

    asyncio.run(story())


def test_what_is_sent_while_rows_are_written_still_follows(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            pair, anna, bob = await here.pair()

            async def sending() -> None:
                for number in range(200):
                    await here.send(pair, (anna, bob)[number % 2], f"k{number}")

            async def following() -> None:
                for _ in range(100):
                    await projection.drain(here.store)
                    await asyncio.sleep(0)

            await asyncio.gather(sending(), following())
            await projection.drain(here.store)
            assert memory_of(here.store).ahead == {}
            assert (await only_line(here, bob)).last_seq == 200
            assert await here.store.read(rows_behind) == []

    asyncio.run(story())


def test_what_is_noted_while_a_slice_is_written_stays_ahead(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            pair, anna, _ = await here.pair()
            await here.send(pair, anna, "k1")
            memory = memory_of(here.store)
            known = memory.ahead[pair].known
            slice_under_way = asyncio.create_task(projection.drain(here.store))
            await asyncio.sleep(0)
            memory.note(known, seq=2, sent_at=NOW, read={})
            await slice_under_way
            assert memory.ahead[pair].last_seq == 2

    asyncio.run(story())


def test_a_late_repetition_of_an_opening_does_not_set_the_inbox_back(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            pair, anna, bob = await here.pair()
            await here.send(pair, anna, "k1")
            await projection.drain(here.store)
            await projection.line(here.store, {"conversation_id": pair, "users": [bob], "at": NOW + 5})
            line = await only_line(here, bob)
            assert (line.last_seq, line.last_at) == (1, NOW)

    asyncio.run(story())


def test_rows_follow_by_themselves_while_the_server_runs(
    place: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, follow = asyncio.Event(), projection._follow

    async def followed(store: Store, part: list[Ahead]) -> None:
        await follow(store, part)
        done.set()

    async def story() -> None:
        async with place() as here:
            pair, anna, _ = await here.pair()
            await here.send(pair, anna, "k")
            monkeypatch.setattr(projection, "_follow", followed)
            task = asyncio.create_task(projection.run(here.store))
            await asyncio.wait_for(done.wait(), 60)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            assert await here.store.read(rows_behind) == []

    asyncio.run(story())


def test_what_a_crash_left_behind_is_healed_at_the_next_start(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            pair, anna, bob = await here.pair()
            await here.send(pair, anna, "k1")
            await projection.drain(here.store)
            await here.send(pair, bob, "k2")
            await here.send(pair, anna, "k3")
            before = [await only_line(here, person) for person in (anna, bob)]
        async with place() as here:
            assert await here.store.read(rows_behind) == [(3, 1)]
            assert (await only_line(here, bob)).last_seq == 1
            assert await projection.recover_projection(here.store) == 1
            assert await projection.recover_projection(here.store) == 0
            assert await here.store.read(rows_behind) == []
            assert [await only_line(here, person) for person in (anna, bob)] == before

    asyncio.run(story())


def test_recovery_takes_more_conversations_than_one_round_holds(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            _, anna, bob = await here.pair()
            for number in range(205):
                group = await conversations.create_group(
                    here.store, here.outbox, anna, (bob,), str(number), NOW
                )
                await here.send(group, anna, "k")
        async with place() as here:
            assert await projection.recover_projection(here.store) == 205
            lines = await conversations.inbox_of(here.store, bob, limit=200)
            assert {line.last_seq for line in lines} == {1}

    asyncio.run(story())


def test_the_inbox_is_paged_newest_first_without_holes(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            _, anna, bob = await here.pair()
            groups = [
                await conversations.create_group(here.store, here.outbox, anna, (bob,), str(n), NOW)
                for n in range(7)
            ]
            for number, group in enumerate(groups):
                await messages.send(
                    here.store,
                    here.live,
                    conversation_id=group,
                    sender_id=anna,
                    client_key="k",
                    body="x",
                    now=NOW + 10 + number // 2,
                )
            seen: list[InboxLine] = []
            before = None
            while part := await conversations.inbox_of(here.store, bob, before=before, limit=2):
                seen += part
                before = (part[-1].last_at, part[-1].conversation_id)
            assert sorted(line.conversation_id for line in seen) == sorted(groups)
            assert [line.last_at for line in seen] == sorted((line.last_at for line in seen), reverse=True)

    asyncio.run(story())


KILLED = textwrap.dedent("""
    import asyncio, sys
    from pathlib import Path
    from vestibule.inbox import messages, projection
    from vestibule.inbox.live import Live
    from vestibule.store import open_store

    async def main() -> None:
        store, live = await open_store(Path(sys.argv[1])), Live()
        pair, senders = int(sys.argv[2]), [int(argument) for argument in sys.argv[3:5]]
        following = asyncio.create_task(projection.run(store))

        async def sending(sender: int, lane: int) -> None:
            for number in range(1_000_000):
                key = f"{lane}.{number}"
                message = await messages.send(
                    store, live, conversation_id=pair, sender_id=sender, client_key=key, body=key, now=number
                )
                print(sender, key, message.seq, flush=True)

        await asyncio.gather(following, *(sending(sender, lane) for sender in senders for lane in range(8)))

    projection.PAUSE = 0.01
    asyncio.run(main())
""")


def test_after_kill_nine_every_acknowledged_message_is_there_and_the_inbox_catches_up(
    place: Opened, tmp_path: Path
) -> None:
    async def prepare() -> tuple[int, int, int]:
        async with place() as here:
            return await here.pair()

    pair, anna, bob = asyncio.run(prepare())
    command = [sys.executable, "-c", KILLED, str(tmp_path / "data"), str(pair), str(anna), str(bob)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        acknowledged = [process.stdout.readline().split() for _ in range(1500)]
        os.kill(process.pid, signal.SIGKILL)
        acknowledged += [line.split() for line in process.stdout.read().splitlines()]
    complete = [line for line in acknowledged if len(line) == 3]
    assert len(complete) >= 1500

    async def check() -> None:
        async with place() as here:
            await projection.recover_projection(here.store)
            stored: dict[int, messages.Message] = {}
            while part := await messages.page(here.store, pair, after=len(stored), limit=200):
                stored |= {message.seq: message for message in part}
            assert list(stored) == list(range(1, len(stored) + 1))
            for sender, key, seq in complete[:-1]:  # the last line may be cut
                assert (stored[int(seq)].sender_id, stored[int(seq)].body) == (int(sender), key)
            assert (await only_line(here, bob)).last_seq == len(stored)
            assert (await only_line(here, anna)).newest == stored[len(stored)]

    asyncio.run(check())
