"""`vestibule verify bundle.zip`: answers every question a dispute bundle is for, of what is in it alone."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vestibule.cli import options, report, zipped
from vestibule.verdict import bundle, bundle_reading, bundle_summary
from vestibule.verdict.errors import BadBundle, BadPolicy, NoCheckpoint, UnknownPartner, UnknownScope
from vestibule.verdict.log_view import read_log
from vestibule.verdict.trust import trust

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Mapping, Sequence

    from vestibule.verdict.bundle_reading import Content
    from vestibule.verdict.log_view import LogView
    from vestibule.verdict.trust import Trust
    from vestibule.verdict.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Checked:
    """A bundle that holds.

    Attributes:
        view: its log.
        verdicts: the answers, by the name of the question.
        differing: files that say something else than what was computed here.
        private: whether anything in it is not public.
        count: how many files it has.
    """

    view: LogView
    verdicts: Mapping[str, Verdict]
    differing: tuple[str, ...]
    private: bool
    count: int

    @property
    def exit_code(self) -> int:
        """The code of what matters most: a person's own history, else whether anything was served."""
        deciding = bundle.HISTORY if bundle.HISTORY in self.verdicts else "was-served"
        return report.EXIT_CODES[self.verdicts[deciding].answer]


def add(
    questions: argparse._SubParsersAction[argparse.ArgumentParser], epilog: str
) -> argparse.ArgumentParser:
    """Add the question."""
    parser = questions.add_parser(
        "bundle",
        help="everything that a dispute bundle is for (verify FILE.zip is short for it)",
        epilog=f"{epilog}. Here: that of history if the bundle has a person's file, else of was-served",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the zip")
    options.add_policy(parser, of_bundle=True)
    parser.add_argument("--json", action="store_true", help="print the answers as JSON")
    return parser


def check(path: Path, policy: tuple[bytes, str] | None = None) -> Checked:
    """Check a bundle and answer its questions.

    Args:
        path: the zip.
        policy: a policy file and who chose it, in the place of the bundle's own.

    Raises:
        OSError: the zip cannot be read.
        VerdictError: naming file and place, what was expected and what was got.
    """
    archive = zipped.load(path)
    return answer(bundle_reading.Content(archive.members.keys(), archive.read), path.name, policy)


def answer(content: Content, called: str, policy: tuple[bytes, str] | None = None) -> Checked:
    """Check a bundle's files, whatever holds them, and answer its questions; `called` in messages.

    Raises:
        VerdictError: as from `check`.
    """
    held = bundle_reading.evidence(content)
    try:
        own = trust(held.policy, bundle_reading.MAKER)
        view = read_log(content.log, own)
        as_made = replace(view, trust=replace(own, source=held.asked.policy_source))
        differing = bundle_reading.differing(as_made, held, content)
    except (BadPolicy, NoCheckpoint, UnknownPartner, UnknownScope) as error:
        # Elsewhere these are wrong questions; here the bundle asks them of itself.
        raise BadBundle(f"{called}: {error}") from error
    if policy is not None:
        view = read_log(content.log, trust(*policy))
    verdicts = bundle.answers(view, held.asked, held.person, held.consents)
    return Checked(view, verdicts, differing, held.private, len(content.names))


def own_trust(path: Path) -> Trust:
    """Read the policy that came with a bundle.

    Raises:
        OSError: the zip cannot be read, or has no policy.
        BadBundle: it is no zip.
        BadPolicy: the policy is malformed.
    """
    return trust(zipped.load(path).read(bundle.POLICY), bundle_reading.MAKER)


def as_text(checked: Checked) -> str:
    """Write the answers for people."""
    return "\n".join(report.printable(line) for line in _lines(checked))


def as_json(checked: Checked) -> str:
    """Write the answers for programs."""
    verdicts = {
        name: json.loads(report.as_json(verdict, checked.view)) for name, verdict in checked.verdicts.items()
    }
    value: dict[str, Any] = {
        "verdicts": verdicts,
        "differing": list(checked.differing),
        "private": checked.private,
        "files": checked.count,
        "exit": checked.exit_code,
    }
    return json.dumps(value, indent=1)


def _lines(checked: Checked) -> Iterator[str]:
    yield report.trusts(checked.view.trust, checked.view.verified)
    if checked.private:
        yield bundle_summary.PRIVATE
    yield ""
    yield from (verdict.headline for verdict in checked.verdicts.values())
    shared = bundle_summary.shared_ground(checked.verdicts)
    for name, verdict in checked.verdicts.items():
        yield from _block(f"{name}: found", verdict.findings)
        yield from _block(f"{name}: rests on", [line for line in verdict.rests_on if line not in shared])
    yield from _block("all of them rest on", shared)
    yield from _block("these files say something else than what was computed here", checked.differing)
    yield ""
    yield f"{checked.count} files checked; the answers were computed from the log in the bundle"


def _block(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield title
        yield from (f"  {line}" for line in lines)
