"""What can go wrong while recording."""


class RecorderError(Exception):
    """Something about the log's writer."""


class LogUnavailable(RecorderError):  # noqa: N818  (a state of the log, which may pass)
    """Nothing can be recorded now, so nothing can be released; trying again may help."""


class Overtaken(RecorderError):  # noqa: N818  (what happened to the event)
    """The grant or privilege an event stands on ended before the event could be recorded."""


class Unrecordable(RecorderError):  # noqa: N818  (what the append is)
    """An append does not make leaves of the ledger's grammar; it alone is refused."""


class AppendInsideTransaction(RecorderError):  # noqa: N818  (what the caller did)
    """`append` was called inside a store transaction, while the log waits for the same writer."""


class LogRefusesToStart(RecorderError):  # noqa: N818  (what the log does)
    """Store, published files and keys contradict each other; the message names both sides."""


class LostTheLog(RecorderError):  # noqa: N818  (what happened)
    """Another process has moved the head: this one must not write any more."""
