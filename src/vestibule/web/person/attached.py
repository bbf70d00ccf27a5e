"""Files that go with messages: sending them along, and giving them to the conversation's members."""

import asyncio
from typing import Any, Protocol
from urllib.parse import quote

from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.exceptions import ClientException, NotFoundException
from litestar.params import FromPath

from vestibule.inbox import attached, attachments, messages
from vestibule.inbox.attachments import ANY_TYPE, LARGEST_FILE, MOST_FILES
from vestibule.inbox.errors import BadFiles
from vestibule.inbox.extra import Extra, extra_of
from vestibule.people.accounts import Account
from vestibule.web.given import GivenPerson, GivenPlatform
from vestibule.web.pages import security_headers
from vestibule.web.person import conversation as pages
from vestibule.web.person.conversation import Said
from vestibule.web.person.forms import LARGEST
from vestibule.web.person.importing import MULTIPART
from vestibule.web.person.places import LAST_NUMBER
from vestibule.web.platform import Platform

LARGEST_UPLOAD = MOST_FILES * LARGEST_FILE + LARGEST
HARMLESS = "default-src 'none'; sandbox"
"""Content security policy of what a member made: whatever it is, it cannot run as a page of ours."""


@post("/c/{conversation:str}/files", include_in_schema=False, request_max_body_size=LARGEST_UPLOAD)
async def write_with_files(
    conversation: FromPath[str], request: Request[Any, Any, Any], platform: GivenPlatform, person: GivenPerson
) -> Response[Any]:
    """Send a message with files."""
    conversation_id = await pages.member_of(platform, person, conversation)
    if request.content_type[0] != MULTIPART:
        raise ClientException(f"expected {MULTIPART}, got {request.content_type[0][:80]!r}", status_code=415)
    form = await request.form()
    said = Said(_word(form, "key"), _word(form, "body"), pages.number_of(_word(form, "reply_to")))
    try:
        files = await _files(form)
        await attached.count(platform.store, person.user_id, await attachments.described_as(files))
        extra = await attachments.keep(platform.blobs, files)
    except BadFiles as error:
        return await pages.say_again(platform, person, conversation_id, said, f"Nothing was sent: {error}.")
    return await pages.send(platform, person, conversation_id, said, extra)


def _word(form: FormMultiDict, name: str) -> str:
    value = form.get(name)
    return value.replace("\r\n", "\n").strip() if isinstance(value, str) else ""


async def _files(form: FormMultiDict) -> list[tuple[str, bytes]]:
    """Read what was chosen; a browser sends one file without name and bytes where nothing was."""
    given = [file for file in form.getall("files", []) if isinstance(file, UploadFile) and file.filename]
    if len(given) > MOST_FILES:
        raise BadFiles(f"expected 1 to {MOST_FILES} files, got {len(given)}")
    return [(file.filename, await file.read(LARGEST_FILE + 1)) for file in given]


@get("/c/{conversation:str}/{seq:int}/photo/{number:int}", include_in_schema=False)
async def photo(
    conversation: FromPath[str],
    seq: FromPath[int],
    number: FromPath[int],
    platform: GivenPlatform,
    person: GivenPerson,
) -> Response[bytes]:
    """Show a picture that came with an imported message, to members only."""
    photos = (await _carried(platform, person, conversation, seq)).photos
    if not 0 <= number < len(photos):
        raise NotFoundException("no such picture")
    return await given(platform, photos[number])


@get("/c/{conversation:str}/{seq:int}/file/{number:int}", include_in_schema=False)
async def file(
    conversation: FromPath[str],
    seq: FromPath[int],
    number: FromPath[int],
    platform: GivenPlatform,
    person: GivenPerson,
) -> Response[bytes]:
    """Give a file that came with a message, to members only; only pictures are shown and not saved."""
    files = (await _carried(platform, person, conversation, seq)).files
    if not 0 <= number < len(files):
        raise NotFoundException("no such file")
    found = files[number]
    return await given(platform, found, disposition(found.type, found.name))


def disposition(kind: str, name: str) -> str:
    """Write Content-Disposition: only pictures are shown and not saved."""
    how = "attachment" if kind == ANY_TYPE else "inline"
    # RFC 6266 with the encoding of RFC 8187: a name cannot end the header's value.
    return f"{how}; filename*=UTF-8''{quote(name, safe='')}"


async def _carried(platform: Platform, person: Account, conversation: str, seq: int) -> Extra:
    """Read what a message carries, for a member of its conversation; nothing if it was deleted."""
    conversation_id = await pages.member_of(platform, person, conversation)
    if not 1 <= seq <= LAST_NUMBER:
        raise NotFoundException("no such message")
    found = await messages.numbered(platform.store, conversation_id, [seq])
    return extra_of(found[seq]) if seq in found else Extra()


class Kept(Protocol):
    """A file in the blobs."""

    @property
    def path(self) -> str:
        """Where it is there."""
        ...

    @property
    def type(self) -> str:
        """Its media type; a picture's, or `ANY_TYPE`."""
        ...


async def given(platform: Platform, what: Kept, how: str = "inline") -> Response[bytes]:
    """Give the bytes of a file, as what cannot run as a page of ours.

    Raises:
        NotFoundException: if they are not there.
    """
    data = await asyncio.to_thread(platform.blobs.get, what.path)
    if data is None:
        raise NotFoundException("no such file")
    headers = security_headers() | {
        "content-security-policy": HARMLESS,
        "content-disposition": how,
    }
    return Response(data, media_type=what.type, headers=headers)


handlers = (write_with_files, photo, file)
