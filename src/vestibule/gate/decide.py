"""The decision: pure, over the values that the store holds now. Whatever is not permitted here is refused."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from vestibule.connections.grants import Ask, Refusal, Scope, refused_by
from vestibule.connections.listing import Connection
from vestibule.inbox.messages import Message
from vestibule.partners.register import Privilege


@dataclass(frozen=True, slots=True)
class Standing:
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
            privilege and (privilege.version, privilege.state),
            self.token_expires_at,
        )


def decide(standing: Standing, ask: Ask, now: int) -> Refusal | None:
    """Say why a request is refused; None if privilege, token, connection and grant all permit it.

    Args:
        standing: what it stands on.
        ask: what it wants.
        now: microseconds since 1970.
    """
    privilege, connection = standing.privilege, standing.connection
    if privilege is None or not privilege.in_force(ask.day):
        return Refusal(
            "no_privilege",
            f"{standing.partner_id} does not hold the privilege {ask.scope}; see its register page",
        )
    if connection is None or now >= standing.token_expires_at:
        return Refusal("dead_token", "no live token: the person has to connect through the consent page")
    if connection.partner_id != standing.partner_id:
        return Refusal("dead_token", "the token was given to another partner")
    if connection.state != "active":
        return Refusal("connection_ended", "the person has ended this connection")
    return refused_by(connection.grant, ask)


def ask_for(scope: Scope, conversation: int | None, now: int) -> Ask:
    """Put a request into the terms of a grant."""
    return Ask(scope, conversation, now // 86_400_000_000)


def withhold(
    messages: Sequence[Message], granting: int, agreed: Collection[int]
) -> tuple[tuple[Message, ...], bool]:
    """Keep only what the granting person wrote, or others who agreed that this partner sees their words.

    Returns:
        the messages that may be released, and whether some are withheld.
    """
    shown = tuple(
        message for message in messages if message.sender_id == granting or message.sender_id in agreed
    )
    return shown, len(shown) < len(messages)
