"""What a partner's program has to handle."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vestibule.verdict.receipt import Release


class SdkError(Exception):
    """Something between this program and the platform."""


class Unreachable(SdkError):  # noqa: N818  (a state of the network)
    """The platform gave no answer."""


class BadAnswer(SdkError):  # noqa: N818  (what was got)
    """The platform's answer is not what the API promises; nothing of it was handed on."""


class PlatformError(SdkError):
    """The platform said no, without a record of it: RFC 9457 problem details.

    Attributes:
        status: HTTP status.
        problem: the problem details as sent, empty if there were none.
    """

    def __init__(self, status: int, problem: dict[str, object]) -> None:
        self.status = status
        self.problem = problem
        super().__init__(f"{status} {problem.get('title', '')}: {problem.get('detail', '')}")


class Refused(PlatformError):  # noqa: N818  (what happened to the request)
    """The platform refused a signed request and recorded that it did.

    Attributes:
        releases: the refusal's checked receipts.
    """

    def __init__(self, status: int, problem: dict[str, object], releases: tuple[Release, ...]) -> None:
        super().__init__(status, problem)
        self.releases = releases
