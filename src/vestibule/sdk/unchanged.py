"""The answer that nothing is new: without a body, and a line of the log all the same. Pure functions.

It is recorded as a request that released nothing, and its receipt is where its Link (`describedby`) leads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from vestibule.sdk import answers, lists
from vestibule.sdk.checking import Operation
from vestibule.sdk.errors import BadAnswer
from vestibule.verdict.errors import BadReceipt

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx2

    from vestibule.sdk.answers import Releases
    from vestibule.sdk.checking import Asked

STATUS: Final = 304
RECEIPTS: Final = "/v1/receipts?"


def receipts_at(response: httpx2.Response, base_url: str) -> str:
    """Return under which path of the platform the receipt of having asked is.

    Raises:
        BadAnswer: if the answer does not say, or leads elsewhere.
    """
    address: str = response.links.get("describedby", {}).get("url", "")
    if not address.startswith(base_url + RECEIPTS):
        raise BadAnswer(
            f"{response.url}: expected a Link (describedby) to {base_url}{RECEIPTS}..., got {address!r:.200}"
        )
    return address.removeprefix(base_url)


def _of(listing: Operation[Any], op: str) -> Operation[Releases]:
    def nothing_new(_: Mapping[str, Any], releases: Releases, asked: Asked) -> Releases:
        access = answers.only(releases, "access", op, asked.person)
        if access.event.n != 0 or access.private.messages:
            raise BadReceipt(
                f"receipt of leaf {access.index}: expected nothing released, got {access.event.n}"
            )
        return releases

    return Operation(f"{listing.name}, unchanged", nothing_new)


NOTHING_NEW: Final[Mapping[str, Operation[Releases]]] = {
    listing.name: _of(listing, op)
    for listing, op in (
        (answers.READ, answers.READ.name),
        (answers.LIST, answers.LIST.name),
        (lists.CONVERSATIONS, answers.READ.name),
        (lists.RECOMMENDATIONS, lists.RECOMMENDATIONS.name),
    )
}
"""By the name of what was asked for: the check that having asked is recorded, and as nothing more."""
