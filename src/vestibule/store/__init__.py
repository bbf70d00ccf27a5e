"""Rows, effects, ids and blobs: SQLite behind one small layer. Knows nothing of what is stored in it."""

from vestibule.store.blobs import Blobs, FolderBlobs
from vestibule.store.errors import StoreError
from vestibule.store.sqlite import Store, open_store
from vestibule.store.transaction import Row, Tx, Value

__all__ = ["Blobs", "FolderBlobs", "Row", "Store", "StoreError", "Tx", "Value", "open_store"]
