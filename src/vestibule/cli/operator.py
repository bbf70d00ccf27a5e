"""`vestibule operator`: partners, their privileges, and who acts for whom, on a running platform."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2

from vestibule.cli import options, report
from vestibule.cli.errors import BadUsage

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Mapping

PLATFORM = "http://127.0.0.1:8420"
KEPT_IN = "operator.token"
TIMEOUT = 30.0
EXIT_REFUSED = 1
"""The platform said no; nothing was done."""


def add(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command, what it can do, and the options."""
    parser = subparsers.add_parser(
        "operator", help="put partners and privileges on the register, and say who acts for partners"
    )
    does = parser.add_subparsers(title="what to do", metavar="DO", required=True)
    one = _action(does, "add-partner", _partner, "put a partner and its first key on the register")
    one.add_argument("partner", metavar="PARTNER", help="its id for ever, such as jukebox")
    one.add_argument("--name", required=True, help="what people will read")
    one.add_argument("--entity", required=True, help="the company's legal name")
    one.add_argument("--home", required=True, metavar="ORIGIN", help="as https://jukebox.example")
    one.add_argument(
        "--back",
        required=True,
        action="append",
        metavar="URL",
        help="where people come back to, exactly; may be given more than once",
    )
    one.add_argument("--public", required=True, metavar="BASE64", help="printed by `vestibule keygen`")
    options.add_key_id(one)
    one = _action(does, "grant", _privilege, "give a partner a privilege that it asked for")
    one.add_argument("file", type=Path, metavar="FILE", help="what `vestibule ask` printed")
    one = _action(does, "withdraw", _withdrawal, "take a privilege away: the next request is refused")
    one.add_argument("partner", metavar="PARTNER")
    one.add_argument("scope", metavar="SCOPE", help="such as messages.read")
    for name, member, help_text in (
        ("add-member", True, "let a person act for a partner in the console"),
        ("remove-member", False, "let a person act for a partner no longer"),
    ):
        one = _action(does, name, _member, help_text)
        one.set_defaults(member=member)
        one.add_argument("partner", metavar="PARTNER")
        one.add_argument("handle", metavar="HANDLE", help="of her account on the platform")
    for name, staff, help_text in (
        ("add-staff", True, "let a person work for the operator, at /staff"),
        ("remove-staff", False, "let a person work for the operator no longer"),
    ):
        one = _action(does, name, _staff, help_text)
        one.set_defaults(staff=staff)
        one.add_argument("handle", metavar="HANDLE", help="of her account on the platform")
    _add_reports(does)


def _add_reports(does: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    one = _action(does, "report-tolerance", _tolerance, "set by how much a partner's reports may differ")
    one.add_argument("partner", metavar="PARTNER")
    one.add_argument("percent", type=int, metavar="PERCENT", help="of the larger count, 0 to 100")
    one = _action(does, "report-keys", _report_keys, "print a report's two tables and keys, for an auditor")
    one.add_argument("partner", metavar="PARTNER")
    one.add_argument("period", metavar="PERIOD", help="the first week of the fortnight, as 2026-W01")


def _action(
    does: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    body: Callable[[argparse.Namespace], tuple[str, Mapping[str, Any]]],
    help_text: str,
) -> argparse.ArgumentParser:
    parser = does.add_parser(name, help=help_text, description=help_text.capitalize())
    parser.add_argument(
        "--data", type=Path, required=True, metavar="DIR", help="the platform's folder, with operator.token"
    )
    parser.add_argument(
        "--platform", default=PLATFORM, metavar="URL", help="where it listens (default: %(default)s)"
    )
    parser.set_defaults(run=run, body=body)
    return parser


def run(args: argparse.Namespace) -> int:
    """Ask the platform, and say where in the log it stands."""
    try:
        path, body = args.body(args)
        token = (args.data / KEPT_IN).read_text().strip()
        answer = httpx2.post(
            f"{args.platform.rstrip('/')}/operator/{path}",
            json=body,
            headers={"authorization": f"Bearer {token}"},
            timeout=TIMEOUT,
        )
    except (BadUsage, OSError, httpx2.RequestError, httpx2.InvalidURL) as error:
        where = f"{args.platform}: " if isinstance(error, httpx2.RequestError) else ""
        print(f"vestibule operator: {where}{options.said(error)}", file=sys.stderr)
        return options.EXIT_USAGE
    if not answer.is_success:
        print(f"vestibule operator: {report.printable(_refusal(answer))}", file=sys.stderr)
        return EXIT_REFUSED
    print(_done(args.platform.rstrip("/"), body, answer.json()))
    return 0


def _done(platform: str, body: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """Say what was done, and where it is to be seen."""
    if "editions" in answer:
        return json.dumps(answer, indent=1)
    if "tolerance" in body:
        return f"{body['partner']}'s reports may differ by {body['tolerance']} % from now on"
    if "staff" in body:
        works = "works" if body["staff"] else "no longer works"
        return f"{body['handle']} {works} for the operator: {platform}/staff"
    if "indexes" not in answer:
        acts = "acts" if body["member"] else "no longer acts"
        return f"{body['handle']} {acts} for {body['partner']}: {platform}/console/{body['partner']}"
    indexes = answer["indexes"]
    leaves = f"leaf {indexes[0]}" if len(indexes) == 1 else f"leaves {', '.join(map(str, indexes))}"
    return f"on the register: {leaves} of the log, and {platform}/register/{body['partner']}"


def _partner(args: argparse.Namespace) -> tuple[str, Mapping[str, Any]]:
    return "partners", {
        "partner": args.partner,
        "legal_entity": args.entity,
        "name": args.name,
        "home_origin": args.home,
        "redirect_uris": args.back,
        "key": {"key_id": args.key_id or f"{args.partner}:1", "public": args.public},
    }


def _privilege(args: argparse.Namespace) -> tuple[str, Mapping[str, Any]]:
    try:
        asked = json.loads(args.file.read_bytes())
        return "privileges", {**asked, "partner": asked["partner"]}
    except (ValueError, LookupError, TypeError) as error:
        raise BadUsage(f"{args.file}: expected what `vestibule ask` printed: {error}") from error


def _withdrawal(args: argparse.Namespace) -> tuple[str, Mapping[str, Any]]:
    return "withdrawals", {"partner": args.partner, "scope": args.scope}


def _member(args: argparse.Namespace) -> tuple[str, Mapping[str, Any]]:
    return "members", {"partner": args.partner, "handle": args.handle, "member": args.member}


def _tolerance(args: argparse.Namespace) -> tuple[str, Mapping[str, Any]]:
    return "report-tolerances", {"partner": args.partner, "tolerance": args.percent}


def _report_keys(args: argparse.Namespace) -> tuple[str, Mapping[str, Any]]:
    return "report-keys", {"partner": args.partner, "period": args.period}


def _staff(args: argparse.Namespace) -> tuple[str, Mapping[str, Any]]:
    return "staff", {"handle": args.handle, "staff": args.staff}


def _refusal(answer: httpx2.Response) -> str:
    try:
        problem = answer.json()
        return f"{problem['title']}: {problem['detail']}"
    except (ValueError, LookupError, TypeError):
        return f"{answer.url}: expected the answer of a platform, got {answer.status_code}"
