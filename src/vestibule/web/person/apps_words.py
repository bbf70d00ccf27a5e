"""How a connection stands and what each line of the log says, in words. Pure."""

from collections.abc import Callable, Mapping

from vestibule.connections.grants import Scope
from vestibule.connections.language import ENGLISH, Language, marked
from vestibule.connections.listing import Connection
from vestibule.connections.names import scope_words
from vestibule.connections.states import By, Why
from vestibule.connections.suspending import UNUSED_DAYS
from vestibule.ledger.agreement import BY_PASSWORD
from vestibule.recorder.history import Line

BEGAN: Mapping[str, str] = {
    Why.BEGAN: marked("You let it: %(what)s"),
    Why.CHANGED: marked("You changed what it may do, and let it: %(what)s"),
    Why.RESUMED: marked("Resumed: %(what)s"),
}
"""Why a grant's line was written, by the word in its opening."""

OVER: Mapping[str, str] = {
    Why.ENDED: marked("Ended by you: %(what)s"),
    Why.EXPIRED: marked("Ended by itself, as its last day was over: %(what)s"),
    Why.CHANGED: marked("Replaced by your change: %(what)s"),
    Why.OVERTAKEN: marked("Never began, because it was overtaken: %(what)s"),
    Why.SUSPENDED_BY_PERSON: marked("Suspended by you: %(what)s"),
    Why.SUSPENDED_BY_PARTNER: marked("Suspended by the app itself: %(what)s"),
    Why.SUSPENDED_BY_OPERATOR: marked("Suspended by the operator: %(what)s"),
    Why.UNUSED: marked("Suspended, as it was not used for %(days)s days: %(what)s"),
}
"""Why an end's line was written, by the word in its opening."""

SUSPENDED: Mapping[By, str] = {
    By.PERSON: marked("You have suspended it, and can resume it."),
    By.UNUSED: marked("It is suspended because it was not used for %(days)s days. You can resume it."),
    By.PARTNER: marked("The app itself has suspended it. Only the app can undo that."),
    By.OPERATOR: marked("The operator has suspended it. Only the operator can undo that."),
}
"""Who suspended a connection, and who can undo it."""


def suspended_sentences(connection: Connection, language: Language = ENGLISH) -> tuple[str, ...]:
    """Say of a suspended connection who suspended it and who can undo that, a sentence for each of them."""
    return tuple(
        language.gettext(sentence, days=UNUSED_DAYS)
        for by, sentence in SUSPENDED.items()
        if by in connection.suspended_by
    )


def sentence(line: Line, language: Language = ENGLISH) -> str:
    """Say one line of the log in plain words."""
    said = _SAID.get(line.kind)
    return f"{line.kind} {line.op}" if said is None else said(line, language)


def _access(line: Line, language: Language) -> str:
    match line.op:
        case Scope.FRIENDS_LIST:
            return language.ngettext(
                "Was told of %(n)s friend of yours", "Was told of %(n)s friends of yours", line.n
            )
        case Scope.RECOMMENDATIONS_RECEIVE:
            return language.ngettext(
                "Was told of %(n)s recommendation to you", "Was told of %(n)s recommendations to you", line.n
            )
        case _:
            return language.ngettext(
                "Read %(n)s message through your connection",
                "Read %(n)s messages through your connection",
                line.n,
            )


def _exposure(line: Line, language: Language) -> str:
    match line.op:
        case Scope.FRIENDS_LIST:
            return language.gettext("Was told through a friend's connection that you two are friends")
        case Scope.MESSAGES_DELETE:
            return language.gettext("Deleted what it had written as another member, for you too")
        case _:
            return language.ngettext(
                "Got %(n)s message of yours through another member's connection",
                "Got %(n)s messages of yours through another member's connection",
                line.n,
            )


def _send(line: Line, language: Language) -> str:
    if line.op == "dialog":
        return language.gettext("Somebody sent you its recommendation")
    return language.ngettext("Wrote %(n)s message as you", "Wrote %(n)s messages as you", line.n)


def _delete(line: Line, language: Language) -> str:
    return language.ngettext(
        "Deleted %(n)s message that it had written as you",
        "Deleted %(n)s messages that it had written as you",
        line.n,
    )


def _refusal(line: Line, language: Language) -> str:
    return language.gettext("Asked for this and was refused: %(what)s", what=_what(line.op, language))


def _notify(line: Line, language: Language) -> str:
    return language.gettext("Was told that there is something new: %(what)s", what=line.op)


def _grant(line: Line, language: Language) -> str:
    began = BEGAN.get(line.why, BEGAN[Why.BEGAN])
    return language.gettext(began, what=_what(line.op, language)) + _how(line, language)


def _end(line: Line, language: Language) -> str:
    over = OVER.get(line.why, marked("Ended: %(what)s"))
    return language.gettext(over, what=_what(line.op, language), days=UNUSED_DAYS)


def _what(op: str, language: Language) -> str:
    return scope_words(Scope(op), language) if op in list(Scope) else op


def _how(line: Line, language: Language) -> str:
    if not line.agreed:
        return ""
    if line.agreed == BY_PASSWORD:
        return language.gettext(" (agreed with your password)")
    return language.gettext(" (signed by your passkey)")


_SAID: Mapping[str, Callable[[Line, Language], str]] = {
    "access": _access,
    "exposure": _exposure,
    "send": _send,
    "delete": _delete,
    "refusal": _refusal,
    "notify": _notify,
    "grant": _grant,
    "end": _end,
}
