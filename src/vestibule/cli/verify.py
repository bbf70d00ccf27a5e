"""`vestibule verify`: answers a question about a partner from the published log and a policy."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2

from vestibule.cli import bundled, kept, options, progress, receipts, report, reported, short
from vestibule.cli.fetching import fetcher
from vestibule.verdict import about_me, afterwards, could, person_file, served, wording
from vestibule.verdict.errors import BadPolicy, VerdictError
from vestibule.verdict.log_view import LogView, read_log
from vestibule.verdict.trust import trust

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from vestibule.verdict.stated import Vouching
    from vestibule.verdict.trust import Trust
    from vestibule.verdict.verdict import Verdict

EPILOG = (
    "exit codes: 0 proven yes, 1 proven no, 2 usage or no file or server there, "
    "3 not provable or only recorded, 4 the log or a proof does not hold; "
    "no answer too: 70 an error nobody foresaw, 141 nobody read the output"
)


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command, its questions and their options."""
    parser = subparsers.add_parser(
        "verify", help="answer a question about a partner from the public log", epilog=EPILOG
    )
    questions = parser.add_subparsers(title="questions", metavar="QUESTION", required=True)
    one = _question(questions, "could", _could, "was the partner ever allowed to?")
    options.add_scope(one)
    options.add_period(one)
    one = _question(questions, "was-served", _was_served, "was the partner served data?")
    options.add_scope(one)
    options.add_period(one)
    one.add_argument(
        "--opening", type=Path, metavar="FILE", help="a person file whose openings hold signed requests"
    )
    _add_history(questions)
    _question(questions, "afterwards", _afterwards, "what did the partner do with the data? (not provable)")
    receipts.add(questions, EPILOG).set_defaults(run=run_receipt)
    bundled.add(questions, EPILOG).set_defaults(run=run_bundle)
    reported.add(questions, EPILOG).set_defaults(run=run_report)


def _add_history(questions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    about = "is any release to the partner recorded about a person?"
    one = _question(questions, "history", _history, about, needs_log=False)
    options.add_period(one)
    one.add_argument("--person", type=Path, metavar="FILE", help="her person file")
    one.add_argument(
        "--proof", type=Path, metavar="FILE", help="a short proof in place of log and person file"
    )
    options.add_called(one)
    one.set_defaults(run=run_history)


def _question(
    questions: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    ask: Callable[[LogView, argparse.Namespace], Verdict],
    help_text: str,
    *,
    needs_log: bool = True,
) -> argparse.ArgumentParser:
    parser = questions.add_parser(name, help=help_text, description=help_text.capitalize(), epilog=EPILOG)
    parser.add_argument("--partner", required=needs_log, metavar="ID", help="partner id on the register")
    parser.add_argument(
        "--log", required=needs_log, metavar="URL|FOLDER|ZIP", help="where the log's files are"
    )
    options.add_policy(parser, of_bundle=True)
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")
    parser.set_defaults(run=run, ask=ask)
    return parser


def run(args: argparse.Namespace) -> int:
    """Answer one question and return the exit code."""
    try:
        trusted = _trust(args)
        with httpx2.Client() as http, progress.shown(sys.stderr) as told:
            view = read_log(fetcher(args.log, http), trusted, told)
        verdict: Verdict = args.ask(view, args)
    except (VerdictError, OSError) as error:
        return _failed(error)
    return _print(verdict, view, args)


def run_history(args: argparse.Namespace) -> int:
    """Answer about a person, by the log or by a short proof alone."""
    try:
        if args.proof is None:
            short.check_options(args)
            return run(args)
        verdict, shown = short.answer(args)
    except (VerdictError, OSError) as error:
        return _failed(error)
    return _print(verdict, shown, args)


def _print(verdict: Verdict, shown: Vouching, args: argparse.Namespace) -> int:
    attested = shown.verified.attested_at
    warning = None if attested is None else wording.old(attested, int(time.time()))
    if warning is not None:
        print(f"vestibule verify: {warning}", file=sys.stderr)
    print(report.as_json(verdict, shown) if args.json else report.as_text(verdict, shown))
    return report.EXIT_CODES[verdict.answer]


def run_receipt(args: argparse.Namespace) -> int:
    """Check a receipt, or a file of what a partner keeps, and return the exit code."""
    try:
        trusted = trust(args.policy.read_bytes(), args.policy_source)
        text = args.file.read_bytes()
        if kept.is_one(text):
            said, exit_code = kept.check(text, trusted)
            print(said)
            return exit_code
        if not receipts.is_consent(text):
            print(receipts.of_leaf(text, trusted, args))
            return 0
        verdict, agreed = receipts.of_consent(text, trusted, args)
    except (VerdictError, OSError) as error:
        return _failed(error)
    return _print(verdict, agreed, args)


def run_bundle(args: argparse.Namespace) -> int:
    """Answer everything a bundle is for and return the exit code."""
    try:
        policy = None if args.policy is None else (args.policy.read_bytes(), args.policy_source)
        checked = bundled.check(args.file, policy)
    except (VerdictError, OSError) as error:
        return _failed(error)
    print(bundled.as_json(checked) if args.json else bundled.as_text(checked))
    return checked.exit_code


def run_report(args: argparse.Namespace) -> int:
    """Hold a table to the leaves of a report and return the exit code."""
    try:
        trusted = _trust(args)
        with httpx2.Client() as http, progress.shown(sys.stderr) as told:
            view = read_log(fetcher(args.log, http), trusted, told)
        said, exit_code = reported.check(view, args)
    except (VerdictError, OSError) as error:
        return _failed(error)
    print(said)
    return exit_code


def _trust(args: argparse.Namespace) -> Trust:
    if args.policy is not None:
        return trust(args.policy.read_bytes(), args.policy_source)
    if not Path(args.log).is_file():
        raise BadPolicy("expected --policy FILE: only a bundle brings a policy of its own")
    return bundled.own_trust(Path(args.log))


def _failed(error: Exception) -> int:
    print(f"vestibule verify: {report.printable(options.said(error))}", file=sys.stderr)
    return options.exit_code(error)


def _could(view: LogView, args: argparse.Namespace) -> Verdict:
    return could.could(view, args.partner, args.scope, options.period(args))


def _was_served(view: LogView, args: argparse.Namespace) -> Verdict:
    person = None if args.opening is None else person_file.parse(args.opening.read_bytes())
    return served.was_served(view, args.partner, args.scope, person, options.period(args))


def _history(view: LogView, args: argparse.Namespace) -> Verdict:
    person = person_file.parse(args.person.read_bytes())
    return about_me.about_me(view, args.partner, person, args.called, options.period(args))


def _afterwards(view: LogView, args: argparse.Namespace) -> Verdict:
    return afterwards.afterwards(view, args.partner)
