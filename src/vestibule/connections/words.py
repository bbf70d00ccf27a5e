"""Who may see a person's words through the apps of others. Frozen values and one decision; no database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Who(StrEnum):
    """Which partners may see her words where other members let them read."""

    NOBODY = "nobody"
    CHOSEN = "chosen"
    ANYONE = "anyone"


class Shows(StrEnum):
    """What a partner that reads a conversation sees of a member's words there.

    `agreed`: through other members, because she agreed. `own`: nothing through them, but through her own
    connection, as far as that reaches.
    """

    AGREED = "agreed"
    OWN = "own"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Words:
    """What a person decided.

    Attributes:
        who: for all conversations; `chosen` without a choice, the default, is nobody.
        partners: her yes or no to a partner by its id.
        here: for single conversations, where it is not as usual: `nobody` or `anyone`.
    """

    who: Who = Who.CHOSEN
    partners: Mapping[str, bool] = field(default_factory=dict)
    here: Mapping[int, Who] = field(default_factory=dict)

    @property
    def usual(self) -> Who:
        """What to call her decision: nobody is chosen, or some are."""
        if self.who is Who.CHOSEN and not any(self.partners.values()):
            return Who.NOBODY
        return self.who


def lets_see(words: Words, partner_id: str, conversation_id: int | None = None) -> bool:
    """Decide whether a partner that another member let in may see her words.

    A no is stronger than a yes: to this conversation first, then to this partner.

    Args:
        words: what she decided.
        partner_id: which partner reads.
        conversation_id: where; None for a conversation about which she said nothing.
    """
    here = None if conversation_id is None else words.here.get(conversation_id)
    if here is Who.NOBODY or words.partners.get(partner_id) is False:
        return False
    if here is Who.ANYONE or words.who is Who.ANYONE:
        return True
    return words.who is Who.CHOSEN and words.partners.get(partner_id, False)
