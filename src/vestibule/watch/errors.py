"""What keeps a watch from going on. What it finds in a log is no error: it is a notice."""


class WatchError(ValueError):
    """What every error of this room is."""


class BadState(WatchError):  # noqa: N818  (what was found)
    """The state folder is in use, damaged, or of another log."""
