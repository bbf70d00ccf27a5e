"""What the parts of a grant are called in front of a person. Pure."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from vestibule.connections.grants import Reach, Scope
from vestibule.connections.language import ENGLISH, Language
from vestibule.ledger.days import MICROSECONDS_A_DAY

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Names:
    """What things are called in front of the person.

    Attributes:
        app: the partner's name.
        titles: how she knows her conversations.
    """

    app: str
    titles: Mapping[int, str]


def title_words(conversation: int, names: Names, language: Language = ENGLISH) -> str:
    """Name a conversation, inertly."""
    return inert(names.titles.get(conversation, "")) or language.gettext("a conversation that you left")


def scope_words(scope: Scope, language: Language = ENGLISH) -> str:
    """Name what a scope lets an app do."""
    return {
        Scope.MESSAGES_READ: language.gettext("Read messages"),
        Scope.MESSAGES_SEND: language.gettext("Write messages in your name"),
        Scope.MESSAGES_DELETE: language.gettext("Delete messages that it wrote in your name"),
        Scope.FRIENDS_LIST: language.gettext("See how many friends you have, and which of them use it too"),
        Scope.RECOMMENDATIONS_RECEIVE: language.gettext("See what is recommended to you through it"),
    }[scope]


def reach_words(reach: Reach, names: Names, language: Language = ENGLISH) -> str:
    """Name which messages of the chosen conversations are meant."""
    return {
        Reach.CONVERSATIONS: language.gettext("All messages in these conversations"),
        Reach.THROUGH_PARTNER: language.gettext(
            "Only messages that came through %(app)s, and the replies to them", app=names.app
        ),
        Reach.PICKED: language.gettext("Only messages that you pick by hand"),
    }[reach]


def since_words(since: int, language: Language = ENGLISH) -> str:
    """Write the first moment (microseconds since 1970) in reach: as a day where it is the start of one."""
    day, rest = divmod(since, MICROSECONDS_A_DAY)
    return language.day(day) if not rest else f"{EPOCH + timedelta(microseconds=since):%Y-%m-%d %H:%M:%S.%f}"


def inert(text: str) -> str:
    """Return a title or a name without what could change how the text around it is shown.

    Control and format characters (Unicode Cc, Cf: line breaks, bidirectional overrides, zero-width ones), and
    line and paragraph separators, become spaces; joiners stay, since scripts and emoji need them.
    """
    shown = (" " if _unruly(character) else character for character in text)
    return " ".join("".join(shown).split())


def _unruly(character: str) -> bool:
    joiners = "\u200c\u200d"
    return character not in joiners and unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp"}
