"""Whose keys are trusted: a policy file, who chose it, and which keys in it count."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from vestibule.ledger import statements
from vestibule.ledger.errors import StatementError
from vestibule.ledger.statements import Statements
from vestibule.tlog.encoding import shown
from vestibule.tlog.errors import TlogError
from vestibule.tlog.policy import NONE, Policy
from vestibule.verdict import wording
from vestibule.verdict.errors import BadPolicy

if TYPE_CHECKING:
    from collections.abc import Iterator

AUDITORS: Final = "auditors"
"""The group whose members promise more than a witness: to have replayed the log and found no breach."""


@dataclass(frozen=True, slots=True)
class Trust:
    """A policy together with where it comes from.

    Attributes:
        policy: which log key, which witnesses, how many of them; without those that count as zero.
        digest: hex SHA-256 of the policy file.
        source: who chose these keys.
        statements: what the file says about who runs them, and whether answers wait for them.
        zero: name and reason of every key of the file that counts as zero.
    """

    policy: Policy
    digest: str
    source: str
    statements: Statements = field(default_factory=Statements)
    zero: tuple[tuple[str, str], ...] = ()

    def run_by(self, name: str) -> str:
        """Say who runs a cosigner, as far as the file does."""
        return self.statements.run_by.get(name, wording.NOT_SAID)

    @property
    def mode(self) -> str | None:
        """Tell how answers wait for witnesses: as the file states it, `none` where it names no witness."""
        return self.statements.mode if self.policy.witnesses or self.zero else NONE

    @property
    def auditing(self) -> Policy | None:
        """The same policy with the group of auditors as its quorum; None where it has no such group."""
        has_auditors = any(group.name == AUDITORS for group in self.policy.groups)
        return replace(self.policy, quorum=AUDITORS) if has_auditors else None


def trust(policy_file: bytes, source: str = wording.OPERATOR) -> Trust:
    """Read a policy file.

    Keys that the platform runs itself count as zero: they are left out, and the quorum must be reached
    without them.

    Raises:
        BadPolicy: naming the line, what was expected and what was got.
    """
    try:
        policy = Policy.parse(policy_file)
        cosigners = frozenset(witness.name for witness in policy.witnesses)
        said = statements.read(policy_file.decode(), cosigners)
    except (TlogError, StatementError) as error:
        raise BadPolicy(f"policy: {error}") from error
    zero = tuple(_count_as_zero(policy, said))
    names = frozenset(name for name, _ in zero)
    counted = replace(policy, witnesses=tuple(w for w in policy.witnesses if w.name not in names))
    _check_reachable(counted, zero)
    return Trust(counted, sha256(policy_file).hexdigest(), source, said, zero)


def _count_as_zero(policy: Policy, said: Statements) -> Iterator[tuple[str, str]]:
    for witness in policy.witnesses:
        if said.by_platform(witness.name):
            yield witness.name, wording.RUN_BY_PLATFORM
        elif statements.same_host(witness.key.name, policy.log.key.name):
            yield witness.name, wording.NAMED_AFTER_LOG


def _check_reachable(policy: Policy, zero: tuple[tuple[str, str], ...]) -> None:
    if policy.quorum == NONE or policy.satisfied_by([witness.name for witness in policy.witnesses]):
        return
    left_out = "; ".join(wording.zero(name, why) for name, why in zero)
    raise BadPolicy(
        f"policy: expected a quorum that can be reached, got {shown(policy.quorum)} without {left_out:.300}"
    )
