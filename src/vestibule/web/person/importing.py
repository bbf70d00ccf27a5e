"""Bringing one's own Facebook messages along: the upload form and the report."""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.exceptions import ClientException

from vestibule.inbox import importing
from vestibule.inbox.errors import BadExport
from vestibule.people.accounts import Account
from vestibule.web.given import GivenPerson, GivenPlatform
from vestibule.web.pages import page
from vestibule.web.platform import Platform

LARGEST_EXPORT = 4 << 30
MULTIPART = "multipart/form-data"


def _nothing_to_tell(_done: int, _of: int) -> None:
    """Ignore progress: the answer is one page at the end."""


def _form_page(person: Account, own_name: str, errors: dict[str, str]) -> Response[str]:
    return page(
        "person/import.html", person=person, status=422 if errors else 200, own_name=own_name, errors=errors
    )


@get("/import", include_in_schema=False)
async def import_form(person: GivenPerson) -> Response[str]:
    """Show the upload form."""
    return _form_page(person, person.name, {})


@post("/import", include_in_schema=False, request_max_body_size=LARGEST_EXPORT)
async def import_export(
    request: Request[Any, Any, Any], platform: GivenPlatform, person: GivenPerson
) -> Response[str]:
    """Take the threads of an export into the inbox and say what came and what did not."""
    if request.content_type[0] != MULTIPART:
        raise ClientException(f"expected {MULTIPART}, got {request.content_type[0][:80]!r}", status_code=415)
    form = await request.form()
    own_name, export = str(form.get("own_name") or "").strip(), form.get("export")
    if not own_name:
        return _form_page(person, "", {"own_name": "Give the name that you have in the export."})
    if not isinstance(export, UploadFile):
        return _form_page(person, own_name, {"export": "Choose the zip file that you have downloaded."})
    try:
        report = await _import(platform, person, own_name, export)
    except BadExport as error:
        return _form_page(person, own_name, {"export": f"This file cannot be imported: {error}."})
    return page("person/imported.html", person=person, report=report)


async def _import(
    platform: Platform, person: Account, own_name: str, export: UploadFile
) -> importing.ImportReport:
    with tempfile.TemporaryDirectory(prefix="vestibule-import-") as folder:
        source = Path(folder) / "export.zip"
        await asyncio.to_thread(_copy, export, source)
        return await importing.import_export(
            platform.store,
            platform.blobs,
            user_id=person.user_id,
            own_name=own_name,
            source=source,
            now=platform.clock(),
            progress=_nothing_to_tell,
        )


def _copy(export: UploadFile, to: Path) -> None:
    export.file.seek(0)
    with to.open("wb") as file:
        shutil.copyfileobj(export.file, file)


handlers = (import_form, import_export)
