"""What a message may carry besides its text, as JSON in `Message.extra`. No database."""

import msgspec

from vestibule.inbox.message import Message


class Photo(msgspec.Struct, frozen=True, omit_defaults=True):
    """A picture in the blobs under `attachments/<sha256>`.

    Attributes:
        sha256: Hex digest of its bytes.
        type: `image/jpeg`, `image/png`, `image/gif` or `image/webp`, as its first bytes say.
    """

    sha256: str
    type: str

    @property
    def path(self) -> str:
        """Where it is in the blobs."""
        return f"attachments/{self.sha256}"


class File(msgspec.Struct, frozen=True):
    """A file that somebody attached, in the blobs under `attachments/<sha256>`.

    Attributes:
        sha256: Hex digest of its bytes.
        type: A picture's media type as its first bytes say, or `application/octet-stream`.
        name: What its sender called it, 1 to 120 characters.
        size: How many bytes.
    """

    sha256: str
    type: str
    name: str
    size: int

    @property
    def path(self) -> str:
        """Where it is in the blobs."""
        return f"attachments/{self.sha256}"


class Missing(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that was sent but not taken over.

    Attributes:
        kind: `photo`, `video`, `audio`, `gif`, `sticker` or `file`.
        name: Its file name.
        reason: Why not, when it should have been.
    """

    kind: str
    name: str
    reason: str = ""


class Reaction(msgspec.Struct, frozen=True):
    """An emoji that somebody put under a message."""

    reaction: str
    actor: str


class Extra(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a message carries besides its text; but for `files`, only imported ones carry anything.

    Attributes:
        files: What its sender attached.
        photos: Pictures that were taken over.
        missing: What was not.
        link: Address that was shared, http or https.
        link_text: What stood with it.
        reactions: Emojis under the message.
        unsent: Whether the sender took the message back.
        call_seconds: How long the call took that this message tells of.
    """

    files: tuple[File, ...] = ()
    photos: tuple[Photo, ...] = ()
    missing: tuple[Missing, ...] = ()
    link: str = ""
    link_text: str = ""
    reactions: tuple[Reaction, ...] = ()
    unsent: bool = False
    call_seconds: int | None = None

    def encode(self) -> str | None:
        """Return the JSON text, or None when there is nothing."""
        return None if self == NOTHING else msgspec.json.encode(self).decode()


NOTHING = Extra()
"""What a message of words alone carries."""


def extra_of(message: Message) -> Extra:
    """Return what a message carries besides its text."""
    return NOTHING if message.extra is None else msgspec.json.decode(message.extra, type=Extra)
