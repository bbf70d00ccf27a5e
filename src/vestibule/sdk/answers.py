"""Answers of the platform as values, and the check that nothing in one goes unrecorded. Pure functions."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from vestibule.ledger import canonical
from vestibule.ledger.errors import CanonicalError
from vestibule.sdk.checking import Operation
from vestibule.sdk.errors import BadAnswer
from vestibule.sdk.typed import Fields
from vestibule.verdict.errors import BadReceipt

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeAlias

    from vestibule.sdk.checking import Asked
    from vestibule.verdict.receipt import Release

    Releases: TypeAlias = tuple[Release, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """An answer that need not come twice: hand it in as `known` when you ask for the same again.

    Attributes:
        releases: what the receipts show.
        tag: its entity tag (RFC 9110, section 8.8.3).
        unchanged: whether the platform said that the one handed in is still so; then it is that one, with the
            receipts of having asked.
    """

    releases: tuple[Release, ...]
    tag: str = ""
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class Page(Tagged):
    """Messages of one conversation, every one of them covered by a checked receipt.

    Attributes:
        messages: as sent: `id`, `from`, `sent_at`, `body`, and `card` where there is one.
        withheld: whether some may be left out, because somebody there has not agreed.
        next: the cursor of the next page, None at the end.
    """

    messages: tuple[Mapping[str, Any], ...]
    withheld: bool
    next: str | None


@dataclass(frozen=True, slots=True)
class Written:
    """A message that stands as the person's.

    Attributes:
        message: as sent: `id`, `from`, `sent_at`, `body`, and `reply_to` where it replies.
        release: what its receipt shows.
    """

    message: Mapping[str, Any]
    release: Release


@dataclass(frozen=True, slots=True)
class Standing:
    """How a person's connection stands.

    Attributes:
        person: this partner's id for her.
        state: `active`, `suspended` (by this partner or somebody else) or `waiting`.
        suspended_by_you: whether this partner's own suspension is among what holds it.
    """

    person: str
    state: str
    suspended_by_you: bool


@dataclass(frozen=True, slots=True)
class Friends(Tagged):
    """Some of the person's friends, by ids that only this partner knows; each has a receipt of her own.

    Attributes:
        connected: those who are connected with this partner, too.
        others: those who are not.
        next: the cursor of the next page, None at the end.
    """

    connected: tuple[str, ...]
    others: tuple[str, ...]
    next: str | None


def page(value: Mapping[str, Any], releases: Releases, asked: Asked) -> Page:
    """Read a page of messages.

    Raises:
        BadAnswer: if the answer is malformed.
        BadReceipt: if a message in it is not recorded, for the reader and for its writer.
    """
    try:
        messages = tuple(value["messages"])
        digests = tuple((_typed(message["from"], str), digest(message)) for message in messages)
        found = Page(messages, value["withheld"] is True, value["next"], releases=releases)
    except (KeyError, TypeError, CanonicalError) as error:
        raise BadAnswer(f"messages answer: {error}") from error
    _check_access(releases, asked.person, tuple(sha for _, sha in digests))
    _check_writers(releases, asked.person, digests)
    return found


def written(value: Mapping[str, Any], releases: Releases, asked: Asked) -> Written:
    """Read what came of a message to be written.

    Raises:
        BadAnswer: if the answer is malformed.
        BadReceipt: if these very words are not recorded as written in her name, under this very key.
    """
    release = only(releases, "send", SEND.name, asked.person)
    if release.private.extra.get("key") != sha256(asked.key.encode()).hexdigest():
        raise BadReceipt(
            f"receipt of leaf {release.index}: expected one for key {asked.key!r}, got another's"
        )
    if release.private.messages != (digest(asked.body),):
        raise BadReceipt(f"receipt of leaf {release.index}: expected the words that were sent, got others")
    message = value.get("message")
    if not isinstance(message, dict) or message.get("body") != asked.body.get("body"):
        raise BadAnswer(f"written answer: expected the message that was sent, got {message!r:.80}")
    return Written(message, release)


def deleted(_: Mapping[str, Any], releases: Releases, asked: Asked) -> Releases:
    """Check what came of a deletion, and return its receipts; others' may be among them.

    Raises:
        BadReceipt: if it is not recorded as done in her name.
    """
    only(releases, "delete", DELETE.name, asked.person)
    return releases


def standing(answer: Mapping[str, Any], person: str) -> Standing:
    """Read how the connection of a person stands; raises BadAnswer if it is about somebody else."""
    fields = Fields("the suspension", answer)
    found = Standing(fields.text("person"), fields.text("state"), fields.flag("suspended_by_you"))
    if found.person != person:
        raise BadAnswer(f"expected the connection of {person}, got that of {found.person}")
    return found


def friends(value: Mapping[str, Any], releases: Releases, asked: Asked) -> Friends:
    """Read a page of friends.

    Raises:
        BadAnswer: if the answer is malformed.
        BadReceipt: if the request, or one of the friends in the answer, is not recorded.
    """
    fields = Fields("friends answer", value)
    connected, others = fields.texts("connected"), fields.texts("others")
    only(releases, "access", LIST.name, asked.person)
    recorded = {release.person for release in releases if release.event.kind == "exposure"}
    for friend in (*connected, *others):
        if friend not in recorded:
            raise BadReceipt(f"the answer lists friend {friend}, but no receipt tells her of it")
    further = fields.text("next") if fields.has("next") else None
    return Friends(connected, others, further, releases=releases)


def refused(_: Mapping[str, Any], releases: Releases, __: Asked) -> Releases:
    """Check that a refusal is recorded as one.

    Raises:
        BadReceipt: if it is recorded as something else.
    """
    for release in releases:
        if release.event.kind != "refusal":
            raise BadReceipt(f"receipt of leaf {release.index}: expected a refusal, got {release.event.kind}")
    return releases


READ: Final = Operation("messages.read", page)
SEND: Final = Operation("messages.send", written, repeatable=True)
DELETE: Final = Operation("messages.delete", deleted, repeatable=True)
LIST: Final = Operation("friends.list", friends)
REFUSED: Final = Operation("refusal", refused)


def digest(message: Mapping[str, Any]) -> str:
    """Return the hex SHA-256 of a message's canonical JSON as it was released; openings list these."""
    return sha256(canonical.encode(dict(message))).hexdigest()


def _check_access(releases: Releases, person: str, digests: tuple[str, ...]) -> None:
    access = only(releases, "access", READ.name, person)
    if access.event.n != len(digests) or access.private.messages != digests:
        raise BadReceipt(
            f"receipt of leaf {access.index}: expected the {len(digests)} messages of the answer, got others"
        )


def only(releases: Releases, kind: str, op: str, person: str) -> Release:
    """Return the one event about the person herself.

    Raises:
        BadReceipt: if there is none, or another, or an event of the answer is of another operation.
    """
    for release in releases:
        if release.event.op != op:
            raise BadReceipt(f"receipt of leaf {release.index}: expected {op}, got {release.event.op}")
    found = [release for release in releases if release.event.kind == kind]
    if len(found) != 1:
        raise BadReceipt(f"expected one {kind} receipt, got {len(found)}")
    if found[0].person != person:
        raise BadReceipt(
            f"receipt of leaf {found[0].index}: expected {kind} about person {person}, got {found[0].person}"
        )
    return found[0]


def _check_writers(releases: Releases, person: str, digests: tuple[tuple[str, str], ...]) -> None:
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
