"""Sessions, listed and ended; and what they may do after a proof."""

import dataclasses

import pytest

from tests.people.a_world import PARTY, World
from tests.people.conftest import NOW
from vestibule.people import challenges, open_sessions, sessions, stepping_up
from vestibule.people.accounts import Account
from vestibule.people.browsers import UNKNOWN, named
from vestibule.people.errors import PasskeyRefused
from vestibule.people.memory import memory_of
from vestibule.people.sessions import Session
from vestibule.people.tokens import digest, new_token

MINUTE = 60_000_000


def begun(world: World, person: Account, browser: str = "", now: int = NOW) -> str:
    token: str = world.run(sessions.begin(world.store, person, now, browser=browser))
    return token


def listed(world: World, person: Account, now: int = NOW) -> tuple[Session, ...]:
    found: tuple[Session, ...] = world.run(open_sessions.sessions_of(world.store, person.user_id, now))
    return found


def alive(world: World, *tokens: str, now: int = NOW) -> list[bool]:
    return [world.run(sessions.person_of(world.store, token, now)) is not None for token in tokens]


def of(world: World, token: str, now: int = NOW) -> Session:
    found: Session | None = world.run(sessions.session_of(world.store, token, now))
    assert found is not None
    return found


def test_sessions_are_listed_with_their_browser_until_they_end(world: World, carl: Account) -> None:
    begun(world, carl, "Firefox on Linux")
    begun(world, carl, "Safari on an iPhone", NOW + MINUTE)
    begun(world, world.bob)
    assert [one.browser for one in listed(world, carl)] == ["Safari on an iPhone", "Firefox on Linux"]
    assert [one.browser for one in listed(world, carl, NOW + sessions.LIFETIME)] == ["Safari on an iPhone"]


def test_one_session_is_ended_and_only_by_its_person(world: World, carl: Account) -> None:
    mine, other = begun(world, carl), begun(world, carl)
    assert alive(world, mine, other) == [True, True]
    other_hash = of(world, other).session_hash
    assert not world.run(open_sessions.end_one(world.store, world.bob.user_id, other_hash))
    assert alive(world, mine, other) == [True, True]
    assert world.run(open_sessions.end_one(world.store, carl.user_id, other_hash))
    assert alive(world, mine, other) == [True, False]


def test_all_others_are_ended_at_once(world: World, carl: Account) -> None:
    tokens = [begun(world, carl) for _ in range(3)]
    bobs = begun(world, world.bob)
    assert alive(world, *tokens, bobs) == [True] * 4
    assert world.run(open_sessions.end_others(world.store, carl.user_id, tokens[1])) == 2
    assert alive(world, *tokens, bobs) == [False, True, False, True]


def test_when_a_session_was_used_is_known_to_ten_minutes(world: World, carl: Account) -> None:
    token = begun(world, carl)
    for now in (NOW + 9 * MINUTE, NOW + 10 * MINUTE, NOW + 15 * MINUTE):
        assert alive(world, token, now=now) == [True]
    assert listed(world, carl)[0].seen_at == NOW + 10 * MINUTE
    world.run(sessions.sign_out(world.store, token))
    assert alive(world, token, now=NOW + 30 * MINUTE) == [False]


def test_a_token_of_one_person_does_not_become_anothers(world: World, carl: Account) -> None:
    token = begun(world, carl)
    moved = new_token(world.bob.user_id)[:13] + token[13:]
    assert alive(world, moved) == [False]


def test_a_session_is_proved_for_five_minutes_and_then_by_a_new_proof_under_a_new_token(
    world: World, carl: Account
) -> None:
    token = begun(world, carl)
    assert stepping_up.is_proved(of(world, token), NOW + 5 * MINUTE - 1)
    later = NOW + 5 * MINUTE
    assert not stepping_up.is_proved(of(world, token), later)
    assert not stepping_up.is_proved(None, NOW)
    assert alive(world, token) == [True]
    fresh = world.run(open_sessions.renew(world.store, token, later))
    assert alive(world, token, fresh) == [False, True]
    assert stepping_up.is_proved(of(world, fresh), later)
    assert of(world, fresh).created_at == NOW
    assert world.run(open_sessions.renew(world.store, token, later)) is None
    assert world.run(open_sessions.renew(world.store, "no token", later)) is None


def test_a_session_is_proved_by_a_passkey_of_its_person_for_itself_alone(world: World, carl: Account) -> None:
    authenticator = dataclasses.replace(world.with_passkey(carl), count=0)
    mine, other = of(world, begun(world, carl)), of(world, begun(world, carl))

    def asked(session: Session) -> str:
        made: str = world.run(stepping_up.request_options(world.store, PARTY, carl, session, NOW))
        return made

    def prove(person: Account, session: Session, answer: str, now: int = NOW) -> None:
        world.run(stepping_up.prove_passkey(world.store, PARTY, person, session, answer, now=now))

    answer = authenticator.get(asked(mine))
    with pytest.raises(PasskeyRefused, match="not for this"):
        prove(carl, other, answer)
    with pytest.raises(PasskeyRefused, match="not hers"):
        prove(world.bob, mine, answer)
    with pytest.raises(PasskeyRefused, match="too old"):
        prove(carl, mine, answer, NOW + challenges.LIFETIME)
    prove(carl, mine, answer)
    with pytest.raises(PasskeyRefused, match="used before"):
        prove(carl, mine, answer)


def test_sessions_that_are_over_are_forgotten(world: World, carl: Account) -> None:
    old, live = begun(world, carl, now=NOW - sessions.LIFETIME - 1), begun(world, carl)
    while world.run(sessions.forget_expired(world.store, NOW)):
        pass
    rows = world.run(
        world.store.read(
            lambda tx: tx.all("select session_hash from session where user_id = :id", id=carl.user_id)
        )
    )
    assert [row[0] for row in rows] == [digest(live)]
    assert digest(old) != digest(live)
    assert memory_of(world.store).sessions.get(digest(old)) is None


WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
IPHONE = f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) {APPLE}"


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0", "Firefox on Linux"),
        (f"{WINDOWS} Chrome/142.0.0.0 Safari/537.36", "Chrome on Windows"),
        (f"{WINDOWS} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0", "Edge on Windows"),
        (f"{WINDOWS} Chrome/142.0.0.0 Safari/537.36 OPR/127.0.0.0", "Opera on Windows"),
        (
            f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {APPLE} Version/26.1 Safari/605.1.15",
            "Safari on a Mac",
        ),
        (
            f"{IPHONE} Version/26.1 Mobile/15E148 Safari/604.1",
            "Safari on an iPhone",
        ),
        (
            f"{IPHONE} CriOS/142.0 Mobile/15E148 Safari/604.1",
            "Chrome on an iPhone",
        ),
        ("Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0", "Firefox on Android"),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Something/1", "A browser on a Chromebook"),
        ("python-httpx2/2.16", UNKNOWN),
        ("", UNKNOWN),
        ("<script>Firefox/1" + "x" * 10_000, "Firefox"),
    ],
)
def test_a_browser_is_named_in_plain_words(user_agent: str, words: str) -> None:
    assert named(user_agent) == words
