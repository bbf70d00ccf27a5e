"""Whose keys are trusted: a policy file, and who chose it."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from vestibule.tlog.errors import TlogError
from vestibule.tlog.policy import Policy
from vestibule.verdict.errors import BadPolicy
from vestibule.verdict.wording import OPERATOR


@dataclass(frozen=True, slots=True)
class Trust:
    """A policy together with where it comes from.

    Attributes:
        policy: which log key, which witnesses, how many of them.
        digest: hex SHA-256 of the policy file.
        source: who chose these keys.
    """

    policy: Policy
    digest: str
    source: str


def trust(policy_file: bytes, source: str = OPERATOR) -> Trust:
    """Read a policy file.

    Raises:
        BadPolicy: naming the line, what was expected and what was got.
    """
    try:
        return Trust(Policy.parse(policy_file), sha256(policy_file).hexdigest(), source)
    except TlogError as error:
        raise BadPolicy(f"policy: {error}") from error
