"""The catalogues have every text that the pages say, and no other; each language has all of them."""

import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from tools.texts import LOCALE, TEMPLATE, gathered, missing, read

CATALOGUES = sorted(LOCALE.glob("*/LC_MESSAGES/vestibule.po"))
FIELD = re.compile(r"%\(\w+\)s")


def texts(catalog: Catalog) -> set[object]:
    return {
        message.id if isinstance(message.id, str) else tuple(message.id) for message in catalog if message.id
    }


def fields(text: str | Sequence[str]) -> list[set[str]]:
    return [set(FIELD.findall(form)) for form in ([text] if isinstance(text, str) else text)]


def test_the_template_has_the_texts_of_the_sources_and_no_other() -> None:
    assert texts(read(TEMPLATE)) == texts(gathered()), "run: python -m tools.texts"


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.parent.name)
def test_a_language_has_every_text_translated_and_none_that_is_gone(path: Path) -> None:
    catalog = read(path)

    assert texts(catalog) == texts(gathered()), "run: python -m tools.texts"
    assert missing(catalog) == []
    assert not catalog.obsolete
    assert not [message for message in catalog if message.id and message.fuzzy]


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.parent.parent.name)
def test_a_translation_names_what_the_text_names(path: Path) -> None:
    for message in read(path):
        if message.id and message.string:
            for named, translated in zip(fields(message.id), fields(message.string), strict=True):
                # The form for one may do without the number.
                assert named ^ translated <= {"%(n)s", "%(num)s"}, message.id


def test_german_is_there() -> None:
    assert [path.parent.parent.name for path in CATALOGUES] == ["de"]
