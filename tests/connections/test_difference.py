"""What a new grant would change is shown item by item: kept, new or gone."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.connections.test_wording import APP, GRANTS, LAST, NAMES, REQUESTS, Request, is_permitted
from vestibule.connections.difference import Fate, difference
from vestibule.connections.grants import Grant, Permission, Reach, Scope, Selection
from vestibule.connections.language import languages

READ, SEND = Permission(Scope.MESSAGES_READ, "for songs", 3), Permission(Scope.MESSAGES_SEND, "to answer", 3)
STANDING = Grant(APP, (READ,), Selection((1, 2), 0), LAST)


def fates(standing: Grant, new: Grant) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {fate.value: set() for fate in Fate}
    for change in difference(standing, new, NAMES):
        found[change.fate].add(change.text)
    return found


def test_a_larger_request_shows_what_is_new_and_what_stays() -> None:
    larger = replace(
        STANDING, permissions=(READ, SEND), selection=Selection((1, 2, 3), 0), until_day=LAST + 1
    )

    assert fates(STANDING, larger) == {
        "kept": {
            "Read messages",
            "conversation no. 1!",
            "conversation no. 2!",
            "All messages in these conversations",
            "From the first message on",
        },
        "new": {"Write messages in your name", "conversation no. 3!", "Until 9 October 2024 (UTC)"},
        "gone": {"Until 8 October 2024 (UTC)"},
    }


def test_another_reason_for_the_same_is_another_permission() -> None:
    changed = replace(STANDING, permissions=(replace(READ, purpose="to sell them"),))

    scopes = [change for change in difference(STANDING, changed, NAMES) if change.topic == "scope"]

    assert [(change.fate, change.purpose) for change in scopes] == [
        (Fate.NEW, "to sell them"),
        (Fate.GONE, "for songs"),
    ]


def test_picked_messages_are_counted() -> None:
    def picking(*picked: tuple[int, int]) -> Grant:
        return replace(STANDING, selection=Selection((1, 2), 0, Reach.PICKED, picked))

    changed = fates(picking((1, 1), (1, 2), (2, 1)), picking((1, 2), (2, 1), (2, 2)))

    assert "2 picked messages" in changed["kept"]
    assert changed["new"] == changed["gone"] == {"1 picked message"}


def test_the_difference_is_said_in_the_persons_language() -> None:
    said = difference(STANDING, STANDING, NAMES, languages()["de"])

    assert "Nachrichten lesen" in {change.text for change in said}
    assert "Bis 8. Oktober 2024 (UTC)" in {change.text for change in said}


@given(GRANTS)
@settings(max_examples=50)
def test_nothing_changes_between_a_grant_and_itself(grant: Grant) -> None:
    assert {change.fate for change in difference(grant, grant, NAMES)} == {Fate.KEPT}


@given(GRANTS, GRANTS, st.lists(REQUESTS, min_size=1, max_size=8))
@settings(max_examples=150)
def test_what_becomes_possible_shows_as_new_and_what_ends_as_gone_or_new(
    standing: Grant, new: Grant, requests: list[Request]
) -> None:
    # The privilege that a scope stands on is not in the words; its reason is.
    def under_one(grant: Grant) -> Grant:
        return replace(grant, permissions=tuple(replace(one, privilege_index=3) for one in grant.permissions))

    standing, new = under_one(standing), under_one(new)
    fates = {change.fate for change in difference(standing, new, NAMES)}

    for request in requests:
        asked = replace(request, privilege=3)
        before, after = is_permitted(standing, asked), is_permitted(new, asked)
        assert not (after and not before) or Fate.NEW in fates
        assert not (before and not after) or Fate.GONE in fates


@given(GRANTS, GRANTS)
@settings(max_examples=50)
def test_backwards_what_was_new_is_gone(one: Grant, other: Grant) -> None:
    there, back = (difference(*grants, NAMES) for grants in ((one, other), (other, one)))
    swapped = {Fate.NEW: Fate.GONE, Fate.GONE: Fate.NEW, Fate.KEPT: Fate.KEPT}

    assert {replace(change, fate=swapped[change.fate]) for change in there} == set(back)
