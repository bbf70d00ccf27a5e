"""What can go wrong in the store."""


class StoreError(Exception):
    """The store could not do what it was asked; nothing of the failing transaction stands."""


class ConstraintBroken(StoreError):  # noqa: N818  (what the work did)
    """A statement broke a primary key, unique, check or type rule of its table."""


class StoreFull(StoreError):  # noqa: N818  (a state)
    """The disk, or the allowed size of the database, is used up."""


class StoreClosed(StoreError):  # noqa: N818  (a state)
    """The store was closed before this call."""


class StoreBroken(StoreError):  # noqa: N818  (a state)
    """A commit ended in an unknown state; only a restart can tell what stands, so writes are refused."""


class StoreInUse(StoreError):  # noqa: N818  (a state)
    """Another process, or another store of this process, has the folder open."""


class FolderUnusable(StoreError):  # noqa: N818  (a state)
    """The folder or the database file cannot be created, read or written."""


class WrongWork(StoreError):  # noqa: N818  (what the work did)
    """A work function did something it may not do, such as awaiting anything but its transaction."""


class MigrationError(StoreError):
    """The migration files and the database do not fit together."""


class OutboxError(StoreError):
    """An outbox row cannot be applied."""


class BlobError(StoreError):
    """A blob cannot be stored or its path is not allowed."""


class BadId(ValueError):  # noqa: N818  (what was given)
    """A text is not an id as `ids.encode` writes it."""
