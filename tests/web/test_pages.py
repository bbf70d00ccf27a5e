"""The frame of every page: escaping, headers, and rules that templates and style sheet keep."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.web import pages
from vestibule.web.notices import NOTICES

TEMPLATES = sorted(pages.TEMPLATES.rglob("*.html"))
STYLE = (pages.STATIC / "vestibule.css").read_text()
PAIRS = [
    ("ink", "paper"),
    ("ink", "panel"),
    ("ink", "tint"),
    ("quiet", "paper"),
    ("quiet", "panel"),
    ("accent", "paper"),
    ("accent", "panel"),
    ("accent-deep", "tint"),
    ("on-accent", "accent"),
    ("on-accent", "accent-deep"),
    ("risk", "panel"),
    ("risk", "risk-tint"),
]
"""Text on ground, as the style sheet uses them."""


def test_the_policy_forbids_everything_that_is_not_ours() -> None:
    policy = pages.content_security_policy()
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'; base-uri 'none'" in policy
    assert "form-action 'self' https://app.example;" in pages.content_security_policy(
        ("https://app.example",)
    )


def test_what_somebody_wrote_is_escaped() -> None:
    page = pages.render("error.html", title="<script>x</script>", sentence="'\"<b>")
    assert "<script>x" not in page
    assert "<b>" not in page


def test_only_known_notices_are_shown() -> None:
    assert NOTICES["asked"] in pages.page("error.html", said="asked", title="t", sentence="s").content
    assert "hello" not in pages.page("error.html", said="hello", title="t", sentence="s").content


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_inline_script_style_or_foreign_address(template: object) -> None:
    text = pages.TEMPLATES.joinpath(str(template)).read_text()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|javascript:", text)
    assert not re.search(r"<script(?![^>]*src=\"\{\{ (?:static\(|code \}\}/))", text)
    assert not re.search(r"(?:src|action)=\"(?:https?:)?//", text)
    assert "|safe" not in text


def test_static_addresses_change_with_the_content() -> None:
    assert re.fullmatch(r"/static/vestibule\.css\?v=[0-9a-f]{12}", pages.static("vestibule.css"))


def test_times_are_written_in_utc() -> None:
    noon = 1_795_435_200_000_000
    assert pages.moment(noon) == '<time datetime="2026-11-23T12:00:00+00:00">23 Nov 2026, 12:00</time>'
    assert ">12:00<" in pages.recent(noon, noon + 1)
    assert ">23 Nov<" in pages.recent(noon, noon + 86_400_000_000)
    assert ">23 Nov 2026<" in pages.recent(noon, noon + 366 * 86_400_000_000)
    assert pages.day(20_780) == pages.day_of(noon) == "23 Nov 2026"


@given(st.text(max_size=80))
def test_initials_are_found_for_every_name(name: str) -> None:
    assert pages.initials(name)


def test_initials_are_of_the_first_and_last_word() -> None:
    assert [pages.initials(name) for name in ("Ann Lee", "Ann", "Ana de Lima", " ")] == ["AL", "A", "AL", "?"]


def palettes() -> list[dict[str, str]]:
    blocks = re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
    return [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block)) for block in blocks]


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    dark, light = sorted((luminance(a), luminance(b)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", palettes(), ids=["light", "dark", "print"])
def test_text_and_edges_have_enough_contrast(palette: dict[str, str]) -> None:
    assert [pair for pair in PAIRS if contrast(palette[pair[0]], palette[pair[1]]) < 4.5] == []
    grounds = ("paper", "panel")
    assert [ground for ground in grounds if contrast(palette["edge"], palette[ground]) < 3] == []
