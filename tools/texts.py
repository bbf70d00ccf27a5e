"""Gathers the texts that the pages say through gettext, for translators.

Writes `connections/locale/vestibule.pot` and brings every language's `vestibule.po` up to date with it: new
texts come in untranslated, texts that are gone go out. Started as `python -m tools.texts`.
"""

from collections.abc import Sequence
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "vestibule"
LOCALE = PACKAGE / "connections" / "locale"
TEMPLATE = LOCALE / "vestibule.pot"
HEADER = (
    'msgid ""\nmsgstr ""\n"Language: {tag}\\n"\n"Plural-Forms: {forms}\\n"\n'
    '"Content-Type: text/plain; charset=utf-8\\n"\n\n'
)
METHODS = [
    ("connections/**.py", "python"),
    ("oauth/**.py", "python"),
    ("web/**.py", "python"),
    ("web/templates/**.html", "jinja2"),
]
OPTIONS = {"web/templates/**.html": {"trimmed": "true", "newstyle_gettext": "true"}}


def gathered() -> Catalog:
    """Extract every text of the package, sorted, without places: those change with every line."""
    catalog = Catalog(project="Vestibule", fuzzy=False)
    keywords = {"gettext": None, "ngettext": (1, 2), "_": None, "marked": None}
    for _, _, message, comments, context in extract_from_dir(
        PACKAGE, METHODS, OPTIONS, keywords=keywords, comment_tags=("For translators:",)
    ):
        catalog.add(message, None, auto_comments=comments, context=context)
    return catalog


def read(path: Path) -> Catalog:
    """Read a catalogue file; its folder's folder is its language."""
    with path.open("rb") as file:
        return read_po(file, locale=None if path == TEMPLATE else path.parent.parent.name)


def write(path: Path, catalog: Catalog) -> None:
    """Write a catalogue so that the same texts give the same bytes: no dates, no places."""
    with path.open("wb") as file:
        if catalog.locale is not None:
            file.write(HEADER.format(tag=catalog.locale, forms=catalog.plural_forms).encode())
        write_po(file, catalog, width=100, no_location=True, omit_header=True, sort_output=True)


def missing(catalog: Catalog) -> list[str]:
    """Return the texts that are not translated, or not in every form of their number."""
    return [
        _first(message.id)
        for message in catalog
        if message.id and not (message.string and all(_forms(message.string)))
    ]


def main() -> None:
    """Write the template and update every language."""
    template = gathered()
    write(TEMPLATE, template)
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/vestibule.po")):
        catalog = read(path)
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        write(path, catalog)
        print(f"{path.relative_to(PACKAGE)}: {len(catalog)} texts, {len(missing(catalog))} untranslated")


def _forms(string: str | Sequence[str]) -> Sequence[str]:
    return (string,) if isinstance(string, str) else string


def _first(string: str | Sequence[str]) -> str:
    return _forms(string)[0]


if __name__ == "__main__":
    main()
