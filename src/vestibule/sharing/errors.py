"""What can go wrong while something is shared."""


class BadCard(ValueError):  # noqa: N818  (the decision, told to the partner's engineer)
    """A card is not the partner's, or not well formed; the message says what was expected and got."""


class DialogOver(ValueError):  # noqa: N818  (what happened)
    """The dialog was used, cancelled or left open too long."""


class TooManySent(DialogOver):
    """Somebody recommends more than the limits allow; the dialog can be sent later."""


class NotForKids(DialogOver):
    """A child's account recommends nothing through partners."""


class BadReport(ValueError):  # noqa: N818  (what it is)
    """A report of a recommendation cannot be taken; the message says why."""


class InvitationOver(ValueError):  # noqa: N818  (what happened)
    """An invitation has expired, was taken by somebody else, or never was."""
