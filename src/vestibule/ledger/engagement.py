"""The table of an engagement report: what both sides can count, day by day, and its one canonical form."""

import csv
import hmac
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from vestibule.ledger.canonical import LIMIT
from vestibule.ledger.errors import TableError
from vestibule.ledger.fields import need_bytes
from vestibule.ledger.fortnight import Fortnight, read_day, write_day

COLUMNS: Final = ("day", "interface", "surface", "variant", "sends", "clicks")

_WORD = re.compile(r"[a-z0-9._-]{0,64}")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,15}")


@dataclass(frozen=True, slots=True, order=True)
class Placed:
    """A day, and where the button stood on it.

    Attributes:
        day: UTC day number.
        interface: the kind of button, in the partner's own words, as its address said; may be empty.
        surface: the page it stood on, likewise.
        variant: which variant of it, likewise.
    """

    day: int
    interface: str = ""
    surface: str = ""
    variant: str = ""


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted there.

    Attributes:
        sends: dialogs that were sent, each once, to however many recipients.
        clicks: clicks whose redirect carried a `click` value.
    """

    sends: int = 0
    clicks: int = 0


Table = Mapping[Placed, Counted]


def canonical(table: Table) -> bytes:
    """Write the table as CSV (RFC 4180, but lines end in LF): one header, rows sorted, none of two zeros."""
    lines = [",".join(COLUMNS)]
    for placed, counted in sorted(table.items()):
        if counted != Counted():
            words = (write_day(placed.day), placed.interface, placed.surface, placed.variant)
            lines.append(",".join((*words, str(counted.sends), str(counted.clicks))))
    return "".join(f"{line}\n" for line in lines).encode()


def authenticate(key: bytes, table: Table) -> bytes:
    """Give what a report leaf holds of a table: HMAC-SHA256 over its canonical form.

    Without the key, 32 random bytes, nobody can try which table it is.
    """
    need_bytes("a key", key, 32)
    return hmac.digest(key, canonical(table), "sha256")


def read_csv(data: bytes, fortnight: Fortnight) -> Table:
    """Read a table of a fortnight from CSV; rows may come in any order.

    Raises:
        TableError: naming row and column; row 1 is the header.
    """
    try:
        lines = list(csv.reader(io.StringIO(data.decode(), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise TableError(f"expected CSV in UTF-8, got an error: {error}") from None
    header = tuple(lines[0]) if lines else ()
    if header != COLUMNS:
        raise TableError(f"row 1: expected the columns {','.join(COLUMNS)}, got {','.join(header)[:80]!r}")
    reader = _Rows(fortnight)
    for number, values in enumerate(lines[1:], start=2):
        if len(values) != len(COLUMNS):
            raise TableError(f"row {number}: expected {len(COLUMNS)} columns, got {len(values)}")
        reader.take(f"row {number}", dict(zip(COLUMNS, values, strict=True)))
    return reader.table


def read_rows(rows: Iterable[object], fortnight: Fortnight) -> Table:
    """Read a table of a fortnight from decoded JSON: an object with every column for each row.

    Raises:
        TableError: naming row, from 1 on, and column.
    """
    reader = _Rows(fortnight)
    for number, row in enumerate(rows, start=1):
        where = f"row {number}"
        if not isinstance(row, dict):
            raise TableError(f"{where}: expected an object, got {type(row).__name__}")
        if unknown := sorted(row.keys() - set(COLUMNS)):
            raise TableError(f"{where}: expected no further column, got {unknown[0]!r:.80}")
        if absent := [column for column in COLUMNS if column not in row]:
            raise TableError(f"{where}, column {absent[0]}: expected a value, got none")
        for column in COLUMNS[:4]:
            if not isinstance(row[column], str):
                raise TableError(f"{where}, column {column}: expected text, got {row[column]!r:.80}")
        # Numbers become text, as they are in CSV, so that there is one reading of both; true is no number.
        numbers = {
            name: str(row[name]) if type(row[name]) is int else repr(row[name]) for name in COLUMNS[4:]
        }
        reader.take(where, row | numbers)
    return reader.table


def write_rows(table: Table) -> list[dict[str, str | int]]:
    """Give the rows for JSON, in the order of the canonical form."""
    return [
        {
            "day": write_day(placed.day),
            "interface": placed.interface,
            "surface": placed.surface,
            "variant": placed.variant,
            "sends": counted.sends,
            "clicks": counted.clicks,
        }
        for placed, counted in sorted(table.items())
        if counted != Counted()
    ]


class _Rows:
    """Rows of a fortnight as they are read, each checked."""

    __slots__ = ("_fortnight", "_seen", "table")

    def __init__(self, fortnight: Fortnight) -> None:
        self._fortnight = fortnight
        self._seen: dict[Placed, str] = {}
        self.table: dict[Placed, Counted] = {}

    def take(self, where: str, row: Mapping[str, str]) -> None:
        placed = Placed(
            self._day(where, row["day"]), *(_word(where, name, row[name]) for name in COLUMNS[1:4])
        )
        counted = Counted(*(_number(where, name, row[name]) for name in COLUMNS[4:]))
        if placed in self._seen:
            raise TableError(
                f"{where}: expected a new day and place, got those of {self._seen[placed]} again"
            )
        self._seen[placed] = where
        if counted != Counted():
            self.table[placed] = counted

    def _day(self, where: str, text: str) -> int:
        day = read_day(text)
        if day is None:
            raise TableError(f"{where}, column day: expected a day like 2026-01-31, got {text!r:.40}")
        if day not in self._fortnight.days:
            span = f"{write_day(self._fortnight.first)} to {write_day(self._fortnight.last)}"
            raise TableError(f"{where}, column day: expected a day of the period, {span}, got {text}")
        return day


def _word(where: str, column: str, text: str) -> str:
    if _WORD.fullmatch(text) is None:
        raise TableError(f"{where}, column {column}: expected up to 64 of a-z 0-9 . _ -, got {text!r:.80}")
    return text


def _number(where: str, column: str, text: str) -> int:
    if _NUMBER.fullmatch(text) is None or int(text) >= LIMIT:
        raise TableError(
            f"{where}, column {column}: expected a whole number from 0 below 2**53, got {text!r:.40}"
        )
    return int(text)
