"""What a policy file says beside the C2SP grammar, in comments: who runs which key, and how releases wait.

Other readers of the file skip these lines. Nobody signed them: a verdict repeats them as the file's word. The
platform that serves a policy and whoever checks by it read them here, so that they never count otherwise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from vestibule.ledger.errors import StatementError

if TYPE_CHECKING:
    from collections.abc import Mapping

SYNCHRONOUS: Final = "synchronous"
"""No answer leaves before a quorum of witnesses has cosigned its leaf."""
ASYNCHRONOUS: Final = "asynchronous"
"""Answers do not wait for witnesses, who cosign later."""
MODES: Final = frozenset({SYNCHRONOUS, ASYNCHRONOUS})
PLATFORM: Final = "platform"
"""Whoever runs a key that counts as zero."""

_SPACE = re.compile(r"[ \t]+")


@dataclass(frozen=True, slots=True)
class Statements:
    """What the comments of a policy file state.

    Attributes:
        run_by: a cosigner's name in the policy to who runs it.
        mode: SYNCHRONOUS or ASYNCHRONOUS, None where the file does not say.
    """

    run_by: Mapping[str, str] = field(default_factory=dict)
    mode: str | None = None

    def by_platform(self, name: str) -> bool:
        """Tell whether the platform runs a cosigner, which then counts as zero."""
        return self.run_by.get(name) == PLATFORM


def same_host(name: str, other: str) -> bool:
    """Tell whether two key names have the same host; a cosigner's that has the log's counts as zero."""
    return name.partition("/")[0].casefold() == other.partition("/")[0].casefold()


def read(policy_text: str, cosigners: frozenset[str]) -> Statements:
    """Read `# run-by NAME WHO` and `# mode MODE`; every other comment is free text.

    Raises:
        StatementError: naming the line, for a statement twice, or about a name that is no cosigner's.
    """
    run_by: dict[str, str] = {}
    mode = None
    for number, line in enumerate(policy_text.split("\n"), start=1):
        match _SPACE.split(line.strip(" \t"), maxsplit=3):
            case ["#", "run-by", name, who]:
                if name not in cosigners:
                    raise StatementError(f"line {number}: expected run-by of a witness, got {name[:40]!r}")
                if name in run_by:
                    raise StatementError(f"line {number}: expected one run-by of {name}, got a second")
                run_by[name] = PLATFORM if who.casefold() == PLATFORM else who
            case ["#", "mode", said] if said in MODES:
                if mode is not None:
                    raise StatementError(f"line {number}: expected one mode, got a second")
                mode = said
            case _:
                continue
    return Statements(run_by, mode)
