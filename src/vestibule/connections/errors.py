"""What can go wrong with a connection."""


class ConnectionRefused(ValueError):  # noqa: N818  (a decision, told to the person who asked)
    """A connection cannot be made or changed as asked; the message says why."""


class UnknownId(ValueError):  # noqa: N818  (what is the case)
    """An id is none that this partner was given for this person; the message says what was expected."""
