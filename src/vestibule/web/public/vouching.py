"""Who vouches for the log: the keys of the operator's policy, which of them count, and what they saw last."""

from collections.abc import Iterator
from dataclasses import dataclass

from vestibule.tlog.errors import TlogError
from vestibule.tlog.policy import NONE, Policy
from vestibule.verdict.trust import AUDITORS, Trust, trust
from vestibule.verdict.vouched import Vouched, vouch


@dataclass(frozen=True, slots=True)
class Key:
    """A cosigner of the policy.

    Attributes:
        name: in the policy.
        verifier: its C2SP verifier key.
        run_by: who runs it, as far as the policy says.
        zero: why its cosignature counts as none; empty if it counts.
        audits: whether it is among the auditors, who replay the log before they sign.
        signed_at: when it signed the newest witnessed checkpoint, in seconds since 1970; None if it has not,
            or does not count.
    """

    name: str
    verifier: str
    run_by: str
    zero: str
    audits: bool
    signed_at: int | None


@dataclass(frozen=True, slots=True)
class Vouching:
    """What the public is told about witnesses.

    Attributes:
        quorum: its name in the policy; `none` attests no time.
        rule: what makes the quorum, in words.
        keys: every cosigner, in the policy's order.
        newest: the newest checkpoint with a quorum; None while there is none.
    """

    quorum: str
    rule: str
    keys: tuple[Key, ...]
    newest: Vouched | None

    @property
    def attested(self) -> bool:
        """Whether anybody but the operator is asked at all."""
        return self.quorum != NONE


def vouching(policy: str, witnessed: str | None) -> Vouching:
    """Read the operator's policy, and the newest checkpoint that it accepts.

    Args:
        policy: as it is served.
        witnessed: the note published as witnessed, if there is one.
    """
    trusted = trust(policy.encode())
    newest = None if witnessed is None else _vouched(witnessed, trusted)
    return Vouching(
        quorum=trusted.policy.quorum,
        rule=_rule(trusted.policy, trusted.policy.quorum),
        keys=tuple(_keys(Policy.parse(policy), trusted, newest)),
        newest=newest,
    )


def _keys(policy: Policy, trusted: Trust, newest: Vouched | None) -> Iterator[Key]:
    zero = dict(trusted.zero)
    auditors = {name for group in policy.groups if group.name == AUDITORS for name in group.members}
    cosigners = () if newest is None else (*newest.witnesses, *newest.auditors)
    times = {cosigner.name: cosigner.at for cosigner in cosigners}
    for witness in policy.witnesses:
        name = witness.name
        yield Key(
            name=name,
            verifier=str(witness.key),
            run_by=trusted.run_by(name),
            zero=zero.get(name, ""),
            audits=name in auditors,
            signed_at=times.get(name),
        )


def _vouched(note: str, trusted: Trust) -> Vouched | None:
    try:
        return vouch(note, trusted)
    except TlogError:
        return None  # by an earlier policy: nothing is vouched for under this one yet


def _rule(policy: Policy, name: str) -> str:
    """Say what it takes for a name of the policy to count, groups spelled out."""
    group = next((group for group in policy.groups if group.name == name), None)
    if group is None:
        return name
    members = [_rule(policy, member) for member in group.members]
    if group.threshold == len(members):
        how = "" if len(members) == 1 else "all of "
    else:
        how = f"{group.threshold} of "
    return f"{group.name} ({how}{', '.join(members)})"
