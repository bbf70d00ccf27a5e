"""What can go wrong in a witness."""


class WitnessError(Exception):
    """The witness could not do what it was asked; nothing was cosigned."""


class StateError(WitnessError):
    """The folder with what was cosigned is in use, or cannot be read or written."""


class CheckFailed(WitnessError):  # noqa: N818  (what happened)
    """A further check speaks against cosigning.

    Attributes:
        status: HTTP status of the answer: 422 if the log is at fault, 503 if the check could not be made now.
    """

    def __init__(self, reason: str, status: int = 422) -> None:
        super().__init__(reason)
        self.status = status


class Forked(WitnessError):  # noqa: N818  (what happened)
    """The log signed two trees that contradict each other."""
