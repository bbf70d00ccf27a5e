import contextlib
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.ledger.errors import MapError
from vestibule.ledger.prefix_map import PrefixMap
from vestibule.verdict.pruned_map import prune, read


def tag(number: int) -> bytes:
    return hashlib.sha256(number.to_bytes(8, "big")).digest()


def holding(number: int) -> PrefixMap:
    whole = PrefixMap()
    for at in range(number):
        whole.insert(tag(at), at)
    return whole


def cut(whole: PrefixMap, *numbers: int) -> bytes:
    return prune((tag(at), whole.prove(tag(at))) for at in numbers)


@given(st.integers(0, 40), st.sets(st.integers(0, 80), min_size=1))
def test_a_pruned_map_says_what_the_whole_one_says(size: int, asked: set[int]) -> None:
    whole = holding(size)
    pruned = read(cut(whole, *asked))
    assert pruned.root == whole.root()
    assert {at: pruned.get(tag(at)) for at in asked} == {at: whole.get(tag(at)) for at in asked}


def test_every_hash_is_there_once() -> None:
    whole = holding(1000)
    alone = sum(len(cut(whole, at)) for at in range(2000, 2030))
    together = cut(whole, *range(2000, 2030))
    assert len(together) < 0.7 * alone


def test_a_tag_whose_way_is_cut_off_is_not_answered() -> None:
    pruned = read(cut(holding(1000), 1))
    with pytest.raises(MapError, match="cut off at bit 1"):
        pruned.get(bytes([pruned_bit(tag(1)) ^ 0x80]) + bytes(31))


def pruned_bit(of: bytes) -> int:
    return of[0] & 0x80


def test_a_tag_cannot_stand_on_another_ones_way() -> None:
    here, there = (number.to_bytes(1, "big") + bytes(31) for number in (0x00, 0x80))
    row = (7).to_bytes(8, "big")
    assert read(b"\2\1" + here + row + b"\1" + there + row).get(there) == 7
    with pytest.raises(MapError, match="stands where it cannot be"):
        read(b"\2\1" + there + row + b"\1" + here + row)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "ends at byte 0, expected 1 or more"),
        (b"\0\0", "expected 1 bytes, got 2"),
        (b"\4", "byte 0: expected a part, got 04"),
        (b"\3" + bytes(31), "ends at byte 32, expected 33 or more"),
        (b"\2" * 300, "byte 256: expected a part, got 02"),
    ],
)
def test_what_is_no_pruned_map_is_refused(data: bytes, reason: str) -> None:
    with pytest.raises(MapError, match=reason):
        read(data)


@given(st.binary())
def test_no_bytes_make_it_raise_anything_else(data: bytes) -> None:
    with contextlib.suppress(MapError):
        read(data)
