"""Picking messages by hand, page by page; what was picked on the others travels along in the form."""

from dataclasses import replace
from typing import Any

from litestar import Response

from vestibule.connections.choosing import MOST_PICKED, Choice
from vestibule.connections.names import inert, title_words
from vestibule.inbox import messages
from vestibule.inbox.message import Message
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.web.oauth import filling
from vestibule.web.oauth.question import Question
from vestibule.web.pages import page
from vestibule.web.person.forms import Fields
from vestibule.web.platform import Platform

IN_PAGE = 50
EXCERPT = 300
"""Characters of a message that are shown."""


async def shown(
    platform: Platform, question: Question, choice: Choice, form: Fields, *, wrong: str = ""
) -> Response[str]:
    """Show messages of one of the chosen conversations with boxes: the newest, or those before a message.

    The field `show` says which: a conversation and the number that all messages shown are below.
    """
    conversation, before = _wanted(form.text("show"), question, choice)
    since = choice.since_day * MICROSECONDS_A_DAY
    # One more than is shown tells whether there are earlier ones.
    found = await messages.page(platform.store, conversation, before=before, since=since, limit=IN_PAGE + 1)
    here, newest = found[-IN_PAGE:], await _newest(platform, conversation)
    picked = _picked_at_first(question, choice, form)
    elsewhere = picked - {(conversation, message.seq) for message in here}
    last = here[-1].seq if here else 0
    return page(
        "oauth/picking.html",
        status=422 if wrong else 200,
        wrong=wrong,
        most=MOST_PICKED,
        shown={
            "key": filling.place(conversation, 0),
            "title": title_words(conversation, question.names, question.language),
        },
        places=[_tab(question, other, picked) for other in choice.conversations],
        messages=[_box(message, picked) for message in here],
        earlier=filling.place(conversation, here[0].seq) if len(found) > IN_PAGE else "",
        later=filling.place(conversation, last + IN_PAGE + 1) if 0 < last < newest else "",
        elsewhere=len(elsewhere),
        **_with(question, choice, elsewhere),
    )


async def reached(platform: Platform, question: Question, choice: Choice) -> Choice:
    """Leave out what is picked of messages before the chosen day, or that are not there."""
    since, kept = choice.since_day * MICROSECONDS_A_DAY, set[tuple[int, int]]()
    for conversation in question.hers.intersection(choice.conversations):
        numbers = [seq for where, seq in choice.picked if where == conversation]
        found = await messages.numbered(platform.store, conversation, sorted(numbers)) if numbers else {}
        kept |= {(conversation, seq) for seq, message in found.items() if message.sent_at >= since}
    return replace(choice, picked=frozenset(kept))


def _with(question: Question, choice: Choice, elsewhere: frozenset[tuple[int, int]]) -> dict[str, Any]:
    given = question.page()
    kept = {"picked": [filling.place(*one) for one in sorted(elsewhere)]}
    return {**given, "carried": {**given["carried"], **filling.carried(choice), **kept}}


def _wanted(text: str, question: Question, choice: Choice) -> tuple[int, int | None]:
    """Read what to show; the number 0 stands for the newest."""
    if not text:
        return choice.conversations[0], None
    conversation, before = filling.place_in(text, question.language)
    if conversation not in choice.conversations:
        return choice.conversations[0], None
    return conversation, before or None


def _picked_at_first(question: Question, choice: Choice, form: Fields) -> frozenset[tuple[int, int]]:
    """Return what is picked; for who comes from the form's first page, what was picked before."""
    if form.text("decision") == "pick":
        return choice.picked
    return filling.first_choice(question).picked


async def _newest(platform: Platform, conversation: int) -> int:
    found = await messages.page(platform.store, conversation, limit=1)
    return found[-1].seq if found else 0


def _tab(question: Question, conversation: int, picked: frozenset[tuple[int, int]]) -> dict[str, Any]:
    return {
        "key": filling.place(conversation, 0),
        "title": title_words(conversation, question.names, question.language),
        "picked": sum(where == conversation for where, _ in picked),
    }


def _box(message: Message, picked: frozenset[tuple[int, int]]) -> dict[str, Any]:
    text = inert(message.body)
    return {
        "key": filling.place(message.conversation_id, message.seq),
        "ticked": (message.conversation_id, message.seq) in picked,
        "who": message.sender_name,
        "day": message.sent_at // MICROSECONDS_A_DAY,
        "text": text if len(text) <= EXCERPT else f"{text[:EXCERPT]}…",
    }
