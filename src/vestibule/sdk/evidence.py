"""An answer that failed its check, kept with all that anybody needs to check it again. Pure functions."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vestibule.ledger import request as signing
from vestibule.ledger.errors import LedgerError
from vestibule.sdk import operations
from vestibule.sdk.checking import Asked, checked
from vestibule.sdk.errors import BadAnswer
from vestibule.sdk.typed import Fields
from vestibule.verdict.errors import BadReceipt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vestibule.verdict.trust import Trust

VERSION = 1
WHAT = "kept answer"


@dataclass(frozen=True, slots=True)
class Evidence:
    """An answer, the request that it came to, and why it was not handed on.

    Attributes:
        operation: the name of the `checking.Operation`.
        asked: the request.
        answer: the JSON object that came.
        reason: what the check said.
    """

    operation: str
    asked: Asked
    answer: Mapping[str, Any]
    reason: str

    def to_json(self) -> str:
        """Write it; what it holds is as secret as the answer is."""
        request = self.asked.request
        value = {
            "v": VERSION,
            "operation": self.operation,
            "reason": self.reason,
            "partner": self.asked.partner,
            "public": _b64(self.asked.public),
            "person": self.asked.person,
            "request": {"base": request.base, "signature": _b64(request.signature)},
            "body": self.asked.body,
            "key": self.asked.key,
            "answer": self.answer,
        }
        return json.dumps(value, indent=1)

    def again(self, trust: Trust) -> str | None:
        """Check the answer again, and return what is wrong with it; None if nothing is, by itself.

        Whether a counter was used before shows only beside the receipts that were kept.
        """
        operation = operations.BY_NAME.get(self.operation)
        if operation is None:
            raise BadAnswer(f"{WHAT}: operation: expected one of the API, got {self.operation!r:.80}")
        try:
            signing.verify(self.asked.request, self.asked.public)
            checked(operation, self.asked, self.answer, trust)
        except (BadReceipt, BadAnswer, LedgerError) as error:
            return str(error)
        return None


def parse(text: str | bytes) -> Evidence:
    """Read what `Evidence.to_json` wrote.

    Raises:
        BadAnswer: if it is something else.
    """
    try:
        fields = Fields(WHAT, json.loads(text))
        if fields.number("v") != VERSION:
            raise BadAnswer(f"{WHAT}: expected version {VERSION}, got {fields.number('v')}")
        sent = Fields(f"{WHAT}, request", fields.get("request"))
        asked = Asked(
            partner=fields.text("partner"),
            public=base64.b64decode(fields.text("public"), validate=True),
            person=fields.text("person"),
            request=signing.from_opening(
                sent.text("base"), base64.b64decode(sent.text("signature"), validate=True)
            ),
            body=fields.object("body"),
            key=fields.text("key"),
        )
        return Evidence(fields.text("operation"), asked, fields.object("answer"), fields.text("reason"))
    except (ValueError, LedgerError) as error:
        raise BadAnswer(f"{WHAT}: {error}") from error


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
