"""What can go wrong with the register and with a partner's signature."""


class RegisterError(ValueError):
    """Something cannot be put on the register; the message says what and what to do."""


class RequestRefused(ValueError):  # noqa: N818  (the decision, told to the partner's engineer)
    """A partner's request carries no valid signature; the message says what was expected and got."""
