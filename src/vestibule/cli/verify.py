"""`vestibule verify`: answers a question about a partner from the published log and a policy."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2

from vestibule.cli import report
from vestibule.cli.fetching import fetcher
from vestibule.verdict import about_me, afterwards, could, person_file, receipt, served, wording
from vestibule.verdict.errors import BadPeriod, BadPolicy, UnknownPartner, VerdictError
from vestibule.verdict.log_view import LogView, read_log
from vestibule.verdict.period import Period
from vestibule.verdict.trust import trust

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from vestibule.verdict.verdict import Verdict

EXIT_USAGE = 2
EXIT_BAD = 4
READ = "messages.read"
EPILOG = (
    "exit codes: 0 proven yes, 1 proven no, 2 usage, 3 not provable or only recorded, "
    "4 the log or a proof does not hold"
)


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command, its questions and their options."""
    parser = subparsers.add_parser(
        "verify", help="answer a question about a partner from the public log", epilog=EPILOG
    )
    questions = parser.add_subparsers(title="questions", metavar="QUESTION", required=True)
    one = _question(questions, "could", _could, "was the partner ever allowed to?")
    _add_scope(one)
    _add_period(one)
    one = _question(questions, "was-served", _was_served, "was the partner served data?")
    _add_scope(one)
    _add_period(one)
    one.add_argument(
        "--opening", type=Path, metavar="FILE", help="a person file whose openings hold signed requests"
    )
    one = _question(questions, "history", _history, "is any release to the partner recorded about a person?")
    _add_period(one)
    one.add_argument("--person", type=Path, required=True, metavar="FILE", help="her person file")
    one.add_argument("--called", default=about_me.SOMEBODY, metavar="NAME", help="her name in the answer")
    _question(questions, "afterwards", _afterwards, "what did the partner do with the data? (not provable)")
    _add_receipt(questions)


def _question(
    questions: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    ask: Callable[[LogView, argparse.Namespace], Verdict],
    help_text: str,
) -> argparse.ArgumentParser:
    parser = questions.add_parser(name, help=help_text, description=help_text.capitalize(), epilog=EPILOG)
    parser.add_argument("--partner", required=True, metavar="ID", help="partner id on the register")
    parser.add_argument("--log", required=True, metavar="URL|FOLDER", help="where the log's files are")
    _add_policy(parser)
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")
    parser.set_defaults(run=run, ask=ask)
    return parser


def _add_policy(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--policy", type=Path, required=True, metavar="FILE", help="whose keys to trust")
    parser.add_argument(
        "--policy-source",
        default=wording.OPERATOR,
        metavar="WHO",
        help="who gave you the policy file (default: %(default)s)",
    )


def _add_period(parser: argparse.ArgumentParser) -> None:
    for flag, name, which in (("--from", "first", "first"), ("--to", "last", "last")):
        parser.add_argument(
            flag, dest=name, metavar="YYYY-MM-DD", help=f"the {which} day asked about (UTC, included)"
        )


def _add_scope(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--scope", default=READ, help="default: %(default)s")


def _add_receipt(questions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = questions.add_parser("receipt", help="is this receipt's leaf in the log?", epilog=EPILOG)
    parser.add_argument("file", type=Path, metavar="FILE", help="a .tlog-proof file")
    _add_policy(parser)
    parser.set_defaults(run=run_receipt)


def run(args: argparse.Namespace) -> int:
    """Answer one question and return the exit code."""
    try:
        trusted = trust(args.policy.read_bytes(), args.policy_source)
        with httpx2.Client() as http:
            view = read_log(fetcher(args.log, http), trusted)
        verdict: Verdict = args.ask(view, args)
    except (VerdictError, OSError) as error:
        return _failed(error)
    print(report.as_json(verdict, view) if args.json else report.as_text(verdict, view))
    return report.EXIT_CODES[verdict.answer]


def run_receipt(args: argparse.Namespace) -> int:
    """Check one receipt and return the exit code."""
    try:
        trusted = trust(args.policy.read_bytes(), args.policy_source)
        opened = receipt.open_receipt(args.file.read_bytes(), trusted)
    except (VerdictError, OSError) as error:
        return _failed(error)
    checkpoint = opened.verified.checkpoint
    print(report.trusts(trusted, opened.verified))
    print(f"leaf {opened.index} is in {checkpoint.origin} at size {checkpoint.size}")
    print(report.printable(opened.text))
    return 0


def _failed(error: Exception) -> int:
    print(f"vestibule verify: {report.printable(str(error))}", file=sys.stderr)
    return EXIT_USAGE if isinstance(error, (UnknownPartner, BadPeriod, BadPolicy, OSError)) else EXIT_BAD


def _could(view: LogView, args: argparse.Namespace) -> Verdict:
    return could.could(view, args.partner, args.scope, _period(args))


def _was_served(view: LogView, args: argparse.Namespace) -> Verdict:
    person = None if args.opening is None else person_file.parse(args.opening.read_bytes())
    return served.was_served(view, args.partner, args.scope, person, _period(args))


def _history(view: LogView, args: argparse.Namespace) -> Verdict:
    person = person_file.parse(args.person.read_bytes())
    return about_me.about_me(view, args.partner, person, args.called, _period(args))


def _period(args: argparse.Namespace) -> Period | None:
    if args.first is None and args.last is None:
        return None
    if args.first is None or args.last is None:
        raise BadPeriod("period: expected both --from and --to, got one")
    return Period.parse(args.first, args.last)


def _afterwards(view: LogView, args: argparse.Namespace) -> Verdict:
    return afterwards.afterwards(view, args.partner)
