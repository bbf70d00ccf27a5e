"""The partner's client: signs what goes out, and hands on nothing that comes in without a valid receipt."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from vestibule.sdk import answers
from vestibule.sdk.caller import Caller, receipts
from vestibule.sdk.counters import Counters
from vestibule.sdk.signing import sign_counts
from vestibule.sdk.wire import Wire
from vestibule.verdict.log_view import read_log
from vestibule.verdict.receipt import open_receipt
from vestibule.verdict.trust import trust

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import httpx2

    from vestibule.sdk.keys import Keys
    from vestibule.sdk.tokens import Token
    from vestibule.verdict.receipt import Release

OK = 200


class Client:
    """One partner at one platform. Not to be shared between threads."""

    def __init__(
        self,
        base_url: str,
        keys: Keys,
        policy_text: bytes,
        *,
        counters: Counters | None = None,
        http: httpx2.Client | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Make a client; nothing is sent yet.

        Args:
            base_url: the platform's origin, such as `https://example.com`.
            keys: this partner's, the same that it logs in with.
            policy_text: whom this partner trusts about the log (C2SP tlog-policy).
            counters: what was counted before, if anything was.
            http: another HTTP client than a plain one.
            clock: seconds since 1970.

        Raises:
            BadPolicy: if the policy is malformed.
        """
        self.base_url = base_url.rstrip("/")
        self.counters = counters or Counters()
        self._keys = keys
        self._trust = trust(policy_text, keys.partner)
        self._wire = Wire(http)
        self._caller = Caller(
            self.base_url,
            keys,
            trust=self._trust,
            counters=self.counters,
            wire=self._wire,
            clock=clock,
        )

    def close(self) -> None:
        """Close the connections."""
        self._wire.http.close()

    def connection(self, token: Token) -> Mapping[str, Any]:
        """Ask what the person agreed to."""
        return self._caller.call("GET", "/v1/connection", token=token)[0]

    def messages(
        self, token: Token, conversation: str, *, after: str | None = None, limit: int = 50
    ) -> answers.Page:
        """Read a page of messages.

        Raises:
            Refused: the platform refused, and recorded it; TokenDead, if another token can help.
            BadReceipt: something in the answer is not recorded as it must be; nothing is handed on.
            PlatformError, BadAnswer, Unreachable: there is no answer.
        """
        query = {"limit": str(limit)} | ({} if after is None else {"after": after})
        path = f"{_messages(conversation)}?{urlencode(query)}"
        value, request = self._caller.call("GET", path, token=token)
        releases = self._caller.releases(value, request)
        page = answers.page(value, releases, token.person)
        self.counters.add(releases)
        return page

    def write(
        self, token: Token, conversation: str, body: str, *, key: str, reply_to: str | None = None
    ) -> answers.Written:
        """Write a message as the person, shown as hers with this partner's name.

        Args:
            token: hers.
            conversation: one that she chose.
            body: 1 to 8,000 characters.
            key: makes it safe to call again after a lost answer: the same key, the same message. 1 to 120
                visible ASCII characters without quotes and backslashes.
            reply_to: the id of a message of hers to reply to.

        Raises:
            Refused, BadReceipt, PlatformError, BadAnswer, Unreachable: as `messages`.
        """
        said = {"body": body} if reply_to is None else {"body": body, "reply_to": reply_to}
        value, request = self._caller.call(
            "POST",
            _messages(conversation),
            token=token,
            value=said,
            headers={"idempotency-key": f'"{key}"'},
        )
        releases = self._caller.repeatable(value, request)
        written = answers.written(value, releases, token.person, said=said, key=key)
        self.counters.add(self.counters.unseen(releases))
        return written

    def delete(self, token: Token, conversation: str, message: str) -> tuple[Release, ...]:
        """Delete a message that this partner wrote as the person; safe to call again.

        Returns:
            What the receipts show: the deletion, and its effect on others who agreed to this partner.

        Raises:
            Refused, BadReceipt, PlatformError, BadAnswer, Unreachable: as `messages`.
        """
        path = f"{_messages(conversation)}/{quote(message, safe='')}"
        value, request = self._caller.call("DELETE", path, token=token)
        releases = answers.deleted(self._caller.repeatable(value, request), token.person)
        self.counters.add(self.counters.unseen(releases))
        return releases

    def friends(self, token: Token, *, after: str | None = None, limit: int = 100) -> answers.Friends:
        """List friends of the person; each of them is told of it.

        Raises:
            Refused, BadReceipt, PlatformError, BadAnswer, Unreachable: as `messages`.
        """
        query = {"limit": str(limit)} | ({} if after is None else {"after": after})
        value, request = self._caller.call("GET", f"/v1/friends?{urlencode(query)}", token=token)
        releases = self._caller.releases(value, request)
        found = answers.friends(value, releases, token.person)
        self.counters.add(releases)
        return found

    def suspend(self, person: str) -> answers.Standing:
        """Suspend this partner's own side of a connection, at once; safe to call again.

        Args:
            person: this partner's id for her. No token is needed, and none of hers works from now on.

        Raises:
            PlatformError: 409 if there is no connection with her.
            BadAnswer, Unreachable: as `messages`.
        """
        return self._suspended(person, suspended=True)

    def resume(self, person: str) -> answers.Standing:
        """Undo this partner's own suspension; what somebody else suspended stays suspended.

        Raises:
            PlatformError: 409 if there is nothing of this partner's to undo, or she has to be asked again.
            BadAnswer, Unreachable: as `messages`.
        """
        return self._suspended(person, suspended=False)

    def _suspended(self, person: str, *, suspended: bool) -> answers.Standing:
        asked = {"person": person, "suspended": suspended}
        value, _ = self._caller.call("POST", "/v1/suspensions", value=asked)
        return answers.standing(value, person)

    def reconcile(self) -> int:
        """Put this partner's own counts into the log, and return the leaf's index.

        The whole log is read first: no counter below those seen may be missing in it, because a person
        finds her events by counting up.

        Raises:
            BadLog: if the log does not hold, or hides an event behind a skipped counter.
        """
        view = read_log(self.fetch, self._trust)
        self.counters.check_gaps(view.history.tags)
        size = view.size
        counts = dict(self.counters.counts)
        signature = sign_counts(
            partner=self._keys.partner,
            size=size,
            counts=counts,
            key_id=self._keys.key_id,
            seed=self._keys.seed,
        )
        body = {"size": size, "counts": counts, "key_id": self._keys.key_id, "signature": signature}
        value, _ = self._caller.call("POST", "/v1/reconciliations", value=body)
        return open_receipt(receipts(value)[0], self._trust).index

    def fetch(self, path: str) -> bytes:
        """Fetch a file of the published log; raises OSError if it is not there."""
        response = self._wire.send(self._wire.http.build_request("GET", f"{self.base_url}/log/{path}"))
        if response.status_code != OK:
            raise FileNotFoundError(f"{response.url}: {response.status_code}")
        return response.content


def _messages(conversation: str) -> str:
    return f"/v1/conversations/{quote(conversation, safe='')}/messages"
