"""kill -9 under load: what was acknowledged is there afterwards, once; every receipt verifies."""

import asyncio
import random
import threading
from collections.abc import Callable

import pytest

from tests.crash.a_crowd import Crowd
from tests.crash.a_load import Heard, Line
from tests.crash.a_platform import settle
from tests.crash.a_server import Server
from tests.crash.a_witness import WitnessProcess
from tests.crash.an_audit import Audit
from vestibule.verdict.trust import trust

SEED = 20_261_123


KINDS: tuple[tuple[Callable[[Heard], int], int], ...] = (
    (lambda heard: heard.answers, 300),
    (lambda heard: len(heard.said), 200),
    (lambda heard: len(heard.recommended), 10),
    (lambda heard: heard.reads, 20),
)
"""What a life is counted in, and at most how many of it a life has."""


async def a_life_ends(line: Line, dice: random.Random) -> None:
    """Wait for the moment of death: after some answers of one kind, and then any time within a few more."""
    kind, most = dice.choice(KINDS)
    last = kind(line.heard) + dice.randint(1, most)
    await line.until(lambda heard: kind(heard) >= last)
    await asyncio.sleep(dice.uniform(0, 0.02))  # this is the random moment itself; nothing is waited for


def restart(server: Server, dice: random.Random) -> None:
    """Start again; every third time the first attempt is itself killed on the way up."""
    if dice.random() < 1 / 3:
        server.spawn()
        threading.Event().wait(dice.uniform(0, 0.6))  # the random moment, as above
        server.kill()
    server.start()


async def survive(server: Server, *, kills: int, witness: WitnessProcess | None = None) -> None:
    dice = random.Random(SEED)  # noqa: S311  (a moment that can be repeated, no secret)
    trusted = trust(server.fetch("policy"))
    cast = settle(server.base, server.data)
    line, audit = Line(server.base), Audit(cast, trusted)
    crowd = Crowd(cast, trusted, line)
    async with asyncio.TaskGroup() as group:
        for work in crowd.work():
            group.create_task(work)
        for _ in range(kills):
            line.resume()
            await a_life_ends(line, dice)
            server.kill()
            line.pause()
            if witness is not None and dice.random() < 1 / 3:
                witness.kill()
                witness.start()
            restart(server, dice)
            audit.after_restart(server, line.heard)
        line.resume()
        crowd.finish()
    await line.close()
    view = audit.at_the_end(server, line.heard)
    assert server.terminate() == 0
    audit.of_the_files(server.data, view)
    heard = line.heard
    assert min(heard.unanswered, heard.reads, len(heard.said), len(heard.recommended)) >= kills


def test_every_receipt_and_every_acknowledged_message_survives_kill_9(server: Server) -> None:
    asyncio.run(survive(server, kills=6))


@pytest.mark.slow
def test_two_hundred_kills_lose_nothing_while_releases_wait_for_a_witness(
    witnessed_server: Server, witness: WitnessProcess
) -> None:
    """Receipts are checked by the served policy, which asks for the witness's cosignature on each."""
    assert "\n# mode synchronous\n" in witnessed_server.fetch("policy").decode()
    asyncio.run(survive(witnessed_server, kills=200, witness=witness))
