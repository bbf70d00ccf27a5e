"""Deleting an account: what is over at once, what is destroyed later, and what a crash leaves to do."""

import asyncio
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.connections.moments import of
from tests.gate.a_platform import Connected, World, opened
from tests.web.conftest import text_of
from vestibule.connections import agreements, end_leaves, ending, listing
from vestibule.people import accounts, deleting, open_sessions, passkeys, recovery
from vestibule.people.memory import memory_of
from vestibule.store.ids import encode
from vestibule.web import leaving

LOGIN = "correct horse battery"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("platform")) as platform:
        yield platform


@pytest.fixture
def dora(world: World) -> str:
    """Somebody of this test's own, Bob's friend."""
    handle = f"dora_{next(world.numbers)}"
    world.sign_up(handle)
    world.befriend(handle, "bob")
    return handle


def talk(world: World, dora: str) -> int:
    conversation = world.conversation(dora, "bob")
    world.says(dora, conversation, "Dora's own words")
    return conversation


def rows(world: World, sql: str, **params: Any) -> list[Any]:
    found: list[Any] = world.run(world.store.read(lambda tx: tx.all(sql, **params)))
    return found


def openings(world: World, subject: bytes) -> int:
    return sum(
        len(rows(world, f"select * from {table} where subject = :subject", subject=subject))
        for table in ("opening", "lane")
    )


def records(world: World, user_id: int) -> list[Any]:
    return rows(world, "select * from consent_record where user_id = :user_id", user_id=user_id)


def finish(world: World) -> int:
    platform = world.platform
    done: int = world.run(
        leaving.finish(platform.store, platform.outbox, platform.recorder.log_id, world.clock())
    )
    return done


def delete(world: World, who: str) -> None:
    answer = world.post(who, "/account/delete", handle=who)
    assert answer.headers["location"] == "/?said=deleted", text_of(answer.text)


def test_nothing_is_deleted_by_a_slip(world: World, dora: str) -> None:
    page = world.post(dora, "/account/delete", handle="bob")
    assert page.status_code == 422
    assert "your own handle" in text_of(page.text)
    assert world.get(dora, "/inbox").status_code == 200
    world.now += 5 * 60 * 1_000_000
    assert "/account/prove" in world.post(dora, "/account/delete", handle=dora).headers["location"]


def test_sessions_connections_and_every_way_in_are_over_at_once(world: World, dora: str) -> None:
    jukebox = world.connect(dora, talk(world, dora))
    assert world.read(jukebox).status_code == 200
    code = world.post(dora, "/account/codes").text.partition("<code>")[2][:23]
    token = world.people[dora].client.cookies["session"]
    delete(world, dora)

    assert world.read(jukebox).status_code == 401
    user_id = world.people[dora].account.user_id
    left = world.run(world.store.read(lambda tx: listing.with_partner_in(tx, user_id, "jukebox")))
    assert [connection for connection in left if connection.state != "ended"] == []
    assert world.get(None, "/inbox", headers={"cookie": f"session={token}"}).status_code == 303
    assert world.post(None, "/signin", handle=dora, password=LOGIN).status_code == 422
    assert world.post(None, "/signin", handle=dora, password="").status_code == 422
    assert world.post(None, "/recover", handle=dora, code=code).status_code == 422
    again = world.post(None, "/signup", handle=dora, name="Not Dora", password=LOGIN)
    assert "already has this handle" in text_of(again.text)


def test_others_see_a_deleted_person_and_cannot_ask_her(world: World, dora: str) -> None:
    conversation = talk(world, dora)
    assert "Dora" in text_of(world.get("bob", f"/c/{encode(conversation)}").text)
    delete(world, dora)
    page = text_of(world.get("bob", f"/c/{encode(conversation)}").text)
    assert deleting.NAME in page
    assert "Dora_" not in page
    assert "Dora's own words" in page.replace("&#39;", "'")
    assert dora not in world.get("bob", "/friends").text
    assert "nobody with this handle" in text_of(world.post("bob", "/friends/ask", handle=dora).text)


def test_her_words_are_withheld_from_apps_that_friends_let_in(world: World, dora: str) -> None:
    person = world.people[dora].account
    world.run(agreements.set_agreed(world.store, person.user_id, "jukebox", 1, world.clock()))
    bobs = world.connect("bob", talk(world, dora))
    assert "Dora's own words" in world.read(bobs).text
    delete(world, dora)
    assert "Dora's own words" not in world.read(bobs).text


def test_her_subject_and_openings_are_destroyed_once_every_end_is_recorded(world: World, dora: str) -> None:
    person = world.people[dora].account
    world.read(world.connect(dora, talk(world, dora)))
    with world.broken_log():
        delete(world, dora)
        world.now += leaving.AT_REST
        finish(world)
        assert openings(world, person.subject) > 0
        assert len(records(world, person.user_id)) == 1
        assert world.run(accounts.by_id(world.store, person.user_id)).subject == person.subject
    world.run(end_leaves.record(world.store, world.platform.recorder, person.user_id))

    assert finish(world) >= 1
    assert openings(world, person.subject) == 0
    assert records(world, person.user_id) == []
    left = world.run(accounts.by_id(world.store, person.user_id))
    assert left.subject != person.subject
    assert (left.name, left.handle) == (deleting.NAME, "")
    assert rows(world, "select * from account where subject = :subject", subject=person.subject) == []
    assert finish(world) == 0


def test_nothing_is_destroyed_while_an_answer_may_be_under_way(world: World, dora: str) -> None:
    person = world.people[dora].account
    delete(world, dora)
    finish(world)
    assert world.run(accounts.by_id(world.store, person.user_id)).subject == person.subject


def test_a_deletion_that_a_crash_cut_short_is_finished_at_the_next_start(world: World, dora: str) -> None:
    person = world.people[dora].account
    conversation = talk(world, dora)
    jukebox: Connected = world.connect(dora, conversation)
    world.run(deleting.delete(world.store, person, world.clock()))
    finish(world)
    assert world.read(jukebox).status_code in (401, 403)
    assert "Dora_" not in text_of(world.get("bob", f"/c/{encode(conversation)}").text)


def test_a_session_that_begins_while_the_account_is_deleted_does_not(world: World, dora: str) -> None:
    code = world.post(dora, "/account/codes").text.partition("<code>")[2][:23]
    world.run(
        world.store.write(
            lambda tx: tx.run(
                "update account set deleted_at = 1 where user_id = :id",
                id=world.people[dora].account.user_id,
            )
        )
    )
    assert world.post(None, "/recover", handle=dora, code=code).status_code == 422
    assert world.post(None, "/signin", handle=dora, password=LOGIN).status_code == 422


def test_a_token_is_dead_from_the_moment_the_account_is(world: World, dora: str) -> None:
    jukebox = world.connect(dora, talk(world, dora))
    world.run(deleting.delete(world.store, world.people[dora].account, world.clock()))
    path = "/v1/connection"

    for answer in (world.read(jukebox), world.signed("jukebox", "GET", path, token=jukebox.token)):
        assert (answer.status_code, answer.json()["code"]) == (401, "dead_token")


@pytest.mark.parametrize("way", ["the account is deleted", "everything is ended"])
def test_a_consent_under_way_begins_nothing_once_its_session_is_over(
    world: World, dora: str, way: str
) -> None:
    """Whoever has a stolen session and password agrees while she gets rid of both."""
    conversation, person, carried = talk(world, dora), world.people[dora].account, world.pushed()
    world.opens(dora, carried)
    form = {"scope_granted": "messages.read", "conversation": encode(conversation), "since": "2020-01-01"}
    page = world.post(dora, "/oauth/authorize", **carried, **form, until="2027-01-01", decision="continue")
    [shown] = set(re.findall(r'name="shown" value="([0-9a-f]+)"', page.text))
    agreed = {**carried, "shown": shown, "password": LOGIN, "decision": "agree"}

    hashing: Any = memory_of(world.store).hashing
    free = threading.Event()
    for _ in range(hashing._max_workers):
        hashing.submit(free.wait)

    async def overtaken() -> Any:
        asking = asyncio.ensure_future(world.people[dora].client.post("/oauth/authorize", data=agreed))
        while not hashing._work_queue.qsize():  # noqa: ASYNC110  (the pool tells nobody)
            await asyncio.sleep(0.001)
        if way == "the account is deleted":
            await deleting.delete(world.store, person, world.clock())
        else:
            await open_sessions.end_others(world.store, person.user_id, "")
        await ending.end_all(world.store, world.platform.outbox, person.user_id, world.clock())
        free.set()
        return await asking

    answer = world.run(overtaken())

    assert (answer.status_code, of(world, dora)) == (409, [])


A_PASSKEY = """
    insert into passkey (user_id, credential_id, user_handle, public_key, sign_count, name, created_at)
    values (:user_id, :credential_id, :credential_id, :credential_id, 0, :name, 0)
"""


def test_the_password_page_says_what_ends_and_lets_her_keep_passkeys(world: World, dora: str) -> None:
    user_id = world.people[dora].account.user_id
    held = [
        {"user_id": user_id, "credential_id": f"{dora}/{name}".encode(), "name": name}
        for name in ("hers", "anothers")
    ]
    world.run(world.store.write(lambda tx: tx.many(A_PASSKEY, held)))
    world.run(recovery.make(world.store, world.people[dora].account, session_of(world, dora)))
    asked = world.get(dora, "/account/password").text

    form = {
        "password": "a new long password",
        "everything": "1",
        "keep": ["zz", f"{dora}/hers".encode().hex()],
    }
    ended = world.post(dora, "/account/password", **form)

    assert "recovery codes become void" in asked
    assert "Keep anothers" in asked
    assert "checked" not in asked
    assert ended.headers["location"] == "/account?said=everything-ended"
    kept = world.run(passkeys.credentials_of(world.store, user_id))
    assert [passkey.name for passkey in kept] == ["hers"]
    assert world.run(recovery.left(world.store, user_id)) == 0


def session_of(world: World, who: str) -> bytes:
    [session] = world.run(
        open_sessions.sessions_of(world.store, world.people[who].account.user_id, world.now)
    )
    found: bytes = session.session_hash
    return found
