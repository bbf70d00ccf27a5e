"""How a connection stands and why its lines were written, in words: who did it, and who can undo it."""

from collections.abc import Mapping

from vestibule.connections.listing import Connection
from vestibule.connections.states import By, Why
from vestibule.connections.suspending import UNUSED_DAYS

BEGAN: Mapping[str, str] = {
    Why.BEGAN: "You let it",
    Why.CHANGED: "You changed what it may do, and let it",
    Why.RESUMED: "Resumed",
}
"""Why a grant's line was written, by the word in its opening."""

OVER: Mapping[str, str] = {
    Why.ENDED: "Ended by you",
    Why.EXPIRED: "Ended by itself, as its last day was over",
    Why.CHANGED: "Replaced by your change",
    Why.OVERTAKEN: "Never began, because it was overtaken",
    Why.SUSPENDED_BY_PERSON: "Suspended by you",
    Why.SUSPENDED_BY_PARTNER: "Suspended by the app itself",
    Why.SUSPENDED_BY_OPERATOR: "Suspended by the operator",
    Why.UNUSED: f"Suspended, as it was not used for {UNUSED_DAYS} days",
}
"""Why an end's line was written, by the word in its opening."""

SUSPENDED: Mapping[By, str] = {
    By.PERSON: "You have suspended it, and can resume it.",
    By.UNUSED: f"It is suspended because it was not used for {UNUSED_DAYS} days. You can resume it.",
    By.PARTNER: "The app itself has suspended it. Only the app can undo that.",
    By.OPERATOR: "The operator has suspended it. Only the operator can undo that.",
}
"""Who suspended a connection, and who can undo it."""


def suspended_sentences(connection: Connection) -> tuple[str, ...]:
    """Say of a suspended connection who suspended it and who can undo that, a sentence for each of them."""
    return tuple(sentence for by, sentence in SUSPENDED.items() if by in connection.suspended_by)
