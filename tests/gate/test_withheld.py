"""Withheld messages move nothing: with and without them, answers are the same bytes, but for receipts."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.gate.a_grant import reselect
from tests.gate.a_platform import ORIGIN, Connected, World, opened
from tests.gate.test_selection import came_through
from vestibule.connections import agreements
from vestibule.connections.grants import Reach
from vestibule.inbox import messages
from vestibule.store.ids import encode

HEADERS = ("etag", "link", "content-type", "vary")
RECEIPTS = re.compile(rb'"receipts":\[.*?\]')
FORGET = "delete from message where conversation_id = :conversation_id and sender_id = :sender_id"

Line = tuple[str, bool, bool]
"""Who writes, whether as a reply to the message before, and whether it comes through the app."""

WRITERS = st.sampled_from(("ana", "bob", "cleo", "cleo"))
LINES = st.lists(st.tuples(WRITERS, st.booleans(), st.booleans()), min_size=1, max_size=8)


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, int, Connected]]:
    """Ana's connection to a group with Bob, who lets Jukebox see his words, and Cleo, who does not."""
    with opened(tmp_path_factory.mktemp("platform")) as world:
        group = world.conversation("ana", "bob", "cleo")
        bob = world.people["bob"].account
        world.run(agreements.set_agreed(world.store, bob.user_id, "jukebox", 1, world.now))
        yield world, group, world.connect("ana", group)


def write(world: World, group: int, lines: list[Line]) -> list[int]:
    """Write lines into the group; returns the numbers of those that are not Cleo's."""
    shown = []
    for who, replies, through in lines:
        before = newest(world, group)
        body: dict[str, Any] = {"body": f"{who} says {before}", "key": f"line-{next(world.numbers)}"}
        if replies:
            body["reply_to"] = before
        path = f"/api/conversations/{encode(group)}/messages"
        answer = world.run(world.people[who].client.post(path, json=body))
        assert answer.status_code == 201
        seq = answer.json()["seq"]
        shown += [seq] if who != "cleo" else []
        if through:
            came_through(world, group, seq)
    return shown


def newest(world: World, group: int) -> int:
    return int(world.run(messages.page(world.store, group, limit=200))[-1].seq)


def forget(world: World, group: int, who: str) -> None:
    """Make a world in which somebody never wrote."""
    gone = {"conversation_id": group, "sender_id": world.people[who].account.user_id}
    work: Any = lambda tx: tx.run(FORGET, **gone)  # noqa: E731  (passed on)
    world.run(world.store.write(work))


def crawl(world: World, ana: Connected, limit: int) -> list[Any]:
    """Ask for everything, page by page, and once more for what is unchanged; leave out the receipts."""
    told: list[Any] = []
    for start in ("/v1/conversations", f"/v1/conversations/{ana.refs[0]}/messages?limit={limit}"):
        path: str | None = start
        while path is not None:
            answer = world.signed("jukebox", "GET", path, token=ana.token)
            assert answer.status_code == 200, answer.text
            kept = {name: answer.headers.get(name) for name in HEADERS}
            told.append((path, RECEIPTS.sub(b"", answer.content), kept))
            again = world.headers("jukebox", "GET", path, token=ana.token)
            known = world.send("GET", path, {**again, "if-none-match": answer.headers["etag"]})
            told.append((known.status_code, known.content, known.headers["etag"]))
            found = re.search(r'<(.+)>; rel="next"', answer.headers.get("link", ""))
            path = found and found[1].removeprefix(ORIGIN)
    return told


@given(lines=LINES, more=LINES, limit=st.integers(1, 4), reach=st.sampled_from(Reach))
@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate,),  # a world that a failure has changed is no measure for a shorter example
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_two_worlds_that_differ_in_withheld_messages_alone_look_the_same(
    talk: tuple[World, int, Connected], lines: list[Line], more: list[Line], limit: int, reach: Reach
) -> None:
    world, group, ana = talk
    since = world.now
    shown = write(world, group, lines)
    picked = (
        tuple((group, seq) for seq in shown[::2] or (newest(world, group),)) if reach is Reach.PICKED else ()
    )
    reselect(world, "ana", since=since, reach=reach, picked=picked)

    with_them = crawl(world, ana, limit)
    forget(world, group, "cleo")
    without_them = crawl(world, ana, limit)
    write(world, group, [("cleo", replies, through) for _, replies, through in more])
    with_more = crawl(world, ana, limit)

    assert with_them == without_them == with_more
