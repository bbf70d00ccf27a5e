import asyncio

import pytest

from tests.people.conftest import NOW, PASSWORD, Opened
from vestibule.people import accounts
from vestibule.people.accounts import Account, sign_up
from vestibule.people.errors import BadHandle, BadName, HandleTaken, PeopleError, WeakPassword
from vestibule.store import Tx


def test_a_person_is_found_by_id_and_by_handle(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            anna = await here.person("anna")
            bob = await here.person("bob")
            assert await accounts.by_handle(here.store, "anna") == anna
            assert await accounts.by_id(here.store, bob.user_id) == bob
            ids = (anna.user_id, bob.user_id, 7)
            assert await accounts.by_ids(here.store, ids) == {anna.user_id: anna, bob.user_id: bob}
        async with place() as here:
            assert await accounts.by_id(here.store, anna.user_id) == anna

    asyncio.run(story())


def test_nobody_is_found_under_an_unknown_handle_or_id(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            assert await accounts.by_handle(here.store, "nobody") is None
            assert await accounts.by_handle(here.store, "not a handle") is None
            assert await accounts.by_id(here.store, 1) is None

    asyncio.run(story())


def test_every_subject_is_16_other_bytes_and_is_not_shown(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            anna, bob = await here.person("anna"), await here.person("bob")
            assert (len(anna.subject), len(bob.subject)) == (16, 16)
            assert anna.subject != bob.subject
            assert repr(anna.subject) not in repr(anna)

    asyncio.run(story())


def test_a_handle_is_given_once_even_to_two_who_ask_at_the_same_time(place: Opened) -> None:
    async def story() -> None:
        async with place() as here:
            tries = (sign_up(here.store, handle="anna", name="A", password=PASSWORD, now=NOW) for _ in "abcd")
            results = await asyncio.gather(*tries, return_exceptions=True)
            assert sum(isinstance(result, Account) for result in results) == 1
            assert sum(isinstance(result, HandleTaken) for result in results) == 3
            with pytest.raises(HandleTaken, match="'anna' is taken"):
                await here.person("anna")

    asyncio.run(story())


def test_a_claim_whose_account_was_never_written_is_taken_over(place: Opened) -> None:
    async def claim(tx: Tx) -> None:
        await tx.run(accounts._CLAIM, handle="anna", user_id=12345)

    async def story() -> None:
        async with place() as here:
            await here.store.write(claim)
            assert await accounts.by_handle(here.store, "anna") is None
            assert (await here.person("anna")).user_id == 12345

    asyncio.run(story())


@pytest.mark.parametrize(
    ("handle", "name", "password", "error"),
    [
        ("ab", "Anna", PASSWORD, BadHandle),
        ("a" * 31, "Anna", PASSWORD, BadHandle),
        ("Anna", "Anna", PASSWORD, BadHandle),
        ("anna\n", "Anna", PASSWORD, BadHandle),
        ("änna", "Anna", PASSWORD, BadHandle),
        ("anna", "   ", PASSWORD, BadName),
        ("anna", "a" * 81, PASSWORD, BadName),
        ("anna", "An\x00na", PASSWORD, BadName),
        ("anna", "An\u202ena", PASSWORD, BadName),
        ("anna", "An\ud800na", PASSWORD, BadName),
        ("anna", "Anna", "123456789", WeakPassword),
        ("anna", "Anna", "x" * 1001, WeakPassword),
        ("anna", "Anna", "1234567890\ud800", WeakPassword),
    ],
)
def test_what_breaks_the_rules_is_refused_and_leaves_nothing(
    place: Opened, handle: str, name: str, password: str, error: type[PeopleError]
) -> None:
    async def story() -> None:
        async with place() as here:
            with pytest.raises(error, match="expected"):
                await sign_up(here.store, handle=handle, name=name, password=password, now=NOW)
            assert await accounts.by_handle(here.store, "anna") is None
            await here.person("anna")

    asyncio.run(story())


def test_names_of_many_scripts_are_kept_as_they_are() -> None:
    for name in ("Zoë", "李小龍", "علی‌رضا", "👩‍🚀 Ada", "O'Neil-Smith"):
        assert accounts.checked_name(f"  {name} ") == name
