"""The grant is what a person ticked, and never more than was asked for."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vestibule.connections.choosing import MOST_PICKED, NARROWER, Choice, Offer, grant_of
from vestibule.connections.errors import ConnectionRefused
from vestibule.connections.grants import (
    LONGEST_DAYS,
    Grant,
    Permission,
    Reach,
    Scope,
    Seen,
    Selection,
    reaches,
)
from vestibule.connections.language import languages
from vestibule.ledger.days import MICROSECONDS_A_DAY

TODAY = 20_000
HERS = frozenset({1, 2, 3})
EVERY = tuple(Permission(scope, f"for {scope}", 7) for scope in Scope)
OFFER = Offer("jukebox", EVERY, Reach.CONVERSATIONS, dict.fromkeys(Scope, TODAY + 100))
CHOICE = Choice(frozenset(Scope), (1, 2), Reach.CONVERSATIONS, frozenset(), TODAY - 30, TODAY + 90)

OFFERS = st.builds(
    Offer,
    st.just("jukebox"),
    st.lists(st.sampled_from(EVERY), unique=True).map(tuple),
    st.sampled_from(Reach),
    st.just(dict.fromkeys(Scope, TODAY + 100)),
)
CHOICES = st.builds(
    Choice,
    st.frozensets(st.sampled_from(Scope)),
    st.lists(st.integers(0, 4), max_size=4).map(tuple),
    st.sampled_from(Reach),
    st.frozensets(st.tuples(st.integers(0, 4), st.integers(1, 4)), max_size=5),
    st.integers(TODAY - 40, TODAY),
    st.integers(TODAY - 1, TODAY + 101),
)
SEEN = st.builds(
    Seen,
    st.integers(0, 4),
    st.integers(1, 4),
    st.integers((TODAY - 40) * MICROSECONDS_A_DAY, TODAY * MICROSECONDS_A_DAY),
    st.sampled_from([None, "jukebox", "echo"]),
    st.sampled_from([None, "jukebox"]),
)


def changed(**fields: Any) -> Choice:
    return replace(CHOICE, **fields)


@given(OFFERS, CHOICES, SEEN)
@settings(max_examples=300)
def test_a_grant_is_never_larger_than_what_was_asked_for_nor_than_what_was_chosen(
    offer: Offer, choice: Choice, seen: Seen
) -> None:
    try:
        grant = grant_of(offer, choice, HERS, TODAY)
    except ConnectionRefused:
        return

    assert set(grant.permissions) <= set(offer.permissions)
    assert set(grant.scopes) <= choice.scopes
    assert set(grant.selection.conversations) <= HERS.intersection(choice.conversations)
    assert TODAY <= grant.until_day <= min(choice.until_day, TODAY + 100)
    everything_asked = Grant(
        "jukebox", EVERY, Selection(tuple(HERS), 0, offer.reach, tuple(choice.picked)), 0
    )
    # Without reading, no message is reached: where writing is all, the selection says nothing of messages.
    if Scope.MESSAGES_READ in grant.scopes and reaches(grant, seen):
        assert offer.reach is Reach.PICKED or reaches(everything_asked, seen)
        assert seen.sent_at >= choice.since_day * MICROSECONDS_A_DAY
        assert choice.reach is not Reach.PICKED or (seen.conversation, seen.seq) in choice.picked


def test_everything_offered_can_be_chosen() -> None:
    grant = grant_of(OFFER, CHOICE, HERS, TODAY)

    assert grant.permissions == EVERY
    assert grant.selection == Selection((1, 2), (TODAY - 30) * MICROSECONDS_A_DAY)
    assert grant.until_day == TODAY + 90


@pytest.mark.parametrize("scope", list(Scope))
def test_each_scope_can_be_chosen_alone(scope: Scope) -> None:
    assert grant_of(OFFER, changed(scopes=frozenset({scope})), HERS, TODAY).scopes == (scope,)


def test_what_has_nothing_to_do_with_conversations_brings_none() -> None:
    grant = grant_of(OFFER, changed(scopes=frozenset({Scope.FRIENDS_LIST}), conversations=(9,)), HERS, TODAY)

    assert grant.selection == Selection((), 0)


def test_messages_picked_elsewhere_are_left_out() -> None:
    picked = frozenset({(1, 5), (3, 1), (9, 9)})

    grant = grant_of(OFFER, changed(reach=Reach.PICKED, picked=picked), HERS, TODAY)

    assert grant.selection.picked == ((1, 5),)
    assert grant_of(OFFER, changed(picked=picked), HERS, TODAY).selection.picked == ()


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        (changed(scopes=frozenset()), "Nothing is ticked"),
        (changed(conversations=()), "No conversation is chosen"),
        (changed(conversations=(1, 9)), "your own conversations"),
        (changed(until_day=TODAY - 1), "has to lie between 4 October 2024 and 12 January 2025"),
        (changed(until_day=TODAY + 101), "has to lie between"),
        (changed(reach=Reach.PICKED), "Pick between 1 and 200 messages"),
        (
            changed(reach=Reach.PICKED, picked=frozenset((1, seq) for seq in range(MOST_PICKED + 1))),
            "Pick between 1 and 200 messages",
        ),
    ],
)
def test_a_choice_that_permits_nothing_or_too_much_is_refused_with_what_to_do(
    choice: Choice, words: str
) -> None:
    with pytest.raises(ConnectionRefused, match=words):
        grant_of(OFFER, choice, HERS, TODAY)


def test_a_reach_wider_than_asked_for_is_refused() -> None:
    narrow = Offer("jukebox", EVERY, Reach.THROUGH_PARTNER, OFFER.until_day)

    with pytest.raises(ConnectionRefused, match="more than the app asked for"):
        grant_of(narrow, CHOICE, HERS, TODAY)
    assert NARROWER[Reach.CONVERSATIONS] == tuple(Reach)
    assert [len(NARROWER[reach]) for reach in (Reach.THROUGH_PARTNER, Reach.PICKED)] == [1, 1]


def test_no_end_is_later_than_two_years_or_than_the_privileges_allow() -> None:
    endless = Offer("jukebox", EVERY, Reach.CONVERSATIONS, dict.fromkeys(Scope, TODAY + 5000))
    uneven = Offer("jukebox", EVERY, Reach.CONVERSATIONS, {**OFFER.until_day, Scope.MESSAGES_SEND: TODAY + 9})

    assert endless.last_day(list(Scope), TODAY) == TODAY + LONGEST_DAYS
    assert uneven.last_day([Scope.MESSAGES_READ], TODAY) == TODAY + 100
    assert uneven.last_day([Scope.MESSAGES_READ, Scope.MESSAGES_SEND], TODAY) == TODAY + 9


def test_a_refusal_is_said_in_the_persons_language() -> None:
    with pytest.raises(ConnectionRefused, match="Nichts ist angekreuzt"):
        grant_of(OFFER, changed(scopes=frozenset()), HERS, TODAY, languages()["de"])
