"""Who may see a person's words through the apps of others: for all conversations, and for one."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.exceptions import ClientException
from litestar.params import FromPath, FromQuery

from vestibule.connections import agreements
from vestibule.connections.words import Who
from vestibule.partners import register
from vestibule.store.ids import encode
from vestibule.web.given import GivenLanguage, GivenPerson, GivenPlatform
from vestibule.web.pages import page
from vestibule.web.person.conversation import member_of
from vestibule.web.person.forms import LARGEST, fields_of
from vestibule.web.person.places import see_other

USUAL = {who.value: who for who in Who}
HERE = {"usual": None, Who.NOBODY.value: Who.NOBODY, Who.ANYONE.value: Who.ANYONE}


@get("/words", include_in_schema=False)
async def show_words(
    platform: GivenPlatform, person: GivenPerson, language: GivenLanguage, said: FromQuery[str | None] = None
) -> Response[str]:
    """Show who may see the person's words where others let an app read."""
    return page(
        "person/words.html",
        language=language,
        person=person,
        said=said,
        here="apps",
        words=await agreements.words_of(platform.store, person.user_id),
        partners=await register.partners(platform.store),
    )


@post("/words", include_in_schema=False, request_max_body_size=LARGEST)
async def set_words(
    request: Request[Any, Any, Any], platform: GivenPlatform, person: GivenPerson
) -> Response[Any]:
    """Let nobody, chosen apps or any app see the person's words."""
    form = await fields_of(request)
    if form.word("let") not in USUAL:
        raise ClientException("expected nobody, chosen or anyone")
    known = {partner.partner_id for partner in await register.partners(platform.store)}
    chosen = known.intersection(form.all("partner"))
    who = USUAL[form.word("let")]
    await agreements.set_usual(platform.store, person.user_id, who, chosen, platform.clock())
    return see_other("/words?said=words-changed")


@post("/c/{conversation:str}/words", include_in_schema=False, request_max_body_size=LARGEST)
async def set_words_here(
    conversation: FromPath[str], request: Request[Any, Any, Any], platform: GivenPlatform, person: GivenPerson
) -> Response[Any]:
    """Decide otherwise for one conversation, or as usual again."""
    conversation_id = await member_of(platform, person, conversation)
    who = (await fields_of(request)).word("let")
    if who not in HERE:
        raise ClientException("expected usual, nobody or anyone")
    await agreements.set_here(platform.store, person.user_id, conversation_id, HERE[who], platform.clock())
    return see_other(f"/c/{encode(conversation_id)}#readers")


handlers = (show_words, set_words, set_words_here)
