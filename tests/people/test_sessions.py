import asyncio
import hashlib

import pytest

from tests.people.conftest import NOW, PASSWORD, Opened
from vestibule.people import passwords, sessions
from vestibule.people.errors import TooManyAttempts, WrongLogin
from vestibule.people.memory import memory_of
from vestibule.people.tokens import digest
from vestibule.store import Tx


def test_a_token_stands_for_its_person_across_restarts_until_sign_out(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            anna = await here.person("anna")
            token, account = await sessions.sign_in(here.store, handle="anna", password=PASSWORD, now=NOW)
            assert account == anna
            assert await sessions.person_of(here.store, token, NOW) == anna
        async with place() as here:
            assert await sessions.person_of(here.store, token, NOW) == anna
            assert await sessions.person_of(here.store, token, NOW) == anna
            await sessions.sign_out(here.store, token)
            assert await sessions.person_of(here.store, token, NOW) is None

    asyncio.run(story())


def test_a_session_that_is_looked_up_while_it_ends_is_not_kept(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            await here.person("anna")
            token, _ = await sessions.sign_in(here.store, handle="anna", password=PASSWORD, now=NOW)
            kept = memory_of(here.store).sessions
            mark = kept.mark()
            found = await sessions.session_of(here.store, token, NOW)
            assert found is not None
            await sessions.sign_out(here.store, token)
            kept.keep(digest(token), (found.user_id, found.expires_at, found.seen_at), mark)
            assert await sessions.person_of(here.store, token, NOW) is None

    asyncio.run(story())


def test_only_the_digest_of_a_token_is_stored(place: Opened) -> None:
    async def rows(tx: Tx) -> list[bytes]:
        return [row[0] for row in await tx.all("select session_hash from session")]

    async def story() -> None:
        async with place() as here:
            await here.person("anna")
            token, _ = await sessions.sign_in(here.store, handle="anna", password=PASSWORD, now=NOW)
            assert await here.store.read(rows) == [hashlib.sha256(token.encode()).digest()]

    asyncio.run(story())


def test_a_session_ends_by_itself_after_30_days(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            anna = await here.person("anna")
            token, _ = await sessions.sign_in(here.store, handle="anna", password=PASSWORD, now=NOW)
            assert await sessions.person_of(here.store, token, NOW + sessions.LIFETIME - 1) == anna
            assert await sessions.person_of(here.store, token, NOW + sessions.LIFETIME) is None

    asyncio.run(story())


@pytest.mark.parametrize(
    "token", ["", "x", "A" * 43, "A" * 56, "0" * 56, "A" * 5000, "\ud800" * 56, "é" * 56]
)
def test_what_is_no_token_stands_for_nobody(place: Opened, token: str) -> None:
    async def story() -> None:
        async with place() as here:
            assert await sessions.person_of(here.store, token, NOW) is None
            await sessions.sign_out(here.store, token)

    asyncio.run(story())


def test_a_wrong_password_and_an_unknown_handle_are_refused_with_the_same_words(place: Opened) -> None:
    async def refused(place: Opened) -> list[str]:
        said = []
        async with place() as here:
            await here.person("anna")
            for handle, password in (
                ("anna", "wrong password"),
                ("nobody", PASSWORD),
                ("", ""),
                ("ANNA", PASSWORD),
            ):
                with pytest.raises(WrongLogin) as error:
                    await sessions.sign_in(here.store, handle=handle, password=password, now=NOW)
                said.append(str(error.value))
        return said

    assert set(asyncio.run(refused(place))) == {"handle or password is wrong"}


def test_an_unknown_handle_costs_a_hash_of_the_same_strength() -> None:
    ours = passwords.hashed("correct horse battery")
    assert passwords.NOBODYS.rsplit("$", 2)[0] == ours.rsplit("$", 2)[0]
    assert not passwords.matches(passwords.NOBODYS, "")


def test_a_password_composed_on_another_keyboard_is_the_same() -> None:
    assert passwords.matches(
        passwords.hashed("caf\u00e9 caf\u00e9 caf\u00e9"), "cafe\u0301 cafe\u0301 cafe\u0301"
    )


def test_too_many_failures_at_once_make_a_handle_wait_even_for_the_right_password(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            await here.person("anna")
            wrong = (
                sessions.sign_in(here.store, handle="anna", password="wrong password", now=NOW)
                for _ in range(12)
            )
            results = await asyncio.gather(*wrong, return_exceptions=True)
            assert sum(isinstance(result, WrongLogin) for result in results) == 10
            assert sum(isinstance(result, TooManyAttempts) for result in results) == 2
            with pytest.raises(TooManyAttempts, match="900 seconds"):
                await sessions.sign_in(here.store, handle="anna", password=PASSWORD, now=NOW)
            later = NOW + 15 * 60 * 1_000_000
            await sessions.sign_in(here.store, handle="anna", password=PASSWORD, now=later)

    asyncio.run(story())
