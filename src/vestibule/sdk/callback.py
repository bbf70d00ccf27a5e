"""The way back from the platform: a person's answer, checked before its code is used. Pure functions."""

from __future__ import annotations

import hmac
import json
from dataclasses import asdict, dataclass, field, fields
from urllib.parse import parse_qsl, urlsplit

from vestibule.sdk.errors import BadAnswer, BadCallback, Denied
from vestibule.sdk.typed import Fields


@dataclass(frozen=True, slots=True)
class Pending:
    """A login that waits for its person: keep `to_json()` in her session, and use it once.

    Attributes:
        url: where to send her.
        issuer: the platform's issuer identifier.
        redirect_uri: where she comes back.
        state: comes back with her, and shows that she was sent.
        verifier: shows that whoever uses the code is who asked for it (RFC 7636).
    """

    url: str
    issuer: str
    redirect_uri: str
    state: str = field(repr=False)
    verifier: str = field(repr=False)

    def to_json(self) -> str:
        """Write it for keeping."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Pending:
        """Read what `to_json` wrote; raises BadAnswer if it is something else."""
        try:
            kept = Fields("kept login", json.loads(text))
        except ValueError as error:
            raise BadAnswer(f"kept login: {error}") from error
        return cls(**{one.name: kept.text(one.name) for one in fields(cls)})


def code_of(pending: Pending, callback: str) -> str:
    """Return the code in the address a person came back to.

    Args:
        pending: her login.
        callback: the address, or the query alone.

    Raises:
        BadCallback: if `state` or `iss` (RFC 9207) are not those of this login, or a parameter is doubled.
        Denied: if she or the platform said no.
    """
    pairs = parse_qsl(urlsplit(callback).query if "?" in callback else callback, keep_blank_values=True)
    answer = dict(pairs)
    if len(answer) != len(pairs):
        raise BadCallback("callback: expected every parameter once, got one twice; use nothing of it")
    if not hmac.compare_digest(answer.get("state", "").encode(), pending.state.encode()):
        raise BadCallback(
            "state: expected the one of this login, got another: somebody was sent here from elsewhere, or "
            "this login is an older one of the session; begin a new one"
        )
    if answer.get("iss") != pending.issuer:
        raise BadCallback(f"iss: expected {pending.issuer}, got {answer.get('iss')}: another server's answer")
    if "error" in answer:
        raise Denied(answer["error"], answer.get("error_description", ""))
    if not answer.get("code"):
        raise BadCallback("callback: expected code or error, got neither; begin a new login")
    return answer["code"]
