"""Answers of the platform as values, and the check that nothing in one goes unrecorded. Pure functions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from vestibule.ledger import canonical
from vestibule.ledger.errors import CanonicalError
from vestibule.sdk.errors import BadAnswer
from vestibule.verdict.errors import BadReceipt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vestibule.verdict.receipt import Release

READ = "messages.read"


@dataclass(frozen=True, slots=True)
class Page:
    """Messages of one conversation, every one of them covered by a checked receipt.

    Attributes:
        messages: as sent: `id`, `from`, `sent_at`, `body`, and `card` where there is one.
        withheld: whether some may be left out, because somebody there has not agreed.
        next: the cursor of the next page, None at the end.
        releases: what the receipts show.
    """

    messages: tuple[Mapping[str, Any], ...]
    withheld: bool
    next: str | None
    releases: tuple[Release, ...]


def page(value: Mapping[str, Any], releases: tuple[Release, ...], person: str) -> Page:
    """Read a page of messages, if its receipts account for all of it.

    Raises:
        BadAnswer: if the answer is malformed.
        BadReceipt: if a message in it is not recorded, for the reader and for its writer.
    """
    try:
        messages = tuple(value["messages"])
        digests = tuple((_typed(message["from"], str), digest(message)) for message in messages)
        found = Page(messages, value["withheld"] is True, value["next"], releases)
    except (KeyError, TypeError, CanonicalError) as error:
        raise BadAnswer(f"messages answer: {error}") from error
    _check_access(releases, person, tuple(sha for _, sha in digests))
    _check_writers(releases, person, digests)
    return found


def digest(message: Mapping[str, Any]) -> str:
    """Return the hex SHA-256 of a message's canonical JSON as it was released; openings list these."""
    return sha256(canonical.encode(dict(message))).hexdigest()


def _check_access(releases: tuple[Release, ...], person: str, digests: tuple[str, ...]) -> None:
    for release in releases:
        if release.event.op != READ:
            raise BadReceipt(f"receipt of leaf {release.index}: expected {READ}, got {release.event.op}")
    accesses = [release for release in releases if release.event.kind == "access"]
    if len(accesses) != 1:
        raise BadReceipt(f"expected one access receipt, got {len(accesses)}")
    access = accesses[0]
    where = f"receipt of leaf {access.index}"
    if access.person != person:
        raise BadReceipt(f"{where}: expected an access to person {person}, got {access.person}")
    if access.event.n != len(digests) or access.private.messages != digests:
        raise BadReceipt(f"{where}: expected the {len(digests)} messages of the answer, got others")


def _check_writers(releases: tuple[Release, ...], person: str, digests: tuple[tuple[str, str], ...]) -> None:
    """Everybody else whose words are in the answer has an exposure that lists exactly these words."""
    expected: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
    for writer, sha in digests:
        expected[writer] += (sha,)
    expected.pop(person, None)
    exposures = [release for release in releases if release.event.kind == "exposure"]
    recorded = {release.person: release.private.messages for release in exposures}
    for writer, words in expected.items():
        if recorded.get(writer) != words:
            raise BadReceipt(f"the answer carries words of person {writer}, but no receipt lists them")


def _typed(value: object, kind: type) -> Any:
    if not isinstance(value, kind):
        raise TypeError(f"expected {kind.__name__}, got {type(value).__name__}")
    return value
