"""The sentences of the consent page say what will be enforced: neither more nor less."""

from hypothesis import given
from hypothesis import strategies as st

from vestibule.connections.grants import Ask, Grant, Permission, Scope, Selection, refused_by
from vestibule.connections.wording import day_words, live_connections, log_sentence, sentences

TITLES = {number: f"conversation no. {number}!" for number in range(6)}
GRANTS = st.builds(
    Grant,
    st.just("jukebox"),
    st.sampled_from([(), (Permission(Scope.MESSAGES_READ, "a purpose", 3),)]),
    st.builds(
        Selection,
        st.lists(st.integers(0, 5), unique=True, max_size=6).map(tuple),
        st.integers(0, 40_000).map(lambda day: day * 86_400_000_000),
    ),
    st.integers(0, 40_000),
)


@given(GRANTS)
def test_exactly_the_conversations_that_may_be_read_are_named(grant: Grant) -> None:
    said = sentences(grant, TITLES)

    for conversation, title in TITLES.items():
        permitted = refused_by(grant, Ask(Scope.MESSAGES_READ, conversation, grant.until_day)) is None
        assert any(f"“{title}”" in sentence for sentence in said) == permitted


@given(GRANTS)
def test_the_day_that_is_named_is_the_last_on_which_anything_is_permitted(grant: Grant) -> None:
    assert sentences(grant, TITLES)[-1] == f"This ends by itself after {day_words(grant.until_day)}."
    for conversation in grant.selection.conversations:
        assert refused_by(grant, Ask(Scope.MESSAGES_READ, conversation, grant.until_day + 1)) is not None


@given(GRANTS)
def test_every_reading_sentence_names_the_start_and_whose_words_are_kept_back(grant: Grant) -> None:
    since = day_words(grant.selection.since // 86_400_000_000)

    for sentence in sentences(grant, TITLES)[:-1]:
        assert f"from {since} on" in sentence
        assert "who have agreed themselves" in sentence


def test_days_are_written_as_dates() -> None:
    assert day_words(20_000) == "4 October 2024"
    assert day_words(0) == "1 January 1970"


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
