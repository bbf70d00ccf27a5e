"""Companies: a claim about one partner id covers every id of the same legal entity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vestibule.ledger.replay import OPERATOR
from vestibule.verdict.errors import UnknownPartner

if TYPE_CHECKING:
    from vestibule.ledger.history import History


@dataclass(frozen=True, slots=True)
class Company:
    """A legal entity as the register knows it.

    Attributes:
        name: the registered name of the partner that was asked about.
        legal_entity: who it is in law; empty where the register was not read.
        partners: every partner id of this legal entity, the one asked about first.
    """

    name: str
    legal_entity: str
    partners: tuple[str, ...]

    @property
    def covers(self) -> str:
        """Say whom a claim covers."""
        ids = ", ".join(self.partners)
        if not self.legal_entity:
            return f"covers {ids}; whether a company has further partner ids was not looked at"
        return f"covers {ids}: every partner id of {self.legal_entity}"


STAFF = Company("the operator's staff", "the operator", (OPERATOR,))
"""Whom a person asks about whose conversation the staff tool opened."""


def company_of(history: History, partner: str) -> Company:
    """Find the company behind a partner id.

    Raises:
        UnknownPartner: if no partner leaf of the log bears this id.
    """
    asked = history.partners.get(partner)
    if asked is None:
        known = ", ".join(sorted(history.partners)) or "none"
        raise UnknownPartner(f"no partner {partner!r} on the register of this log; registered: {known}")
    others = sorted(
        other
        for other, leaf in history.partners.items()
        if other != partner and is_same_entity(leaf.legal_entity, asked.legal_entity)
    )
    return Company(asked.name, asked.legal_entity, (partner, *others))


def is_same_entity(one: str, other: str) -> bool:
    """Say whether two registered names are of one legal entity."""
    return _comparable(one) == _comparable(other)


def _comparable(legal_entity: str) -> str:
    # A second id must not slip out of a claim by another spelling of the same name.
    return " ".join(legal_entity.split()).casefold()
