class NotReached(Exception):  # noqa: N818  (what did not happen)
    """Nothing was reached; the message says why, for whoever gave the address."""
