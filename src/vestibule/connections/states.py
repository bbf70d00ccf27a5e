"""The states of a connection and what moves them. Pure: no clock, no database, no log.

What stands in the log follows from it: the leaves of the grant that is `standing` are live, every other grant
whose leaves were ever written has ended or is about to. So live(partner, scope) counts the active connections
(docs/log.md, what a replay checks).
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from vestibule.connections.errors import ConnectionRefused


class Status(StrEnum):
    """What a connection is good for: only an active one permits anything."""

    WAITING = "waiting"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


class By(StrEnum):
    """Who suspended a connection; `unused` is nobody: it was not used for a long time."""

    PERSON = "person"
    PARTNER = "partner"
    OPERATOR = "operator"
    UNUSED = "unused"


class Why(StrEnum):
    """Why a connection's leaf was written: the word that stands in its opening."""

    BEGAN = "began"
    CHANGED = "changed"
    RESUMED = "resumed"
    ENDED = "ended"
    EXPIRED = "expired"
    OVERTAKEN = "overtaken"
    SUSPENDED_BY_PERSON = "suspended by person"
    SUSPENDED_BY_PARTNER = "suspended by partner"
    SUSPENDED_BY_OPERATOR = "suspended by operator"
    UNUSED = "unused"


UNDOES: Final = {
    By.PERSON: frozenset({By.PERSON, By.UNUSED}),
    By.PARTNER: frozenset({By.PARTNER}),
    By.OPERATOR: frozenset({By.OPERATOR}),
    By.UNUSED: frozenset[By](),
}
"""Whose suspensions each can undo: their own, and the person also the one that came of itself."""

SUSPENDING: Final = {
    By.PERSON: Why.SUSPENDED_BY_PERSON,
    By.PARTNER: Why.SUSPENDED_BY_PARTNER,
    By.OPERATOR: Why.SUSPENDED_BY_OPERATOR,
    By.UNUSED: Why.UNUSED,
}


@dataclass(frozen=True, slots=True)
class State:
    """Where a connection stands.

    Attributes:
        suspended_by: who suspended it. An ended one keeps the operator: ending is no way around the operator.
        standing: the grant whose leaves are live in the log; exactly an active connection has one.
        pending: the grant whose leaves are awaited: of a beginning, a change or a resumption.
    """

    status: Status
    suspended_by: frozenset[By] = frozenset()
    standing: int | None = None
    pending: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What a transition makes of a connection.

    Attributes:
        ends: the grant whose leaves need an end now, None if there is none.
        why: what its end says.
    """

    state: State
    ends: int | None = None
    why: Why = Why.ENDED


def begin(grant_id: int) -> State:
    """Begin a connection: nobody may use it before its leaves are written."""
    return State(Status.WAITING, pending=grant_id)


def change(state: State, grant_id: int) -> State:
    """Let another grant wait for its leaves; until then the one that stands goes on.

    A person who agrees anew to what she had suspended, or what had gone unused, resumes it by that.

    Raises:
        ConnectionRefused: if it has ended, or someone else's suspension is not hers to undo.
    """
    _need_not_ended(state)
    _need_nobody_else(state.suspended_by - UNDOES[By.PERSON])
    return replace(state, pending=grant_id)


def suspend(state: State, by: By) -> Step:
    """Suspend, at once; whatever was awaited is overtaken.

    Raises:
        ConnectionRefused: if it has ended.
    """
    _need_not_ended(state)
    suspended = State(Status.SUSPENDED, state.suspended_by | {by})
    return Step(suspended, state.standing, SUSPENDING[by])


def resume(state: State, by: By, grant_id: int) -> State:
    """Undo one's own suspension: at once where others' remain, else once `grant_id` has its leaves.

    Raises:
        ConnectionRefused: if there is nothing that `by` could undo.
    """
    if not state.suspended_by & UNDOES[by]:
        raise ConnectionRefused(_nothing_to_undo(state))
    others = state.suspended_by - UNDOES[by]
    if others or state.status is Status.ENDED:
        return replace(state, suspended_by=others)
    return replace(state, pending=grant_id)


def lift(state: State, by: By) -> Step:
    """Undo one's own suspension of what cannot resume, because nothing it stood on is there any more.

    Where nobody else's remains it ends, so that the person can be asked anew.

    Raises:
        ConnectionRefused: if there is nothing that `by` could undo.
    """
    if not state.suspended_by & UNDOES[by]:
        raise ConnectionRefused(_nothing_to_undo(state))
    lifted = replace(state, suspended_by=state.suspended_by - UNDOES[by])
    return Step(lifted) if lifted.suspended_by else end(lifted)


def granted(state: State, grant_id: int) -> Step:
    """Take in that the leaves of a grant are written; told twice, it changes nothing the second time."""
    if grant_id == state.standing:
        return Step(state)
    if grant_id != state.pending:
        return Step(state, grant_id, Why.OVERTAKEN)
    return Step(State(Status.ACTIVE, standing=grant_id), state.standing, Why.CHANGED)


def forgo(state: State) -> Step:
    """Await nothing any longer: she has taken back what she agreed to. Where nothing stood, it ends."""
    if state.status is Status.WAITING:
        return end(state)
    return Step(replace(state, pending=None))


def end(state: State, why: Why = Why.ENDED) -> Step:
    """End for good, at once; ending twice is fine."""
    if state.status is Status.ENDED:
        return Step(state)
    return Step(State(Status.ENDED, state.suspended_by & {By.OPERATOR}), state.standing, why)


def _need_not_ended(state: State) -> None:
    if state.status is Status.ENDED:
        raise ConnectionRefused("the connection has ended: it can only begin anew, on the consent page")


def _need_nobody_else(others: AbstractSet[By]) -> None:
    if others:
        raise ConnectionRefused(f"the connection is suspended by {_named(others)}: only they can undo that")


def _nothing_to_undo(state: State) -> str:
    if state.suspended_by:
        return f"the connection is suspended by {_named(state.suspended_by)}: only they can undo that"
    return f"expected a suspended connection, got one that is {state.status}"


def _named(who: AbstractSet[By]) -> str:
    names = {By.PERSON: "the person", By.PARTNER: "the app", By.OPERATOR: "the operator", By.UNUSED: "nobody"}
    return " and ".join(names[by] for by in By if by in who)
