"""Claims: a question about a partner, answered from the published log by the rooms that anybody can run."""

import re
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get

from vestibule.partners import register
from vestibule.verdict.errors import UnknownPartner, UnknownScope, VerdictError
from vestibule.verdict.log_view import LogView
from vestibule.verdict.scopes import VOCABULARY
from vestibule.verdict.stated import trusts
from vestibule.verdict.verdict import Verdict
from vestibule.web.given import GivenPlatform
from vestibule.web.pages import page
from vestibule.web.person.cookie import visitor_of
from vestibule.web.person.places import see_other
from vestibule.web.platform import Platform
from vestibule.web.public.proof_file import MOST_RECEIPTS, proof_file
from vestibule.web.public.question import HISTORY, KINDS, Question, Unclear
from vestibule.web.replaying import MOST_LEAVES, LogTooLong

FIELDS = ("partner", "question", "scope", "from", "to")
NO_PARTNER = "No partner “{}” is on the register."
JUST_NOW = "“{}” has just come onto the register. Please ask again in a minute."
NO_SCOPE = "There is no answer: {}."
NO_LOG = "There is no answer now, because the published log does not pass the check: {}."
NAMED = re.compile(r"leaf (\d+)(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page has to say besides its form.

    Attributes:
        question: what was asked, if that was clear.
        view: the log it was asked of.
        verdict: the answer.
        wrong: a sentence by field, why there is no answer.
        too_long: whether the log is too long for this page.
        status: the HTTP status.
    """

    question: Question | None = None
    view: LogView | None = None
    verdict: Verdict | None = None
    wrong: dict[str, str] = field(default_factory=dict)
    too_long: bool = False
    status: int = 200


async def _answer(platform: Platform, given: dict[str, str]) -> Shown:
    try:
        question = Question.read(given)
    except Unclear as error:
        return Shown(wrong={error.field: str(error)}, status=400)
    if await register.partner(platform.store, question.partner) is None:
        return _unknown(question)
    return Shown(question) if question.kind == HISTORY else await _asked(platform, question)


async def _asked(platform: Platform, question: Question) -> Shown:
    try:
        view = await platform.replays.newest()
        verdict = await platform.replays.beside(partial(question.ask, view))
    except LogTooLong:
        return Shown(question, too_long=True)
    except UnknownPartner:
        # It came onto the register behind the replay that is kept.
        return Shown(question, wrong={"partner": JUST_NOW.format(question.partner)}, status=503)
    except UnknownScope as error:
        return Shown(wrong={"scope": NO_SCOPE.format(error)}, status=404)
    except VerdictError as error:
        return Shown(question, wrong={"log": NO_LOG.format(error)}, status=503)
    return Shown(question, view, verdict)


def _unknown(question: Question) -> Shown:
    return Shown(wrong={"partner": NO_PARTNER.format(question.partner)}, status=404)


def _given(request: Request[Any, Any, Any]) -> dict[str, str]:
    return {name: value for name in FIELDS if (value := request.query_params.get(name)) is not None}


def _with_receipts(findings: tuple[str, ...]) -> list[tuple[str | None, str]]:
    """Split each finding into the index of the leaf it begins with, if it does, and the rest."""
    split = ((NAMED.fullmatch(text), text) for text in findings)
    return [(found[1], found[2]) if found else (None, text) for found, text in split]


@get("/claims", include_in_schema=False)
async def show_claims(request: Request[Any, Any, Any], platform: GivenPlatform) -> Response[str]:
    """Show the form, and the answer if something is asked."""
    given = _given(request)
    shown = await _answer(platform, given) if given.get("question") else Shown()
    view, verdict = shown.view, shown.verdict
    log = platform.settings.origin + "/log"
    return page(
        "public/claims.html",
        status=shown.status,
        person=await visitor_of(request, platform),
        here="claims",
        given={name: given.get(name, "") for name in FIELDS},
        wrong={name: shown.wrong.get(name, "") for name in FIELDS},
        partners=await register.partners(platform.store),
        kinds=KINDS,
        scopes=VOCABULARY,
        shown=shown,
        trusts=trusts(view.trust, view.verified) if view else "",
        findings=_with_receipts(verdict.findings) if verdict else [],
        command=shown.question.command(log) if shown.question else "",
        query=urlencode(given),
        most_leaves=MOST_LEAVES,
        most_receipts=MOST_RECEIPTS,
        origin=platform.settings.origin,
    )


@get("/claims/proof", include_in_schema=False)
async def proof(request: Request[Any, Any, Any], platform: GivenPlatform) -> Response[Any]:
    """Send the proof behind an answer as a zip; where there is no answer, lead to the page that says why."""
    given = _given(request)
    shown = await _answer(platform, given)
    if shown.question is None or shown.view is None:
        return see_other(f"/claims?{urlencode(given)}")
    log, policy = platform.settings.origin + "/log", platform.recorder.policy()
    pack = partial(proof_file, platform.log_blobs, shown.view, policy, shown.question, log)
    data = await platform.replays.beside(pack)
    name = f"proof-{shown.question.kind}-{shown.question.partner.replace(':', '-')}.zip"
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
    return Response(data, media_type="application/zip", headers=headers)


handlers = (show_claims, proof)
