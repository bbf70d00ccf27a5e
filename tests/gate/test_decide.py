"""The decision as a table, and for every combination of what can be missing, ended, expired or another's."""

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.connections.grants import (
    LONGEST_DAYS,
    Ask,
    Grant,
    Permission,
    Reach,
    Refusal,
    Scope,
    Selection,
    refused_by,
)
from vestibule.connections.listing import Connection
from vestibule.gate.decide import Ground, ask_for, decide
from vestibule.partners.register import Privilege

DAY = 86_400_000_000
NOW = 20_000 * DAY + 5
READING = Permission(Scope.MESSAGES_READ, "a purpose", 3)
GRANT = Grant("jukebox", (READING,), Selection((7, 8), 0), 20_000)
CONNECTION = Connection(1, 2, "jukebox", "active", 2, GRANT, 0, 0, None)
PRIVILEGE = Privilege("jukebox", "messages.read", "a purpose", "00", 20_000, "held", 3, 1)
STANDING = Ground("jukebox", CONNECTION, PRIVILEGE, NOW + 1)


def with_connection(**changed: Any) -> Ground:
    return dataclasses.replace(STANDING, connection=dataclasses.replace(CONNECTION, **changed))


def with_grant(**changed: Any) -> Ground:
    return with_connection(grant=dataclasses.replace(GRANT, **changed))


def with_privilege(**changed: Any) -> Ground:
    return dataclasses.replace(STANDING, privilege=dataclasses.replace(PRIVILEGE, **changed))


def code(standing: Ground, conversation: int | None = 7, now: int = NOW) -> str | None:
    refusal = decide(standing, ask_for(Scope.MESSAGES_READ, conversation, now), now)
    return None if refusal is None else refusal.code


def test_it_is_permitted_if_all_of_it_holds() -> None:
    assert code(STANDING) is None
    assert code(STANDING, 8) is None


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (dataclasses.replace(STANDING, privilege=None), "no_privilege"),
        (with_privilege(state="withdrawn"), "no_privilege"),
        (with_privilege(until_day=19_999), "no_privilege"),
        (dataclasses.replace(STANDING, connection=None), "dead_token"),
        (dataclasses.replace(STANDING, token_expires_at=NOW), "dead_token"),
        (dataclasses.replace(STANDING, token_expires_at=0), "dead_token"),
        (with_connection(partner_id="marquee"), "dead_token"),
        (with_connection(state="ended"), "connection_ended"),
        (with_connection(state="waiting"), "connection_ended"),
        (with_connection(state="suspended"), "connection_suspended"),
        (with_grant(permissions=(dataclasses.replace(READING, privilege_index=2),)), "privilege_changed"),
        (with_privilege(leaf_index=4), "privilege_changed"),
        (with_grant(permissions=()), "missing_scope"),
        (dataclasses.replace(with_privilege(state="withdrawn"), token_expires_at=NOW), "dead_token"),
        (dataclasses.replace(with_connection(state="ended"), privilege=None), "connection_ended"),
        (with_grant(permissions=(Permission(Scope.MESSAGES_SEND, "a purpose", 3),)), "missing_scope"),
        (with_grant(until_day=19_999), "grant_expired"),
        (with_grant(selection=Selection((8,), 0)), "not_selected"),
    ],
)
def test_whatever_is_missing_is_what_the_refusal_names(standing: Ground, expected: str) -> None:
    assert code(standing) == expected


def test_no_conversation_and_another_conversation_are_not_selected() -> None:
    assert code(STANDING, None) == "not_selected"
    assert code(STANDING, 9) == "not_selected"


def test_privilege_and_grant_last_to_the_end_of_their_day_and_no_longer() -> None:
    last = dataclasses.replace(STANDING, token_expires_at=NOW + 10 * DAY)
    assert code(last, now=20_001 * DAY - 1) is None
    assert code(last, now=20_001 * DAY) == "no_privilege"
    longer = dataclasses.replace(last, privilege=dataclasses.replace(PRIVILEGE, until_day=20_001))
    assert code(longer, now=20_001 * DAY) == "grant_expired"


PRIVILEGES = st.one_of(
    st.none(),
    st.builds(
        Privilege,
        st.just("jukebox"),
        st.just("messages.read"),
        st.just(""),
        st.just(""),
        st.integers(19_999, 20_001),
        st.sampled_from(["held", "withdrawn", "suspended", ""]),
        st.just(3),
        st.just(1),
    ),
)
GRANTS = st.builds(
    Grant,
    st.just("jukebox"),
    st.lists(
        st.builds(Permission, st.sampled_from(Scope), st.just(""), st.sampled_from([-1, 3])), max_size=1
    ).map(tuple),
    st.builds(Selection, st.lists(st.integers(6, 8), max_size=2).map(tuple), st.just(0)),
    st.integers(19_999, 20_001),
)
CONNECTIONS = st.one_of(
    st.none(),
    st.builds(
        Connection,
        st.just(1),
        st.just(2),
        st.sampled_from(["jukebox", "marquee"]),
        st.sampled_from(["waiting", "active", "suspended", "ended", ""]),
        st.just(1),
        GRANTS,
        st.just(5),
        st.just(0),
        st.just(0),
        st.none(),
    ),
)


@given(PRIVILEGES, CONNECTIONS, st.integers(NOW - 1, NOW + 1), st.sampled_from([None, 6, 7, 8]))
def test_it_is_permitted_only_if_every_part_holds(
    privilege: Privilege | None, connection: Connection | None, expires: int, conversation: int | None
) -> None:
    holds = (
        privilege is not None
        and privilege.state == "held"
        and privilege.until_day >= 20_000
        and connection is not None
        and connection.state == "active"
        and connection.partner_id == "jukebox"
        and expires > NOW
        and connection.grant.scopes == (Scope.MESSAGES_READ,)
        and connection.grant.permissions[0].privilege_index == privilege.leaf_index
        and connection.grant.until_day >= 20_000
        and conversation in connection.grant.selection.conversations
    )

    permitted = code(Ground("jukebox", connection, privilege, expires), conversation) is None

    assert permitted == holds


@given(GRANTS, st.sampled_from([None, 6, 7]), st.integers(19_998, 20_002))
def test_a_refusal_names_nobody_and_no_conversation(grant: Grant, conversation: int | None, day: int) -> None:
    refusal = refused_by(grant, Ask(Scope.MESSAGES_READ, conversation, day))

    assert refusal is None or isinstance(refusal, Refusal)
    if refusal is not None and refusal.code == "not_selected":
        assert not any(character.isdigit() for character in refusal.sentence)


@pytest.mark.parametrize(
    "changed",
    [
        with_connection(version=3),
        with_connection(state="ended"),
        with_connection(connection_id=3),
        with_privilege(version=2),
        with_privilege(state="withdrawn"),
        dataclasses.replace(STANDING, connection=None),
        dataclasses.replace(STANDING, privilege=None),
        dataclasses.replace(STANDING, token_expires_at=NOW),
    ],
)
def test_every_change_of_connection_privilege_or_token_changes_the_versions(changed: Ground) -> None:
    assert changed.versions != STANDING.versions
    assert with_connection(last_used_at=NOW).versions == STANDING.versions


def test_a_grant_survives_storage() -> None:
    picked = dataclasses.replace(GRANT, selection=Selection((7,), 5, Reach.PICKED, ((7, 1), (7, 3))))
    assert Grant.from_json(GRANT.to_json()) == GRANT
    assert Grant.from_json(picked.to_json()) == picked
    assert LONGEST_DAYS == 731
