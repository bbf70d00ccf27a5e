"""What a person was shown, kept with the request until she agrees to it or to something else."""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self

from litestar import Request

from vestibule.connections.proposing import Proposal
from vestibule.web.person.cookie import token_of
from vestibule.web.platform import Platform


@dataclass(frozen=True, slots=True)
class Kept:
    """A proposal and the session it was shown in.

    Attributes:
        session: SHA-256 of the session's token in hex; in another nothing was shown.
    """

    session: str
    proposal: Proposal

    def to_json(self) -> str:
        """Render for storage."""
        return json.dumps({"session": self.session, "proposal": self.proposal.to_json()})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        fields = json.loads(text)
        return cls(fields["session"], Proposal.from_json(fields["proposal"]))

    @property
    def digest(self) -> str:
        """What the page carries of it: who agrees, agrees to this very text."""
        return sha256(self.to_json().encode()).hexdigest()


def session_of(request: Request[Any, Any, Any], platform: Platform) -> str:
    """Name the session of a request without giving away its token."""
    return sha256((token_of(request, platform) or "").encode()).hexdigest()
