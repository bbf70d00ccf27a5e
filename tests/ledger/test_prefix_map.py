"""The prefix map against its definition, and proofs that can say only what is so."""

import time
import timeit
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.ledger.errors import MapError
from vestibule.ledger.map_proof import MapProof, verify_absent, verify_present
from vestibule.ledger.prefix_map import PrefixMap

EMPTY = bytes(32)
tags = st.binary(min_size=32, max_size=32)
# Few first bytes and long common prefixes: the shapes that random tags hardly ever have.
crowded = st.builds(
    lambda prefix, length, end: (prefix * 32)[:length] + end[length:],
    st.sampled_from([b"\x00", b"\xff", b"\x80"]),
    st.integers(0, 31),
    tags,
)
sets = st.lists(st.one_of(tags, crowded), unique=True, max_size=80)


def defined_root(pairs: dict[bytes, int], depth: int = 0) -> bytes:
    """The root as the specification defines it."""
    if not pairs:
        return EMPTY
    if len(pairs) == 1:
        [(tag, index)] = pairs.items()
        return sha256(b"\x02" + tag + index.to_bytes(8, "big")).digest()

    def half(bit: int) -> dict[bytes, int]:
        return {tag: at for tag, at in pairs.items() if tag[depth // 8] >> (7 - depth % 8) & 1 == bit}

    return sha256(b"\x03" + defined_root(half(0), depth + 1) + defined_root(half(1), depth + 1)).digest()


def made(chosen: list[bytes]) -> PrefixMap:
    found = PrefixMap()
    for index, tag in enumerate(chosen):
        assert found.insert(tag, index) is None
    return found


@given(sets, st.integers(0, 80))
def test_the_root_is_the_one_that_is_defined_at_every_size(chosen: list[bytes], early: int) -> None:
    grown = PrefixMap()
    for index, tag in enumerate(chosen):
        grown.insert(tag, index)
        if index in {early, 0, 8, 9}:
            assert grown.root() == defined_root({tag: at for at, tag in enumerate(chosen[: index + 1])})
    assert grown.root() == defined_root({tag: at for at, tag in enumerate(chosen)})
    assert len(grown) == len(chosen)
    assert sorted(grown) == sorted(chosen)


@given(sets, tags)
def test_every_tag_has_exactly_one_provable_answer(chosen: list[bytes], other: bytes) -> None:
    found = made(chosen)
    root = found.root()
    for index, tag in enumerate(chosen):
        proof = MapProof.decode(found.prove(tag).encode())
        assert found.get(tag) == index
        verify_present(root, tag, index, proof)
        with pytest.raises(MapError):
            verify_present(root, tag, index + 1, proof)
        with pytest.raises(MapError):
            verify_absent(root, tag, proof)
    if other not in chosen:
        proof = found.prove(other)
        assert found.get(other) is None
        assert other not in found
        verify_absent(root, other, proof)
        with pytest.raises(MapError):
            verify_present(root, other, 0, proof)


def test_an_empty_map_proves_that_anything_is_absent() -> None:
    proof = PrefixMap().prove(b"t" * 32)
    assert proof == MapProof((), None)
    verify_absent(EMPTY, b"t" * 32, proof)


def test_a_tag_that_is_there_keeps_the_index_it_has() -> None:
    found = made([b"a" * 32, b"b" * 32])
    root = found.root()
    assert found.insert(b"a" * 32, 9) == 0
    assert (len(found), found.root()) == (2, root)


def test_bytes_of_a_tag_that_lie_across_two_fields_are_no_tag() -> None:
    first = bytes(24) + b"\x00" * 7 + b"\x01"
    second = bytes(range(32))
    found = made([first, second])
    row = first + bytes(8) + second
    assert found.get(row[5:37]) is None


@given(sets.filter(len), st.data())
def test_a_changed_proof_proves_nothing(chosen: list[bytes], data: st.DataObject) -> None:
    found = made(chosen)
    tag = data.draw(st.sampled_from(chosen))
    wire = bytearray(found.prove(tag).encode())
    wire[data.draw(st.integers(0, len(wire) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(MapError):
        verify_present(found.root(), tag, chosen.index(tag), MapProof.decode(bytes(wire)))


def test_absence_is_not_shown_by_a_leaf_of_another_branch() -> None:
    found = made([b"\x00" * 32, b"\xff" * 32])
    proof = found.prove(b"\x00" * 32)
    with pytest.raises(MapError, match="expected a tag with the first 1 bits"):
        verify_absent(found.root(), b"\x80" + bytes(31), proof)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_proof_or_a_map_error(data: bytes) -> None:
    with suppress(MapError):
        assert MapProof.decode(data).encode() == data


def test_siblings_of_another_length_are_refused() -> None:
    found = made([b"\x00" * 32, b"\xff" * 32])
    proof = found.prove(b"\x00" * 32)
    with pytest.raises(MapError, match="siblings of 32 bytes"):
        verify_present(found.root(), b"\x00" * 32, 0, replace(proof, siblings=(b"x",)))


def test_a_large_map_has_the_root_that_is_defined() -> None:
    chosen = [sha256(number.to_bytes(4, "big")).digest() for number in range(3000)]
    assert made(chosen).root() == defined_root({tag: at for at, tag in enumerate(chosen)})


def seconds_for_a_root(chosen: list[bytes]) -> float:
    """Measure hashing all of these tags, whose map is made anew each time."""
    maps = [made(chosen) for _ in range(5)]
    return min(timeit.timeit(one.root, timer=time.process_time, number=1) for one in maps)


def test_tags_that_were_chosen_alike_cost_little_more_than_others() -> None:
    numbers = [number.to_bytes(2, "big") for number in range(4000)]
    alike = seconds_for_a_root([bytes(30) + number for number in numbers])
    assert alike < 2.5 * seconds_for_a_root([sha256(number).digest() for number in numbers])
