"""The partner's webhooks: where they are sent, what came of each, and sending one again."""

from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.params import FromQuery, QueryParameter

from vestibule.store.errors import BadId
from vestibule.store.ids import decode
from vestibule.web.console.door import GivenChanging, GivenInside, Inside
from vestibule.web.partner_webhooks import public_keys
from vestibule.web.person.forms import LARGEST, Fields, fields_of
from vestibule.web.person.places import see_other
from vestibule.webhooks import endpoints, signing, tries, waiting
from vestibule.webhooks.errors import WebhookError
from vestibule.webhooks.topics import Topic

PAGE = 30
PREFIX = "msg_"


async def _page(
    inside: Inside,
    *,
    before: int = tries.NEWEST,
    said: str | None = None,
    form: Fields | None = None,
    wrong: str = "",
) -> Response[str]:
    store, partner_id = inside.platform.store, inside.partner_id
    endpoint = await endpoints.endpoint_of(store, partner_id)
    found = await tries.log(store, partner_id, before=before, limit=PAGE + 1)
    stands = (endpoint.url, {topic.value for topic in endpoint.topics}) if endpoint else ("", set[str]())
    return inside.page(
        "webhooks",
        "webhooks",
        status=422 if wrong else 200,
        said=said,
        endpoint=endpoint,
        keys=[signing.serialized(public) for public in public_keys(inside.platform, partner_id)],
        topics=[topic.value for topic in Topic],
        url=form.word("url") if form else stands[0],
        chosen=set(form.all("topic")) if form else stands[1],
        deliveries=found[:PAGE],
        older=found[PAGE - 1].webhook.webhook_id if len(found) > PAGE else None,
        wrong=wrong,
    )


@get("/webhooks")
async def show_webhooks(
    inside: GivenInside,
    before: Annotated[int, QueryParameter(ge=1, le=tries.NEWEST)] = tries.NEWEST,
    said: FromQuery[str | None] = None,
) -> Response[str]:
    """Show the endpoint, and what was sent in the last 30 days."""
    return await _page(inside, before=before, said=said)


@post("/webhooks", request_max_body_size=LARGEST)
async def change_webhooks(request: Request[Any, Any, Any], changing: GivenChanging) -> Response[Any]:
    """Set the endpoint, and enable it again, or remove it."""
    form, platform = await fields_of(request), changing.platform
    if form.text("do") == "remove":
        await endpoints.remove(platform.store, changing.partner_id)
        return see_other(changing.at("webhooks?said=webhooks-removed"))
    try:
        await endpoints.configure(
            platform.store,
            changing.partner_id,
            url=form.word("url"),
            topics=form.all("topic"),
            loopback=platform.settings.sandbox,
            now=platform.clock(),
        )
    except WebhookError as error:
        return await _page(changing, form=form, wrong=str(error))
    return see_other(changing.at("webhooks?said=webhooks-set"))


@post("/webhooks/replay", request_max_body_size=LARGEST)
async def replay(request: Request[Any, Any, Any], inside: GivenInside) -> Response[Any]:
    """Send a webhook again under its own id; nothing changes by it, so that it needs no fresh proof."""
    given = (await fields_of(request)).word("webhook")
    try:
        webhook_id = decode(given.removeprefix(PREFIX))
    except BadId:
        webhook_id = -1
    store, now = inside.platform.store, inside.platform.clock()
    if not await waiting.replay(store, inside.partner_id, webhook_id, now):
        return await _page(inside, wrong="no such webhook was sent to you in the last 30 days")
    return see_other(inside.at(f"webhooks?said=webhook-replayed#{given}"))


handlers = (show_webhooks, change_webhooks, replay)
