"""Verdicts: the answer to a question about a partner, and what it rests on. Frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vestibule.verdict.company import Company


class Answer(StrEnum):
    """What can be said. `recorded` is less than proven: the platform wrote it down, nobody else signed it."""

    PROVEN_YES = "proven yes"
    PROVEN_NO = "proven no"
    RECORDED = "recorded"
    NOT_PROVABLE = "not provable"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer, never more than the proof gives.

    Attributes:
        question: in one sentence.
        answer: proven yes, proven no, recorded or not provable.
        summary: the numbers in brackets after it, may be empty.
        meaning: what the answer means and does not mean, in plain sentences.
        company: whom it is about, with every partner id of the legal entity.
        findings: what was found on the way and has to be said.
        rests_on: what has to hold for the answer to hold.
    """

    question: str
    answer: Answer
    summary: str
    meaning: str
    company: Company
    findings: tuple[str, ...]
    rests_on: tuple[str, ...]

    @property
    def headline(self) -> str:
        """The verdict in one line."""
        brackets = f"   ({self.summary})" if self.summary else ""
        return f"{self.question}   {self.answer}{brackets}"

    def as_json(self) -> dict[str, Any]:
        """The verdict as plain JSON values."""
        return {
            "question": self.question,
            "answer": str(self.answer),
            "summary": self.summary,
            "meaning": self.meaning,
            "legal_entity": self.company.legal_entity,
            "partners": list(self.company.partners),
            "findings": list(self.findings),
            "rests_on": list(self.rests_on),
        }
