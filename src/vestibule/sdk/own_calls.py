"""What a partner can ask about itself, a method each: its keys, addresses, cards and webhooks, and a halt.

Signed by a registered key, and about nobody, so that there is no token.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from vestibule.sdk import own
from vestibule.sdk.checking import receipts
from vestibule.sdk.errors import BadAnswer, PlatformError
from vestibule.sdk.typed import Fields
from vestibule.verdict.receipt import open_receipt

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from vestibule.sdk.caller import Caller
    from vestibule.sdk.exchange import Exchange

NOT_FOUND = 404
WEBHOOKS = "/v1/webhooks"


class OwnCalls:
    """The part of the API that is about the partner itself.

    Every call raises PlatformError if the platform says no, and BadAnswer or Unreachable if it says nothing
    that the API promises.
    """

    def __init__(self, partner: str, caller: Caller) -> None:
        self._partner = partner
        self._caller = caller

    def add_key(self, key_id: str, public: bytes) -> Exchange[int]:
        """Register another key, in force from today on beside the others; safe to call again.

        Args:
            key_id: this partner's id, a colon and a name that it has not used before.
            public: its 32 public bytes, Ed25519.

        Returns:
            the index of its leaf.

        Raises:
            BadReceipt: this very key is not on record.
        """
        value = {"key_id": key_id, "public": base64.b64encode(public).decode()}
        answer, _ = yield from self._caller.call("POST", "/v1/keys", value=value)
        receipt = open_receipt(receipts(answer)[0], self._caller.trust)
        return own.registered_key(receipt, partner=self._partner, key_id=key_id, public=public)

    def end_key(self, key_id: str, until_day: int) -> Exchange[int]:
        """Say the last day of a key, while another goes on; safe to call again.

        Args:
            key_id: which.
            until_day: a UTC day, days since 1970; yesterday's, and it is refused at once.

        Returns:
            the index of the leaf that says so.

        Raises:
            BadReceipt: this very end is not on record.
        """
        value = {"key_id": key_id, "until_day": until_day}
        answer, _ = yield from self._caller.call("POST", "/v1/key-ends", value=value)
        receipt = open_receipt(receipts(answer)[0], self._caller.trust)
        return own.registered_key(receipt, partner=self._partner, key_id=key_id, until_day=until_day)

    def set_redirect_uris(self, uris: Iterable[str]) -> Exchange[tuple[str, ...]]:
        """Replace the addresses that people come back to; returns them as they count from now on."""
        value = {"redirect_uris": list(uris)}
        answer, _ = yield from self._caller.call("PUT", "/v1/redirect-uris", value=value)
        return Fields("redirect URIs answer", answer).texts("redirect_uris")

    def suspend_all(self) -> Exchange[None]:
        """Suspend this partner as a whole, at once and on the public register: nothing passes any more."""
        yield from self._suspended_all(suspended=True)

    def resume_all(self) -> Exchange[None]:
        """Undo `suspend_all`; what the operator suspended stays suspended."""
        yield from self._suspended_all(suspended=False)

    def register_card(self, page: str, *, campaign: str = "") -> Exchange[own.RegisteredCard]:
        """Have a page of this partner's fetched once, and its card kept for 400 days; again, it is renewed.

        Args:
            page: its address, within the home origin. Its Open Graph or oEmbed says what the card is.
            campaign: this partner's own word for the card.
        """
        value = {"page": page, "campaign": campaign}
        answer, _ = yield from self._caller.call("POST", "/v1/cards", value=value)
        return own.card(answer)

    def webhook_endpoint(self) -> Exchange[own.Endpoint | None]:
        """Ask where webhooks are sent, and whether they are; None if nowhere."""
        try:
            answer, _ = yield from self._caller.call("GET", WEBHOOKS)
        except PlatformError as error:
            if error.status == NOT_FOUND:
                return None
            raise
        return own.endpoint(answer)

    def set_webhook_endpoint(self, url: str, topics: Iterable[str]) -> Exchange[own.Endpoint]:
        """Say where to send webhooks, and of which topics; enables it again if it was disabled."""
        value = {"url": url, "topics": list(topics)}
        answer, _ = yield from self._caller.call("PUT", WEBHOOKS, value=value)
        return own.endpoint(answer)

    def remove_webhook_endpoint(self) -> Exchange[None]:
        """Have no webhooks sent any more, nor what waits."""
        yield from self._caller.tell("DELETE", WEBHOOKS)

    def webhook_keys(self) -> Exchange[tuple[str, ...]]:
        """Fetch the public keys that webhooks to this partner are signed by, newest first, for `webhooks`.

        Raises:
            PlatformError: 404 if this partner has no endpoint.
        """
        answer, _ = yield from self._caller.call("GET", WEBHOOKS)
        return own.endpoint(answer).keys

    def webhook_deliveries(self, *, before: str | None = None, limit: int = 50) -> Exchange[own.Deliveries]:
        """Read the delivery log of the last 30 days, newest first.

        Args:
            before: `next` of the page before.
            limit: how many webhooks at most, 1 to 100.
        """
        query = {"limit": str(limit)} | ({} if before is None else {"before": before})
        answer, _ = yield from self._caller.call("GET", f"{WEBHOOKS}/deliveries?{urlencode(query)}")
        return own.deliveries(answer)

    def replay_webhook(self, delivery: str) -> Exchange[None]:
        """Have a webhook of the last 30 days sent once more, under its own id.

        Raises:
            PlatformError: 404 if there is none such.
        """
        yield from self._caller.tell("POST", f"{WEBHOOKS}/deliveries/{quote(delivery, safe='')}/replay")

    def _suspended_all(self, *, suspended: bool) -> Exchange[None]:
        value: Mapping[str, Any] = {"suspended": suspended}
        answer, _ = yield from self._caller.call("POST", "/v1/own-suspension", value=value)
        if answer.get("suspended") is not suspended:
            raise BadAnswer(f"own suspension: expected suspended to be {suspended}, got {answer!r:.80}")
