"""Who vouches for a checkpoint: the counted witnesses and auditors, and the time they attest together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vestibule.tlog.errors import QuorumError
from vestibule.tlog.policy import NONE

if TYPE_CHECKING:
    from vestibule.tlog.checkpoint import Checkpoint
    from vestibule.tlog.policy import Policy, VerifiedCheckpoint
    from vestibule.verdict.trust import Trust


@dataclass(frozen=True, slots=True)
class Cosigner:
    """A counted cosignature.

    Attributes:
        name: in the policy.
        at: seconds since 1970, by the cosigner's own clock.
        run_by: who runs it, as the policy says.
    """

    name: str
    at: int
    run_by: str


@dataclass(frozen=True, slots=True)
class Vouched:
    """A checkpoint that satisfied a policy, and who vouches for it.

    Attributes:
        checkpoint: what the log signed.
        note: the checkpoint with its signatures, verbatim.
        quorum: the quorum's name in the policy.
        witnesses: the counted cosigners that are no auditors.
        auditors: those that replayed the log; empty unless the policy's own group of them is satisfied.
        attested_at: the latest time, in seconds since 1970, at or after which a quorum had seen it;
            None for the quorum `none`.
    """

    checkpoint: Checkpoint
    note: bytes
    quorum: str
    witnesses: tuple[Cosigner, ...]
    auditors: tuple[Cosigner, ...]
    attested_at: int | None

    @property
    def origin(self) -> str:
        """The log's origin."""
        return self.checkpoint.origin


def vouch(note: str | bytes, trust: Trust) -> Vouched:
    """Check a signed checkpoint against the policy.

    Raises:
        TlogError: of the kind that says what does not hold; see Policy.verify.
    """
    return vouched(trust.policy.verify(note), note, trust)


def vouched(verified: VerifiedCheckpoint, note: str | bytes, trust: Trust) -> Vouched:
    """Say who vouches for a checkpoint that the policy has verified already."""
    auditors = _auditors(note, trust)
    audits = {one.name for one in auditors}
    witnesses = (_cosigner(name, at, trust) for name, at in verified.cosignatures if name not in audits)
    return Vouched(
        verified.checkpoint,
        note.encode() if isinstance(note, str) else note,
        verified.quorum,
        tuple(witnesses),
        auditors,
        attested_at(trust.policy, verified.cosignatures),
    )


def attested_at(policy: Policy, cosignatures: tuple[tuple[str, int], ...]) -> int | None:
    """Give the largest time such that the cosignatures of then or later make the quorum; None without one.

    A single witness with a fast clock moves it no further than the quorum lets it.
    """
    if policy.quorum == NONE:
        return None
    times = sorted({at for _, at in cosignatures}, reverse=True)
    return next(
        (time for time in times if policy.satisfied_by([name for name, at in cosignatures if at >= time])),
        None,
    )


def _auditors(note: str | bytes, trust: Trust) -> tuple[Cosigner, ...]:
    if trust.auditing is None:
        return ()
    try:
        found = trust.auditing.verify(note).cosignatures
    except QuorumError:
        return ()
    return tuple(_cosigner(name, at, trust) for name, at in found)


def _cosigner(name: str, at: int, trust: Trust) -> Cosigner:
    return Cosigner(name, at, trust.run_by(name))
