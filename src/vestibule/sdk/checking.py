"""The check that an answer is recorded: its receipts are about this very request, and account for all of it.

Pure functions: the answer may have come just now, or lie in a file of evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from vestibule.ledger import request as signing
from vestibule.ledger.counting import OWN_REQUESTS
from vestibule.ledger.errors import RequestError
from vestibule.verdict.errors import BadReceipt
from vestibule.verdict.receipt import check_release, open_receipt

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vestibule.ledger.request import SignedRequest
    from vestibule.verdict.receipt import Release
    from vestibule.verdict.trust import Trust

ANSWERS: Final = OWN_REQUESTS | {"exposure"}
"""The kinds of events that answer a partner's request."""

T = TypeVar("T")
Result_co = TypeVar("Result_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as far as its answer depends on it.

    Attributes:
        partner: who asked.
        public: the 32 bytes of the registered key that signed it.
        person: this partner's id of whom it was about, "" if nobody.
        request: as it was signed.
        body: the JSON object in it, empty if there was none.
        key: its Idempotency-Key, "" if there was none.
    """

    partner: str
    public: bytes
    person: str
    request: SignedRequest
    body: Mapping[str, Any]
    key: str = ""


@dataclass(frozen=True, slots=True)
class Operation(Generic[Result_co]):
    """An operation whose answers carry receipts.

    Attributes:
        name: which one it is, in evidence.
        read: makes a value of an answer and what its receipts show; raises BadAnswer or BadReceipt.
        repeatable: whether the same request may be sent again, and is then answered by the first one's leaf.
    """

    name: str
    read: Callable[[Mapping[str, Any], tuple[Release, ...], Asked], Result_co]
    repeatable: bool = False


def checked(
    operation: Operation[T], asked: Asked, answer: Mapping[str, Any], trust: Trust
) -> tuple[T, tuple[Release, ...]]:
    """Return what an answer says, and what its receipts show.

    Raises:
        BadReceipt: something in it is not recorded as it must be; the message names leaf and difference.
        BadAnswer: it is not what the API promises.
    """
    found = tuple(
        check_release(
            text,
            trust,
            partner=asked.partner,
            request=_first_sent(text, asked, trust) if operation.repeatable else asked.request,
        )
        for text in receipts(answer)
    )
    return operation.read(answer, found, asked), found


def own(text: str, trust: Trust, *, partner: str, public: bytes) -> Release | None:
    """Check a receipt of some earlier request of ours.

    None if it is of no request, like the end of a connection, or opens nothing, because no answer left.

    Raises:
        BadReceipt: it does not hold, is another partner's, or of a request that our key did not sign.
    """
    receipt = open_receipt(text, trust)
    private = receipt.private
    if private is None or (private.request is None and private.kind not in ANSWERS):
        return None
    if private.request is None:
        raise BadReceipt(f"receipt of leaf {receipt.index}: expected a signed request in it, got none")
    try:
        signing.verify(private.request, public)
    except RequestError as error:
        raise BadReceipt(f"receipt of leaf {receipt.index}: the request is not ours: {error}") from error
    return check_release(text, trust, partner=partner, request=private.request)


def receipts(answer: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the receipts of an answer; raises BadReceipt if there are none."""
    found = answer.get("receipts")
    if not isinstance(found, list) or not found or not all(isinstance(text, str) for text in found):
        raise BadReceipt("expected receipts in the answer, got none")
    return tuple(found)


def _first_sent(text: str, asked: Asked, trust: Trust) -> SignedRequest:
    """Return the request in a receipt if it asked for the same and our key signed it, else this one."""
    private = open_receipt(text, trust).private
    first = None if private is None else private.request
    if first is None or _what(first) != _what(asked.request):
        return asked.request
    try:
        signing.verify(first, asked.public)
    except RequestError:
        return asked.request
    return first


def _what(request: SignedRequest) -> tuple[str, ...]:
    """Return what a request asks for, whichever token and nonce it carries: method, target and body."""
    return tuple(request.base.split("\n")[:3])
