"""A connection as the partner holds it: its tokens, and what the person granted. Pure values."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from vestibule.sdk import details
from vestibule.sdk.errors import BadAnswer, BadKey
from vestibule.sdk.typed import Fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from vestibule.sdk.details import Ask, Granted


@dataclass(frozen=True, slots=True)
class Token:
    """One person's connection; keep `to_json()` as secretly as a key.

    Attributes:
        access_token: goes into every request about this person, for some minutes.
        refresh_token: gets the next access token, as long as the connection lasts.
        expires_at: when the access token ends, seconds since 1970.
        jkt: the thumbprint of the DPoP key that both are bound to.
        person: this partner's id of her, the same in every receipt about her.
        granted: what she agreed to. It may be less than was asked for.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: int
    jkt: str
    person: str
    granted: tuple[Granted, ...]

    @property
    def scopes(self) -> tuple[str, ...]:
        """What is granted, by the names that the register uses, such as `messages.read`."""
        return tuple(scope for one in self.granted for scope in one.scopes)

    @property
    def conversations(self) -> tuple[str, ...]:
        """This partner's ids of the conversations that she chose."""
        return tuple(ref for one in self.granted for ref in one.conversations)

    def lacks(self, asks: Iterable[Ask]) -> tuple[str, ...]:
        """Return the scopes that were asked for and not granted."""
        return tuple(scope for ask in asks for scope in ask.scopes if scope not in self.scopes)

    def check_key(self, jkt: str) -> None:
        """Raise BadKey unless the token is bound to the key with this thumbprint."""
        if jkt != self.jkt:
            raise BadKey(f"dpop key: expected the one that this token is bound to, {self.jkt}, got {jkt}")

    def to_json(self) -> str:
        """Write it for keeping."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Token:
        """Read what `to_json` wrote; raises BadAnswer if it is something else."""
        try:
            fields = Fields("kept token", json.loads(text))
        except ValueError as error:
            raise BadAnswer(f"kept token: {error}") from error
        return cls(
            access_token=fields.text("access_token"),
            refresh_token=fields.text("refresh_token"),
            expires_at=fields.number("expires_at"),
            jkt=fields.text("jkt"),
            person=fields.text("person"),
            granted=details.granted(fields.get("granted")),
        )


def issued(answer: Mapping[str, Any], *, jkt: str, now: int, refresh_token: str | None = None) -> Token:
    """Read the token endpoint's answer (RFC 6749 section 5.1).

    Args:
        answer: the JSON object.
        jkt: the thumbprint of the key that the request was proven with.
        now: seconds since 1970, from before the request.
        refresh_token: the one there is, which goes on where the answer brings none.

    Raises:
        BadAnswer: if a member is missing or of another type, or the token is not bound to a key.
    """
    fields = Fields("token answer", answer)
    if fields.text("token_type").lower() != "dpop":
        raise BadAnswer(f"token answer: expected token_type DPoP, got {fields.text('token_type')}")
    kept = (
        refresh_token if refresh_token and not fields.has("refresh_token") else fields.text("refresh_token")
    )
    return Token(
        access_token=fields.text("access_token"),
        refresh_token=kept,
        expires_at=now + fields.number("expires_in"),
        jkt=jkt,
        person=fields.text("person"),
        granted=details.granted(fields.get("authorization_details")),
    )
