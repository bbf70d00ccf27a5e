"""A question about a partner as it stands in an address, read and asked. No log and no store of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from vestibule.ledger.fields import NAME
from vestibule.verdict import wording
from vestibule.verdict.afterwards import afterwards
from vestibule.verdict.could import could
from vestibule.verdict.errors import BadPeriod
from vestibule.verdict.period import Period
from vestibule.verdict.served import was_served

if TYPE_CHECKING:
    from vestibule.verdict.log_view import LogView
    from vestibule.verdict.verdict import Verdict

COULD, SERVED, HISTORY, AFTERWARDS = "could", "was-served", "history", "afterwards"
KINDS = {
    COULD: "Was it ever allowed to?",
    SERVED: "Was it served data?",
    HISTORY: "Is any release recorded about me?",
    AFTERWARDS: "What did it do with the data afterwards?",
}
"""The questions of `vestibule verify`, by their names there."""
READ = "messages.read"
BAD_SCOPE = "A scope is written in small letters, digits and . _ : - such as messages.read."


class Unclear(ValueError):  # noqa: N818  (what is the case)
    """A question that cannot be asked; the message is a sentence for the page.

    Attributes:
        field: which part of the form it is about.
    """

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about a partner.

    Attributes:
        kind: a key of `KINDS`.
        partner: whose company it is about.
        scope: for the questions that have one.
        period: the days; None for the whole log.
    """

    kind: str
    partner: str
    scope: str = READ
    period: Period | None = None

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Self:
        """Read the fields of the form.

        Raises:
            Unclear: naming the first field that is not as it must be.
        """
        kind, partner = given.get("question", ""), given.get("partner", "")
        scope = given.get("scope", "").strip() or READ
        if kind not in KINDS:
            raise Unclear("question", "Choose one of the four questions.")
        if NAME.fullmatch(partner) is None:
            raise Unclear("partner", "Choose a partner from the list.")
        if NAME.fullmatch(scope) is None:
            raise Unclear("scope", BAD_SCOPE)
        first, last = given.get("from", "").strip(), given.get("to", "").strip()
        return cls(kind, partner, scope, None if kind == AFTERWARDS else _period(first, last))

    @property
    def has_scope(self) -> bool:
        """Whether the question is about one scope."""
        return self.kind in (COULD, SERVED)

    def ask(self, view: "LogView") -> "Verdict":
        """Answer from a verified log.

        Raises:
            UnknownPartner: if the log's register has no such partner.
            UnknownScope: if no log knows the scope.
            ValueError: if only a person's own file answers it.
        """
        if self.kind == COULD:
            return could(view, self.partner, self.scope, self.period)
        if self.kind == SERVED:
            return was_served(view, self.partner, self.scope, period=self.period)
        if self.kind == AFTERWARDS:
            return afterwards(view, self.partner)
        raise ValueError("expected a question about everybody, got one about a person")

    def command(self, log: str) -> str:
        """Give the command that answers it without us; no part of it means anything to a shell."""
        words = ["vestibule verify", self.kind, f"--partner {self.partner}"]
        words += [f"--scope {self.scope}"] if self.has_scope else []
        words += ["--person FILE"] if self.kind == HISTORY else []
        if self.period is not None:
            first, last = wording.day(self.period.first_day), wording.day(self.period.last_day)
            words.append(f"--from {first} --to {last}")
        return " ".join([*words, f"--log {log} --policy policy"])


def _period(first: str, last: str) -> Period | None:
    if not first and not last:
        return None
    if not first or not last:
        raise Unclear("to" if first else "from", "Give both days, or neither.")
    for field, text in (("from", first), ("to", last)):
        try:
            Period.parse(text, text)
        except BadPeriod:
            raise Unclear(field, f"“{text[:40]}” is no date; write it like 2026-11-30.") from None
    try:
        return Period.parse(first, last)
    except BadPeriod:
        raise Unclear("to", "The last day lies before the first.") from None
