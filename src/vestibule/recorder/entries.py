"""The log's entries as they are stored, read in slices. Reads `entry`."""

from vestibule.store import Store

SLICE = 4096
"""Entries that are read at once, at most."""

ENTRIES = """
    select leaf from entry where log_id = :log_id and idx >= :first and idx < :end order by idx limit 4096
"""


async def read_slice(store: Store, log_id: str, first: int, end: int) -> list[bytes]:
    """Return the entries from index `first` up to and without `end`, the first `SLICE` of them."""
    rows = await store.read(lambda tx: tx.all(ENTRIES, log_id=log_id, first=first, end=end))
    return [row[0] for row in rows]
