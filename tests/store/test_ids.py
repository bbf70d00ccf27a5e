"""Row ids and their spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.store import ids
from vestibule.store.errors import BadId

NOW = 1_795_000_000_000_000
ROW_IDS = st.integers(0, 2**63 - 1)


def test_an_id_is_milliseconds_since_2020_then_22_random_bits() -> None:
    made = {ids.new_id(NOW) for _ in range(50)}
    assert {row_id >> 22 for row_id in made} == {NOW // 1000 - 1_577_836_800_000}
    assert len({row_id & (1 << 22) - 1 for row_id in made}) > 40


def test_later_ids_are_greater() -> None:
    assert ids.new_id(NOW) < ids.new_id(NOW + 1000) < ids.new_id(NOW + 86_400_000_000)


@pytest.mark.parametrize("now", [0, 1_577_836_799_999_999, (1_577_836_800_000 + (1 << 41)) * 1000])
def test_a_time_that_does_not_fit_is_refused(now: int) -> None:
    with pytest.raises(ValueError, match="expected a time from 2020 to 2089"):
        ids.new_id(now)


def test_the_last_moment_fits_into_63_bits() -> None:
    assert ids.new_id((1_577_836_800_000 + (1 << 41) - 1) * 1000) < 1 << 63


def test_the_spelling_is_lower_case_crockford_base32() -> None:
    assert ids.encode(0) == "0000000000000"
    assert ids.encode(31) == "000000000000z"
    assert ids.encode(2**63 - 1) == "7zzzzzzzzzzzz"


@given(ROW_IDS)
def test_an_id_survives_its_spelling(row_id: int) -> None:
    assert ids.decode(ids.encode(row_id)) == row_id


@given(ROW_IDS, ROW_IDS)
def test_spellings_sort_as_the_ids_do(one: int, other: int) -> None:
    assert (one < other) == (ids.encode(one) < ids.encode(other))


@given(st.text(max_size=15))
def test_a_text_is_refused_or_is_the_one_spelling_of_its_id(text: str) -> None:
    try:
        row_id = ids.decode(text)
    except BadId:
        return
    assert ids.encode(row_id) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "000000000000",
        "00000000000000",
        "000000000000Z",
        "000000000000i",
        "000000000000l",
        "000000000000o",
        "000000000000u",
        "000000000000-",
        "000000000000\n",
        "000000000000٣",
        "8000000000000",
    ],
)
def test_a_text_that_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(BadId):
        ids.decode(text)


@pytest.mark.parametrize("row_id", [-1, 2**63])
def test_a_number_that_is_no_id_is_not_spelled(row_id: int) -> None:
    with pytest.raises(BadId):
        ids.encode(row_id)
