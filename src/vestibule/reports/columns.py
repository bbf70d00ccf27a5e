"""The columns of an engagement event, and events as Parquet."""

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pyarrow as pa

TEXTS: Final = ("partner", "kind", "interface", "surface", "variant", "campaign", "recipient_kind")
KINDS: Final = ("dialog", "send", "delivery", "click", "mute", "report")


def schema() -> "pa.Schema":
    """Give the columns and their types.

    `day` is a UTC day number, `event` unique, `counted` false for a click that does not count, `person` 32
    hex digits that stand for the recipient within a fortnight, empty if she is not known.
    """
    import pyarrow as pa  # noqa: PLC0415  (half a second, which a server need not wait for to start)

    return pa.schema(
        [
            pa.field("day", pa.int32(), nullable=False),
            pa.field("event", pa.int64(), nullable=False),
            *(pa.field(name, pa.string(), nullable=False) for name in TEXTS),
            pa.field("counted", pa.bool_(), nullable=False),
            pa.field("person", pa.string(), nullable=False),
        ]
    )


def as_parquet(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Write events as one Parquet file."""
    import pyarrow as pa  # noqa: PLC0415  (as above)
    import pyarrow.parquet as pq  # noqa: PLC0415  (as above)

    written = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows), schema()), written, compression="zstd")
    return written.getvalue()
