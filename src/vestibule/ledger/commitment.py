"""Commitments: what ties the public half of an event to its private half."""

import hmac
from dataclasses import dataclass
from typing import Final

from vestibule.ledger.errors import CommitmentError
from vestibule.ledger.event import Event

R_LENGTH: Final = 32
_KEY: Final = b"ledger/commit/v1"


def commit(r: bytes, private: bytes) -> bytes:
    """Commit to a private half: HMAC-SHA256("ledger/commit/v1", r || private), 32 bytes.

    Args:
        r: 32 fresh random bytes; without them nobody can try out guesses of the private half.
        private: the private half's canonical bytes.

    Raises:
        CommitmentError: if `r` is not 32 bytes, because then r || private could be cut in two ways.
    """
    if len(r) != R_LENGTH:
        raise CommitmentError(f"expected {R_LENGTH} random bytes, got {len(r)}")
    return hmac.digest(_KEY, r + private, "sha256")


@dataclass(frozen=True, slots=True)
class Opening:
    """The private half of the event at `index`, with the random bytes that open its commitment."""

    index: int
    r: bytes
    private: bytes

    def opens(self, event: Event) -> None:
        """Check that this is the private half of `event`.

        Raises:
            CommitmentError: if it is not.
        """
        if commit(self.r, self.private) != event.commitment:
            raise CommitmentError(f"expected an opening of the commitment at index {self.index}, got another")
