"""The consent form's fields: read into a choice, and a choice written into them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from vestibule.connections.choosing import NARROWER, Choice
from vestibule.connections.coverage import ABOUT_MESSAGES
from vestibule.connections.errors import ConnectionRefused
from vestibule.connections.grants import Grant, Reach, Scope
from vestibule.connections.language import Language
from vestibule.ledger.days import MICROSECONDS_A_DAY, SECONDS_A_DAY
from vestibule.store.errors import BadId
from vestibule.store.ids import decode, encode
from vestibule.web.oauth.question import Question
from vestibule.web.person.forms import Fields

USUAL_DAYS = 90
"""How long a connection lasts unless she says otherwise."""
USUAL_BACK = 30
"""How many days back it reaches unless she says otherwise."""


def first_choice(question: Question) -> Choice:
    """Fill the form in: as she left it, or as her connection stands with all that is asked, or as usual."""
    if question.kept is not None:
        return _choice_of(question.kept.proposal.grant, question)
    offered = frozenset(granted.scope for granted in question.offer.permissions)
    until_day = min(question.today + USUAL_DAYS, question.offer.last_day(offered, question.today))
    if question.standing is None:
        return Choice(offered, (), question.offer.reach, frozenset(), question.today - USUAL_BACK, until_day)
    stands = _choice_of(question.standing.grant, question)
    reach = stands.reach if stands.reach in NARROWER[question.offer.reach] else question.offer.reach
    return Choice(offered, stands.conversations, reach, stands.picked, stands.since_day, until_day)


def _choice_of(grant: Grant, question: Question) -> Choice:
    selection = grant.selection
    since_day = selection.since // MICROSECONDS_A_DAY
    return Choice(
        frozenset(grant.scopes),
        selection.conversations,
        selection.reach,
        frozenset(selection.picked),
        since_day if selection.conversations else question.today - USUAL_BACK,
        grant.until_day,
    )


def choice_in(form: Fields, question: Question) -> Choice:
    """Read what she ticked and filled in.

    Raises:
        ConnectionRefused: if a field is not what the form makes of it.
    """
    usual, reach, since = first_choice(question), form.text("reach"), form.text("since")
    scopes = frozenset(scope for scope in Scope if scope in form.all("scope_granted"))
    return Choice(
        scopes,
        tuple(_conversation(text, question.language) for text in form.all("conversation")),
        Reach(reach) if reach in list(Reach) else question.offer.reach,
        frozenset(place_in(text, question.language) for text in form.all("picked")),
        day_in(since, question.language) if since or ABOUT_MESSAGES & scopes else usual.since_day,
        day_in(form.text("until"), question.language),
    )


def carried(choice: Choice) -> Mapping[str, Sequence[str]]:
    """Write a choice as hidden fields, but for the picked messages."""
    return {
        "scope_granted": sorted(choice.scopes),
        "conversation": [encode(conversation) for conversation in choice.conversations],
        "reach": [choice.reach],
        "since": [iso(choice.since_day)],
        "until": [iso(choice.until_day)],
    }


def place(conversation: int, seq: int) -> str:
    """Write which message a box is about."""
    return f"{encode(conversation)}.{seq}"


def place_in(text: str, language: Language) -> tuple[int, int]:
    """Read which message a box is about; raises ConnectionRefused."""
    conversation, _, seq = text.partition(".")
    if not (seq.isascii() and seq.isdecimal() and len(seq) < 16):  # noqa: PLR2004  (no conversation is longer)
        raise ConnectionRefused(language.gettext("Choose among your own conversations."))
    return _conversation(conversation, language), int(seq)


def day_in(text: str, language: Language) -> int:
    """Read an HTML date field as a UTC day number; raises ConnectionRefused."""
    try:
        date = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise ConnectionRefused(
            language.gettext("Give the day as year, month and day, for instance 2026-11-23.")
        ) from error
    return int(date.timestamp()) // SECONDS_A_DAY


def iso(day: int) -> str:
    """Write a UTC day number for an HTML date field."""
    return datetime.fromtimestamp(day * SECONDS_A_DAY, UTC).strftime("%Y-%m-%d")


def _conversation(text: str, language: Language) -> int:
    try:
        return decode(text)
    except BadId as error:
        raise ConnectionRefused(language.gettext("Choose among your own conversations.")) from error
