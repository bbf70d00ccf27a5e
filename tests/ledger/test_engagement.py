import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.ledger.engagement import (
    Counted,
    Placed,
    authenticate,
    canonical,
    read_csv,
    read_rows,
    write_rows,
)
from vestibule.ledger.errors import LeafError, TableError
from vestibule.ledger.fortnight import Fortnight

FORTNIGHT = Fortnight.parse("2026-W01")
HEADER = "day,interface,surface,variant,sends,clicks\n"
PLACED = st.builds(
    Placed,
    st.sampled_from(FORTNIGHT.days),
    *[st.text("abz019._-", max_size=3)] * 3,
)
COUNTED = st.builds(Counted, st.integers(0, 2**53 - 1), st.integers(0, 9))
TABLES = st.dictionaries(PLACED, COUNTED, max_size=6)


def read(text: str) -> object:
    return read_csv(text.encode(), FORTNIGHT)


def test_the_canonical_form_is_these_bytes() -> None:
    day = FORTNIGHT.first
    table = {
        Placed(day + 1, "tv", "title", "b"): Counted(3, 0),
        Placed(day, "web", "", "a"): Counted(0, 2),
        Placed(day, "web", "title", "a"): Counted(),
        Placed(day): Counted(1, 1),
    }
    assert canonical(table).decode() == (
        f"{HEADER}2025-12-29,,,,1,1\n2025-12-29,web,,a,0,2\n2025-12-30,tv,title,b,3,0\n"
    )
    key = bytes(range(32))
    assert authenticate(key, table) == hmac.digest(key, canonical(table), "sha256")


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(64)])
def test_a_code_needs_a_key_of_32_bytes(key: bytes) -> None:
    with pytest.raises(LeafError, match="a key of 32 bytes"):
        authenticate(key, {})


@given(TABLES)
def test_a_table_is_read_as_it_is_written(table: dict[Placed, Counted]) -> None:
    counted = {placed: count for placed, count in table.items() if count != Counted()}
    assert read_csv(canonical(table), FORTNIGHT) == counted
    assert read_rows(json.loads(json.dumps(write_rows(table))), FORTNIGHT) == counted


@given(TABLES, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_the_ends_of_lines_say_nothing(
    table: dict[Placed, Counted], chance: Any
) -> None:
    header, *lines = canonical(table).decode().splitlines()
    chance.shuffle(lines)
    assert canonical(read_csv("\r\n".join([header, *lines]).encode(), FORTNIGHT)) == canonical(table)


@pytest.mark.parametrize(
    ("row", "part"),
    [
        ("2025-12-29,web,title,a,-1,0", "row 2, column sends: expected a whole number .* got '-1'"),
        ("2025-12-29,web,title,a,1,1.5", "row 2, column clicks: expected a whole number .* got '1.5'"),
        ("2025-12-29,web,title,a,1,", "row 2, column clicks: .* got ''"),
        ("2025-12-29,web,title,a,01,1", "row 2, column sends: .* got '01'"),
        ("2025-12-29,web,title,a,٣,1", "row 2, column sends"),
        (f"2025-12-29,web,title,a,{2**53},1", "row 2, column sends: .* below 2"),
        ("2025-12-29,Web,title,a,1,1", "row 2, column interface: expected up to 64 of a-z .* got 'Web'"),
        ("2025-12-29,web,ti tle,a,1,1", "row 2, column surface"),
        (f"2025-12-29,web,title,{'a' * 65},1,1", "row 2, column variant"),
        (
            "2026-01-12,web,title,a,1,1",
            "column day: expected a day of the period, 2025-12-29 to 2026-01-11, got",
        ),
        ("29.12.2025,web,title,a,1,1", "row 2, column day: expected a day like 2026-01-31, got '29.12.2025'"),
        ("2025-12-29,web,title,1,1", "row 2: expected 6 columns, got 5"),
        ("2025-12-29,web,title,a,1,1,9", "row 2: expected 6 columns, got 7"),
        ("2025-12-29,,,,1,1\n2025-12-29,,,,2,1", "row 3: expected a new day and place, got those of row 2"),
        ("2025-12-29,,,,0,0\n2025-12-29,,,,2,1", "row 3: expected a new day and place, got those of row 2"),
        ('2025-12-29,"web,title,a,1,1', "expected CSV in UTF-8"),
    ],
)
def test_a_bad_row_is_named(row: str, part: str) -> None:
    with pytest.raises(TableError, match=part):
        read(f"{HEADER}{row}\n")


@pytest.mark.parametrize("text", ["", "day,sends\n", HEADER.replace("clicks", "clicks,country")])
def test_other_columns_are_refused(text: str) -> None:
    with pytest.raises(TableError, match="row 1: expected the columns day,interface,surface,variant,sends"):
        read(text)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(TableError, match="expected CSV in UTF-8"):
        read_csv(b"\xff\xfe", FORTNIGHT)


ROW = {"day": "2025-12-29", "interface": "", "surface": "", "variant": "", "sends": 1, "clicks": 0}


@pytest.mark.parametrize(
    ("row", "part"),
    [
        (ROW | {"country": "de"}, "row 1: expected no further column, got 'country'"),
        ({"day": "2025-12-29"}, "row 1, column interface: expected a value, got none"),
        (ROW | {"sends": "1"}, "row 1, column sends: expected a whole number"),
        (ROW | {"sends": 1.0}, "row 1, column sends: expected a whole number .* got '1.0'"),
        (ROW | {"sends": True}, "row 1, column sends: expected a whole number .* got 'True'"),
        (ROW | {"clicks": None}, "row 1, column clicks: expected a whole number"),
        (ROW | {"day": 20451}, "row 1, column day: expected text, got 20451"),
        ([], "row 1: expected an object, got list"),
    ],
)
def test_a_bad_row_of_json_is_named(row: object, part: str) -> None:
    with pytest.raises(TableError, match=part):
        read_rows([row], FORTNIGHT)
