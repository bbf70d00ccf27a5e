"""What a partner's program has to handle. Each says what was wrong, and what its engineer can do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vestibule.sdk.advice import advice

if TYPE_CHECKING:
    from vestibule.sdk.comparing import Comparison
    from vestibule.verdict.receipt import Release


class SdkError(Exception):
    """Something between this program and the platform."""


class BadKey(SdkError):  # noqa: N818  (what was got)
    """A key that cannot be used; nothing was sent."""


class Unreachable(SdkError):  # noqa: N818  (a state of the network)
    """The platform gave no answer."""


class BadAnswer(SdkError):  # noqa: N818  (what was got)
    """The platform's answer is not what the API promises; nothing of it was handed on."""


class BadCallback(SdkError):  # noqa: N818  (what was got)
    """Somebody came back who was not sent, or from elsewhere; no code was used."""


class BadWebhook(SdkError):  # noqa: N818  (what was got)
    """What came is no webhook of the platform, or none of now; nothing of it was handed on."""


class StoreInUse(SdkError):  # noqa: N818  (a state of the folder)
    """Another process keeps its receipts in this folder."""


class BadStore(SdkError):  # noqa: N818  (what was found)
    """The file of receipts holds something that this program has not written there."""


class CountsDiffer(SdkError):  # noqa: N818  (what was found)
    """The log counts otherwise than the receipts do; nothing was put on record.

    Attributes:
        comparison: day by day; `Client.file` puts our counts on record all the same.
    """

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        super().__init__("; ".join(map(str, comparison.differences)))


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


class TokenDead(Refused):
    """The token is over, or its connection is: refresh it, and if that is refused, ask the person again."""


class LoginRefused(SdkError):  # noqa: N818  (what happened to the request)
    """An endpoint of the login said no (RFC 6749 section 5.2).

    Attributes:
        error: the code, such as `invalid_client`.
        description: the platform's words.
    """

    def __init__(self, error: str, description: str) -> None:
        self.error = error
        self.description = description
        said = f"{error}: {description}" if description else error
        super().__init__(". ".join(filter(None, (said, advice(error)))))


class Denied(LoginRefused):
    """The person came back and said no (RFC 6749 section 4.1.2.1)."""


class ConnectionOver(LoginRefused):
    """A refresh was refused: what the person granted has ended, is suspended, or is bound to another key."""
