"""Asking for a privilege: the form, the one step that the partner's own key has to do, and the answer."""

import re
import shlex
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.exceptions import ClientException, NotFoundException
from litestar.params import FromPath, FromQuery

from vestibule.inbox import attached as budget
from vestibule.inbox import attachments
from vestibule.inbox.attachments import LARGEST_FILE
from vestibule.inbox.errors import BadFiles
from vestibule.partners import asked as requests
from vestibule.partners import asking, register
from vestibule.partners.asked import Asked, Handed, PrivilegeRequest
from vestibule.partners.errors import RegisterError
from vestibule.partners.registering import SCOPES_WITH_PRIVILEGE
from vestibule.store.errors import BadId
from vestibule.store.ids import decode, encode
from vestibule.web.console.door import GivenChanging, GivenInside, Inside
from vestibule.web.person import attached
from vestibule.web.person.forms import LARGEST, fields_of
from vestibule.web.person.importing import MULTIPART
from vestibule.web.person.places import see_other

LARGEST_UPLOAD = (asking.MOST_PICTURES + 1) * LARGEST_FILE + LARGEST
A_YEAR = timedelta(days=365)
FIRST_DAY = date(1970, 1, 1)
PEOPLE = re.compile(r"[0-9]{1,12}")
HERE = "privileges"


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in the form."""

    scope: str = ""
    purpose: str = ""
    ceiling: str = ""
    until: str = ""


@get("/privileges")
async def show_privileges(inside: GivenInside, said: FromQuery[str | None] = None) -> Response[str]:
    """List what the partner holds, and what it asked for."""
    store = inside.platform.store
    return inside.page(
        "privileges",
        HERE,
        said=said,
        privileges=await register.privileges_of(store, inside.partner_id),
        requests=await requests.of_partner(store, inside.partner_id),
    )


def _form(inside: Inside, filled: Filled, wrong: str = "") -> Response[str]:
    return inside.page(
        "ask",
        HERE,
        status=422 if wrong else 200,
        scopes=sorted(SCOPES_WITH_PRIVILEGE),
        filled=filled,
        wrong=wrong,
        most_pictures=asking.MOST_PICTURES,
        megabytes=LARGEST_FILE >> 20,
    )


@get("/privileges/new")
async def ask_form(inside: GivenInside) -> Response[str]:
    """Ask what privilege it is to be."""
    today = datetime.fromtimestamp(inside.platform.clock() // 1_000_000, UTC).date()
    return _form(inside, Filled(until=(today + A_YEAR).isoformat()))


@post("/privileges/new", request_max_body_size=LARGEST_UPLOAD)
async def ask(request: Request[Any, Any, Any], inside: GivenInside) -> Response[Any]:
    """Keep a request; the operator sees it once it is signed."""
    if request.content_type[0] != MULTIPART:
        raise ClientException(f"expected {MULTIPART}, got {request.content_type[0][:80]!r}", status_code=415)
    form = await request.form()
    filled = Filled(*(_word(form, name) for name in ("scope", "purpose", "ceiling", "until")))
    try:
        wanted = await _asked(inside, filled, form)
        request_id = await asking.begin(
            inside.platform.store,
            inside.partner_id,
            wanted,
            asked_by=inside.person.user_id,
            now=inside.platform.clock(),
        )
    except (RegisterError, BadFiles) as error:
        return _form(inside, filled, str(error))
    return see_other(inside.at(f"privileges/{encode(request_id)}"))


async def _asked(inside: Inside, filled: Filled, form: FormMultiDict) -> Asked:
    """Read the form and keep its files, agreement and pictures.

    Raises:
        RegisterError: naming the field that cannot be read.
        BadFiles: naming the file that cannot be kept.
    """
    agreement = await _files(inside, form, "agreement", 1)
    if not agreement:
        raise RegisterError("agreement: choose the file that you and the operator agreed on")
    return Asked(
        filled.scope,
        filled.purpose,
        _day(filled.until),
        agreement[0],
        _ceiling(filled.ceiling),
        await _files(inside, form, "pictures", asking.MOST_PICTURES),
    )


def _word(form: FormMultiDict, name: str) -> str:
    value = form.get(name)
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else ""


async def _files(inside: Inside, form: FormMultiDict, name: str, most: int) -> tuple[Handed, ...]:
    """Keep the files of a field, which count as attached by the member.

    A browser sends one without name and bytes where nothing was chosen.
    """
    given = [file for file in form.getall(name, []) if isinstance(file, UploadFile) and file.filename]
    if len(given) > most:
        raise RegisterError(f"{name}: expected at most {most}, got {len(given)}")
    if not given:
        return ()
    read = [(file.filename, await file.read(LARGEST_FILE + 1)) for file in given]
    described = await attachments.described_as(read)
    await budget.count(inside.platform.store, inside.person.user_id, described)
    kept = await attachments.keep(inside.platform.blobs, read)
    return tuple(Handed(file.sha256, file.type, file.name, file.size) for file in kept.files)


def _day(text: str) -> int:
    try:
        return (date.fromisoformat(text) - FIRST_DAY).days
    except ValueError as error:
        raise RegisterError(f"until: expected a day as 2027-12-31, got {text[:40]!r}") from error


def _ceiling(text: str) -> int | None:
    if not text:
        return None
    if PEOPLE.fullmatch(text) is None:
        raise RegisterError(f"ceiling: expected a number of people, got {text[:40]!r}")
    return int(text)


async def _found(inside: Inside, request: str) -> PrivilegeRequest:
    try:
        found = await requests.one(inside.platform.store, inside.partner_id, decode(request))
    except BadId:
        found = None
    if found is None:
        raise NotFoundException("no such request")
    return found


async def _request_page(
    inside: Inside, found: PrivilegeRequest, *, wrong: str = "", given: str = "", said: str | None = None
) -> Response[str]:
    keys = await register.keys_of(inside.platform.store, inside.partner_id)
    key_ids = [key.key_id for key in keys if key.in_force(inside.today)]
    return inside.page(
        "request",
        HERE,
        status=422 if wrong else 200,
        said=said,
        request=found,
        command=_command(found, key_ids[0] if key_ids else f"{inside.partner_id}:1"),
        wrong=wrong,
        given=given,
    )


def _command(found: PrivilegeRequest, key_id: str) -> str:
    """Write the command that signs a request, for a shell."""
    until = (FIRST_DAY + timedelta(days=found.asked.until_day)).isoformat()
    options = (
        ("--purpose", found.asked.purpose),
        ("--agreement", found.asked.agreement.name),
        ("--until", until),
        ("--key-id", key_id),
        ("--seed", "YOUR.seed"),
    )
    lines = [f"vestibule ask {found.partner_id} {found.asked.scope}"]
    return " \\\n    ".join(lines + [f"{name} {shlex.quote(value)}" for name, value in options])


@get("/privileges/{request_id:str}")
async def show_request(
    request_id: FromPath[str], inside: GivenInside, said: FromQuery[str | None] = None
) -> Response[str]:
    """Show a request: how to sign it, or what the operator answered."""
    return await _request_page(inside, await _found(inside, request_id), said=said)


@post("/privileges/{request_id:str}", request_max_body_size=LARGEST)
async def sign(
    request: Request[Any, Any, Any], request_id: FromPath[str], inside: GivenInside
) -> Response[Any]:
    """Take the signature of the partner's key, and hand the request to the operator."""
    found = await _found(inside, request_id)
    given = (await fields_of(request)).word("signed")
    try:
        await asking.sign(inside.platform.store, inside.partner_id, found.request_id, given, inside.today)
    except RegisterError as error:
        return await _request_page(inside, found, wrong=str(error), given=given)
    return see_other(inside.at(f"privileges/{request_id}?said=request-open"))


@get("/privileges/{request_id:str}/take-back")
async def take_back_form(request_id: FromPath[str], changing: GivenChanging) -> Response[str]:
    """Ask whether a request is to be taken back."""
    return changing.page("take_back", HERE, request=await _found(changing, request_id))


@post("/privileges/{request_id:str}/take-back", request_max_body_size=LARGEST)
async def take_back(request_id: FromPath[str], changing: GivenChanging) -> Response[Any]:
    """Take back a request that nobody has answered."""
    found = await _found(changing, request_id)
    try:
        await asking.take_back(changing.platform.store, changing.partner_id, found.request_id)
    except RegisterError as error:
        return await _request_page(changing, found, wrong=str(error))
    return see_other(changing.at("privileges?said=request-taken-back"))


@get("/privileges/{request_id:str}/pictures/{number:int}")
async def picture(request_id: FromPath[str], number: FromPath[int], inside: GivenInside) -> Response[bytes]:
    """Show a picture that was handed in."""
    pictures = (await _found(inside, request_id)).asked.pictures
    if not 0 <= number < len(pictures):
        raise NotFoundException("no such picture")
    return await attached.given(inside.platform, pictures[number])


@get("/privileges/{request_id:str}/agreement")
async def agreement(request_id: FromPath[str], inside: GivenInside) -> Response[bytes]:
    """Give the agreement back that was handed in."""
    file = (await _found(inside, request_id)).asked.agreement
    return await attached.given(inside.platform, file, attached.disposition(file.type, file.name))


handlers = (
    show_privileges,
    ask_form,
    ask,
    show_request,
    sign,
    take_back_form,
    take_back,
    picture,
    agreement,
)
