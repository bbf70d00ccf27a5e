"""What a partner can ask of the API, a method each: the one account of it for both kinds of client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from vestibule.sdk import answers, comparing, lists
from vestibule.sdk.checking import receipts
from vestibule.sdk.errors import BadAnswer
from vestibule.sdk.own_calls import OwnCalls
from vestibule.sdk.report_calls import ReportCalls
from vestibule.sdk.signing import sign_counts
from vestibule.sdk.typed import Fields
from vestibule.verdict.receipt import open_receipt

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from vestibule.sdk.caller import Caller
    from vestibule.sdk.comparing import Comparison
    from vestibule.sdk.counters import Counts
    from vestibule.sdk.exchange import Exchange
    from vestibule.sdk.keys import Keys
    from vestibule.sdk.receipts import Receipts
    from vestibule.sdk.tokens import Token
    from vestibule.verdict.log_view import LogView
    from vestibule.verdict.receipt import Release
    from vestibule.verdict.trust import Trust

OK = 200
MOST = 100
"""How many receipts are fetched at once."""


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """What came of asking for one's receipts once more.

    Attributes:
        kept: how many were lacking, and are kept now.
        unopened: leaves under this partner's name whose receipts open nothing, because no answer left: they
            were overtaken. That this partner asked for them, nothing shows.
    """

    kept: int
    unopened: tuple[int, ...]


class Calls(OwnCalls, ReportCalls):
    """The API as one partner speaks it."""

    def __init__(self, base_url: str, keys: Keys, caller: Caller) -> None:
        super().__init__(keys.partner, caller)
        self._base_url = base_url
        self._keys = keys

    @property
    def kept(self) -> Receipts:
        """Where this partner's receipts are."""
        return self._caller.kept

    @property
    def trust(self) -> Trust:
        """Whom this partner trusts about the log."""
        return self._caller.trust

    def connection(self, token: Token) -> Exchange[Mapping[str, Any]]:
        """Ask what the person agreed to."""
        answer, _ = yield from self._caller.call("GET", "/v1/connection", token=token)
        return answer

    def messages(
        self,
        token: Token,
        conversation: str,
        *,
        after: str | None = None,
        limit: int = 50,
        known: answers.Page | None = None,
    ) -> Exchange[answers.Page]:
        """Read a page of messages.

        Args:
            token: hers.
            conversation: one that she chose.
            after: `next` of the page before, or the id of the last message that you have.
            limit: how many at most.
            known: what came the last time that you asked this very thing: it comes back, `unchanged`, if it
                is still so. To have asked is on record all the same.

        Raises:
            Refused: the platform refused, and recorded it; TokenDead, if another token can help.
            BadReceipt: something in the answer is not recorded as it must be; nothing is handed on.
            PlatformError, BadAnswer, Unreachable: there is no answer.
        """
        path = f"{_messages(conversation)}?{_page(after, limit)}"
        return (yield from self._caller.look(answers.READ, path, token=token, known=known))

    def write(
        self, token: Token, conversation: str, body: str, *, key: str, reply_to: str | None = None
    ) -> Exchange[answers.Written]:
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
        path = _messages(conversation)
        return (yield from self._caller.ask(answers.SEND, "POST", path, token=token, value=said, key=key))

    def delete(
        self, token: Token, conversation: str, message: str, *, key: str = ""
    ) -> Exchange[tuple[Release, ...]]:
        """Delete a message that this partner wrote as the person; safe to call again.

        Args:
            token: hers.
            conversation: the message's.
            message: its id.
            key: as in `write`, if you want its digest on record; "" for none.

        Returns:
            What the receipts show: the deletion, and its effect on others who agreed to this partner.

        Raises:
            Refused, BadReceipt, PlatformError, BadAnswer, Unreachable: as `messages`.
        """
        path = f"{_messages(conversation)}/{quote(message, safe='')}"
        return (yield from self._caller.ask(answers.DELETE, "DELETE", path, token=token, key=key))

    def friends(
        self,
        token: Token,
        *,
        after: str | None = None,
        limit: int = 100,
        known: answers.Friends | None = None,
    ) -> Exchange[answers.Friends]:
        """List friends of the person; each of them is told of it. `known` as in `messages`.

        Raises:
            Refused, BadReceipt, PlatformError, BadAnswer, Unreachable: as `messages`.
        """
        path = f"/v1/friends?{_page(after, limit)}"
        return (yield from self._caller.look(answers.LIST, path, token=token, known=known))

    def suspend(self, person: str) -> Exchange[answers.Standing]:
        """Suspend this partner's own side of a connection, at once; safe to call again.

        Args:
            person: this partner's id for her. No token is needed, and none of hers works from now on.

        Raises:
            PlatformError: 409 if there is no connection with her.
            BadAnswer, Unreachable: as `messages`.
        """
        return (yield from self._suspended(person, suspended=True))

    def resume(self, person: str) -> Exchange[answers.Standing]:
        """Undo this partner's own suspension; what somebody else suspended stays suspended.

        Raises:
            PlatformError: 409 if there is nothing of this partner's to undo, or she has to be asked again.
            BadAnswer, Unreachable: as `messages`.
        """
        return (yield from self._suspended(person, suspended=False))

    def conversations(
        self,
        token: Token,
        *,
        after: str | None = None,
        limit: int = 100,
        known: lists.Conversations | None = None,
    ) -> Exchange[lists.Conversations]:
        """See which of the chosen conversations have something new; no message is in the answer.

        `known` as in `messages`.

        Raises:
            Refused, BadReceipt, PlatformError, BadAnswer, Unreachable: as `messages`.
        """
        path = f"/v1/conversations?{_page(after, limit)}"
        return (yield from self._caller.look(lists.CONVERSATIONS, path, token=token, known=known))

    def attachment(self, token: Token, conversation: str, attachment: str) -> Exchange[lists.File]:
        """Take the bytes of a file; its id is among a message's `attachments`.

        Raises:
            Refused, BadReceipt, PlatformError, BadAnswer, Unreachable: as `messages`.
        """
        path = f"{_conversation(conversation)}/attachments/{quote(attachment, safe='')}"
        return (yield from self._caller.ask(lists.FILE, "GET", path, token=token))

    def recommendations(
        self,
        token: Token,
        *,
        after: str | None = None,
        limit: int = 100,
        known: lists.Recommendations | None = None,
    ) -> Exchange[lists.Recommendations]:
        """List what friends recommended to the person through this partner, since she let it know.

        `known` as in `messages`.

        Raises:
            Refused, BadReceipt, PlatformError, BadAnswer, Unreachable: as `messages`.
        """
        path = f"/v1/recommendations?{_page(after, limit)}"
        return (yield from self._caller.look(lists.RECOMMENDATIONS, path, token=token, known=known))

    def counters(self, first: int, last: int) -> Exchange[Mapping[int, Counts]]:
        """Ask what the platform counts of this partner; `compare` asks the log itself.

        Args:
            first: the first day, UTC days since 1970.
            last: the last.

        Returns:
            for each day with any, `kind/op` to events and items.
        """
        answer, _ = yield from self._caller.call("GET", f"/v1/counters?from={first}&to={last}")
        return {
            day.number("day"): {pair: _count(count) for pair, count in day.object("counts").items()}
            for day in Fields("counters answer", answer).each("days")
        }

    def catch_up(self) -> Exchange[CaughtUp]:
        """Fetch this partner's receipts once more, and keep those that it lacks: of answers that got lost.

        Raises:
            BadReceipt: one does not hold, or is of a request that this partner's key did not sign.
            BadAnswer: a page leads back to where it came from.
        """
        kept, unopened, after = 0, list[int](), -1
        while True:
            answer, _ = yield from self._caller.call("GET", f"/v1/receipts?after={after}&limit={MOST}")
            fields = Fields("receipts answer", answer)
            more, closed = self._caller.recover(fields.texts("receipts"))
            kept, unopened = kept + more, [*unopened, *closed]
            if not fields.has("next"):
                return CaughtUp(kept, tuple(unopened))
            if fields.number("next") <= after:
                raise BadAnswer(
                    f"receipts answer: next: expected more than {after}, got {fields.get('next')}"
                )
            after = fields.number("next")

    def compared(self, view: LogView) -> Comparison:
        """Compare this partner's own counts with a verified log's; see `comparing.compared`."""
        return comparing.compared(view, self._keys.partner, self.kept.counters)

    def file(self, comparison: Comparison) -> Exchange[int]:
        """Put this partner's own counts on record, signed, and return the leaf's index.

        They stand there for everybody to compare with the log's, whether or not they are the same.

        Raises:
            PlatformError: the platform does not take them, for example because later ones are on record.
        """
        body: dict[str, Any] = {"size": comparison.size, "counts": dict(comparison.counts)}
        signature = sign_counts(
            partner=self._keys.partner, **body, key_id=self._keys.key_id, seed=self._keys.seed
        )
        value = {**body, "key_id": self._keys.key_id, "signature": signature}
        answer, _ = yield from self._caller.call("POST", "/v1/reconciliations", value=value)
        return open_receipt(receipts(answer)[0], self.trust).index

    def fetch(self, path: str) -> Exchange[bytes]:
        """Fetch a file of the published log; raises FileNotFoundError if it is not there."""
        wire = self._caller.wire
        response = yield from wire.send(wire.build("GET", f"{self._base_url}/log/{path}"))
        if response.status_code != OK:
            raise FileNotFoundError(f"{response.url}: {response.status_code}")
        return response.content

    def _suspended(self, person: str, *, suspended: bool) -> Exchange[answers.Standing]:
        value = {"person": person, "suspended": suspended}
        answer, _ = yield from self._caller.call("POST", "/v1/suspensions", value=value)
        return answers.standing(answer, person)


def _conversation(conversation: str) -> str:
    return f"/v1/conversations/{quote(conversation, safe='')}"


def _messages(conversation: str) -> str:
    return f"{_conversation(conversation)}/messages"


def _count(value: object) -> tuple[int, int]:
    match value:
        case [int(events), int(items)]:
            return events, items
        case _:
            raise BadAnswer(f"counters answer: expected events and items, got {value!r:.80}")


def _page(after: str | None, limit: int) -> str:
    return urlencode({"limit": str(limit)} | ({} if after is None else {"after": after}))
