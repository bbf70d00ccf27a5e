"""Policies: which log, which witnesses, and how many of them make a checkpoint count (C2SP tlog-policy).

Narrower than the specification in three points: exactly one log line (one live origin), UTF-8 only, and no
public key both as log and as witness, because an operator cannot be its own witness.
"""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Self

from vestibule.tlog import mldsa
from vestibule.tlog.checkpoint import Checkpoint
from vestibule.tlog.encoding import from_decimal, shown, utf8
from vestibule.tlog.errors import NoteError, PolicyError, QuorumError
from vestibule.tlog.keys import COSIGNATURES, ED25519, MLDSA44, VerifierKey
from vestibule.tlog.note import Note

NONE = "none"
"""The predefined quorum that asks for no cosignature."""

_SPACE = re.compile(r"[ \t]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Log:
    """The log a policy trusts; the key's name is its origin."""

    key: VerifierKey
    url: str | None


@dataclass(frozen=True, slots=True)
class Witness:
    """A cosigner under the name the policy gives it."""

    name: str
    key: VerifierKey
    url: str | None


@dataclass(frozen=True, slots=True)
class Group:
    """A name that has witnessed when `threshold` of its `members` have."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VerifiedCheckpoint:
    """A checkpoint that satisfied a policy, and what it rests on.

    Attributes:
        checkpoint: what the log signed.
        origin: the log's origin.
        cosignatures: witness name in the policy and time in seconds since 1970, of those the quorum counts.
        quorum: the quorum's name; "none" attests no time.
    """

    checkpoint: Checkpoint
    origin: str
    cosignatures: tuple[tuple[str, int], ...]
    quorum: str


@dataclass(frozen=True, slots=True)
class Policy:
    """Who is trusted to say what a log contains."""

    log: Log
    witnesses: tuple[Witness, ...]
    groups: tuple[Group, ...]
    quorum: str

    @classmethod
    def parse(cls, text: str | bytes) -> Self:
        """Read a policy file.

        Raises:
            PolicyError: malformed, inconsistent, or without a log or quorum line.
        """
        draft = _Draft()
        for number, line in enumerate(_lines(utf8(text, PolicyError)), start=1):
            words = [word for word in _SPACE.split(line) if word]
            if words and not words[0].startswith("#"):
                draft.read(number, words)
        if len(draft.logs) != 1:
            raise PolicyError(f"expected one log line, got {len(draft.logs)}")
        if draft.quorum is None:
            raise PolicyError("expected one quorum line, got none")
        return cls(draft.logs[0], tuple(draft.witnesses), tuple(draft.groups), draft.quorum)

    def verify(self, note_text: str | bytes) -> VerifiedCheckpoint:
        """Check a signed checkpoint: the log's signature, its origin, the quorum of cosignatures.

        Raises:
            NoteError: malformed, not signed by the log, or a known key's signature does not verify.
            CheckpointError: the text is not a checkpoint.
            PolicyError: another log's origin.
            QuorumError: too few witnesses.
        """
        note = Note.parse(note_text)
        if not note.verify_key(self.log.key):
            raise PolicyError(f"expected a signature by the log {shown(self.log.key.name)}, got none")
        checkpoint = Checkpoint.parse(note.text)
        if checkpoint.origin != self.log.key.name:
            raise PolicyError(f"expected origin {shown(self.log.key.name)}, got {shown(checkpoint.origin)}")
        times = {w.name: max(found) for w in self.witnesses if (found := note.verify_key(w.key))}
        if not self.satisfied_by(times):
            cosigners = shown(", ".join(times)) or "nobody"
            raise QuorumError(f"expected quorum {shown(self.quorum)}, got cosignatures by {cosigners}")
        counted = self._counted()
        cosignatures = tuple((name, time) for name, time in times.items() if name in counted)
        return VerifiedCheckpoint(checkpoint, checkpoint.origin, cosignatures, self.quorum)

    def satisfied_by(self, names: Collection[str]) -> bool:
        """Tell whether the witnesses of these names, in the policy's own naming, make a quorum."""
        if self.quorum == NONE:
            return True
        seen = {witness.name for witness in self.witnesses if witness.name in names}
        # Groups stand after their members, so one pass decides them all, however deep they nest.
        for group in self.groups:
            if sum(member in seen for member in group.members) >= group.threshold:
                seen.add(group.name)
        return self.quorum in seen

    def _counted(self) -> frozenset[str]:
        """Names the quorum rests on, directly or through groups."""
        names = {self.quorum}
        for group in reversed(self.groups):
            if group.name in names:
                names.update(group.members)
        return frozenset(names)


@dataclass(slots=True)
class _Draft:
    """A policy while its lines are read."""

    logs: list[Log] = field(default_factory=list)
    witnesses: list[Witness] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    quorum: str | None = None
    names: set[str] = field(default_factory=set)
    members: set[str] = field(default_factory=set)
    publics: set[bytes] = field(default_factory=set)

    def read(self, number: int, words: Sequence[str]) -> None:
        readers: dict[str, Callable[[Sequence[str]], None]] = {
            "log": self.read_log,
            "witness": self.read_witness,
            "group": self.read_group,
            "quorum": self.read_quorum,
        }
        reader = readers.get(words[0])
        if reader is None:
            raise PolicyError(f"line {number}: expected log, witness, group or quorum, got {words[0][:40]!r}")
        try:
            reader(words[1:])
        except (PolicyError, NoteError) as error:
            raise PolicyError(f"line {number}: {error}") from None

    def read_log(self, words: Sequence[str]) -> None:
        match words:
            case [vkey] | [vkey, _]:
                self.logs.append(Log(self._key(vkey, (ED25519,)), _url(words, 1)))
            case _:
                raise PolicyError("expected log <vkey> [<url>]")

    def read_witness(self, words: Sequence[str]) -> None:
        match words:
            case [name, vkey] | [name, vkey, _]:
                self.witnesses.append(
                    Witness(self._define(name), self._key(vkey, COSIGNATURES), _url(words, 2))
                )
            case _:
                raise PolicyError("expected witness <name> <vkey> [<url>]")

    def read_group(self, words: Sequence[str]) -> None:
        match words:
            case [name, rule, _, *_]:
                members = tuple(words[2:])
            case _:
                raise PolicyError("expected group <name> all|any|<k> <member>...")
        for member in members:
            self._enter(member)
        self.groups.append(Group(self._define(name), _threshold(rule, len(members)), members))

    def read_quorum(self, words: Sequence[str]) -> None:
        match words:
            case [name]:
                pass
            case _:
                raise PolicyError("expected quorum <name>")
        if self.quorum is not None:
            raise PolicyError("expected one quorum line, got a second")
        if name != NONE and name not in self.names:
            raise PolicyError(f"expected a name defined before, got {name[:40]!r}")
        self.quorum = name

    def _define(self, name: str) -> str:
        if name == NONE or name in self.names:
            raise PolicyError(f"expected a new name, got {name[:40]!r}")
        self.names.add(name)
        return name

    def _enter(self, member: str) -> None:
        if member not in self.names:
            raise PolicyError(f"expected a member defined before, got {member[:40]!r}")
        # Twice a member would let one cosignature count twice.
        if member in self.members:
            raise PolicyError(f"{member[:40]!r} is a member of a group already")
        self.members.add(member)

    def _key(self, vkey: str, algorithms: Sequence[int]) -> VerifierKey:
        key = VerifierKey.parse(vkey)
        if key.algorithm not in algorithms:
            expected = " or ".join(f"0x{algorithm:02x}" for algorithm in algorithms)
            raise PolicyError(f"expected a key of signature type {expected}, got 0x{key.algorithm:02x}")
        if key.algorithm == MLDSA44:
            mldsa.require()
        # The same key under two names would let one signature count twice.
        if key.public in self.publics:
            raise PolicyError(f"the public key of {shown(key.name)} is in the policy already")
        self.publics.add(key.public)
        return key


def _lines(text: str) -> list[str]:
    control = _CONTROL.search(text)
    if control is not None:
        raise PolicyError(f"expected no control characters but tab and newline, got {control.group()!r}")
    return text.split("\n")


def _threshold(rule: str, members: int) -> int:
    match rule:
        case "all":
            return members
        case "any":
            return 1
        case _:
            threshold = from_decimal(rule, PolicyError)
    if not 1 <= threshold <= members:
        raise PolicyError(f"expected a threshold from 1 to {members}, got {threshold}")
    return threshold


def _url(words: Sequence[str], position: int) -> str | None:
    return words[position] if position < len(words) else None
