"""Ending everything else with a new password: whoever was in, by whatever way, is out."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.people.a_world import NOW, PARTY, PASSWORD, World
from tests.people.an_authenticator import Authenticator
from vestibule.people import ending_all, passkey_sign_in, recovery, sessions
from vestibule.people.accounts import Account
from vestibule.people.ending_all import Kept
from vestibule.people.errors import PasskeyRefused, PeopleError, WeakPassword, WrongLogin

NEW = "another long password"


@pytest.fixture
def carl(world: World) -> Account:
    return world.somebody()


def signs_in(world: World, authenticator: Authenticator) -> bool:
    options = world.run(_options())
    answer = authenticator.get(options)
    work = passkey_sign_in.sign_in(world.store, PARTY, answer=answer, now=NOW, browser="")
    try:
        world.run(work)
    except (PasskeyRefused, WrongLogin):
        return False
    return True


async def _options() -> str:
    return passkey_sign_in.options(PARTY, NOW)


def begun(world: World, person: Account) -> str:
    token: str = world.run(sessions.begin(world.store, person, NOW))
    return token


def end(world: World, person: Account, token: str, *kept: bytes) -> None:
    world.run(ending_all.end_all_but(world.store, person, NEW, Kept(token, passkeys=kept)))


def test_a_passkey_that_a_thief_has_added_opens_nothing_any_more(world: World, carl: Account) -> None:
    hers, thiefs = world.with_passkey(carl), world.with_passkey(carl)
    own = hers.kept[-1].credential_id
    assert signs_in(world, thiefs)

    end(world, carl, begun(world, carl), own)

    assert [passkey.credential_id for passkey in world.held(carl)] == [own]
    assert not signs_in(world, thiefs)
    assert signs_in(world, hers)


def test_unless_she_keeps_one_every_passkey_is_removed(world: World, carl: Account) -> None:
    authenticator = world.with_passkey(carl)

    end(world, carl, begun(world, carl))

    assert world.held(carl) == ()
    assert not signs_in(world, authenticator)


def test_recovery_codes_from_before_are_void(world: World, carl: Account) -> None:
    codes = world.run(recovery.make(world.store, carl, world.opened(carl)))

    end(world, carl, begun(world, carl))

    assert world.run(recovery.left(world.store, carl.user_id)) == 0
    with pytest.raises(WrongLogin):
        world.run(recovery.sign_in(world.store, handle=carl.handle, code=codes[0], now=NOW))


def test_old_password_and_other_sessions_are_dead_and_the_one_that_asks_lives(
    world: World, carl: Account
) -> None:
    this, other = begun(world, carl), begun(world, carl)

    end(world, carl, this)

    assert world.run(sessions.person_of(world.store, other, NOW)) is None
    assert world.run(sessions.person_of(world.store, this, NOW)) == carl
    with pytest.raises(WrongLogin):
        world.run(sessions.sign_in(world.store, handle=carl.handle, password=PASSWORD, now=NOW))


def test_another_persons_passkey_cannot_be_kept_nor_removed(world: World, carl: Account) -> None:
    bobs = world.with_passkey(world.bob)
    held = world.held(world.bob)

    end(world, carl, begun(world, carl), *(one.credential_id for one in held))

    assert world.held(world.bob) == held
    assert signs_in(world, bobs)


def test_a_weak_password_ends_nothing(world: World, carl: Account) -> None:
    world.with_passkey(carl)

    with pytest.raises(WeakPassword):
        world.run(ending_all.end_all_but(world.store, carl, "short", Kept(begun(world, carl))))

    assert len(world.held(carl)) == 1


Adding = Callable[[World, Account], Any]


def a_passkey(world: World, person: Account) -> Any:
    answer = Authenticator(PARTY.origin).create(world.options(person))
    return lambda: world.add(person, answer)


def new_codes(world: World, person: Account) -> Any:
    asker = world.opened(person)
    return lambda: world.run(recovery.make(world.store, person, asker))


@pytest.mark.parametrize("adding", [a_passkey, new_codes])
def test_a_way_in_that_is_being_made_while_everything_ends_is_not_made(
    world: World, carl: Account, adding: Adding
) -> None:
    """Whoever is in has passed the proof already, and the session ends before the way in is kept."""
    make = adding(world, carl)

    end(world, carl, begun(world, carl))

    with pytest.raises(PeopleError):
        make()
    assert (world.held(carl), world.run(recovery.left(world.store, carl.user_id))) == ((), 0)
