"""kill -9 between a message and the webhook that tells of it: each is told of, and is one event."""

import asyncio
import json
import sqlite3
from pathlib import Path

import httpx2
import pytest

from tests.crash.a_platform import Cast, settle
from tests.crash.a_server import Server
from tests.reaching.a_far_end import FarEnd, far_end, hangs, status
from tests.webhooks.a_partner import headers_of
from tests.webhooks.a_sender import until

EACH = 5


def configure(cast: Cast, url: str) -> None:
    body = json.dumps({"url": url, "topics": ["message.created"]}).encode()
    headers, _ = cast.jukebox.signed("PUT", "/v1/webhooks", body)
    answer = httpx2.put(cast.jukebox.base + "/v1/webhooks", content=body, headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text


def says(cast: Cast, name: str) -> None:
    ana, conversation = cast.people["ana"], cast.talks["ana", "bob"]
    for number in range(EACH):
        answer = httpx2.post(
            f"{ana.base}/api/conversations/{conversation}/messages",
            json={"body": f"{name} {number}", "key": f"{name.replace(' ', '-')}-{number}"},
            headers={"cookie": ana.cookie},
            timeout=30,
        )
        assert answer.status_code == 201, answer.text


def told(end: FarEnd) -> dict[str, str]:
    """Return by `webhook-id` which message was told of."""
    ids = [headers_of(head)["webhook-id"] for head in end.heads]
    return dict(zip(ids, [json.loads(body)["data"]["id"] for body in end.bodies], strict=True))


def notified(data: Path) -> int:
    with sqlite3.connect(data / "vestibule.db") as store:
        leaves = store.execute("select leaf from entry").fetchall()
    store.close()
    return sum(b'"k":"notify"' in bytes(leaf) for (leaf,) in leaves)


async def survive(server: Server) -> None:
    cast = await asyncio.to_thread(settle, server.base, server.data)
    async with far_end(hangs) as end:
        await asyncio.to_thread(configure, cast, end.url)
        await asyncio.to_thread(says, cast, "not noted yet")
        server.kill()
        await asyncio.to_thread(server.start)
        await until(lambda: end.heads)
        # In the middle of a try, with the others waiting behind it.
        await asyncio.to_thread(says, cast, "noted")
        server.kill()
        end.reply = status(204)
        await asyncio.to_thread(server.start)
        await until(lambda: len(set(told(end).values())) == 2 * EACH)
    assert server.terminate() == 0
    assert len(told(end)) == 2 * EACH
    assert notified(server.data) == 2 * EACH


@pytest.mark.slow
def test_webhooks_survive_kill_9(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", options=("--sandbox",))
    try:
        server.start()
        asyncio.run(survive(server))
    finally:
        server.leave()
