"""Stopping in order, starting where somebody else is, and what a restart means for signed requests."""

import asyncio
import dataclasses
import itertools
import json
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from tests.crash.a_platform import Cast, Person, settle
from tests.crash.a_server import START_SECONDS, STOP_SECONDS, Server, serving
from vestibule.verdict.log_view import read_log
from vestibule.verdict.trust import trust

UNDER_WAY = 12


@dataclass(frozen=True, slots=True)
class House:
    """A platform, and who takes part."""

    server: Server
    cast: Cast


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Settle one platform for all tests here; each may stop it."""
    server = Server(tmp_path_factory.mktemp("stopping") / "data")
    try:
        server.start()
        yield House(server, settle(server.base, server.data))
    finally:
        server.leave()


@pytest.fixture
def house(settled: House) -> House:
    """Give the platform, started again if a test has stopped it."""
    if settled.server.process is None:
        settled.server.start()
    return settled


def rival(data: Path, port: int) -> subprocess.CompletedProcess[str]:
    """Run another server to its end."""
    return subprocess.run(
        serving(data, port), capture_output=True, text=True, timeout=START_SECONDS, check=False
    )


def read(cast: Cast, base: str) -> httpx2.Response:
    """Read ana's and bob's conversation; sign again until the platform's first second is over."""
    deadline = time.monotonic() + START_SECONDS
    path = f"/v1/conversations/{cast.token.conversations[0]}/messages"
    partner = dataclasses.replace(cast.jukebox, base=base)
    while True:
        headers, _ = partner.signed("GET", path, bearer=cast.token.access_token)
        answer = httpx2.get(base + path, headers=headers, timeout=START_SECONDS)
        partner.heard(answer)
        if answer.status_code != 401 or time.monotonic() > deadline:
            return answer


def first_of(answer: httpx2.Response) -> str:
    """Return the body of the oldest message in an answer."""
    assert answer.status_code == 200, answer.text
    body: str = answer.json()["messages"][0]["body"]
    return body


def test_a_second_server_on_the_same_folder_says_who_is_there_and_leaves_it_alone(house: House) -> None:
    server = house.server
    assert server.process is not None
    ended = rival(server.data, 0)
    assert ended.returncode == 1
    assert ended.stderr == f"vestibule: {server.data} is in use by process {server.process.pid}\n"
    assert httpx2.get(f"{server.base}/log/checkpoint", timeout=START_SECONDS).status_code == 200


def test_of_two_processes_on_one_database_the_one_that_loses_the_head_ends(house: House) -> None:
    """Without the lock file a second gets in; the first then loses the comparison at its next commit."""
    server = house.server
    (server.data / "vestibule.lock").unlink()
    second = Server(server.data)
    try:
        second.start()
        answer = read(house.cast, server.base)
        assert (answer.status_code, "receipts" in answer.json()) == (503, False)
        assert answer.headers["retry-after"] == "2"
        assert server.process is not None
        assert server.process.wait(START_SECONDS) == 1
        server.process = None
        assert "vestibule: the log has stopped: log crash.test/log: the head is no longer" in (
            server.output.read_text()
        )
        before = read_log(second.fetch, trust(second.fetch("policy"))).size
        assert first_of(read(house.cast, second.base)) == "hello"
        assert read_log(second.fetch, trust(second.fetch("policy"))).size > before
    finally:
        second.leave()


def test_a_busy_port_is_named(house: House, tmp_path: Path) -> None:
    ended = rival(tmp_path / "other", house.server.port)
    assert ended.returncode == 1
    assert ended.stderr == (
        f"vestibule: port {house.server.port} on 127.0.0.1 cannot be used: Address already in use\n"
    )
    assert not (tmp_path / "other").exists()


def test_requests_signed_before_a_restart_are_refused_after_it(house: House) -> None:
    server, cast = house.server, house.cast
    path = f"/v1/conversations/{cast.token.conversations[0]}/messages"
    used = dict(read(cast, server.base).request.headers)
    unused, _ = cast.jukebox.signed("GET", path, bearer=cast.token.access_token)
    assert httpx2.get(server.base + path, headers=used, timeout=START_SECONDS).status_code == 401
    server.kill()
    server.start()
    before = server.fetch("checkpoint")
    for headers in (used, unused):
        answer = httpx2.get(server.base + path, headers=headers, timeout=START_SECONDS)
        assert answer.status_code == 401
        assert "created: expected at or after this server's start" in answer.json()["detail"]
        assert "receipts" not in answer.json()
    assert server.fetch("checkpoint") == before


def test_a_request_dated_ahead_is_not_taken_again_after_a_restart(house: House) -> None:
    server, cast = house.server, house.cast
    body = json.dumps({"person": "A" * 32, "suspended": True}).encode()
    path = f"{server.base}/v1/suspensions"
    used, _ = cast.marquee.signed("POST", "/v1/suspensions", body, ahead=50)
    first = httpx2.post(path, content=body, headers=used, timeout=START_SECONDS)
    server.kill()
    server.start()
    again = httpx2.post(path, content=body, headers=used, timeout=START_SECONDS)

    assert first.status_code != 401, first.text
    assert again.status_code == 401
    assert "created: expected at or after" in again.json()["detail"]


def test_a_restart_in_between_does_not_end_sessions_and_connections(house: House) -> None:
    server, cast = house.server, house.cast
    assert server.terminate() == 0
    server.start()
    assert cast.people["ana"].get("/inbox").status_code == 200
    assert first_of(read(cast, server.base)) == "hello"


def test_sigterm_under_load_answers_what_is_under_way_and_loses_nothing(house: House) -> None:
    server = house.server
    acknowledged = asyncio.run(asyncio.wait_for(_stop_under_load(server, house.cast), START_SECONDS))
    server.start()
    person, talk = acknowledged.person, acknowledged.talk
    for seq, body in acknowledged.said:
        page = person.get(f"/c/{talk}/newer?after={seq - 1}").text
        assert f'<p class="said">{body}</p>' in page.partition("</li>")[0]


class Acknowledged:
    """What one person was told about her messages."""

    def __init__(self, person: Person, talk: str) -> None:
        self.person = person
        self.talk = talk
        self.said: list[tuple[int, str]] = []

    @property
    def path(self) -> str:
        return f"/api/conversations/{self.talk}/messages"


async def _stop_under_load(server: Server, cast: Cast) -> Acknowledged:
    """Stop the platform while messages are half sent, streams are open and others keep sending."""
    acknowledged = Acknowledged(cast.people["ana"], cast.talks["ana", "bob"])
    busy = asyncio.Event()
    loud = [asyncio.create_task(_keep_sending(acknowledged, server.base, n, busy)) for n in range(4)]
    stream = await _open(
        server, f"GET /api/events HTTP/1.1\r\nhost: x\r\ncookie: {cast.people['bob'].cookie}"
    )
    assert b"200" in await stream[0].readline()
    half_sent = [await _half_sent(server, acknowledged, f"under-way-{n}") for n in range(UNDER_WAY)]
    await busy.wait()
    assert server.process is not None
    server.process.terminate()
    await asyncio.gather(*loud)  # each ends when the platform takes no more requests
    for body, reader, writer in half_sent:
        writer.write(json.dumps({"body": body, "key": body}).encode())
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 201"), head
        acknowledged.said.append((json.loads(await reader.read())["seq"], body))
        writer.close()
    assert (await stream[0].read()).endswith(b"0\r\n\r\n")
    stream[1].close()
    assert await asyncio.to_thread(server.process.wait, STOP_SECONDS) == 0, server.output.read_text()
    assert "graceful shutdown exceeded" not in server.output.read_text()
    server.process = None
    return acknowledged


async def _keep_sending(acknowledged: Acknowledged, base: str, number: int, busy: asyncio.Event) -> None:
    async with httpx2.AsyncClient(base_url=base, headers={"cookie": acknowledged.person.cookie}) as client:
        for count in itertools.count():
            body = f"loud-{number}-{count}-"
            try:
                answer = await client.post(acknowledged.path, json={"body": body, "key": body})
            except httpx2.TransportError:
                return
            assert answer.status_code == 201, answer.text
            acknowledged.said.append((answer.json()["seq"], body))
            busy.set()


Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _open(server: Server, head: str) -> Connection:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(f"{head}\r\n\r\n".encode())
    return reader, writer


async def _half_sent(
    server: Server, acknowledged: Acknowledged, body: str
) -> tuple[str, asyncio.StreamReader, asyncio.StreamWriter]:
    """Send a message's head; the platform says 100 when it waits for the rest, so it is surely under way."""
    length = len(json.dumps({"body": body, "key": body}))
    reader, writer = await _open(
        server,
        f"POST {acknowledged.path} HTTP/1.1\r\nhost: x\r\ncookie: {acknowledged.person.cookie}\r\n"
        f"content-type: application/json\r\ncontent-length: {length}\r\nexpect: 100-continue",
    )
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    return body, reader, writer
