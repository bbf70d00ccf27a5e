"""The two hot routes: a message in, once; her live events out, until she goes away."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.gate.a_platform import HOME, ORIGIN, World, opened
from vestibule.inbox import messages
from vestibule.store.ids import encode
from vestibule.web.hot import LARGEST_BODY, conversation_of


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("platform")) as platform:
        yield platform


@pytest.fixture
def group(world: World) -> int:
    return world.conversation("ana", "bob")


def path_of(conversation: int) -> str:
    return f"/api/conversations/{encode(conversation)}/messages"


def send(world: World, conversation: int, who: str | None = "ana", **more: Any) -> httpx2.Response:
    client = world.nobody if who is None else world.people[who].client
    given = more or {"json": {"body": "hello", "key": f"k{next(world.numbers)}"}}
    answer: httpx2.Response = world.run(client.post(path_of(conversation), **given))
    return answer


def bodies(world: World, conversation: int) -> list[str]:
    page = world.run(messages.page(world.store, conversation, limit=200))
    return [message.body for message in page]


def test_a_message_is_stored_and_answered_with_its_number(world: World, group: int) -> None:
    answer = send(world, group, json={"body": "grüße 🎵", "key": "k-greeting"})

    assert answer.status_code == 201
    assert set(answer.json()) == {"seq", "sent_at"}
    assert answer.headers["cache-control"] == "no-store"
    stored = world.run(messages.page(world.store, group, limit=200))[-1]
    assert (stored.body, stored.seq, stored.sent_at) == (
        "grüße 🎵",
        answer.json()["seq"],
        answer.json()["sent_at"],
    )


def test_a_reply_stands_with_what_it_replies_to(world: World, group: int) -> None:
    first = send(world, group).json()["seq"]

    answer = send(world, group, "bob", json={"body": "yes", "key": "k-reply", "reply_to": first})

    assert answer.status_code == 201
    stored = world.run(messages.page(world.store, group, limit=200))[-1]
    assert (stored.body, stored.reply_to, stored.answers_via) == ("yes", first, None)


@pytest.mark.parametrize("number", [0, -1, 99, 1 << 62, 1 << 64])
def test_a_reply_to_no_message_is_not_sent(world: World, group: int, number: int) -> None:
    before = bodies(world, group)

    answer = send(world, group, json={"body": "yes", "key": f"k-none-{number}", "reply_to": number})

    assert answer.status_code in {400, 422}
    assert answer.headers["content-type"] == "application/problem+json"
    assert bodies(world, group) == before


def test_the_same_key_with_another_reply_is_refused(world: World, group: int) -> None:
    send(world, group, json={"body": "yes", "key": "k-other-reply"})

    answer = send(world, group, json={"body": "yes", "key": "k-other-reply", "reply_to": 1})

    assert answer.status_code == 409


def test_the_same_key_again_gets_the_same_answer_and_one_message_stands(world: World, group: int) -> None:
    before = len(bodies(world, group))
    same = {"body": "once", "key": "k-once"}

    answers = [send(world, group, json=same) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.content for answer in answers}) == 1
    assert len(bodies(world, group)) == before + 1


def test_the_same_key_at_the_same_time_is_one_message_too(world: World, group: int) -> None:
    before = len(bodies(world, group))
    client = world.people["ana"].client

    async def together() -> list[httpx2.Response]:
        json = {"body": "at once", "key": "k-together"}
        return list(await asyncio.gather(*(client.post(path_of(group), json=json) for _ in range(8))))

    answers = world.run(together())

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len(bodies(world, group)) == before + 1


def test_a_key_used_for_other_words_is_a_conflict(world: World, group: int) -> None:
    send(world, group, json={"body": "one", "key": "k-reused"})
    before = bodies(world, group)

    answer = send(world, group, json={"body": "other", "key": "k-reused"})

    assert answer.status_code == 409
    assert bodies(world, group) == before


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[]", 400),
        (b'{"body":"x"}', 400),
        (b'{"body":"x","key":"k","more":1}', 400),
        (b'{"body":1,"key":"k"}', 400),
        (b'{"body":"\xff\xfe","key":"k"}', 400),
        (b'{"body":"\\ud800","key":"k"}', 400),
        (b'{"body":"x","key":"k"} trailing', 400),
        (b'{"body":"","key":"k"}', 422),
        (b'{"body":"x","key":""}', 422),
        (b'{"body":"' + b"x" * LARGEST_BODY + b'","key":"k"}', 413),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_body_that_is_not_as_expected_says_so_and_stores_nothing(
    world: World, group: int, content: bytes, status: int
) -> None:
    before = bodies(world, group)

    answer = send(world, group, content=content)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert (told["status"], set(told)) == (status, {"type", "title", "status", "detail"})
    assert bodies(world, group) == before


def test_the_limit_is_on_what_arrives_not_on_what_was_announced(world: World, group: int) -> None:
    async def endless() -> Any:
        while True:
            yield b"x" * 10_000

    answer = send(world, group, content=endless())

    assert answer.status_code == 413


@pytest.mark.parametrize("cookie", [None, "session=made-up", "session=", 'session="', "other=1; session=x"])
def test_nobody_in_particular_cannot_write(world: World, group: int, cookie: str | None) -> None:
    before = bodies(world, group)
    headers = {} if cookie is None else {"cookie": cookie}

    answer = send(world, group, None, json={"body": "x", "key": "k"}, headers=headers)

    assert answer.status_code == 401
    assert bodies(world, group) == before


def test_a_session_is_found_among_other_cookies(world: World, group: int) -> None:
    session = world.people["ana"].client.cookies["session"]
    headers = {"cookie": f"theme=dark; session={session}"}

    answer = send(world, group, None, json={"body": "x", "key": "k-cookies"}, headers=headers)

    assert answer.status_code == 201


def test_someone_elses_conversation_is_as_unknown_as_none(world: World, group: int) -> None:
    before = bodies(world, group)
    theirs = send(world, group, "cleo")
    none = send(world, 12345, "cleo")
    client = world.people["cleo"].client
    malformed = world.run(client.post("/api/conversations/../messages", json={"body": "x", "key": "k"}))

    assert (theirs.status_code, none.status_code, malformed.status_code) == (404, 404, 404)
    assert theirs.json()["title"] == none.json()["title"]
    assert bodies(world, group) == before


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": HOME["marquee"]},
        {"origin": "null"},
    ],
)
def test_another_site_cannot_write_for_her(world: World, group: int, headers: dict[str, str]) -> None:
    before = bodies(world, group)

    answer = send(world, group, json={"body": "x", "key": "k-cross"}, headers=headers)

    assert answer.status_code == 403
    assert bodies(world, group) == before


def test_her_own_pages_can(world: World, group: int) -> None:
    headers = {"sec-fetch-site": "same-origin", "origin": ORIGIN}

    assert send(world, group, json={"body": "x", "key": "k-own"}, headers=headers).status_code == 201


def test_only_the_hot_paths_are_hot() -> None:
    assert conversation_of("/api/conversations/abc/messages") == "abc"
    for path in ("/api/conversations/abc", "/c/abc", "/api/conversations", "/"):
        assert conversation_of(path) is None


class Stream:
    """A client that reads live events until it goes away."""

    def __init__(self, world: World, cookie: str) -> None:
        self._world = world
        self._gone = asyncio.Event()
        self._got: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": "/api/events",
            "raw_path": b"/api/events",
            "query_string": b"",
            "root_path": "",
            "headers": [(b"cookie", cookie.encode())],
            "client": ("127.0.0.1", 1),
            "server": ("platform.test", 80),
            "state": {},
        }
        self.task = world.runner.get_loop().create_task(world.app(scope, self._receive, self._got.put))

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    def next(self) -> dict[str, Any]:
        async def soon() -> dict[str, Any]:
            async with asyncio.timeout(60):
                return await self._got.get()

        message: dict[str, Any] = self._world.run(soon())
        return message

    def until(self, text: bytes) -> bytes:
        """Read on until a text has come; returns everything."""
        read = b""
        while text not in read:
            read += self.next().get("body", b"")
        return read

    def leave(self) -> None:
        async def gone() -> None:
            self._gone.set()
            async with asyncio.timeout(60):
                await self.task

        self._world.run(gone())


def stream_of(world: World, who: str) -> Stream:
    return Stream(world, f"session={world.people[who].client.cookies['session']}")


def test_a_message_reaches_the_other_members_stream_and_nobody_elses(world: World, group: int) -> None:
    bob, cleo = stream_of(world, "bob"), stream_of(world, "cleo")
    start = bob.next()
    assert (start["status"], dict(start["headers"])[b"content-type"]) == (200, b"text/event-stream")
    assert b"event: sync" in bob.next()["body"]

    world.says("ana", group, "for bob alone, live")
    world.says("ana", world.conversation("ana", "cleo"), "a mark for cleo")

    assert b"live" in bob.until(b"for bob alone, live")
    assert b"for bob alone" not in cleo.until(b"a mark for cleo")
    bob.leave()
    cleo.leave()


def test_the_stream_ends_when_the_client_goes_away_and_nothing_is_kept_for_it(
    world: World, group: int
) -> None:
    streams: Any = world.platform.live._streams
    bob = world.people["bob"].account.user_id
    stream = stream_of(world, "bob")
    stream.until(b"event: sync")
    assert len(streams[bob]) == 1

    stream.leave()

    assert bob not in streams
    world.says("ana", group, "to nobody who looks")


def test_nobody_in_particular_gets_no_stream(world: World) -> None:
    stream = Stream(world, "session=made-up")

    assert stream.next()["status"] == 401
    assert b"for bob" not in stream.next()["body"]
