"""What handlers are given by name: the platform, and the signed-in person."""

from litestar.di import NamedDependency

from vestibule.people.accounts import Account
from vestibule.web.platform import Platform

GivenPlatform = NamedDependency[Platform]
GivenPerson = NamedDependency[Account]
