"""A person's word about her own words."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from tests.gate.a_platform import World
from vestibule.connections import agreements
from vestibule.connections.words import Who, Words, lets_see

YES, NO = {"jukebox": True}, {"jukebox": False}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (Words(), False),
        (Words(Who.CHOSEN, YES), True),
        (Words(Who.CHOSEN, {"echo": True}), False),
        (Words(Who.NOBODY, YES), False),
        (Words(Who.ANYONE), True),
        (Words(Who.ANYONE, NO), False),
        (Words(Who.ANYONE, {}, {7: Who.NOBODY}), False),
        (Words(Who.CHOSEN, YES, {7: Who.NOBODY}), False),
        (Words(Who.NOBODY, {}, {7: Who.ANYONE}), True),
        (Words(Who.NOBODY, NO, {7: Who.ANYONE}), False),
        (Words(Who.NOBODY, {}, {8: Who.ANYONE}), False),
    ],
)
def test_a_no_is_stronger_than_a_yes_and_one_conversation_than_all(words: Words, *, expected: bool) -> None:
    assert lets_see(words, "jukebox", 7) is expected


@given(
    st.builds(
        Words,
        st.sampled_from(Who),
        st.dictionaries(st.sampled_from(["jukebox", "echo"]), st.booleans()),
        st.dictionaries(st.sampled_from([7, 8]), st.sampled_from([Who.NOBODY, Who.ANYONE])),
    )
)
def test_nothing_is_seen_without_a_yes_that_is_about_it(words: Words) -> None:
    if lets_see(words, "jukebox", 7):
        assert words.who is Who.ANYONE or words.here.get(7) is Who.ANYONE or words.partners.get("jukebox")
        assert words.here.get(7) is not Who.NOBODY


def test_who_said_nothing_has_not_agreed(world: World) -> None:
    assert world.run(agreements.words_of(world.store, 1)) == Words()
    assert world.run(agreements.agreed_among(world.store, [1, 2], "jukebox")) == frozenset()


def test_the_last_word_counts_for_its_own_partner(world: World) -> None:
    for agreed in (1, 0, 1):
        world.run(agreements.set_agreed(world.store, 3, "jukebox", agreed, world.now))
    world.run(agreements.set_agreed(world.store, 4, "jukebox", 1, world.now))
    world.run(agreements.set_agreed(world.store, 4, "jukebox", 0, world.now))
    world.run(agreements.set_agreed(world.store, 5, "echo", 1, world.now))

    assert world.run(agreements.agreed_among(world.store, [3, 4, 5], "jukebox")) == {3}
    assert world.run(agreements.words_of(world.store, 4)).partners == {"jukebox": False}


def test_nobody_takes_every_yes_back_for_good(world: World) -> None:
    world.run(agreements.set_usual(world.store, 6, Who.CHOSEN, ["jukebox", "echo"], world.now))
    world.run(agreements.set_usual(world.store, 6, Who.NOBODY, [], world.now))
    assert world.run(agreements.agreed_among(world.store, [6], "jukebox")) == frozenset()

    world.run(agreements.set_agreed(world.store, 6, "jukebox", 1, world.now))

    assert world.run(agreements.agreed_among(world.store, [6], "jukebox")) == {6}
    assert world.run(agreements.agreed_among(world.store, [6], "echo")) == frozenset()


def test_one_conversation_can_be_as_usual_again(world: World) -> None:
    for who in (Who.ANYONE, None):
        world.run(agreements.set_here(world.store, 7, 70, who, world.now))

    assert world.run(agreements.words_of(world.store, 7)) == Words()
