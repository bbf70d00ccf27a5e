"""What handlers are given by name: the platform, and the signed-in person, her session, her language."""

from litestar.di import NamedDependency

from vestibule.connections.language import Language
from vestibule.people.accounts import Account
from vestibule.people.sessions import Session
from vestibule.web.platform import Platform

GivenPlatform = NamedDependency[Platform]
GivenPerson = NamedDependency[Account]
GivenLanguage = NamedDependency[Language]
GivenProved = NamedDependency[Session]
"""Her session, if she proved within the last minutes that it is she; else she is asked to first."""
