"""The send dialog. The partner learns *sent* or *cancelled*."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from vestibule.connections.language import Language
from vestibule.gate.operations import sending
from vestibule.inbox.errors import InboxError
from vestibule.people.accounts import Account
from vestibule.sharing import dialogs, invitations
from vestibule.sharing.dialogs import Dialog
from vestibule.sharing.errors import BadCard, DialogOver, TooManySent
from vestibule.web.choices import choices, friends_among, groups_among
from vestibule.web.given import GivenLanguage, GivenPerson, GivenPlatform
from vestibule.web.handed import Checked, Handed, checked
from vestibule.web.oauth.deciding import see_other_origin
from vestibule.web.pages import page
from vestibule.web.person.forms import LARGEST, Fields, fields_of
from vestibule.web.platform import Platform

NOTHING = Fields({})


@get("/dialog", include_in_schema=False)
async def open_dialog(
    request: Request[Any, Any, Any], platform: GivenPlatform, person: GivenPerson, language: GivenLanguage
) -> Response[Any]:
    """Open the dialog over a partner's signed card; nothing is written until she decides."""
    handed = Handed.read(lambda name: request.query_params.get(name, ""))
    try:
        found = await checked(platform, handed)
    except BadCard as error:
        return _refused(error, language, status=400, keeps_opener=handed.in_popup)
    return await _dialog_page(platform, person, found, handed, dialogs.new_key(), language=language)


def _refused(error: BadCard, language: Language, *, status: int, keeps_opener: bool = False) -> Response[str]:
    return page(
        "dialog/refused.html",
        status=status,
        keeps_opener=keeps_opener,
        language=language,
        detail=str(error),
    )


async def _dialog_page(
    platform: Platform,
    person: Account,
    found: Checked,
    handed: Handed,
    key: str,
    *,
    language: Language,
    form: Fields = NOTHING,
    wrong: str = "",
    status: int = 200,
) -> Response[str]:
    if person.kid:
        return _kids_page(found, handed, key, language)
    if person.tried_by not in {"", found.partner.partner_id}:
        return _not_hers(person)
    return page(
        "dialog/dialog.html",
        person=person,
        status=status,
        form_actions=(found.partner.home_origin,),
        partner=found.partner,
        card=found.card,
        carried=handed.carried(key),
        in_popup=handed.in_popup,
        keeps_opener=handed.in_popup,
        choices=await choices(platform.store, person, form),
        most=sending.MOST_RECIPIENTS,
        longest_note=sending.LONGEST_NOTE,
        note=form.text("note"),
        invites=form.word("invite") == "yes",
        wrong=wrong,
    )


def _not_hers(person: Account) -> Response[str]:
    sentence = (
        f"You are a person for trying of {person.tried_by}, and can use no other app. Nothing was sent."
    )
    return page("error.html", status=403, title="Not for this app", sentence=sentence)


def _kids_page(found: Checked, handed: Handed, key: str, language: Language) -> Response[str]:
    return page(
        "dialog/kids.html",
        status=403,
        language=language,
        form_actions=(found.partner.home_origin,),
        partner=found.partner,
        carried=handed.carried(key),
        in_popup=handed.in_popup,
        keeps_opener=handed.in_popup,
    )


@post("/dialog", include_in_schema=False, request_max_body_size=LARGEST)
async def finish_dialog(
    request: Request[Any, Any, Any], platform: GivenPlatform, person: GivenPerson, language: GivenLanguage
) -> Response[Any]:
    """Send the card, or cancel; the partner learns which, and nothing else."""
    form = await fields_of(request)
    key, handed = form.text("key"), Handed.read(form.text)
    try:
        # The form comes from a browser: all of it is checked again.
        found = await checked(platform, handed, grace=dialogs.GRACE_SECONDS)
        dialog = Dialog(
            dialogs.hash_key(key),
            found.partner.partner_id,
            found.card,
            handed.return_uri,
            handed.state,
            found.placement,
        )
    except (BadCard, DialogOver) as error:
        return _over(error, language)
    decision = form.text("decision")
    if decision in {"find", "preview"}:
        return await _dialog_page(platform, person, found, handed, key, language=language, form=form)
    if decision == "done" and await dialogs.was_sent_by(platform.store, dialog, person.user_id):
        return _return(found, handed, "sent", language)
    if decision != "send":
        return await _cancel(platform, found, dialog, handed, language)
    return await _send(platform, person, found, handed, key, dialog, form, language)


async def _send(  # noqa: PLR0917  (what the one call hands on)
    platform: Platform,
    person: Account,
    found: Checked,
    handed: Handed,
    key: str,
    dialog: Dialog,
    form: Fields,
    language: Language,
) -> Response[Any]:
    invites = form.word("invite") == "yes"
    try:
        await sending.send_dialog(
            platform.gate,
            dialog,
            sender=person,
            friends=await friends_among(platform.store, person, form.all("to")),
            groups=await groups_among(platform.store, person, form.all("group")),
            note=form.text("note"),
            invites=invites,
            now=platform.clock(),
        )
    except (DialogOver, InboxError) as error:
        status = 429 if isinstance(error, TooManySent) else 422
        return await _dialog_page(
            platform,
            person,
            found,
            handed,
            key,
            language=language,
            form=form,
            wrong=str(error),
            status=status,
        )
    if invites:
        return _invited_page(platform, found, handed, key, dialog)
    return _return(found, handed, "sent", language)


def _invited_page(
    platform: Platform, found: Checked, handed: Handed, key: str, dialog: Dialog
) -> Response[str]:
    """Show the link to hand over; the partner is told when she goes back."""
    token = invitations.token_of(platform.gate.secret, dialog.dialog_hash)
    return page(
        "dialog/invited.html",
        form_actions=(found.partner.home_origin,),
        partner=found.partner,
        carried=handed.carried(key),
        in_popup=handed.in_popup,
        keeps_opener=handed.in_popup,
        link=f"{platform.settings.origin}/i/{token}",
    )


def _over(error: BadCard | DialogOver, language: Language) -> Response[str]:
    if isinstance(error, BadCard):
        return _refused(error, language, status=410)
    why = str(error)
    sentence = f"{why[:1].upper()}{why[1:]}. Nothing more was sent."
    return page("error.html", status=410, title="This dialog is over", sentence=sentence)


async def _cancel(
    platform: Platform, found: Checked, dialog: Dialog, handed: Handed, language: Language
) -> Response[Any]:
    try:
        await dialogs.close(platform.store, dialog, dialogs.CANCELLED)
    except DialogOver as error:
        return _over(error, language)
    return _return(found, handed, "cancelled", language)


def _return(found: Checked, handed: Handed, result: str, language: Language) -> Response[Any]:
    """Tell the partner how it ended: by the page's script if it waits for that, else in the address."""
    query = urlencode({"state": handed.state, "result": result})
    back = f"{handed.return_uri}{'&' if '?' in handed.return_uri else '?'}{query}"
    if not handed.in_popup:
        return see_other_origin(back)
    return page(
        "dialog/done.html",
        keeps_opener=True,
        language=language,
        partner=found.partner,
        result=result,
        state=handed.state,
        origin=handed.return_origin,
        back=back,
    )


handlers: tuple[HTTPRouteHandler, ...] = (open_dialog, finish_dialog)
