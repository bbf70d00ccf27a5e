"""Ids for partners: read back, different for everybody, and not to be made up."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.connections.errors import UnknownId
from vestibule.connections.opaque import Sealer

SECRET = b"s" * 32
KINDS = (
    "conversation/jukebox/7",
    "conversation/marquee/7",
    "conversation/jukebox/8",
    "message/1/jukebox/7",
    "message/2/jukebox/7",
)
NUMBERS = st.integers(0, 2**63 - 1)


def sealer(kind: str = KINDS[0], secret: bytes = SECRET) -> Sealer:
    return Sealer.of(secret, kind)


@given(NUMBERS)
def test_an_id_reads_back_as_its_number(number: int) -> None:
    assert sealer().unseal(sealer().seal(number)) == number


@given(NUMBERS)
def test_partners_people_conversations_and_kinds_have_different_ids_for_the_same(number: int) -> None:
    ids = {sealer(kind).seal(number) for kind in KINDS} | {sealer(secret=b"t" * 32).seal(number)}

    assert len(ids) == len(KINDS) + 1


@given(NUMBERS, st.sampled_from(KINDS[1:]))
def test_an_id_of_another_partner_person_or_kind_is_none_of_ours(number: int, kind: str) -> None:
    with pytest.raises(UnknownId, match="expected an id that this partner was given for this person"):
        sealer().unseal(sealer(kind).seal(number))


@given(NUMBERS, st.integers(0, 15), st.integers(1, 255))
def test_no_byte_of_an_id_can_be_changed(number: int, place: int, change: int) -> None:
    raw = bytearray.fromhex(sealer().seal(number))
    raw[place] ^= change

    with pytest.raises(UnknownId):
        sealer().unseal(raw.hex())


@given(st.one_of(st.text(), st.binary(min_size=16, max_size=16).map(bytes.hex)))
def test_ids_cannot_be_made_up(text: str) -> None:
    with pytest.raises(UnknownId):
        sealer().unseal(text)


def test_neighbours_do_not_look_alike() -> None:
    first, second = (bytes.fromhex(sealer().seal(number)) for number in (1, 2))

    assert sum(a == b for a, b in zip(first, second, strict=True)) < 6


def test_the_error_names_the_kind_and_not_the_connection() -> None:
    with pytest.raises(UnknownId, match=r"^message: ") as caught:
        sealer(KINDS[3]).unseal("x")
    assert "jukebox" not in str(caught.value)


@pytest.mark.parametrize(
    "changed", [str.upper, lambda text: f"{text[:2]} {text[2:]}", lambda text: f" {text}"]
)
def test_an_id_has_one_spelling(changed: Callable[[str], str]) -> None:
    text = next(text for text in map(sealer().seal, range(9)) if text != text.upper())

    with pytest.raises(UnknownId):
        sealer().unseal(changed(text))
