"""Password hashes: argon2id (RFC 9106). No database, no clock."""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from vestibule.people.errors import WeakPassword

SHORTEST, LONGEST = 10, 1_000
# 46 MiB, one pass, one lane: the first of the equally strong settings that OWASP lists.
_hasher = PasswordHasher(time_cost=1, memory_cost=47_104, parallelism=1)
# The hash of a random password that nobody kept: what a login with an unknown handle is compared with, so
# that it takes as long as any other.
NOBODYS = "$argon2id$v=19$m=47104,t=1,p=1$A7N4OmV0gCkQYUI1r8P0QA$EcbQ5H6WRDnsOLEbfe6tFXGab1h+PmxxNpQZSeD6hzg"


def check(password: str) -> None:
    """Refuse a password that is too short, too long or not text.

    Raises:
        WeakPassword: says what was expected.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(f"expected {SHORTEST} to {LONGEST} characters, got {len(password)}")
    if not _is_text(password):
        raise WeakPassword("expected text, got a lone surrogate")


def hashed(password: str) -> str:
    """Return the argon2id hash of a password; takes some 40 ms of a core."""
    return _hasher.hash(_normal(password))


def matches(password_hash: str, password: str) -> bool:
    """Whether the password is the one of the hash."""
    if len(password) > LONGEST or not _is_text(password):
        password = ""
    try:
        return _hasher.verify(password_hash, _normal(password))
    except (VerificationError, InvalidHashError):
        return False


def _is_text(password: str) -> bool:
    try:
        password.encode()
    except UnicodeEncodeError:
        return False
    return True


def _normal(password: str) -> str:
    """One spelling for letters that keyboards compose differently (NIST SP 800-63B section 3.1.1.2)."""
    return unicodedata.normalize("NFKC", password)
