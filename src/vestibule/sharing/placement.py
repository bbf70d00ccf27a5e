"""Where a partner showed its button: words of its own, which come back to it with clicks. Pure."""

import re
from dataclasses import dataclass, fields

from vestibule.sharing.errors import BadCard

WORD = re.compile(r"[a-z0-9._-]{0,64}")


@dataclass(frozen=True, slots=True)
class Placement:
    """The page, the kind of button and the variant of it that a person pressed; each may be empty.

    They are not signed: nothing is decided by them.
    """

    surface: str = ""
    interface: str = ""
    variant: str = ""

    def check(self) -> None:
        """Refuse anything but short words.

        Raises:
            BadCard: naming the parameter.
        """
        for each in fields(self):
            if WORD.fullmatch(value := getattr(self, each.name)) is None:
                raise BadCard(f"{each.name}: expected up to 64 of a-z 0-9 . _ -, got {value!r:.80}")
