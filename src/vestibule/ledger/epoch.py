"""The epoch leaf: what the operator commits to every minute, so that a short proof can speak for the log."""

from dataclasses import dataclass
from typing import Any, Self

from vestibule.ledger.fields import Reader, b64, need_bytes, need_count


@dataclass(frozen=True, slots=True)
class EpochLeaf:
    """The map of tags and the totals of the days touched, over the first `size` leaves.

    Everything in it is a pure function of those leaves, so that any replay checks it. The first epoch with a
    day closes all days before.

    Attributes:
        size: how many leaves it covers, at most its own index (wire `size`).
        root: 32 bytes, `prefix_map.PrefixMap.root` over their tags (wire `map`, base64).
        count: how many tags the map has (wire `m`).
        table: 32 bytes, `totals.table_digest` of the days with an event since the epoch before (wire `tab`).
        day: UTC day number (wire `d`).
    """

    size: int
    root: bytes
    count: int
    table: bytes
    day: int

    def __post_init__(self) -> None:
        need_count("a size", self.size)
        need_bytes("a map root", self.root, 32)
        need_count("a number of tags", self.count)
        need_bytes("a table digest", self.table, 32)
        need_count("a day", self.day)

    def fields(self) -> dict[str, Any]:
        """Give the wire fields, `v` and `k` included."""
        wire: dict[str, Any] = {"v": 1, "k": "epoch", "size": self.size, "map": b64(self.root)}
        return wire | {"m": self.count, "tab": b64(self.table), "d": self.day}

    @classmethod
    def read(cls, reader: Reader) -> Self:
        """Build from decoded fields; `v` and `k` are already taken."""
        return cls(
            size=reader.number("size"),
            root=reader.binary("map"),
            count=reader.number("m"),
            table=reader.binary("tab"),
            day=reader.number("d"),
        )
