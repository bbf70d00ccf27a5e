"""The sentences of the consent page, made from the very grant that `gate.decide` enforces. Pure.

A sentence is written from the covers it carries and from nothing else of the grant, so that it cannot say
more or less than they do.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from vestibule.connections.coverage import Cover, covers_of
from vestibule.connections.grants import IN_CONVERSATIONS, Grant, Reach, Scope
from vestibule.connections.language import ENGLISH, Language
from vestibule.connections.names import Names, since_words, title_words


class Group(StrEnum):
    """What an app is let do: look, or change something."""

    VIEW = "view"
    DO = "do"


GROUPS: Mapping[Scope, Group] = {
    Scope.MESSAGES_READ: Group.VIEW,
    Scope.FRIENDS_LIST: Group.VIEW,
    Scope.RECOMMENDATIONS_RECEIVE: Group.VIEW,
    Scope.MESSAGES_SEND: Group.DO,
    Scope.MESSAGES_DELETE: Group.DO,
}


@dataclass(frozen=True, slots=True)
class Item:
    """One conversation that a sentence is about; `count` says how many messages were picked there, if any."""

    title: str
    count: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What the grant permits of one scope.

    Attributes:
        text: the sentence; with items it ends in a colon.
        items: the conversations it is about, in the order of `covers`; empty where there is none.
        notes: what limits it.
        purpose: the partner's reason.
        covers: what it speaks of, in machine form.
    """

    group: Group
    scope: Scope
    text: str
    items: tuple[Item, ...]
    notes: tuple[str, ...]
    purpose: str
    covers: tuple[Cover, ...]


def sentences(grant: Grant, names: Names, language: Language = ENGLISH) -> tuple[Sentence, ...]:
    """Say in plain words what the grant permits, one sentence a scope; `end_sentence` says until when."""
    said = []
    covers = covers_of(grant)
    for permission in grant.permissions:
        spoken_of = tuple(cover for cover in covers if cover.scope == permission.scope)
        if spoken_of:
            said.append(_sentence(spoken_of, permission.purpose, names, language))
    return tuple(sorted(said, key=lambda sentence: list(Scope).index(sentence.scope)))


def end_sentence(grant: Grant, language: Language = ENGLISH) -> str:
    """Say when the grant ends by itself."""
    return language.gettext(
        "All of this ends by itself after %(day)s (UTC).", day=language.day(grant.until_day)
    )


def never_sentences(grant: Grant, names: Names, language: Language = ENGLISH) -> tuple[str, ...]:
    """Say what the grant does not permit: a sentence a scope that is not in it, and one for other places."""
    cannot = {
        Scope.MESSAGES_READ: language.gettext("%(app)s cannot read messages.", app=names.app),
        Scope.MESSAGES_SEND: language.gettext("%(app)s cannot write messages in your name.", app=names.app),
        Scope.MESSAGES_DELETE: language.gettext("%(app)s cannot delete messages.", app=names.app),
        Scope.FRIENDS_LIST: language.gettext("%(app)s can see nothing of your friends.", app=names.app),
        Scope.RECOMMENDATIONS_RECEIVE: language.gettext(
            "%(app)s is not told what is recommended to you.", app=names.app
        ),
    }
    said = tuple(sentence for scope, sentence in cannot.items() if scope not in grant.scopes)
    if not IN_CONVERSATIONS.intersection(grant.scopes):
        return said
    elsewhere = language.gettext(
        "%(app)s can do nothing in your other conversations, nor in any that begins later.", app=names.app
    )
    return (*said, elsewhere)


def others_sentences(scopes: Sequence[Scope], names: Names, language: Language = ENGLISH) -> tuple[str, ...]:
    """Say what the other people in the chosen conversations will experience, and the person's friends."""
    experience = {
        Scope.MESSAGES_READ: language.gettext(
            "The others in these conversations see that %(app)s reads here through you, and since when. What "
            "they write stays hidden from it, unless they let it read that themselves.",
            app=names.app,
        ),
        Scope.MESSAGES_SEND: language.gettext(
            "The others get what %(app)s writes as messages of yours, marked “via %(app)s”.", app=names.app
        ),
        Scope.MESSAGES_DELETE: language.gettext(
            "A message that %(app)s deletes is gone for the others too. That it did so stands in the history "
            "of each of them.",
            app=names.app,
        ),
        Scope.FRIENDS_LIST: language.gettext(
            "Each of your friends finds in their own history that %(app)s was told about them.", app=names.app
        ),
        Scope.RECOMMENDATIONS_RECEIVE: language.gettext(
            "Of those who recommend something to you through %(app)s, it is told neither name nor note.",
            app=names.app,
        ),
    }
    return tuple(said for scope, said in experience.items() if scope in scopes)


def log_sentence(live: int, app: str, language: Language = ENGLISH) -> str | None:
    """Say what the public log shows, below 10 live connections (docs/log.md, what the public can learn)."""
    if live >= 10:  # noqa: PLR2004  (the bound is part of the specification)
        return None
    if live <= 0:
        return language.gettext(
            "Nobody is connected with %(app)s yet: as long as few are, everyone can see in the public log on "
            "which days and how often it asks. Nobody can see whose conversations, or what was in them.",
            app=app,
        )
    return language.ngettext(
        "%(app)s has only %(n)s connected person so far: everyone can see in the public log on which days "
        "and how often it asks. Nobody can see whose conversations, or what was in them.",
        "%(app)s has only %(n)s connected people so far: everyone can see in the public log on which days "
        "and how often it asks. Nobody can see whose conversations, or what was in them.",
        live,
        app=app,
    )


def live_connections(
    totals: Mapping[tuple[str, str, str, str], tuple[int, int]], partner: str, scope: str
) -> int:
    """Count the live connections with a scope, from the public totals: grants less ends."""
    grants = totals.get((partner, "grant", scope, "grant"), (0, 0))[0]
    ends = totals.get((partner, "end", scope, "grant"), (0, 0))[0]
    return grants - ends


def _sentence(covers: tuple[Cover, ...], purpose: str, names: Names, language: Language) -> Sentence:
    scope = covers[0].scope
    return Sentence(
        group=GROUPS[scope],
        scope=scope,
        text=_TEXTS[scope](covers, names, language),
        items=tuple(_item(cover, names, language) for cover in covers if cover.conversation is not None),
        notes=_notes(covers[0], names, language),
        purpose=purpose,
        covers=covers,
    )


def _item(cover: Cover, names: Names, language: Language) -> Item:
    title = title_words(cover.conversation or 0, names, language)
    if cover.reach is not Reach.PICKED:
        return Item(title)
    return Item(title, language.ngettext("%(n)s message", "%(n)s messages", len(cover.picked)))


def _notes(cover: Cover, names: Names, language: Language) -> tuple[str, ...]:
    said = []
    if cover.since > 0:
        day = since_words(cover.since, language)
        if cover.reach is Reach.PICKED:
            said.append(language.gettext("Of these, only what was sent on or after %(day)s (UTC).", day=day))
        else:
            said.append(language.gettext("Only messages sent on or after %(day)s (UTC).", day=day))
    if cover.scope is Scope.MESSAGES_READ:
        said.append(language.gettext("Files that were sent with these messages, too."))
        said.append(language.gettext("What others wrote there only if they let it read that themselves."))
    if cover.scope is Scope.MESSAGES_SEND:
        said.append(language.gettext("Each is marked “via %(app)s”.", app=names.app))
    return tuple(said)


def _reading(covers: Sequence[Cover], names: Names, language: Language) -> str:
    if covers[0].reach is Reach.THROUGH_PARTNER:
        return language.gettext(
            "%(app)s can read only the messages that came through it, and the replies to them, in:",
            app=names.app,
        )
    if covers[0].reach is Reach.PICKED:
        return language.ngettext(
            "%(app)s can read only the %(n)s message that you picked, in:",
            "%(app)s can read only the %(n)s messages that you picked, in:",
            _picked(covers),
            app=names.app,
        )
    return language.gettext("%(app)s can read the messages in:", app=names.app)


def _deleting(covers: Sequence[Cover], names: Names, language: Language) -> str:
    if covers[0].reach is Reach.PICKED:
        return language.ngettext(
            "%(app)s can delete the %(n)s message that you picked, if it wrote it in your name, in:",
            "%(app)s can delete those of the %(n)s messages you picked that it wrote in your name, in:",
            _picked(covers),
            app=names.app,
        )
    return language.gettext("%(app)s can delete the messages that it wrote in your name, in:", app=names.app)


def _sending(_covers: Sequence[Cover], names: Names, language: Language) -> str:
    return language.gettext("%(app)s can write messages in your name, in:", app=names.app)


def _listing(_covers: Sequence[Cover], names: Names, language: Language) -> str:
    return language.gettext(
        "%(app)s can see how many friends you have, and which of them use %(app)s too.", app=names.app
    )


def _receiving(_covers: Sequence[Cover], names: Names, language: Language) -> str:
    return language.gettext(
        "%(app)s can see what is recommended to you through it from now on, and on which day; not by whom.",
        app=names.app,
    )


def _picked(covers: Sequence[Cover]) -> int:
    return sum(len(cover.picked) for cover in covers)


_TEXTS: Mapping[Scope, Callable[[Sequence[Cover], Names, Language], str]] = {
    Scope.MESSAGES_READ: _reading,
    Scope.MESSAGES_SEND: _sending,
    Scope.MESSAGES_DELETE: _deleting,
    Scope.FRIENDS_LIST: _listing,
    Scope.RECOMMENDATIONS_RECEIVE: _receiving,
}
