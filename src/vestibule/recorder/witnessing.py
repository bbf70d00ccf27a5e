"""How a log waits for witnesses: the operator's file, read once, and what stands in the policy it serves.

The file is a C2SP tlog-policy without its log line. Two comments mean something to a verifier:
`# run-by <witness> <who>` says who runs a witness, and the platform adds `# mode <mode>` itself.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from vestibule.recorder.errors import LogRefusesToStart
from vestibule.tlog.errors import PolicyError
from vestibule.tlog.note import VerifierKey
from vestibule.tlog.policy import NONE, Policy, Witness

Mode = Literal["none", "synchronous", "asynchronous"]
"""Nobody is asked; releases wait for a quorum; cosignatures are collected behind the releases."""

PLATFORM = "platform"
"""Who runs a witness whose cosignature counts as none."""

_RUN_BY = re.compile(r"#[ \t]+run-by[ \t]+(\S+)[ \t]+(\S.*)")
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
        run_by: who runs a witness, by its name in the policy; one that is missing is not said.
        pace: how often they are asked, and how long they are waited for.
    """

    mode: Mode
    policy: Policy
    text: str
    run_by: Mapping[str, str] = field(default_factory=dict)
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
        same_host = _host(witness.key.name) == _host(self.policy.log.key.name)
        return not same_host and self.run_by.get(witness.name) != PLATFORM

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
    except PolicyError as error:
        raise LogRefusesToStart(f"{path}: {error}") from error
    return witnessing if pace is None else replace(witnessing, pace=pace)


def _parse(text: str, mode: Mode, log: VerifierKey, url: str) -> Witnessing:
    lines = text.removesuffix("\n").split("\n")
    _refuse_lines(lines)
    # The log line last, so that the parser's line numbers are those of the operator's file.
    policy = Policy.parse("\n".join([*lines, f"log {log} {url}"]))
    run_by = _run_by(lines, {witness.name for witness in policy.witnesses})
    served = "\n".join([f"log {log} {url}", *lines, f"# mode {mode}", ""])
    witnessing = Witnessing(mode, policy, served, run_by)
    _check(witnessing, lines)
    return witnessing


def _refuse_lines(lines: list[str]) -> None:
    """Refuse what is the platform's to say: which log this is, and how it waits."""
    for number, line in enumerate(lines, start=1):
        if line.split()[:1] == ["log"]:
            raise PolicyError(f"line {number}: expected witness, group or quorum, got 'log'")
        if _MODE.match(line.strip()):
            raise PolicyError(f"line {number}: expected no mode, which --witnessing says, got {line[:40]!r}")


def _run_by(lines: list[str], witnesses: Collection[str]) -> dict[str, str]:
    run_by: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        match = _RUN_BY.fullmatch(line.strip())
        if match is None:
            continue
        name, who = match.groups()
        if name not in witnesses or name in run_by:
            raise PolicyError(f"line {number}: expected one run-by for each witness, got {name[:40]!r}")
        run_by[name] = PLATFORM if who.casefold() == PLATFORM else who
    return run_by


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


def _host(name: str) -> str:
    return name.partition("/")[0].casefold()
