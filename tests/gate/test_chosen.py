"""Reading only chosen messages: whatever is chosen, the pages are full and follow each other."""

from collections.abc import Sequence
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from tests.conftest import Run
from vestibule.connections.grants import Grant, Reach, Selection, reaches
from vestibule.gate.selecting import chosen_by, seen_of
from vestibule.inbox.appending import Draft, append
from vestibule.inbox.message import Message
from vestibule.inbox.selected import page_of
from vestibule.store import Store

GROUP = 7
ANA, BOB, CLEO = 1, 2, 3
NOW = 1_000
CONVERSATION = """
    insert into conversation (conversation_id, kind, title, last_seq, projected_seq, created_at)
    values (7, 'group', '', 0, 0, 0)
"""
EMPTY = "delete from message where conversation_id = 7"
START = "update conversation set last_seq = 0 where conversation_id = 7"

written = st.lists(
    st.tuples(
        st.sampled_from([ANA, BOB, CLEO]),
        st.sampled_from([None, "jukebox", "marquee"]),
        st.sampled_from([None, None, "jukebox", "marquee"]),
        st.integers(NOW - 2, NOW + 2),
    ),
    max_size=25,
)
selections = st.builds(
    Selection,
    conversations=st.just((GROUP,)),
    since=st.integers(NOW - 2, NOW + 2),
    reach=st.sampled_from(Reach),
    picked=st.lists(st.tuples(st.sampled_from([GROUP, 8]), st.integers(1, 30)), max_size=12).map(tuple),
)
senders = st.sets(st.sampled_from([ANA, BOB, CLEO]), min_size=1).map(tuple)


@pytest.fixture
def group(store: Store, run: Run) -> Store:
    run(store.write(lambda tx: tx.run(CONVERSATION)))
    return store


async def write(store: Store, talk: Sequence[tuple[int, str | None, str | None, int]]) -> list[Message]:
    async def fresh(tx: Any) -> None:
        await tx.run(EMPTY)
        await tx.run(START)

    await store.write(fresh)
    drafts = [
        Draft(
            GROUP,
            who,
            "",
            f"k{n}",
            at,
            "hi",
            via_partner=via,
            event_index=None if via is None else n,
            answers_via=answers,
        )
        for n, (who, via, answers, at) in enumerate(talk)
    ]
    stored = await store.write(lambda tx: append(tx, drafts)) if drafts else []
    return [one.message for one in stored if not isinstance(one, Exception)]


# Each example writes the conversation anew.
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(talk=written, selection=selections, asked=st.tuples(senders, st.integers(1, 6)))
def test_the_pages_hold_exactly_what_the_grant_reaches(
    group: Store, run: Run, talk: Any, selection: Selection, asked: tuple[tuple[int, ...], int]
) -> None:
    by, limit = asked
    grant = Grant("jukebox", (), selection, 20_000)
    stored = run(write(group, talk))
    expected = [one for one in stored if one.sender_id in by and reaches(grant, seen_of(one))]

    found: list[Message] = []
    while page := run(
        page_of(group, GROUP, chosen_by(grant, GROUP, by), after=found[-1].seq if found else 0, limit=limit)
    ):
        assert len(page) == min(limit, len(expected) - len(found))
        found += page

    assert found == expected
    assert [one for one in stored if chosen_by(grant, GROUP, by).has(one)] == expected
