"""A platform in its sandbox, and partners' endpoints on loopback that answer as they are told."""

import asyncio
import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.gate.a_platform import Connected, World, opened
from tests.reaching.a_far_end import FarEnd, Reply, status
from vestibule.inbox import projection
from vestibule.webhooks import signals

PATIENCE = 60


@contextmanager
def sandbox(data: Path, **settings: Any) -> Iterator[World]:
    """Open a platform that sends webhooks to this machine."""
    with opened(data, sandbox=True, **settings) as world:
        assert world.allow("marquee", scope="recommendations.receive").status_code == 201
        yield world


class Endpoint:
    """A partner's endpoint, configured, and what it was sent."""

    def __init__(self, world: World, partner: str = "jukebox", *topics: str) -> None:
        self.world = world
        self.partner = partner
        self.end = FarEnd(status(204))
        self.server = world.run(self._listen())
        self.earlier: set[str] = set()
        self.earlier = {one["id"] for one in self.log()}
        self.configure(*topics)

    async def _listen(self) -> asyncio.Server:
        server = await asyncio.start_server(self.end.serve, "127.0.0.1", 0)
        self.end.port = server.sockets[0].getsockname()[1]
        return server

    def configure(self, *topics: str) -> httpx2.Response:
        every = ("message.created", "recommendation.received", "connection.changed")
        body = json.dumps({"url": self.end.url, "topics": topics or every})
        answer = self.world.signed(self.partner, "PUT", "/v1/webhooks", body.encode())
        assert answer.status_code == 200, answer.text
        return answer

    def answers(self, reply: Reply) -> None:
        self.end.reply = reply

    @property
    def sent(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.end.bodies]

    @property
    def ids(self) -> list[str]:
        return [headers_of(head)["webhook-id"] for head in self.end.heads]

    def data(self, topic: str) -> list[dict[str, str]]:
        return [said["data"] for said in self.sent if said["type"] == topic]

    def wait(self, count: int) -> list[dict[str, Any]]:
        """Wait until so many requests have arrived, and the platform has written down what came of them."""
        until(self.world, lambda: len(self.end.bodies) >= count)
        return self.sent

    def log(self) -> list[dict[str, Any]]:
        answer = self.world.signed(self.partner, "GET", "/v1/webhooks/deliveries")
        assert answer.status_code == 200, answer.text
        return [one for one in answer.json()["deliveries"] if one["id"] not in self.earlier]

    def logged(self, done: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        """Wait until the delivery log is so."""
        until(self.world, lambda: done(self.log()))
        return self.log()

    def close(self) -> None:
        """Let nothing of this endpoint's go on."""
        settle(self.world)
        self.server.close()
        self.world.signed(self.partner, "DELETE", "/v1/webhooks")


def headers_of(head: str) -> dict[str, str]:
    lines = [line.partition(": ") for line in head.split("\r\n")[1:] if line]
    return {name.lower(): value for name, _, value in lines}


def until(world: World, done: Callable[[], bool]) -> None:
    """Let the platform's tasks go on until something is so."""
    loop = world.runner.get_loop()
    end = loop.time() + PATIENCE
    while not done():
        assert loop.time() < end, "it has not come to be"
        world.run(_turn())


async def _turn() -> None:
    await asyncio.sleep(0.005)


def follow(world: World) -> None:
    """Let the inbox rows follow now, and with them what heeds new messages."""
    world.run(projection.drain(world.store))


def connected_pair(world: World, who: str = "ana", *others: str) -> tuple[int, Connected]:
    """Begin a conversation, and connect its first member with Jukebox for what is said from now on."""
    conversation = world.conversation(who, *(others or ("bob",)))
    follow(world)
    return conversation, world.connect(who, conversation)


def settle(world: World) -> None:
    """Let the platform do what it has to do, as far as it can tell that there is something."""
    follow(world)
    waiting = "select count(*) from webhook where state = 'noted' or (state = 'due' and tries = 0)"
    until(world, lambda: world.run(world.store.read(lambda tx: tx.one(waiting))) == (0,))


def later(world: World, microseconds: int) -> None:
    """Let time pass, and the platform notice."""
    world.now += microseconds
    signals.of(world.store).due.set()


def verified(keys: list[str], head: str, body: bytes) -> bool:
    """Verify a webhook as Standard Webhooks says, with another library than the platform's."""
    fields = headers_of(head)
    signed = f"{fields['webhook-id']}.{fields['webhook-timestamp']}.".encode() + body
    signatures = [part.partition(",") for part in fields["webhook-signature"].split(" ")]
    return any(
        _is_valid(key, signed, base64.b64decode(signature))
        for version, _, signature in signatures
        if version == "v1a"
        for key in keys
    )


def _is_valid(key: str, message: bytes, signature: bytes) -> bool:
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key.removeprefix("whpk_")))
    try:
        public.verify(signature, message)
    except InvalidSignature:
        return False
    return True
