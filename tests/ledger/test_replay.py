from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vestibule.ledger import ed25519
from vestibule.ledger.fortnight import Fortnight
from vestibule.ledger.history import History
from vestibule.ledger.leaf import (
    Event,
    Genesis,
    KeyLeaf,
    Leaf,
    PartnerLeaf,
    PrivilegeLeaf,
    RelationshipLeaf,
    ReportLeaf,
    SuspensionLeaf,
    Withdrawal,
    encode,
    privilege_text,
)
from vestibule.ledger.replay import replay

DAY = 20_000
FIRST = Fortnight.of(DAY).first
DUE = Fortnight.of(DAY).due
Book = Any  # the fixture's class, which a test under importlib mode cannot import


def messages(history: History) -> list[tuple[int, str]]:
    return [(breach.index, breach.message) for breach in history.breaches]


def only_breach(book: Book, index: int, part: str) -> None:
    """Exactly one rule is broken, by this leaf."""
    found = messages(replay(book.entries()))
    assert len(found) == 1, found
    assert found[0][0] == index
    assert part in found[0][1]


def test_an_honest_log_has_no_breach(book: Book) -> None:
    book.event("access", n=4)
    book.event("exposure", n=1)
    book.event("refusal", "friends.list")
    book.event("send", "dialog", n=1)
    book.event("notify", "message.created", n=1)
    book.event("access", "staff.abuse", partner="operator", basis="operator", n=9)
    book.event("end")
    history = replay(book.entries())
    assert messages(history) == []
    assert history.size == 12
    assert history.genesis is not None
    assert history.genesis.origin == "log.example/2026"
    assert history.partners["jukebox"].legal_entity == "Jukebox GmbH"
    assert history.totals == {
        ("jukebox", "grant", "messages.read", "grant"): (1, 0),
        ("jukebox", "access", "messages.read", "grant"): (1, 4),
        ("jukebox", "exposure", "messages.read", "grant"): (1, 0),
        ("jukebox", "refusal", "friends.list", "grant"): (1, 0),
        ("jukebox", "send", "dialog", "grant"): (1, 1),
        ("jukebox", "notify", "message.created", "grant"): (1, 0),
        ("operator", "access", "staff.abuse", "operator"): (1, 9),
        ("jukebox", "end", "messages.read", "grant"): (1, 0),
    }
    assert history.events_by_partner == {"jukebox": (4, 5, 6, 7, 8, 9, 11), "operator": (10,)}
    assert len(history.tags) == 8


def test_an_empty_log_has_an_empty_history() -> None:
    history = replay([])
    assert (history.size, history.genesis, messages(history)) == (0, None, [])


def test_live_connections_are_grants_minus_ends(book: Book) -> None:
    book.event("grant")
    book.event("end")
    history = replay(book.entries())
    assert history.live("jukebox", "messages.read") == 1
    assert history.most_live("jukebox", "messages.read") == 2
    assert history.most_live("marquee", "messages.read") == 0


def test_a_log_that_begins_with_another_leaf_is_a_breach(new_book: Callable[[], Book]) -> None:
    book = new_book()
    book.leaves.clear()
    book.partner()
    only_breach(book, 0, "genesis leaf at index 0")
    assert replay(book.entries()).genesis is None


def test_a_second_genesis_is_a_breach(book: Book) -> None:
    index = book.add(Genesis("other.example", b"w" * 32, "vkey", 1, DAY))
    only_breach(book, index, "genesis at index 0 only")
    assert replay(book.entries()).genesis == book.leaves[0]


@pytest.mark.parametrize("entry", [b"", b"{}", b"not json", b'{"k":"epoch","v":1}'])
def test_a_malformed_or_unknown_leaf_is_a_breach_and_the_replay_goes_on(book: Book, entry: bytes) -> None:
    entries = book.entries()
    history = replay([*entries[:2], entry, *entries[2:]])
    assert [index for index, _ in messages(history)] == [2]
    assert history.live("jukebox", "messages.read") == 1


def test_a_day_that_goes_back_is_a_breach(book: Book) -> None:
    book.day = DAY - 1
    index = book.event("access", n=1)
    only_breach(book, index, f"expected day {DAY} or later, got {DAY - 1}")


def test_days_stay_where_they_were_after_one_that_went_back(book: Book) -> None:
    book.day = DAY + 2
    book.event("access")
    book.day = DAY + 1
    first = book.event("access")
    second = book.event("access")
    assert [index for index, _ in messages(replay(book.entries()))] == [first, second]


def test_a_tag_used_twice_is_a_breach(book: Book) -> None:
    first = book.event("access", n=1, tag=b"t" * 32)
    again = book.event("access", n=1, tag=b"t" * 32)
    only_breach(book, again, f"got the one of leaf {first}")
    assert replay(book.entries()).tags.get(b"t" * 32) == first


def test_an_event_of_an_unknown_partner_is_a_breach(book: Book) -> None:
    index = book.event("refusal", partner="shadow")
    only_breach(book, index, "registered partner, got 'shadow'")


def test_a_partner_id_is_given_once(book: Book) -> None:
    index = book.partner()
    only_breach(book, index, "new partner id")


def test_no_partner_can_be_called_operator(book: Book) -> None:
    index = book.partner("operator")
    only_breach(book, index, "new partner id, got 'operator'")


@pytest.mark.parametrize("kind", ["access", "exposure", "send", "delete"])
def test_an_event_without_privilege_and_grant_is_a_breach_twice_and_counts_all_the_same(
    book: Book, kind: Any
) -> None:
    index = book.event(kind, "messages.delete", n=3)
    history = replay(book.entries())
    assert [at for at, _ in messages(history)] == [index, index]
    assert history.totals["jukebox", kind, "messages.delete", "grant"][0] == 1


def test_a_read_under_a_privilege_nobody_granted_is_a_breach(book: Book) -> None:
    book.privilege("friends.list")
    index = book.event("access", "friends.list")
    only_breach(book, index, "live grant of friends.list to jukebox")


def test_a_read_after_the_last_end_is_a_breach(book: Book) -> None:
    book.event("end")
    index = book.event("access", n=1)
    only_breach(book, index, "live grant")


def test_a_grant_without_privilege_is_a_breach(book: Book) -> None:
    index = book.event("grant", "messages.send")
    only_breach(book, index, "privilege of jukebox for messages.send")


def test_an_end_without_grant_is_a_breach_and_never_makes_a_debt(book: Book) -> None:
    book.event("end")
    index = book.event("end")
    book.event("grant")
    only_breach(book, index, "live grant of messages.read to end")
    assert replay(book.entries()).live("jukebox", "messages.read") == 1


def test_a_read_after_withdrawal_is_a_breach(book: Book) -> None:
    gone = book.add(Withdrawal("jukebox", "messages.read", DAY))
    index = book.event("access", n=1)
    book.event("end")
    only_breach(book, index, "privilege of jukebox for messages.read")
    (held,) = replay(book.entries()).privileges["jukebox", "messages.read"]
    assert (held.from_index, held.until_index) == (3, gone)


def test_a_withdrawal_of_what_was_never_held_is_a_breach(book: Book) -> None:
    index = book.add(Withdrawal("jukebox", "friends.list", DAY))
    only_breach(book, index, "to withdraw")


def test_a_suspended_partner_has_refusals_and_ends_and_nothing_else(book: Book) -> None:
    book.add(SuspensionLeaf("jukebox", "operator", lifted=False, day=DAY))
    book.add(SuspensionLeaf("jukebox", "partner", lifted=False, day=DAY))
    book.event("refusal")
    book.add(SuspensionLeaf("jukebox", "operator", lifted=True, day=DAY))
    index = book.event("access", n=1)
    book.add(SuspensionLeaf("jukebox", "partner", lifted=True, day=DAY))
    book.event("access", n=1)
    book.event("end")
    only_breach(book, index, "expected no access by jukebox, suspended by partner")
    assert [leaf.lifted for _, leaf in replay(book.entries()).suspensions] == [False, False, True, True]


@pytest.mark.parametrize("kind", ["exposure", "send", "delete", "notify", "grant"])
def test_nothing_of_a_suspended_partners_is_recorded(book: Book, kind: str) -> None:
    book.add(SuspensionLeaf("jukebox", "operator", lifted=False, day=DAY))
    index = book.event(kind, n=1 if kind in {"exposure", "send", "delete", "notify"} else 0)
    only_breach(book, index, f"expected no {kind} by jukebox, suspended by operator")


@pytest.mark.parametrize("twice", [True, False])
def test_a_suspension_that_changes_nothing_is_a_breach(book: Book, *, twice: bool) -> None:
    if twice:
        book.add(SuspensionLeaf("jukebox", "operator", lifted=False, day=DAY))
    index = book.add(SuspensionLeaf("jukebox", "operator", lifted=not twice, day=DAY))
    only_breach(book, index, "no suspension yet" if twice else "a suspension to lift")


def test_what_ties_an_unknown_partner_is_a_breach(book: Book) -> None:
    book.add(RelationshipLeaf("jukebox", "payment", "1 to 5 million", DAY, None, "ab" * 32, DAY))
    index = book.add(RelationshipLeaf("who", "payment", "1 to 5 million", DAY, None, "ab" * 32, DAY))
    only_breach(book, index, "expected a registered partner, got 'who'")
    assert [leaf.band for _, leaf in replay(book.entries()).relationships] == ["1 to 5 million"]


def report(
    day: int, edition: int, verdict: str, *, partner: str = "jukebox", first: int = FIRST
) -> ReportLeaf:
    theirs = None if verdict == "missing" else bytes(32)
    return ReportLeaf(partner, first, edition, verdict, 0, bytes(32), theirs, day)


def test_editions_of_a_report_follow_each_other_and_a_missing_one_comes_first(book: Book) -> None:
    due = Fortnight(FIRST).due
    book.add(report(due, 0, "missing"))
    book.add(report(due, 1, "differs"))
    book.add(report(due, 2, "agrees"))
    book.add(report(due, 1, "agrees", first=FIRST - 14))
    history = replay(book.entries())
    assert messages(history) == []
    assert [leaf.edition for _, leaf in history.reports] == [0, 1, 2, 1]


@pytest.mark.parametrize(
    ("before", "leaf", "expected"),
    [
        ([], report(DUE, 2, "agrees"), "expected edition 1 of jukebox's 2024-W39, got 2"),
        ([report(DUE, 1, "agrees")], report(DUE, 1, "differs"), "expected edition 2 of"),
        ([report(DUE, 0, "missing")], report(DUE, 0, "missing"), "expected edition 1 of"),
        ([report(DUE, 1, "agrees")], report(DUE, 0, "missing"), "expected edition 2 of"),
        ([], report(DUE, 1, "agrees", partner="who"), "expected a registered partner, got 'who'"),
    ],
)
def test_a_report_out_of_turn_is_a_breach(
    book: Book, before: list[ReportLeaf], leaf: ReportLeaf, expected: str
) -> None:
    for each in before:
        book.add(each)
    only_breach(book, book.add(leaf), expected)


def test_a_privilege_is_in_force_on_its_last_day_and_not_on_the_next(book: Book) -> None:
    book.day = DAY + 30
    book.event("access", n=1)
    book.day = DAY + 31
    index = book.event("access", n=1)
    only_breach(book, index, "privilege of jukebox for messages.read")
    (held,) = replay(book.entries()).privileges["jukebox", "messages.read"]
    assert held.from_index < index == held.until_index


def test_a_privilege_given_again_takes_the_place_of_the_old(book: Book) -> None:
    second = book.privilege(until_day=DAY + 60)
    book.day = DAY + 40
    book.event("access", n=1)
    history = replay(book.entries())
    assert messages(history) == []
    spans = history.privileges["jukebox", "messages.read"]
    assert [(span.from_index, span.until_index) for span in spans] == [(3, second), (second, None)]


def test_a_privilege_that_ended_before_it_was_written_is_never_in_force(book: Book) -> None:
    book.privilege("friends.list", until_day=DAY - 1)
    index = book.event("grant", "friends.list")
    only_breach(book, index, "privilege of jukebox for friends.list")


def test_a_privilege_without_the_partner_s_signature_is_no_privilege(book: Book) -> None:
    index = book.privilege("friends.list", seed=bytes(32))
    only_breach(book, index, "signature by jukebox")
    assert ("jukebox", "friends.list") not in replay(book.entries()).privileges


@pytest.mark.parametrize(
    "changes",
    [{"scope": "friends.list"}, {"until_day": DAY + 31}, {"purpose": "anything"}, {"agreement": "cd" * 32}],
)
def test_no_field_of_a_signed_privilege_can_be_changed(book: Book, changes: dict[str, Any]) -> None:
    book.leaves[3] = replace(book.leaves[3], **changes)
    book.leaves.pop()  # the grant, which would be a breach of its own
    only_breach(book, 3, "signature by jukebox")


def test_a_privilege_signed_by_another_partner_s_key_is_no_privilege(book: Book) -> None:
    book.partner("marquee")
    book.key(seed=bytes(32), partner="marquee")
    index = book.privilege("friends.list", seed=bytes(32))
    only_breach(book, index, "signature by jukebox")


def test_a_privilege_signed_before_any_key_is_registered_is_no_privilege(
    new_book: Callable[[], Book],
) -> None:
    book = new_book()
    book.partner()
    index = book.privilege()
    book.key()
    only_breach(book, index, "key of jukebox in force")


def test_a_key_signs_nothing_after_its_last_day(book: Book) -> None:
    book.key(until_day=DAY)
    book.privilege("friends.list")
    book.day = DAY + 1
    index = book.privilege("posts.create")
    only_breach(book, index, "key of jukebox in force")


def test_a_key_of_an_unknown_partner_is_a_breach(book: Book) -> None:
    index = book.key(partner="shadow")
    only_breach(book, index, "registered partner, got 'shadow'")


def test_another_key_under_a_registered_id_is_a_breach_and_changes_nothing(book: Book) -> None:
    index = book.key(seed=bytes(32))
    only_breach(book, index, "key already registered as 'jukebox-1'")
    history = replay(book.entries())
    found = history.key_at("jukebox", "jukebox-1", index + 1, DAY)
    assert isinstance(book.leaves[2], KeyLeaf)
    assert found == book.leaves[2].key


def test_a_key_is_found_for_the_leaves_it_may_sign_for(book: Book) -> None:
    ended = book.key(until_day=DAY + 1)
    history = replay(book.entries())
    public = history.keys["jukebox", "jukebox-1"][0].leaf.key
    assert history.key_at("jukebox", "jukebox-1", 1, DAY) is None
    assert history.key_at("jukebox", "jukebox-1", ended - 1, DAY + 5) == public
    assert history.key_at("jukebox", "jukebox-1", ended + 1, DAY + 1) == public
    assert history.key_at("jukebox", "jukebox-1", ended + 1, DAY + 2) is None
    assert history.key_at("jukebox", "jukebox-1", ended, DAY - 1) is None
    assert history.key_at("marquee", "jukebox-1", ended, DAY) is None


@pytest.mark.parametrize(
    ("kind", "partner"), [("access", "jukebox"), ("send", "operator"), ("grant", "operator")]
)
def test_the_operator_s_own_authority_covers_nothing_but_its_staff_tool(
    book: Book, kind: Any, partner: str
) -> None:
    index = book.event(kind, partner=partner, basis="operator", n=1)
    only_breach(book, index, "expected basis grant, got operator")
    assert replay(book.entries()).live("operator", "messages.read") == 0


def test_a_partner_s_counts_match_what_the_log_holds_up_to_that_size(book: Book) -> None:
    book.event("access", n=4)
    book.event("exposure", n=1)
    book.event("send", "dialog", n=1)
    book.event("refusal", "friends.list", n=3)
    size = len(book.leaves)
    book.event("access", n=5)
    refused = {"refusal/friends.list": (1, 0)}
    book.reconcile(size, refused | {"access/messages.read": (1, 4)})
    book.reconcile(size + 1, refused | {"access/messages.read": (2, 9), "send/messages.send": (0, 0)})
    book.reconcile(size + 1, refused | {"access/messages.read": (2, 8)})
    book.reconcile(size + 1, {})
    history = replay(book.entries())
    assert messages(history) == []
    assert [found.matches for found in history.reconciles] == [True, True, False, False]


@pytest.mark.parametrize("size", [5, 3, 99])
def test_counts_of_a_size_counted_past_or_not_reached_are_a_breach(book: Book, size: int) -> None:
    book.event("refusal")
    book.reconcile(6, {"refusal/messages.read": (1, 0)})
    index = book.reconcile(size, {})
    only_breach(book, index, "expected a size from 6")


def test_counts_with_a_changed_number_are_a_breach(book: Book) -> None:
    index = book.reconcile(5, {})
    book.leaves[index] = replace(book.leaves[index], counts={"access/messages.read": (1, 1)})
    only_breach(book, index, "signature by jukebox")


KINDS = ["access", "exposure", "send", "delete", "refusal", "notify", "grant", "end"]
steps = st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(["messages.read", "dialog"])), max_size=40)


@settings(max_examples=60, deadline=None)
@given(steps)
def test_live_counts_and_breaches_follow_the_rules_on_any_sequence(steps: list[tuple[Any, str]]) -> None:
    entries, live, expected = _opening_entries(), 0, 0
    for number, (kind, op) in enumerate(steps):
        entries.append(
            encode(Event(kind, op, "jukebox", 1, "grant", DAY, number.to_bytes(32, "big"), bytes(32)))
        )
        reading = op == "messages.read"
        if kind == "grant":
            live += reading
            expected += not reading  # no privilege covers the dialog
        elif kind == "end" and reading:
            expected += live == 0
            live = max(0, live - 1)
        elif kind in ("access", "exposure", "send", "delete") and reading:
            expected += live == 0
    history = replay(entries)
    dialog_ends = [text for _, text in messages(history) if "live grant of dialog to end" in text]
    assert len(history.breaches) - len(dialog_ends) == expected
    assert history.live("jukebox", "messages.read") == live
    assert sum(events for events, _ in history.totals.values()) == len(steps)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.binary(max_size=200) | st.sampled_from([b"{}", b'{"k":"key","v":1}']), max_size=10))
def test_no_entries_make_the_replay_raise(entries: list[bytes]) -> None:
    history = replay([*_opening_entries(), *entries])
    assert history.size == len(entries) + 4
    assert len(history.breaches) == len(entries)


def _opening_entries() -> list[bytes]:
    seed = bytes(32)
    text = privilege_text(
        partner="jukebox",
        scope="messages.read",
        purpose="to play",
        agreement="ab" * 32,
        until_day=DAY,
        key_id="k",
    )
    leaves: list[Leaf] = [
        Genesis("log.example/2026", b"v" * 32, "vkey", 1, DAY),
        PartnerLeaf("jukebox", "Jukebox GmbH", "Jukebox", "https://jukebox.example", DAY),
        KeyLeaf("jukebox", "k", ed25519.public_of(seed), DAY, None, DAY),
        PrivilegeLeaf(
            "jukebox", "messages.read", "to play", "ab" * 32, DAY, DAY, "k", ed25519.sign(seed, text)
        ),
    ]
    return [encode(leaf) for leaf in leaves]
