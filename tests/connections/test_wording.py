"""The sentences of the consent page say what will be enforced: neither more nor less.

They are read here by the letter, as a person would: which words stand there, which titles, which dates.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from vestibule.connections.coverage import ABOUT_MESSAGES
from vestibule.connections.grants import Ask, Grant, Permission, Reach, Scope, Seen, Selection, reaches
from vestibule.connections.language import ENGLISH, languages
from vestibule.connections.listing import Connection
from vestibule.connections.names import Names, inert
from vestibule.connections.wording import (
    GROUPS,
    Sentence,
    end_sentence,
    live_connections,
    log_sentence,
    never_sentences,
    others_sentences,
    sentences,
)
from vestibule.gate.decide import Ground, decide
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.partners.register import Privilege

APP = "jukebox"
TITLES = {number: f"conversation no. {number}!" for number in range(5)}
NAMES = Names("Jukebox", TITLES)
FIRST, LAST = 20_000, 20_004
"""Days between which everything here happens."""

DAYS = st.integers(FIRST, LAST)
MOMENTS = st.one_of(
    st.just(0),
    DAYS.map(lambda day: day * MICROSECONDS_A_DAY),
    st.integers(FIRST * MICROSECONDS_A_DAY, LAST * MICROSECONDS_A_DAY),
)
CONVERSATIONS = st.integers(0, 4)
PLACES = st.tuples(CONVERSATIONS, st.integers(1, 4))
PARTNERS = st.sampled_from([None, APP, "echo"])
GRANTS = st.builds(
    Grant,
    st.just(APP),
    st.lists(
        st.builds(
            Permission, st.sampled_from(Scope), st.sampled_from(["a purpose", "another"]), st.integers(3, 4)
        ),
        unique_by=lambda permission: permission.scope,
    ).map(tuple),
    st.builds(
        Selection,
        st.lists(CONVERSATIONS, unique=True, max_size=4).map(tuple),
        MOMENTS,
        st.sampled_from(Reach),
        st.lists(PLACES, unique=True, max_size=6).map(sorted).map(tuple),
    ),
    DAYS,
)


@dataclass(frozen=True)
class Request:
    """What a partner asks of the gate: under which privilege, and in the end about which message."""

    privilege: int
    ask: Ask
    seen: Seen


@st.composite
def _requests(draw: st.DrawFn) -> Request:
    conversation = draw(CONVERSATIONS)
    ask = Ask(draw(st.sampled_from(Scope)), conversation, draw(st.integers(FIRST, LAST + 1)))
    seen = Seen(conversation, draw(st.integers(1, 4)), draw(MOMENTS), draw(PARTNERS), draw(PARTNERS))
    return Request(draw(st.integers(3, 4)), ask, seen)


REQUESTS = _requests()


def is_permitted(grant: Grant, request: Request) -> bool:
    """Ask what is enforced: the gate's decision, and for single messages the selection."""
    now = request.ask.day * MICROSECONDS_A_DAY
    privilege = Privilege(APP, request.ask.scope, "a purpose", "", LAST + 9, "held", request.privilege, 1)
    connection = Connection(7, 8, APP, "active", 2, grant, 0, 0, None)
    if decide(Ground(APP, connection, privilege, now + 1), request.ask, now) is not None:
        return False
    if request.ask.scope is Scope.MESSAGES_DELETE and request.seen.via_partner != APP:
        return False  # gate.operations.deleting: no other message than what the partner wrote
    return request.ask.scope not in ABOUT_MESSAGES or reaches(grant, request.seen)


READ = {
    r"Jukebox can read the messages in:": (Scope.MESSAGES_READ, Reach.CONVERSATIONS),
    r"Jukebox can read only the messages that came through it, and the replies to them, in:": (
        Scope.MESSAGES_READ,
        Reach.THROUGH_PARTNER,
    ),
    r"Jukebox can read only the (\d+) messages? that you picked, in:": (Scope.MESSAGES_READ, Reach.PICKED),
    r"Jukebox can delete the messages that it wrote in your name, in:": (
        Scope.MESSAGES_DELETE,
        Reach.CONVERSATIONS,
    ),
    r"Jukebox can delete the 1 message that you picked, if it wrote it in your name, in:": (
        Scope.MESSAGES_DELETE,
        Reach.PICKED,
    ),
    r"Jukebox can delete those of the (\d+) messages you picked that it wrote in your name, in:": (
        Scope.MESSAGES_DELETE,
        Reach.PICKED,
    ),
    r"Jukebox can write messages in your name, in:": (Scope.MESSAGES_SEND, None),
    r"Jukebox can see how many friends you have, and which of them use Jukebox too\.": (
        Scope.FRIENDS_LIST,
        None,
    ),
    r"Jukebox can see what is recommended to you through it from now on, and on which day; not by whom\.": (
        Scope.RECOMMENDATIONS_RECEIVE,
        None,
    ),
}


def is_covered(said: Sequence[Sentence], end: str, request: Request) -> bool:
    """Read the sentences, and say whether one of them speaks of this."""
    in_time = end in [
        f"All of this ends by itself after {ENGLISH.day(day)} (UTC)."
        for day in range(request.ask.day, request.ask.day + 9)
    ]
    return in_time and any(_speaks_of(sentence, request) for sentence in said)


def _speaks_of(sentence: Sentence, request: Request) -> bool:
    [(scope, reach)] = [meant for words, meant in READ.items() if re.fullmatch(words, sentence.text)]
    if scope != request.ask.scope:
        return False
    if sentence.text.endswith("."):
        return not sentence.items
    return _is_about(sentence, reach, request.seen)


def _is_about(sentence: Sentence, reach: Reach | None, seen: Seen) -> bool:
    where = [item.title for item in sentence.items]
    if TITLES[seen.conversation] not in where:
        return False
    if any(_later(note, seen.sent_at) for note in sentence.notes):
        return False
    if reach is Reach.THROUGH_PARTNER:
        return APP in (seen.via_partner, seen.answers_via)
    if "it wrote" in sentence.text and seen.via_partner != APP:
        return False
    # The words give the number of picked messages; which ones those are, she picked herself.
    there = sentence.covers[where.index(TITLES[seen.conversation])]
    return reach is not Reach.PICKED or seen.seq in there.picked


def _later(note: str, sent_at: int) -> bool:
    found = re.fullmatch(r"Only messages sent on or after (.+) \(UTC\)\.", note)
    return found is not None and sent_at < _moment(found[1])


def _moment(words: str) -> int:
    form = "%d %B %Y" if words.endswith("2024") else "%Y-%m-%d %H:%M:%S.%f"
    since_1970 = datetime.strptime(words, form).replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return since_1970 // timedelta(microseconds=1)


def witness(grant: Grant, sentence: Sentence, number: int) -> Request:
    """Make a request of what a sentence says of the conversation `number` in its list."""
    cover = sentence.covers[number]
    permission = grant.permission(sentence.scope)
    assert permission is not None
    where = cover.conversation if cover.conversation is not None else 0
    seq = cover.picked[0] if cover.picked else 1
    ask = Ask(cover.scope, where, cover.until_day)
    return Request(permission.privilege_index, ask, Seen(where, seq, cover.since, APP))


@given(GRANTS, st.lists(REQUESTS, min_size=1, max_size=8))
@settings(max_examples=200)
def test_whatever_is_permitted_is_covered_by_a_sentence_and_nothing_else_is(
    grant: Grant, requests: list[Request]
) -> None:
    said, end = sentences(grant, NAMES), end_sentence(grant)

    for request in requests:
        permission = grant.permission(request.ask.scope)
        under = replace(request, privilege=permission.privilege_index) if permission else request
        assert is_covered(said, end, under) == is_permitted(grant, under)
        # Under another privilege, whose reason she did not read, nothing is permitted.
        assert not is_permitted(grant, replace(under, privilege=9))


@given(GRANTS)
@settings(max_examples=60)
def test_no_sentence_lacks_a_permitted_request_in_any_of_its_conversations(grant: Grant) -> None:
    for sentence in sentences(grant, NAMES):
        assert sentence.covers
        for number in range(len(sentence.covers)):
            assert is_permitted(grant, witness(grant, sentence, number))


@given(GRANTS)
@settings(max_examples=60)
def test_a_sentence_left_out_or_one_too_many_would_be_noticed(grant: Grant) -> None:
    said, end = sentences(grant, NAMES), end_sentence(grant)

    for sentence in said:
        request = witness(grant, sentence, 0)
        assert is_covered(said, end, request)
        assert not is_covered([other for other in said if other is not sentence], end, request)
        smaller = replace(grant, permissions=tuple(p for p in grant.permissions if p.scope != sentence.scope))
        assert is_covered(said, end, request)
        assert not is_permitted(smaller, request)


@given(GRANTS, GRANTS)
@settings(max_examples=60)
def test_what_permits_different_things_reads_differently(one: Grant, other: Grant) -> None:
    def text(grant: Grant) -> object:
        return [(said.text, said.items, said.notes) for said in sentences(grant, NAMES)], end_sentence(grant)

    def permits(grant: Grant) -> object:
        # Which messages she picked, the words say only by their number.
        covers = [cover for said in sentences(grant, NAMES) for cover in said.covers]
        return [replace(cover, picked=(len(cover.picked),), until_day=0) for cover in covers], grant.until_day

    assert (text(one) == text(other)) == (permits(one) == permits(other))


@given(GRANTS)
@settings(max_examples=60)
def test_every_scope_is_either_said_to_be_granted_or_said_not_to_be(grant: Grant) -> None:
    never = never_sentences(grant, NAMES)
    whole = replace(grant, permissions=())

    assert len(never_sentences(whole, NAMES)) == len(Scope)
    for scope, sentence in zip(
        tuple(Scope),
        never_sentences(whole, NAMES),
        strict=True,
    ):
        assert (sentence in never) == (scope not in grant.scopes)


@given(GRANTS)
@settings(max_examples=60)
def test_a_sentence_carries_the_reason_of_its_own_scope(grant: Grant) -> None:
    for sentence in sentences(grant, NAMES):
        permission = grant.permission(sentence.scope)
        assert permission is not None
        assert sentence.purpose == permission.purpose


def test_reading_and_listing_are_looking_and_the_others_are_doing() -> None:
    assert {scope for scope, group in GROUPS.items() if group == "view"} == {
        Scope.MESSAGES_READ,
        Scope.FRIENDS_LIST,
        Scope.RECOMMENDATIONS_RECEIVE,
    }
    assert set(GROUPS) == set(Scope)


def test_the_picked_messages_are_counted_for_each_conversation() -> None:
    selection = Selection((1, 2), 0, Reach.PICKED, ((1, 4), (1, 5), (2, 1), (3, 1)))
    grant = Grant(APP, (Permission(Scope.MESSAGES_READ, "a purpose", 3),), selection, LAST)

    [sentence] = sentences(grant, NAMES)

    assert sentence.text == "Jukebox can read only the 3 messages that you picked, in:"
    assert [(item.title, item.count) for item in sentence.items] == [
        ("conversation no. 1!", "2 messages"),
        ("conversation no. 2!", "1 message"),
    ]


def test_each_scope_has_its_own_words_about_the_others() -> None:
    every = others_sentences(list(Scope), NAMES)

    assert len(set(every)) == len(Scope)
    assert all("Jukebox" in sentence for sentence in every)
    assert others_sentences([Scope.FRIENDS_LIST], NAMES) == (every[list(Scope).index(Scope.FRIENDS_LIST)],)


def test_a_title_cannot_change_how_the_text_around_it_is_shown() -> None:
    assert inert("a\u202eb\nc\u2028d\u200be\x07f") == "a b c d e f"
    assert inert("\u2066 \u2069") == ""
    assert inert("👩\u200d💻 a\u200cb") == "👩\u200d💻 a\u200cb"


def test_days_are_written_as_dates() -> None:
    assert ENGLISH.day(20_000) == "4 October 2024"
    assert ENGLISH.day(0) == "1 January 1970"
    assert languages()["de"].day(20_000) == "4. Oktober 2024"


def test_below_ten_live_connections_the_page_says_what_the_log_shows() -> None:
    one, nine = log_sentence(1, "Jukebox"), log_sentence(9, "Jukebox")

    assert one is not None
    assert nine is not None
    assert "only 1 connected person so far" in one
    assert "only 9 connected people so far" in nine
    assert log_sentence(10, "Jukebox") is None


def test_live_connections_are_the_grants_less_the_ends_of_one_partner_and_scope() -> None:
    totals = {
        ("jukebox", "grant", "messages.read", "grant"): (5, 0),
        ("jukebox", "end", "messages.read", "grant"): (2, 0),
        ("jukebox", "grant", "other", "grant"): (7, 0),
        ("echo", "grant", "messages.read", "grant"): (9, 0),
    }

    assert live_connections(totals, "jukebox", "messages.read") == 3
    assert live_connections(totals, "marquee", "messages.read") == 0
