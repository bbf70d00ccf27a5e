"""The decision: pure, over the values that the store holds now. Whatever is not permitted here is refused."""

from dataclasses import dataclass

from vestibule.connections.grants import Ask, Refusal, Scope, refused_by
from vestibule.connections.listing import Connection
from vestibule.connections.states import Status
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.partners.register import Privilege

DEAD = frozenset({"dead_token", "connection_ended", "connection_suspended"})
"""What `dead` says: the request names no live token, and another one may help."""
NO_TOKEN = Refusal(
    "dead_token", "no live token: refresh it, or let the person connect through the consent page"
)


@dataclass(frozen=True, slots=True)
class Ground:
    """What a request can stand on, read from the store in one moment.

    Attributes:
        partner_id: who asks, by its signature.
        connection: what its live token names; None without a live token.
        privilege: what the operator lets the partner ask for, for the scope in question.
        token_expires_at: microseconds since 1970, 0 without a live token.
    """

    partner_id: str
    connection: Connection | None
    privilege: Privilege | None
    token_expires_at: int

    @property
    def versions(self) -> tuple[object, ...]:
        """What must be the same just before release: connection, token and privilege."""
        connection, privilege = self.connection, self.privilege
        return (
            connection and (connection.connection_id, connection.version, connection.state),
            privilege and (privilege.version, privilege.state, privilege.suspended_by),
            self.token_expires_at,
        )


def decide(ground: Ground, ask: Ask, now: int) -> Refusal | None:
    """Say why a request is refused; None if privilege, token, connection and grant all permit it.

    Args:
        ground: what it stands on.
        ask: what it wants.
        now: microseconds since 1970.
    """
    privilege = ground.privilege
    if privilege is not None and privilege.suspended_by is not None:
        return Refusal(
            "partner_suspended",
            f"{ground.partner_id} is suspended as a whole, by the {privilege.suspended_by}; see its page",
        )
    connection, over = ground.connection, dead(ground, now)
    if over is not None or connection is None:
        # First, as another token can help here (RFC 6750 section 3.1), whatever else is missing.
        return over or NO_TOKEN
    if privilege is None or not privilege.in_force(ask.day):
        return Refusal(
            "no_privilege",
            f"{ground.partner_id} does not hold the privilege {ask.scope}; see its register page",
        )
    granted = connection.grant.permission(ask.scope)
    if granted is not None and granted.privilege_index != privilege.leaf_index:
        # Another purpose is another question; her answer to the earlier one does not carry over.
        return Refusal(
            "privilege_changed", "the privilege is newer than the grant; the person has to be asked again"
        )
    return refused_by(connection.grant, ask)


def dead(ground: Ground, now: int) -> Refusal | None:
    """Say why a request names no live token: none, an expired one, or one whose connection has ended."""
    connection = ground.connection
    if connection is None or now >= ground.token_expires_at:
        return NO_TOKEN
    if connection.partner_id != ground.partner_id:
        return Refusal("dead_token", "the token was given to another partner")
    if connection.state == Status.SUSPENDED:
        return Refusal(
            "connection_suspended", "the connection is suspended: nothing is permitted until it is resumed"
        )
    if connection.state != Status.ACTIVE:
        return Refusal("connection_ended", "the connection has ended: the person has to be asked again")
    return None


def ask_for(scope: Scope, conversation: int | None, now: int) -> Ask:
    """Put a request into the terms of a grant."""
    return Ask(scope, conversation, now // MICROSECONDS_A_DAY)
