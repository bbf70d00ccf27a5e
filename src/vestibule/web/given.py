"""What handlers are given by name: the platform, and the signed-in person, her session, her language."""

from litestar.di import NamedDependency

from vestibule.connections.language import Language
from vestibule.people.accounts import Account
from vestibule.people.sessions import Session
from vestibule.web.platform import Platform


class NotSignedIn(Exception):  # noqa: N818  (what is the case)
    """A page for a person was asked for by nobody in particular."""


class NotProved(Exception):  # noqa: N818  (what is the case)
    """Something was asked for that a session may do only shortly after its person proved that it is she."""


GivenPlatform = NamedDependency[Platform]
GivenPerson = NamedDependency[Account]
GivenLanguage = NamedDependency[Language]
GivenProved = NamedDependency[Session]
"""Her session, if she proved within the last minutes that it is she; else she is asked to first."""
