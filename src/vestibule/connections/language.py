"""The languages of the consent pages: a gettext catalogue each, read once, and how dates are written.

English is the source: its texts are the keys. Catalogues are `locale/<tag>/LC_MESSAGES/vestibule.po`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Final

from babel import Locale
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from vestibule.ledger.days import SECONDS_A_DAY

MICROSECONDS_A_SECOND: Final = 1_000_000
LOCALE: Final = Path(__file__).parent / "locale"
DOMAIN: Final = "vestibule"
LONGEST_HEADER: Final = 1000
"""Characters of an Accept-Language header that are looked at."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language that a person can be spoken to in.

    Attributes:
        tag: as in `lang` attributes (BCP 47).
        locale: how dates are written.
    """

    tag: str
    locale: Locale
    catalogue: NullTranslations

    def gettext(self, text: str, **values: object) -> str:
        """Say an English text in this language, with `values` for its `%(name)s`."""
        return self.catalogue.gettext(text) % values

    def ngettext(self, one: str, many: str, n: int, **values: object) -> str:
        """Say a text about `n` things; the text gets `n` among its values."""
        return self.catalogue.ngettext(one, many, n) % {"n": n, **values}

    def day(self, number: int) -> str:
        """Write a UTC day number (days since 1970): `20000` is "4 October 2024"."""
        date = datetime.fromtimestamp(number * SECONDS_A_DAY, UTC).date()
        return format_date(date, "long", self.locale)

    def moment(self, microseconds: int) -> str:
        """Write an instant (microseconds since 1970) in UTC: "4 Oct 2024, 18:05"."""
        date = datetime.fromtimestamp(microseconds / MICROSECONDS_A_SECOND, UTC)
        return f"{format_date(date, 'medium', self.locale)}, {date:%H:%M}"


def marked(text: str) -> str:
    """Mark a text for translators where it stands; it is translated where it is shown."""
    return text


ENGLISH: Final = Language("en", Locale("en", "GB"), NullTranslations())


@cache
def languages() -> Mapping[str, Language]:
    """Return every language there is, by tag: English, and those with a catalogue."""
    found = {ENGLISH.tag: ENGLISH}
    for path in sorted(LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.po")):
        tag = path.parent.parent.name
        found[tag] = Language(tag, Locale.parse(tag), _catalogue(path))
    return found


def preferred(accept_language: str) -> Language:
    """Choose by an Accept-Language header (RFC 9110 section 12.5.4); English where nothing else fits."""
    known = languages()
    wanted = [_weighed(part) for part in accept_language[:LONGEST_HEADER].lower().split(",")]
    for weight, tag in sorted(wanted, key=lambda pair: -pair[0]):
        if weight > 0 and tag.partition("-")[0] in known:
            return known[tag.partition("-")[0]]
    return ENGLISH


def _weighed(part: str) -> tuple[float, str]:
    tag, _, weight = part.partition(";")
    name, _, value = weight.partition("=")
    try:
        return (float(value) if name.strip() == "q" else 1.0), tag.strip()
    except ValueError:
        return 0.0, tag.strip()


def _catalogue(path: Path) -> NullTranslations:
    with path.open("rb") as file:
        catalogue = read_po(file)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled, DOMAIN)
