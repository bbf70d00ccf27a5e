"""Whether a visit to a click link is a recipient's click. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Self

from vestibule.sharing.scanners import is_scanner

AGAIN = "again today"
"""Why a click does not count that only adds to the total: she clicked the same link that day already."""
PURPOSES = ("sec-purpose", "purpose", "x-purpose", "x-moz")
FETCHED_AHEAD = ("prefetch", "prerender", "preview")


@dataclass(frozen=True, slots=True)
class Visit:
    """A request of a click link.

    Attributes:
        method: the HTTP method.
        purpose: what its fields say it is for (`Sec-Purpose` and its older names), empty usually.
        mode: the field `Sec-Fetch-Mode` (W3C Fetch Metadata), empty if there is none.
        user_agent: the field of this name.
        clicked_by: the signed-in person, None if nobody is.
    """

    method: str
    purpose: str
    mode: str
    user_agent: str
    clicked_by: int | None

    @classmethod
    def of(cls, method: str, headers: Mapping[str, str], clicked_by: int | None) -> Self:
        """Take what matters from a request; header names in lower case."""
        return cls(
            method,
            " ".join(headers.get(name, "") for name in PURPOSES).strip(),
            headers.get("sec-fetch-mode", ""),
            headers.get("user-agent", ""),
            clicked_by,
        )

    def not_counted_because(self, *, sender_id: int, members: Collection[int]) -> str:
        """Say why it is not a recipient's click; empty if it is one.

        Args:
            sender_id: who sent the recommendation.
            members: who is in the conversation it stands in.
        """
        purpose = self.purpose.lower()
        reasons = {
            "not a GET": self.method != "GET",
            "prefetch": any(word in purpose for word in FETCHED_AHEAD),
            "a link scanner": is_scanner(self.user_agent),
            "not opened as a page": self.mode not in {"", "navigate"},
            "not signed in": self.clicked_by is None,
            "the sender herself": self.clicked_by == sender_id,
            "not in the conversation": self.clicked_by not in members,
        }
        return next((reason for reason, holds in reasons.items() if holds), "")
