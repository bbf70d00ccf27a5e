"""What a new grant would change of the one that stands: kept, new or gone, item by item. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from vestibule.connections.coverage import ABOUT_MESSAGES
from vestibule.connections.grants import IN_CONVERSATIONS, Grant, Reach, Scope
from vestibule.connections.language import ENGLISH, Language
from vestibule.connections.names import Names, reach_words, scope_words, since_words, title_words


class Fate(StrEnum):
    """What becomes of an item."""

    KEPT = "kept"
    NEW = "new"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a grant says, whatever words it is said in; `value` is compared."""

    topic: str
    value: object


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the difference; `purpose` is a scope's reason, "" for what has none."""

    fate: Fate
    topic: str
    text: str
    purpose: str = ""


TOPICS = ("scope", "conversation", "reach", "picked", "since", "until")


def difference(standing: Grant, new: Grant, names: Names, language: Language = ENGLISH) -> tuple[Change, ...]:
    """Compare two grants of one partner: each scope, conversation, limit, and how many picked messages."""
    before, after = frozenset(_items(standing)), frozenset(_items(new))
    fates = {Fate.KEPT: before & after, Fate.NEW: after - before, Fate.GONE: before - after}
    changes = [
        change
        for fate, items in fates.items()
        for change in (*_each(fate, items, names, language), *_picked(fate, items, language))
    ]
    return tuple(sorted(changes, key=lambda change: TOPICS.index(change.topic)))


def _items(grant: Grant) -> Iterator[Item]:
    """Take a grant apart; what its scopes have no use for says nothing."""
    for granted in grant.permissions:
        # Another reason is another permission, as it is at the gate.
        yield Item("scope", (granted.scope, granted.purpose))
    if IN_CONVERSATIONS.intersection(grant.scopes):
        for conversation in grant.selection.conversations:
            yield Item("conversation", conversation)
    if ABOUT_MESSAGES.intersection(grant.scopes):
        yield Item("reach", grant.selection.reach)
        yield Item("since", max(grant.selection.since, 0))
        for place in grant.selection.picked if grant.selection.reach is Reach.PICKED else ():
            yield Item("picked", place)
    yield Item("until", grant.until_day)


def _each(fate: Fate, items: frozenset[Item], names: Names, language: Language) -> Iterator[Change]:
    ordered = sorted((item for item in items if item.topic != "picked"), key=lambda item: str(item.value))
    for item in ordered:
        match item.topic, item.value:
            case "scope", (Scope() as scope, str(purpose)):
                yield Change(fate, "scope", scope_words(scope, language), purpose)
            case "conversation", int(conversation):
                yield Change(fate, "conversation", title_words(conversation, names, language))
            case "reach", Reach() as reach:
                yield Change(fate, "reach", reach_words(reach, names, language))
            case "since", int(since):
                yield Change(fate, "since", _since(since, language))
            case "until", int(day):
                until = language.gettext("Until %(day)s (UTC)", day=language.day(day))
                yield Change(fate, "until", until)


def _picked(fate: Fate, items: frozenset[Item], language: Language) -> tuple[Change, ...]:
    count = sum(item.topic == "picked" for item in items)
    if not count:
        return ()
    text = language.ngettext("%(n)s picked message", "%(n)s picked messages", count)
    return (Change(fate, "picked", text),)


def _since(since: int, language: Language) -> str:
    if not since:
        return language.gettext("From the first message on")
    return language.gettext("From %(day)s on (UTC)", day=since_words(since, language))
