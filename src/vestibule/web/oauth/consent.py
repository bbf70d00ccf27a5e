"""The first step of consent: what a partner asks for, and what a person chooses of it."""

from typing import Any

from litestar import Request, Response

from vestibule.connections import wording
from vestibule.connections.choosing import NARROWER, Choice, grant_of
from vestibule.connections.coverage import ABOUT_MESSAGES
from vestibule.connections.difference import Change, Fate, difference
from vestibule.connections.errors import ConnectionRefused
from vestibule.connections.grants import IN_CONVERSATIONS, Grant, Reach
from vestibule.connections.names import reach_words, scope_words, title_words
from vestibule.connections.wording import GROUPS, Group
from vestibule.oauth import waiting
from vestibule.oauth.rfc6749_authorize import AuthorizationRequest
from vestibule.people.accounts import Account
from vestibule.web.oauth import agreeing, filling, picking
from vestibule.web.oauth.deciding import declined
from vestibule.web.oauth.question import Question, question_of
from vestibule.web.oauth.stopped import stopped
from vestibule.web.pages import page
from vestibule.web.person.forms import Fields
from vestibule.web.person.places import see_other
from vestibule.web.platform import Platform
from vestibule.web.speaking import language_of


async def opened(
    request: Request[Any, Any, Any], platform: Platform, person: Account, asked: AuthorizationRequest
) -> Response[str]:
    """Show what a partner asks for; until she has decided, it waits on her Apps page too."""
    if not asked.begun_here:
        await waiting.keep(platform.store, asked)
    question = await question_of(platform, person, asked, language_of(request))
    return shown(question, filling.first_choice(question))


async def answered(
    request: Request[Any, Any, Any],
    platform: Platform,
    person: Account,
    asked: AuthorizationRequest,
    form: Fields,
) -> Response[Any]:
    """Take what she pressed: a step further, a step back, or a decision."""
    decision = form.text("decision")
    if decision == "decline":
        return await declined(platform, asked)
    if decision == "later":
        return see_other("/apps?said=waiting")
    question = await question_of(platform, person, asked, language_of(request))
    if decision == "agree":
        return await agreeing.agreed(request, platform, question, form)
    if decision in ("continue", "pick"):
        return await _continued(request, platform, question, form)
    return shown(question, filling.first_choice(question))


async def _continued(
    request: Request[Any, Any, Any], platform: Platform, question: Question, form: Fields
) -> Response[Any]:
    """Go from what she ticked to the messages to pick, where there are any, and on to what she agrees to."""
    choice = filling.first_choice(question)
    from_picking = form.text("decision") == "pick"
    try:
        choice = filling.choice_in(form, question)
        if from_picking and form.text("turn") == "back":
            return shown(question, choice)
        if _needs_picking(question, choice) and (not from_picking or form.text("show")):
            return await picking.shown(platform, question, choice, form)
        if choice.reach is Reach.PICKED:
            choice = await picking.reached(platform, question, choice)
        grant = grant_of(question.offer, choice, question.hers, question.today, question.language)
        return await agreeing.proposed(request, platform, question, grant)
    except ConnectionRefused as error:
        wrong = question.language.catalogue.gettext(str(error))
        if from_picking and _needs_picking(question, choice):
            return await picking.shown(platform, question, choice, form, wrong=wrong)
        return shown(question, choice, wrong=wrong)


def _needs_picking(question: Question, choice: Choice) -> bool:
    """Whether there are messages to pick; anything wrong with the rest is said first."""
    return (
        choice.reach is Reach.PICKED
        and Reach.PICKED in NARROWER[question.offer.reach]
        and bool(ABOUT_MESSAGES & choice.scopes)
        and bool(choice.conversations)
        and question.hers.issuperset(choice.conversations)
    )


def shown(question: Question, choice: Choice, *, wrong: str = "") -> Response[str]:
    """Show the form."""
    if question.stopped_by_others:
        return stopped(
            question.language,
            409,
            question.language.gettext("This connection is suspended"),
            question.language.gettext(
                "The app itself or the operator has suspended it, and only they can undo that. Nothing was "
                "changed."
            ),
        )
    offered = [granted.scope for granted in question.offer.permissions]
    latest_day = question.offer.last_day(offered, question.today)
    options = _scopes(question, choice)
    return page(
        "oauth/consent.html",
        status=422 if wrong else 200,
        title=_title(question),
        lead=_lead(question),
        wrong=wrong,
        standing=question.standing is not None,
        views=[option for option in options if GROUPS[option["scope"]] is Group.VIEW],
        does=[option for option in options if GROUPS[option["scope"]] is Group.DO],
        gone=_gone(question),
        in_conversations=bool(IN_CONVERSATIONS.intersection(offered)),
        about_messages=bool(ABOUT_MESSAGES.intersection(offered)),
        places=_places(question, choice),
        reaches=[
            {
                "reach": reach,
                "text": reach_words(reach, question.names, question.language),
                "ticked": reach is choice.reach,
            }
            for reach in NARROWER[question.offer.reach]
        ],
        since=filling.iso(choice.since_day),
        until=filling.iso(choice.until_day),
        today=filling.iso(question.today),
        latest=filling.iso(latest_day),
        latest_day=latest_day,
        others=wording.others_sentences(offered, question.names, question.language),
        **question.page(),
    )


def _title(question: Question) -> str:
    if question.asked.begun_here:
        return question.language.gettext("Change what %(app)s can do", app=question.names.app)
    if question.standing is not None:
        return question.language.gettext("%(app)s asks to change what it can do", app=question.names.app)
    return question.language.gettext("%(app)s asks to come in", app=question.names.app)


def _lead(question: Question) -> str:
    if question.asked.begun_here:
        return question.language.gettext(
            "Untick what it shall no longer have, or choose other conversations. For more than it has now, "
            "the app has to ask you itself."
        )
    if question.standing is not None:
        return question.language.gettext(
            "It is connected already. That goes on as it is until you agree to something else."
        )
    return question.language.gettext("Untick what you do not want. It gets what you leave, or nothing.")


def _scopes(question: Question, choice: Choice) -> list[dict[str, Any]]:
    stands = question.standing.grant.permissions if question.standing else ()
    reasons = {(granted.scope, granted.purpose) for granted in stands}
    return [
        {
            "scope": granted.scope,
            "text": scope_words(granted.scope, question.language),
            "purpose": granted.purpose,
            "ticked": granted.scope in choice.scopes,
            "stands": (granted.scope, granted.purpose) in reasons,
        }
        for granted in question.offer.permissions
    ]


def _gone(question: Question) -> list[Change]:
    """List what she granted and what is not asked for any more: agreeing ends it."""
    if question.standing is None:
        return []
    standing = question.standing.grant
    asked = Grant(standing.partner, question.offer.permissions, standing.selection, standing.until_day)
    changes = difference(standing, asked, question.names, question.language)
    offered = {scope_words(granted.scope, question.language) for granted in question.offer.permissions}
    return [
        change
        for change in changes
        if change.fate is Fate.GONE and change.topic == "scope" and change.text not in offered
    ]


def _places(question: Question, choice: Choice) -> list[dict[str, Any]]:
    stands = question.standing.grant.selection.conversations if question.standing else ()
    return [
        {
            "id": line.conversation_id,
            "title": title_words(line.conversation_id, question.names, question.language),
            "messages": line.last_seq,
            "ticked": line.conversation_id in choice.conversations,
            "stands": line.conversation_id in stands,
        }
        for line in question.lines
    ]
