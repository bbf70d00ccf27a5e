"""What is shown of a report as JSON, CSV and Parquet; and what is not, as it is kept for the next edition."""

import csv
import io
import json
from typing import Any, Final

from vestibule.reports.showing import KINDS, Both, Kept, Line, Place, Shown

WORDS: Final = ("interface", "surface", "variant")
NUMBERS: Final = (
    "sends",
    "sends_filed",
    "recipients",
    *(f"recipients_{kind.replace('-', '_')}" for kind in KINDS),
    "clicks",
    "clicks_filed",
)
TOTAL: Final = "total"
PLACE: Final = "place"


def rows(shown: Shown) -> list[dict[str, str | int | None]]:
    """Give the table that is downloaded: the total, then each place; None is a number that is not shown."""
    total = Line(Place(), shown.sends, shown.recipients, {}, shown.clicks)
    return [_row(TOTAL, total), *(_row(PLACE, line) for line in shown.lines)]


def as_csv(shown: Shown) -> bytes:
    """Write the rows as CSV (RFC 4180, but lines end in LF); a number that is not shown is empty."""
    written = io.StringIO()
    writer = csv.DictWriter(written, ("of", *WORDS, *NUMBERS), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows(shown))
    return written.getvalue().encode()


def as_parquet(shown: Shown) -> bytes:
    """Write the rows as Parquet; a number that is not shown is null."""
    import pyarrow as pa  # noqa: PLC0415  (half a second, which a server need not wait for to start)
    import pyarrow.parquet as pq  # noqa: PLC0415  (as above)

    texts = [pa.field(name, pa.string(), nullable=False) for name in ("of", *WORDS)]
    schema = pa.schema([*texts, *(pa.field(name, pa.int64()) for name in NUMBERS)])
    written = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows(shown), schema), written)
    return written.getvalue()


def write(shown: Shown) -> str:
    """Write all that is shown as one JSON object."""
    wire = {
        "threshold": shown.threshold,
        "sends": _both(shown.sends),
        "recipients": shown.recipients,
        "clicks": _both(shown.clicks),
        "mutes": shown.mutes,
        "reports": shown.reports,
        "places": [
            {
                **_words(line.place),
                "sends": _both(line.sends),
                "recipients": line.recipients,
                "recipients_by_kind": dict(line.kinds),
                "clicks": _both(line.clicks),
            }
            for line in shown.lines
        ],
    }
    return json.dumps(wire, separators=(",", ":"))


def read(text: str) -> Shown:
    """Read what `write` wrote."""
    wire = json.loads(text)
    return Shown(
        wire["threshold"],
        _read_both(wire["sends"]),
        wire["recipients"],
        _read_both(wire["clicks"]),
        wire["mutes"],
        wire["reports"],
        tuple(
            Line(
                _read_place(one),
                _read_both(one["sends"]),
                one["recipients"],
                one["recipients_by_kind"],
                _read_both(one["clicks"]),
            )
            for one in wire["places"]
        ),
    )


def write_kept(kept: Kept) -> str:
    """Write what is not shown."""
    wire = {
        "threshold": kept.threshold,
        "sends": [_words(place) for place in sorted(kept.sends)],
        "clicks": [_words(place) for place in sorted(kept.clicks)],
        "kinds": [{**_words(place), "kind": kind} for place, kind in sorted(kept.kinds)],
    }
    return json.dumps(wire, separators=(",", ":"))


def read_kept(text: str) -> Kept:
    """Read what `write_kept` wrote."""
    wire = json.loads(text)
    return Kept(
        wire["threshold"],
        frozenset(map(_read_place, wire["sends"])),
        frozenset(map(_read_place, wire["clicks"])),
        frozenset((_read_place(one), one["kind"]) for one in wire["kinds"]),
    )


def _row(of: str, line: Line) -> dict[str, str | int | None]:
    numbers = (
        *_pair(line.sends),
        line.recipients,
        *(line.kinds.get(kind) for kind in KINDS),
        *_pair(line.clicks),
    )
    return {"of": of, **_words(line.place), **dict(zip(NUMBERS, numbers, strict=True))}


def _pair(both: Both | None) -> tuple[int | None, int | None]:
    return (None, None) if both is None else (both.ours, both.theirs)


def _both(both: Both | None) -> dict[str, int | None] | None:
    return None if both is None else {"counted": both.ours, "filed": both.theirs}


def _read_both(wire: dict[str, Any] | None) -> Both | None:
    return None if wire is None else Both(wire["counted"], wire["filed"])


def _words(place: Place) -> dict[str, str]:
    return {"interface": place.interface, "surface": place.surface, "variant": place.variant}


def _read_place(wire: dict[str, str]) -> Place:
    return Place(wire["interface"], wire["surface"], wire["variant"])
