"""What can go wrong in the inbox."""


class InboxError(ValueError):
    """A request about conversations or messages cannot be met."""


class UnknownConversation(InboxError):
    """There is no conversation with this id."""


class NotAMember(InboxError):
    """The person is not in this conversation, or there is none: which of the two is not said."""


class NotFriends(InboxError):
    """Conversations are opened among friends."""


class Blocked(InboxError):
    """One of the two has blocked the other; which one is not said."""


class BadMembers(InboxError):
    """The members of a new conversation are too few, too many or oneself."""


class BadTitle(InboxError):
    """The title is too long or holds control characters."""


class BadBody(InboxError):
    """The text of a message is empty, too long or not text."""


class BadReply(InboxError):
    """There is no message in this conversation that could be replied to under this number."""


class BadFiles(InboxError):
    """What should be attached is too many, too large or empty."""


class BadClientKey(InboxError):
    """The idempotency key is empty, too long or holds other than printable ASCII."""


class KeyReused(InboxError):
    """The idempotency key stands for another message of this sender in this conversation."""


class BadExport(InboxError):
    """The export as a whole cannot be read: no such file, no zip, nothing in it."""


class BadFile(InboxError):
    """A file of an export cannot be read.

    Attributes:
        file: Its path in the export.
        reason: What is wrong with it.
    """

    def __init__(self, file: str, reason: str) -> None:
        self.file = file
        self.reason = reason
        super().__init__(f"{file}: {reason}")
