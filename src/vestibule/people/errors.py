"""What can go wrong between persons."""


class PeopleError(ValueError):
    """A request about accounts, sessions or friends cannot be met."""


class BadHandle(PeopleError):
    """The handle is not 3 to 30 of a-z, 0-9 and the underscore."""


class BadName(PeopleError):
    """The name is empty, too long or holds control characters."""


class WeakPassword(PeopleError):
    """The password is too short, too long or not text."""


class HandleTaken(PeopleError):
    """Somebody else has this handle."""


class NotStaff(PeopleError):
    """Nobody of this handle works for the operator, or can."""


class WrongLogin(PeopleError):
    """Handle and password do not fit together; which of them is wrong is not said."""


class TooManyAttempts(PeopleError):
    """Too many failed sign-ins.

    Attributes:
        retry_after: Seconds until the next attempt is looked at.
    """

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        super().__init__(f"too many failed sign-ins, try again in {retry_after} seconds")


class UnknownPerson(PeopleError):
    """There is no account with this id."""


class Oneself(PeopleError):
    """A person cannot be her own friend, nor block herself."""


class NotAsked(PeopleError):
    """There is no open request of this person to answer."""


class Blocked(PeopleError):
    """One of the two has blocked the other; which one is not said."""


class PasskeyRefused(PeopleError):
    """A passkey's answer proves nothing: another origin, person or challenge, or not fresh."""


class TooManyPasskeys(PeopleError):
    """A person has as many passkeys as one may have."""
