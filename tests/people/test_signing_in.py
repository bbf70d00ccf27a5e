"""Ways in besides the password: passkeys, recovery codes; and browsers that are known."""

import asyncio
import dataclasses
import json

import pytest

from tests.people.a_world import ORIGIN, PARTY, PASSWORD, World
from tests.people.an_authenticator import Authenticator, b64
from tests.people.conftest import NOW
from vestibule.people import (
    adding_passkeys,
    challenges,
    changing_password,
    devices,
    passkey_sign_in,
    recovery,
    sessions,
    throttle,
)
from vestibule.people.accounts import Account
from vestibule.people.errors import PasskeyRefused, TooManyAttempts, WeakPassword, WrongLogin
from vestibule.people.relying_party import RelyingParty
from vestibule.people.tokens import new_token

DAY = 86_400_000_000


def by_passkey(world: World, answer: str, party: RelyingParty = PARTY, now: int = NOW) -> tuple[str, Account]:
    found: tuple[str, Account] = world.run(
        passkey_sign_in.sign_in(world.store, party, answer=answer, now=now, browser="Firefox on Linux")
    )
    return found


def by_code(world: World, handle: str, code: str) -> tuple[str, Account]:
    found: tuple[str, Account] = world.run(
        recovery.sign_in(world.store, handle=handle, code=code, now=NOW, browser="")
    )
    return found


def by_password(world: World, person: Account, password: str = PASSWORD, device: str = "") -> str:
    token, _ = world.run(
        sessions.sign_in(world.store, handle=person.handle, password=password, now=NOW, device=device)
    )
    return str(token)


def test_a_passkey_signs_its_person_in_without_a_handle(world: World, carl: Account) -> None:
    authenticator = world.with_passkey(carl)
    asked = passkey_sign_in.options(PARTY, NOW)
    assert "allowCredentials" not in json.loads(asked) or json.loads(asked)["allowCredentials"] == []
    token, account = by_passkey(world, authenticator.get(asked))
    assert account == carl
    assert world.run(sessions.person_of(world.store, token, NOW)) == carl
    session = world.run(sessions.session_of(world.store, token, NOW))
    assert (session.means, session.browser, session.proved_at) == ("passkey", "Firefox on Linux", NOW)


def test_an_answer_signs_in_once(world: World, carl: Account) -> None:
    authenticator = dataclasses.replace(world.with_passkey(carl), count=0)
    answer = authenticator.get(passkey_sign_in.options(PARTY, NOW))
    by_passkey(world, answer)
    with pytest.raises(PasskeyRefused, match="used before"):
        by_passkey(world, answer)


def test_an_answer_to_another_question_or_too_late_signs_nobody_in(world: World, carl: Account) -> None:
    authenticator = world.with_passkey(carl)
    for challenge in (
        b"mine",
        challenges.issue(PARTY, "step up", b"", NOW),
        challenges.issue(PARTY, "sign in", b"somebody", NOW),
        challenges.issue(PARTY, "sign in", b"", NOW - challenges.LIFETIME),
    ):
        asked = {**json.loads(passkey_sign_in.options(PARTY, NOW)), "challenge": b64(challenge)}
        with pytest.raises(PasskeyRefused, match="challenge"):
            by_passkey(world, authenticator.get(json.dumps(asked)))


@pytest.mark.parametrize("lie", [{"origin": "https://evil.example"}, {"rp_id": "evil.example"}])
def test_an_answer_from_another_site_signs_nobody_in(
    world: World, carl: Account, lie: dict[str, str]
) -> None:
    liar = dataclasses.replace(world.with_passkey(carl), **lie)  # type: ignore[arg-type]  # one field each
    with pytest.raises(PasskeyRefused, match="does not hold"):
        by_passkey(world, liar.get(passkey_sign_in.options(PARTY, NOW)))


def test_a_passkey_nobody_has_and_one_that_names_nobody_are_refused(world: World, carl: Account) -> None:
    asked = passkey_sign_in.options(PARTY, NOW)
    stranger = Authenticator(ORIGIN)
    stranger.create(world.options(carl))
    with pytest.raises(PasskeyRefused, match="nobody here"):
        by_passkey(world, stranger.get(asked))
    answer = json.loads(world.with_passkey(carl).get(asked))
    del answer["response"]["userHandle"]
    with pytest.raises(PasskeyRefused, match="whose"):
        by_passkey(world, json.dumps(answer))


def test_a_removed_passkey_signs_nobody_in(world: World, carl: Account) -> None:
    authenticator = world.with_passkey(carl)
    world.run(adding_passkeys.remove(world.store, carl, authenticator.kept[0].credential_id))
    with pytest.raises(PasskeyRefused):
        by_passkey(world, authenticator.get(passkey_sign_in.options(PARTY, NOW)))


def test_each_recovery_code_signs_in_once_however_it_is_written(world: World, carl: Account) -> None:
    codes = world.run(recovery.make(world.store, carl, world.opened(carl)))
    assert len(set(codes)) == recovery.CODES == world.run(recovery.left(world.store, carl.user_id))
    token, account = by_code(world, carl.handle, codes[0].replace("-", " ").upper())
    assert account == carl
    session = world.run(sessions.session_of(world.store, token, NOW))
    assert (session.means, session.proved_at) == ("recovery code", NOW)
    with pytest.raises(WrongLogin):
        by_code(world, carl.handle, codes[0])
    assert world.run(recovery.left(world.store, carl.user_id)) == 9


def test_of_two_uses_of_a_recovery_code_at_once_one_succeeds(world: World, carl: Account) -> None:
    code = world.run(recovery.make(world.store, carl, world.opened(carl)))[0]

    async def both() -> list[object]:
        tries = (recovery.sign_in(world.store, handle=carl.handle, code=code, now=NOW) for _ in range(2))
        return list(await asyncio.gather(*tries, return_exceptions=True))

    assert sorted(type(one).__name__ for one in world.run(both())) == ["WrongLogin", "tuple"]


def test_new_recovery_codes_make_the_old_ones_void_and_another_persons_open_nothing(
    world: World, carl: Account
) -> None:
    old = world.run(recovery.make(world.store, carl, world.opened(carl)))[0]
    bobs = world.run(recovery.make(world.store, world.bob, world.opened(world.bob)))[0]
    new = world.run(recovery.make(world.store, carl, world.opened(carl)))[0]
    said = set()
    for handle, code in (
        (carl.handle, old),
        (carl.handle, bobs),
        ("nobody_here", bobs),
        (carl.handle, ""),
        ("", ""),
        (carl.handle, "\ud800"),
    ):
        with pytest.raises(WrongLogin) as error:
            by_code(world, handle, code)
        said.add(str(error.value))
    assert said == {"handle or code is wrong"}
    by_code(world, carl.handle, new)


def test_of_a_recovery_code_only_the_digest_is_stored(world: World, carl: Account) -> None:
    codes = world.run(recovery.make(world.store, carl, world.opened(carl)))
    rows = world.run(world.store.read(lambda tx: tx.all("select code_hash from recovery_code")))
    stored = b"".join(row[0] for row in rows)
    assert not any(code.encode() in stored or code.replace("-", "").encode() in stored for code in codes)


def test_a_known_browser_signs_in_while_others_guess_and_has_a_budget_of_its_own(
    world: World, carl: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = world.run(devices.remember(world.store, carl.user_id, "", NOW))
    for _ in range(throttle.LIMIT):
        with pytest.raises(WrongLogin):
            by_password(world, carl, "a wrong password")
    with pytest.raises(TooManyAttempts):
        by_password(world, carl)
    by_password(world, carl, device=device)
    monkeypatch.setattr(throttle, "GLOBAL_LIMIT", 0)
    by_password(world, carl, device=device)
    for _ in range(throttle.LIMIT):
        with pytest.raises(WrongLogin):
            by_password(world, carl, "a wrong password", device=device)
    with pytest.raises(TooManyAttempts):
        by_password(world, carl, device=device)


def test_a_browser_known_for_one_person_is_a_stranger_for_another(world: World, carl: Account) -> None:
    bobs = world.run(devices.remember(world.store, world.bob.user_id, "", NOW))
    assert world.run(devices.known(world.store, world.bob.user_id, bobs, NOW))
    forged = new_token(carl.user_id)[:13] + bobs[13:]
    for device in (bobs, forged, "", "x" * 56):
        assert not world.run(devices.known(world.store, carl.user_id, device, NOW))


def test_a_known_browser_keeps_its_token_and_is_forgotten_when_it_stays_away(
    world: World, carl: Account
) -> None:
    device = world.run(devices.remember(world.store, carl.user_id, "", NOW))
    assert world.run(devices.remember(world.store, carl.user_id, device, NOW + DAY)) == device
    assert world.run(devices.known(world.store, carl.user_id, device, NOW + devices.LIFETIME))
    assert not world.run(devices.known(world.store, carl.user_id, device, NOW + devices.LIFETIME + DAY))
    other = world.run(devices.remember(world.store, carl.user_id, "", NOW))
    world.run(world.store.write(lambda tx: devices.forget_others_in(tx, carl.user_id, other)))
    assert not world.run(devices.known(world.store, carl.user_id, device, NOW))
    assert world.run(devices.known(world.store, carl.user_id, other, NOW))


def test_only_so_many_browsers_of_a_person_are_known(
    world: World, carl: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "MOST", 2)
    made = [world.run(devices.remember(world.store, carl.user_id, "", NOW + at)) for at in range(3)]
    known = [world.run(devices.known(world.store, carl.user_id, device, NOW)) for device in made]
    assert known == [False, True, True]


def test_a_new_password_replaces_the_old_one(world: World, carl: Account) -> None:
    with pytest.raises(WeakPassword):
        world.run(changing_password.change(world.store, carl, "short"))
    by_password(world, carl)
    world.run(changing_password.change(world.store, carl, "another long password"))
    with pytest.raises(WrongLogin):
        by_password(world, carl)
    by_password(world, carl, "another long password")


def test_a_sign_in_that_is_looked_at_while_the_password_changes_opens_nothing(
    world: World, carl: Account
) -> None:
    [(old,)] = world.run(
        world.store.read(
            lambda tx: tx.all("select password_hash from account where user_id = :id", id=carl.user_id)
        )
    )
    world.run(changing_password.change(world.store, carl, "another long password"))
    with pytest.raises(WrongLogin):
        world.run(sessions.begin(world.store, carl, NOW, password_hash=old))
