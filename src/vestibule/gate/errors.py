"""What the gate says instead of an answer."""

from vestibule.recorder.drafts import Recorded


class Refused(Exception):  # noqa: N818  (the decision)
    """The request is not permitted, and that it was asked is on record.

    Attributes:
        code: stable word for programs.
        sentence: what is missing.
        partner_id: who asked.
        op: the operation asked for: a scope, or `connection`.
        recorded: the refusal's own leaf.
    """

    def __init__(
        self, code: str, sentence: str, *, partner_id: str, op: str, recorded: tuple[Recorded, ...]
    ) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.partner_id = partner_id
        self.op = op
        self.recorded = recorded


class BadRequest(ValueError):  # noqa: N818  (the decision)
    """The request cannot be understood; the message says what was expected and got."""


class KeyReused(Exception):  # noqa: N818  (the decision)
    """The idempotency key stands for something else; the message says so. Nothing new was recorded."""


class TooManyRequests(Exception):  # noqa: N818  (the decision)
    """The partner is over its rate; nothing was decided and nothing recorded."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"over the rate limit; try again in {retry_after} s")
        self.retry_after = retry_after
