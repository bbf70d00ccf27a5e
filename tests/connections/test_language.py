"""The languages of the consent pages, and which one a browser gets."""

import pytest

from vestibule.connections.language import ENGLISH, languages, preferred


@pytest.mark.parametrize(
    ("header", "tag"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,en;q=0.8", "de"),
        ("en-GB,de;q=0.9", "en"),
        ("en;q=0.5, DE ; q=0.9", "de"),
        ("fr, de;q=0.1", "de"),
        ("fr, it", "en"),
        ("de;q=0", "en"),
        ("de;q=much, en", "en"),
        (";;;,,=", "en"),
        ("*", "en"),
        ("x" * 100_000 + ",de", "en"),
    ],
)
def test_a_browser_gets_the_language_it_prefers_among_those_there_are(header: str, tag: str) -> None:
    assert preferred(header).tag == tag


def test_a_text_is_said_in_the_language_with_its_number() -> None:
    german = languages()["de"]

    assert german.ngettext("%(n)s message", "%(n)s messages", 1) == "1 Nachricht"
    assert german.ngettext("%(n)s message", "%(n)s messages", 3) == "3 Nachrichten"
    assert ENGLISH.ngettext("%(n)s message", "%(n)s messages", 1) == "1 message"


def test_what_no_catalogue_has_is_said_in_english() -> None:
    assert languages()["de"].gettext("%(app)s never says this", app="Jukebox") == "Jukebox never says this"
