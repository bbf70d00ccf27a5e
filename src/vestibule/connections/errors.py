"""What can go wrong with a connection."""


class ConnectionRefused(ValueError):  # noqa: N818  (a decision, told to the person who asked)
    """A connection cannot be made or changed as asked; the message says why."""
