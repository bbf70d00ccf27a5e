"""What handlers are given by name: the platform, and the signed-in person, her session."""

from litestar.di import NamedDependency

from vestibule.people.accounts import Account
from vestibule.people.sessions import Session
from vestibule.web.platform import Platform

GivenPlatform = NamedDependency[Platform]
GivenPerson = NamedDependency[Account]
GivenProved = NamedDependency[Session]
"""Her session, if she proved within the last minutes that it is she; else she is asked to first."""
