"""How a log waits for witnesses: the operator's file, read once, and what stands in the policy it serves.

The file is a C2SP tlog-policy without its log line. Its comments say who runs a witness; how
answers wait, the platform adds itself (`ledger/statements.py`).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from vestibule.ledger import statements
from vestibule.ledger.errors import StatementError
from vestibule.ledger.statements import Statements
from vestibule.recorder.errors import LogRefusesToStart
from vestibule.tlog.errors import PolicyError
from vestibule.tlog.note import VerifierKey
from vestibule.tlog.policy import NONE, Policy, Witness

Mode = Literal["none", "synchronous", "asynchronous"]
"""Nobody is asked; releases wait for a quorum; cosignatures are collected behind the releases."""

_MODE = re.compile(r"#[ \t]+mode[ \t]+\S+")
_URL = re.compile(r"https?://[^\s/]+\S*")


@dataclass(frozen=True, slots=True)
class Pace:
    """How witnesses are asked.

    Attributes:
        every: seconds between two rounds in asynchronous mode; in synchronous mode seconds at most from a
            failed round to the next, which begin with half a second and double.
        patience: seconds that a witness may take for its answer.
    """

    every: float = 10.0
    patience: float = 5.0


@dataclass(frozen=True, slots=True)
class Witnessing:
    """What the platform says about its witnesses, on its public page and in the policy it serves.

    Attributes:
        mode: how releases wait.
        policy: this log's key, the witnesses and the quorum.
        text: the policy as it is served.
        statements: who runs a witness, as the operator's file says.
        pace: how often they are asked, and how long they are waited for.
    """

    mode: Mode
    policy: Policy
    text: str
    statements: Statements = field(default_factory=Statements)
    pace: Pace = field(default_factory=Pace)

    @property
    def quorum(self) -> str:
        """The quorum's name in the policy; `none` attests no time."""
        return self.policy.quorum

    @property
    def witnesses(self) -> tuple[Witness, ...]:
        """The witnesses in the policy's order."""
        return self.policy.witnesses

    def counts(self, witness: Witness) -> bool:
        """Tell whether a witness is somebody else's: the platform's own cosignature says nothing new."""
        own_host = statements.same_host(witness.key.name, self.policy.log.key.name)
        return not own_host and not self.statements.by_platform(witness.name)

    def satisfied_by(self, names: Collection[str]) -> bool:
        """Tell whether the witnesses of these names make the quorum, the platform's own left out."""
        return self.policy.satisfied_by(
            {w.name for w in self.witnesses if w.name in names and self.counts(w)}
        )


def unwitnessed(log: VerifierKey) -> Witnessing:
    """Say that nobody attests what the log shows, and when."""
    text = f"log {log}\nquorum {NONE}\n"
    return Witnessing("none", Policy.parse(text), text)


def read_witnessing(
    path: Path, mode: Mode, log: VerifierKey, url: str, pace: Pace | None = None
) -> Witnessing:
    """Read the operator's file of witnesses.

    Args:
        path: the file; every witness in it needs the URL prefix it is asked under.
        mode: synchronous or asynchronous.
        log: the key of the log.
        url: where the log is read.
        pace: how often and how long; None for every ten seconds, and five.

    Raises:
        LogRefusesToStart: naming the file, and the line where there is one.
    """
    try:
        text = path.read_text(encoding="utf-8")
        witnessing = _parse(text, mode, log, url)
    except OSError as error:
        raise LogRefusesToStart(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise LogRefusesToStart(f"{path}: expected valid utf-8: {error.reason}") from error
    except (PolicyError, StatementError) as error:
        raise LogRefusesToStart(f"{path}: {error}") from error
    return witnessing if pace is None else replace(witnessing, pace=pace)


def _parse(text: str, mode: Mode, log: VerifierKey, url: str) -> Witnessing:
    lines = text.removesuffix("\n").split("\n")
    _refuse_lines(lines)
    # The log line last, so that the parser's line numbers are those of the operator's file.
    policy = Policy.parse("\n".join([*lines, f"log {log} {url}"]))
    said = statements.read(text, frozenset(witness.name for witness in policy.witnesses))
    served = "\n".join([f"log {log} {url}", *lines, f"# mode {mode}", ""])
    witnessing = Witnessing(mode, policy, served, said)
    _check(witnessing, lines)
    return witnessing


def _refuse_lines(lines: list[str]) -> None:
    """Refuse what is the platform's to say: which log this is, and how it waits."""
    for number, line in enumerate(lines, start=1):
        if line.split()[:1] == ["log"]:
            raise PolicyError(f"line {number}: expected witness, group or quorum, got 'log'")
        if _MODE.match(line.strip()):
            raise PolicyError(f"line {number}: expected no mode, which --witnessing says, got {line[:40]!r}")


def _check(witnessing: Witnessing, lines: list[str]) -> None:
    """Refuse a policy that the platform could never satisfy, or that asks for nothing."""
    names = {witness.name for witness in witnessing.witnesses}
    for witness in witnessing.witnesses:
        if witness.url is None or not _URL.fullmatch(witness.url):
            place = _line_of(lines, "witness", witness.name)
            raise PolicyError(f"{place}: expected a url for {witness.name}, got {witness.url or 'none'!r}")
    quorum = _line_of(lines, "quorum", witnessing.quorum)
    if witnessing.quorum == NONE:
        raise PolicyError(f"{quorum}: expected a quorum of witnesses, got {NONE!r}")
    if not witnessing.satisfied_by(names):
        raise PolicyError(f"{quorum}: expected a quorum that others than the platform can make")


def _line_of(lines: list[str], keyword: str, name: str) -> str:
    number = next(n for n, line in enumerate(lines, start=1) if line.split()[:2] == [keyword, name])
    return f"line {number}"
