"""What else a partner can be given: conversations, recommendations, files. Values, and their checks."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from vestibule.ledger.errors import CanonicalError
from vestibule.sdk.answers import READ, Tagged, digest, only
from vestibule.sdk.checking import Operation
from vestibule.sdk.errors import BadAnswer
from vestibule.sdk.typed import Fields
from vestibule.verdict.errors import BadReceipt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vestibule.sdk.answers import Releases
    from vestibule.sdk.checking import Asked
    from vestibule.verdict.receipt import Release

DESCRIBED = ("id", "type", "name", "size")
"""What a page of messages says of a file, too."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation that the person chose.

    Attributes:
        id: this partner's id of it.
        newest: the id of the newest message that can be seen; if you have another, read on.
        withheld: whether some may be left out, because somebody there has not agreed.
    """

    id: str
    newest: str | None
    withheld: bool


@dataclass(frozen=True, slots=True)
class Conversations(Tagged):
    """Some of the person's chosen conversations; `next` is the cursor of the next page, None at the end."""

    conversations: tuple[Conversation, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What a friend recommended to the person through this partner; nobody tells which friend.

    Attributes:
        id: this partner's id of it.
        card: `kind`, `title`, `picture` and `link`, as this partner signed them.
        day: when it came, UTC days since 1970.
    """

    id: str
    card: Mapping[str, str]
    day: int


@dataclass(frozen=True, slots=True)
class Recommendations(Tagged):
    """Some of what was recommended to the person, oldest first; `next` as in `Conversations`."""

    recommendations: tuple[Recommendation, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class File:
    """A file that came with a message.

    Attributes:
        id: as in the message's `attachments`.
        type: the media type.
        name: what its writer called it; not a path to be trusted.
        data: its bytes.
        releases: what the receipts show.
    """

    id: str
    type: str
    name: str
    data: bytes
    releases: tuple[Release, ...]


def conversations(value: Mapping[str, Any], releases: Releases, asked: Asked) -> Conversations:
    """Read a page of conversations.

    Raises:
        BadAnswer: if the answer is malformed.
        BadReceipt: if the request is not recorded, as one that released no message.
    """
    fields = Fields("conversations answer", value)
    access = only(releases, "access", READ.name, asked.person)
    if access.event.n != 0:
        raise BadReceipt(f"receipt of leaf {access.index}: expected no message, got {access.event.n}")
    found = tuple(
        Conversation(one.text("id"), one.text("newest") if one.has("newest") else None, one.flag("withheld"))
        for one in fields.each("conversations")
    )
    return Conversations(found, fields.text("next") if fields.has("next") else None, releases=releases)


def recommendations(value: Mapping[str, Any], releases: Releases, asked: Asked) -> Recommendations:
    """Read a page of recommendations.

    Raises:
        BadAnswer: if the answer is malformed.
        BadReceipt: if one of them is not recorded.
    """
    fields = Fields("recommendations answer", value)
    found = tuple(
        Recommendation(one.text("id"), one.mapping("card"), one.number("day"))
        for one in fields.each("recommendations")
    )
    access = only(releases, "access", RECOMMENDATIONS.name, asked.person)
    try:
        digests = tuple(digest(one) for one in value["recommendations"])
    except CanonicalError as error:
        raise BadAnswer(f"recommendations answer: {error}") from error
    if access.event.n != len(digests) or access.private.messages != digests:
        raise BadReceipt(
            f"receipt of leaf {access.index}: expected the {len(digests)} of the answer, got others"
        )
    return Recommendations(found, fields.text("next") if fields.has("next") else None, releases=releases)


def file(value: Mapping[str, Any], releases: Releases, asked: Asked) -> File:
    """Read a file.

    Raises:
        BadAnswer: if the answer is malformed.
        BadReceipt: if these very bytes are not recorded, for the reader and for whoever wrote.
    """
    fields = Fields("file answer", value)
    described = {name: fields.get(name) for name in DESCRIBED}
    try:
        data = base64.b64decode(fields.text("data"), validate=True)
        released = digest({**described, "sha256": sha256(data).hexdigest()})
    except (ValueError, CanonicalError) as error:
        raise BadAnswer(f"file answer: {error}") from error
    only(releases, "access", READ.name, asked.person)
    for release in releases:
        if release.private.messages != (released,):
            raise BadReceipt(f"receipt of leaf {release.index}: expected the bytes of the answer, got others")
    return File(fields.text("id"), fields.text("type"), fields.text("name"), data, releases)


CONVERSATIONS: Final = Operation("conversations", conversations)
RECOMMENDATIONS: Final = Operation("recommendations.receive", recommendations)
FILE: Final = Operation("attachments", file)
