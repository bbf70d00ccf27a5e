"""Stopping in order, starting where somebody else is, and what a restart means for signed requests."""

import asyncio
import dataclasses
import itertools
import json
import subprocess
from pathlib import Path

import httpx2

from tests.crash.a_platform import Cast, Person, settle
from tests.crash.a_server import START_SECONDS, STOP_SECONDS, Server, serving
from vestibule.verdict.log_view import read_log
from vestibule.verdict.trust import trust

UNDER_WAY = 12


def rival(data: Path, port: int) -> subprocess.CompletedProcess[str]:
    """Run another server to its end."""
    return subprocess.run(
        serving(data, port), capture_output=True, text=True, timeout=START_SECONDS, check=False
    )


def test_a_second_server_on_the_same_folder_says_who_is_there_and_leaves_it_alone(server: Server) -> None:
    assert server.process is not None
    ended = rival(server.data, 0)
    assert ended.returncode == 1
    assert ended.stderr == f"vestibule: {server.data} is in use by process {server.process.pid}\n"
    assert httpx2.get(f"{server.base}/log/checkpoint").status_code == 200


def test_of_two_processes_on_one_database_the_one_that_loses_the_head_ends(server: Server) -> None:
    """Without the lock file a second gets in; the first then loses the comparison at its next commit."""
    cast = settle(server.base, server.data)
    (server.data / "vestibule.lock").unlink()
    second = Server(server.data)
    try:
        second.start()
        path = f"/v1/conversations/{cast.token.conversations[0]}/messages"
        headers, _ = cast.jukebox.signed("GET", path, bearer=cast.token.access_token)
        answer = httpx2.get(server.base + path, headers=headers, timeout=START_SECONDS)
        assert (answer.status_code, "receipts" in answer.json()) == (503, False)
        assert answer.headers["retry-after"] == "2"
        assert server.process is not None
        assert server.process.wait(START_SECONDS) == 1
        server.process = None
        assert "vestibule: the log has stopped: log crash.test/log: the head is no longer" in (
            server.output.read_text()
        )
        before = read_log(second.fetch, trust(second.fetch("policy"))).size
        other = dataclasses.replace(cast.jukebox, base=second.base)
        answer = asyncio.run(_read_once_allowed(dataclasses.replace(cast, jukebox=other), second.base, path))
        assert [message["body"] for message in answer.json()["messages"]] == ["hello"]
        assert read_log(second.fetch, trust(second.fetch("policy"))).size > before
    finally:
        second.leave()


def test_a_busy_port_is_named(server: Server, tmp_path: Path) -> None:
    ended = rival(tmp_path / "other", server.port)
    assert ended.returncode == 1
    assert ended.stderr == (
        f"vestibule: port {server.port} on 127.0.0.1 cannot be used: Address already in use\n"
    )
    assert not (tmp_path / "other").exists()


def test_requests_signed_before_a_restart_are_refused_after_it(server: Server) -> None:
    cast = settle(server.base, server.data)
    path = f"/v1/conversations/{cast.token.conversations[0]}/messages"
    used, _ = cast.jukebox.signed("GET", path, bearer=cast.token.access_token)
    unused, _ = cast.jukebox.signed("GET", path, bearer=cast.token.access_token)
    assert httpx2.get(server.base + path, headers=used).status_code == 200
    assert httpx2.get(server.base + path, headers=used).status_code == 401
    server.kill()
    server.start()
    before = server.fetch("checkpoint")
    for headers in (used, unused):
        answer = httpx2.get(server.base + path, headers=headers)
        assert answer.status_code == 401
        assert "created: expected at or after this server's start" in answer.json()["detail"]
        assert "receipts" not in answer.json()
    assert server.fetch("checkpoint") == before


def test_a_restart_in_between_does_not_end_sessions_and_connections(server: Server) -> None:
    cast = settle(server.base, server.data)
    assert server.terminate() == 0
    server.start()
    assert cast.people["ana"].get("/inbox").status_code == 200
    path = f"/v1/conversations/{cast.token.conversations[0]}/messages"
    answer = asyncio.run(_read_once_allowed(cast, server.base, path))
    assert [message["body"] for message in answer.json()["messages"]] == ["hello"]


async def _read_once_allowed(cast: Cast, base: str, path: str) -> httpx2.Response:
    """Sign again until the second in which the platform started is over."""
    async with asyncio.timeout(START_SECONDS), httpx2.AsyncClient(base_url=base) as client:
        while True:
            headers, _ = cast.jukebox.signed("GET", path, bearer=cast.token.access_token)
            answer = await client.get(path, headers=headers)
            if answer.status_code != 401:
                return answer


def test_sigterm_under_load_answers_what_is_under_way_and_loses_nothing(server: Server) -> None:
    acknowledged = asyncio.run(
        asyncio.wait_for(_stop_under_load(server, settle(server.base, server.data)), START_SECONDS)
    )
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
