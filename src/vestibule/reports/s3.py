"""Engagement events in a bucket of S3, or of what speaks like it; by pyarrow's own client."""

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

from vestibule.ledger.fortnight import write_day
from vestibule.reports.columns import schema
from vestibule.reports.events import SUFFIX

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

SCHEME: Final = "s3://"
OPTIONS: Final = frozenset(
    ("region", "scheme", "endpoint_override", "force_virtual_addressing", "allow_bucket_creation")
)
"""Those of Arrow's that an address may have; an unknown one would be found out at the first write."""


class S3Events:
    """Events as objects `2026-01-31/0123456789.parquet` below a prefix. Durable when a call returns.

    Who may write there is found where AWS's own tools look: environment, profile, the machine's role.

    Args:
        address: `s3://bucket/prefix`, with Arrow's options if they are needed, such as
            `?region=eu-central-1&endpoint_override=storage.example&scheme=https`.

    Raises:
        ValueError: if there is no bucket in the address, an unknown option, or a password.
    """

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        if not address.startswith(SCHEME) or not parts.hostname:
            raise ValueError(f"expected an address like s3://bucket/prefix, got {address!r}")
        if parts.username or parts.password:  # a process list shows them to everybody on the machine
            raise ValueError("expected the keys of S3 in the environment, got them in the address")
        if unknown := sorted(parse_qs(parts.query, keep_blank_values=True).keys() - OPTIONS):
            raise ValueError(f"expected the options {', '.join(sorted(OPTIONS))}, got {unknown[0]!r}")
        self._address = address

    @cached_property
    def _place(self) -> "tuple[FileSystem, str]":
        """Connect when it is first needed: a bucket that is away keeps no platform from starting."""
        from pyarrow import fs  # noqa: PLC0415  (half a second, which a server need not wait for to start)

        try:
            filesystem, root = fs.FileSystem.from_uri(self._address)
        except ValueError as error:
            raise OSError(f"{self._address}: {error}") from error
        return filesystem, root.rstrip("/")

    def put(self, day: int, batch: int, data: bytes) -> None:
        """Keep the events of one UTC day and batch; the same day and batch again take their place."""
        filesystem, root = self._place
        with filesystem.open_output_stream(f"{root}/{write_day(day)}/{batch}{SUFFIX}") as stream:
            stream.write(data)

    def read(self, engine: Any, days: Iterable[int]) -> Any | None:  # noqa: ARG002  (it comes to the engine itself)
        """Give the events of some days as an Ibis table; None if there are none."""
        import ibis  # noqa: PLC0415  (as above)
        from pyarrow import dataset  # noqa: PLC0415  (as above)

        filesystem, _ = self._place
        paths = sorted(path for day in days for path in self._of(day))
        if not paths:
            return None
        objects = dataset.dataset(paths, filesystem=filesystem, format="parquet", schema=schema())
        return ibis.memtable(objects)

    def _of(self, day: int) -> list[str]:
        from pyarrow import fs  # noqa: PLC0415  (as above)

        filesystem, root = self._place
        looked = fs.FileSelector(f"{root}/{write_day(day)}", allow_not_found=True)
        return [info.path for info in filesystem.get_file_info(looked) if info.path.endswith(SUFFIX)]
