import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.ledger import canonical
from vestibule.ledger.errors import LeafError, LedgerError
from vestibule.ledger.leaf import (
    BASES,
    EVENT_KINDS,
    Event,
    Genesis,
    KeyLeaf,
    Leaf,
    PartnerLeaf,
    PrivilegeLeaf,
    ReconcileLeaf,
    Withdrawal,
    encode,
    parse,
    privilege_text,
    reconcile_text,
)

names = st.from_regex(r"[a-z0-9][a-z0-9._:-]{0,63}", fullmatch=True)
key_ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", fullmatch=True)
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
counts = st.integers(0, 2**53 - 1)
digests = st.binary(min_size=32, max_size=32)
signatures = st.binary(min_size=64, max_size=64)
hexes = digests.map(bytes.hex)
events = st.builds(
    Event,
    kind=st.sampled_from(sorted(EVENT_KINDS)),
    op=names,
    partner=names,
    n=counts,
    basis=st.sampled_from(sorted(BASES)),
    day=counts,
    tag=digests,
    commitment=digests,
)
leaves = st.one_of(
    events,
    st.builds(
        Genesis,
        origin=texts,
        vrf=digests,
        log=texts,
        suite=st.just(1),
        day=counts,
        previous=st.none() | texts,
    ),
    st.builds(PartnerLeaf, partner=names, legal_entity=texts, name=texts, home_origin=texts, day=counts),
    st.builds(
        KeyLeaf,
        partner=names,
        key_id=key_ids,
        key=digests,
        from_day=counts,
        until_day=st.none() | counts,
        day=counts,
    ),
    st.builds(
        PrivilegeLeaf,
        partner=names,
        scope=names,
        purpose=texts,
        agreement=hexes,
        until_day=counts,
        day=counts,
        key_id=key_ids,
        signature=signatures,
    ),
    st.builds(Withdrawal, partner=names, scope=names, day=counts),
    st.builds(
        ReconcileLeaf,
        partner=names,
        size=counts,
        counts=st.dictionaries(
            st.builds("{}/{}".format, names, names), st.tuples(counts, counts), max_size=4
        ),
        day=counts,
        key_id=key_ids,
        signature=signatures,
    ),
)

ACCESS = Event("access", "messages.read", "jukebox", 4, "grant", 20_000, b"t" * 32, b"c" * 32)


@given(leaves)
def test_every_leaf_comes_back_from_its_bytes(leaf: Leaf) -> None:
    assert parse(encode(leaf)) == leaf


@given(leaves)
def test_every_leaf_s_bytes_are_the_canonical_form_of_its_fields(leaf: Leaf) -> None:
    assert encode(leaf) == canonical.encode(dict(leaf.fields()))


@given(leaves)
def test_every_leaf_says_its_version_kind_and_day(leaf: Leaf) -> None:
    wire = json.loads(encode(leaf))
    assert wire["v"] == 1
    assert isinstance(wire["k"], str)
    assert wire["d"] == leaf.day


def test_an_event_has_exactly_the_public_fields() -> None:
    assert list(ACCESS.fields()) == ["v", "k", "p", "op", "n", "b", "d", "tag", "c"]


@given(events, st.data())
def test_an_event_spelled_any_other_way_is_refused(event: Event, data: st.DataObject) -> None:
    good = encode(event)
    at = data.draw(st.integers(0, len(good)))
    junk = data.draw(st.sampled_from([b" ", b"\n", b"0", b"+", b"\\u0061", b'"', b",", b"\x00"]))
    bad = good[:at] + junk + good[at:]
    try:
        again = parse(bad)
    except LedgerError:
        return
    assert encode(again) == bad  # a longer name or number is another good event


@given(st.binary(max_size=80))
def test_arbitrary_bytes_raise_nothing_but_the_room_s_errors(data: bytes) -> None:
    with pytest.raises(LedgerError):
        parse(data)


def test_base64_bits_that_decode_to_nothing_are_refused() -> None:
    # "...M=" and "...N=" decode alike; only one of them is canonical.
    twin = encode(ACCESS).replace(b"2M=", b"2N=")
    assert twin != encode(ACCESS)
    with pytest.raises(LeafError, match="canonical base64"):
        parse(twin)


def altered(**changes: object) -> bytes:
    wire = {name: value for name, value in (ACCESS.fields() | changes).items() if value is not None}
    return canonical.encode(wire)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"v": 2}, "version 1, got 2"),
        ({"v": "1"}, "integer in 'v'"),
        ({"v": None}, "field 'v', got none"),
        ({"k": "read"}, "known kind, got 'read'"),
        ({"k": None}, "field 'k'"),
        ({"n": -1}, "number of items"),
        ({"n": "4"}, "integer in 'n'"),
        ({"b": "consent"}, "basis"),
        ({"p": "Jukebox"}, "partner id"),
        ({"p": ""}, "partner id"),
        ({"p": "a" * 65}, "partner id"),
        ({"op": 'messages.read","p":"x'}, "operation"),
        ({"op": "messages.read\n"}, "operation"),
        ({"d": None}, "field 'd'"),
        ({"tag": "AAAA"}, "tag of 32 bytes, got 3"),
        ({"tag": "!"}, "base64"),
        ({"c": None}, "field 'c'"),
        ({"who": "alice"}, "no further field, got 'who'"),
    ],
)
def test_an_event_outside_the_grammar_is_refused(changes: dict[str, object], message: str) -> None:
    with pytest.raises(LeafError, match=message):
        parse(altered(**changes))


@pytest.mark.parametrize("op", ['x","p":"marquee', "x\n", "", "X", "é", "a" * 65])
def test_no_operation_can_smuggle_fields_into_the_bytes_written_by_hand(op: str) -> None:
    with pytest.raises(LeafError, match="operation"):
        Event("refusal", op, "jukebox", 0, "grant", 1, bytes(32), bytes(32))


def test_a_register_leaf_with_a_field_more_or_less_is_refused() -> None:
    wire = Withdrawal("jukebox", "messages.read", 1).fields()
    with pytest.raises(LeafError, match="no further field, got 'why'"):
        parse(canonical.encode(wire | {"why": "none given"}))
    del wire["scope"]
    with pytest.raises(LeafError, match="field 'scope', got none"):
        parse(canonical.encode(wire))


def test_an_agreement_is_a_sha256_in_hex() -> None:
    with pytest.raises(LeafError, match="agreement digest"):
        PrivilegeLeaf("jukebox", "messages.read", "to play", "AB" * 32, 1, 1, "k", bytes(64))


def test_a_suite_that_is_not_known_is_refused() -> None:
    with pytest.raises(LeafError, match="suite 1, got 2"):
        Genesis("log.example", bytes(32), "vkey", 2, 1)


def test_counts_are_pairs_of_numbers() -> None:
    wire = ReconcileLeaf("jukebox", 1, {"access/messages.read": (1, 2)}, 1, "k", bytes(64)).fields()
    for bad in ([1], [1, 2, 3], ["1", 2], {"a": 1}, [1, -2]):
        with pytest.raises(LeafError):
            parse(canonical.encode(wire | {"counts": {"access/messages.read": bad}}))


def test_an_entry_longer_than_a_tile_can_carry_is_refused() -> None:
    pairs = {f"access/op{number:060}": (2**52, 2**52) for number in range(800)}
    leaf = ReconcileLeaf("jukebox", 1, pairs, 1, "k", bytes(64))
    with pytest.raises(LeafError, match="at most 65535 bytes"):
        encode(leaf)
    with pytest.raises(LeafError, match="at most 65535 bytes"):
        parse(canonical.encode(leaf.fields()))


def test_a_partner_signs_every_field_but_day_and_signature() -> None:
    leaf = PrivilegeLeaf("jukebox", "messages.read", "to play", "ab" * 32, 9, 5, "k-1", b"s" * 64)
    wire = leaf.fields()
    del wire["d"], wire["sig"]
    assert leaf.signed_text() == canonical.encode(wire)
    assert leaf.signed_text() == privilege_text(
        partner="jukebox",
        scope="messages.read",
        purpose="to play",
        agreement="ab" * 32,
        until_day=9,
        key_id="k-1",
    )
    counted = ReconcileLeaf("jukebox", 7, {"access/messages.read": (1, 4)}, 5, "k-1", b"s" * 64)
    wire = counted.fields()
    del wire["d"], wire["sig"]
    assert counted.signed_text() == canonical.encode(wire)
    assert counted.signed_text() == reconcile_text(
        partner="jukebox", size=7, counts={"access/messages.read": (1, 4)}, key_id="k-1"
    )
