"""What a page says about itself becomes a card, or names the tag that it lacks; whatever it looks like."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.sharing import open_graph, page_card
from vestibule.sharing.errors import BadCard

HOME = "https://marquee.test"
PAGE = f"{HOME}/films/7"
TITLE, TYPE = (
    '<meta property="og:title" content="Stalker">',
    "<META content='video.movie' property=og:type />",
)


def test_tags_are_read_in_any_spelling_and_the_first_of_each_counts() -> None:
    found = open_graph.read(
        f'<title>x</title>{TYPE}<meta property="og:title" content="A &amp; &lt;B&gt;">{TITLE}'
        '<link rel=alternate type="application/json+oembed" href="/oembed?a=1&amp;b=2">'
    )

    assert found.properties == {"og:type": "video.movie", "og:title": "A & <B>"}
    assert found.oembed == "/oembed?a=1&b=2"


@pytest.mark.parametrize(
    "piece", ["<a ", "<meta ", '<meta "', "<meta a='b' ", '<link x="', "<!--", "</", "<meta >"]
)
def test_no_page_takes_long_to_read(piece: str) -> None:
    began = time.process_time()
    open_graph.read((piece * 131_072)[:131_072])
    assert time.process_time() - began < 5


@given(st.text(max_size=200) | st.lists(st.sampled_from(["<meta ", "'", '"', ">", "og:", "="])).map("".join))
def test_any_text_is_a_page(text: str) -> None:
    open_graph.read(text)


def test_bytes_may_end_within_a_character_but_have_to_be_utf_8() -> None:
    assert page_card.about((TITLE + "ü").encode()[:-1]).properties == {"og:title": "Stalker"}
    with pytest.raises(BadCard, match="page: expected UTF-8"):
        page_card.about("ü and more".encode("latin-1"))


def test_a_card_has_what_the_page_says() -> None:
    said = {"og:title": " Stalker\n ", "og:type": "video.movie", "og:image": "/7.jpg"}

    card = page_card.card_of(PAGE, said, expires=7, campaign="spring")

    assert (card.kind, card.title, card.picture, card.link) == ("film", "Stalker", f"{HOME}/7.jpg", PAGE)
    assert (card.expires, card.campaign) == (7, "spring")


@pytest.mark.parametrize(
    ("og_type", "kind"),
    [
        ("video.episode", "series"),
        ("music.song", "music"),
        ("Book", "book"),
        ("website", "other"),
        ("x", "other"),
    ],
)
def test_kinds_follow_open_graphs_types(og_type: str, kind: str) -> None:
    assert page_card.kind_of(og_type) == kind


@pytest.mark.parametrize("missing", ["og:title", "og:type"])
def test_a_missing_tag_is_named_and_so_are_those_that_are_there(missing: str) -> None:
    said = {"og:title": "Stalker", "og:type": "video.movie", "og:url": PAGE}
    del said[missing]

    with pytest.raises(BadCard) as refused:
        page_card.card_of(PAGE, said, expires=7, campaign="")

    assert f'<meta property="{missing}" content="...">' in str(refused.value)
    assert f"found of Open Graph: {', '.join(sorted(said))}" in str(refused.value)


def test_oembed_is_asked_for_a_missing_title_and_within_the_home_origin_alone() -> None:
    link = '<link type="application/json+oembed" href="{}">'
    assert page_card.oembed_address(PAGE, open_graph.read(TITLE + link.format("/o")), HOME) == ""
    assert page_card.oembed_address(PAGE, open_graph.read(link.format("/o")), HOME) == f"{HOME}/o"
    with pytest.raises(BadCard, match="page: oEmbed discovery link: expected an address under"):
        page_card.oembed_address(PAGE, open_graph.read(link.format("https://evil.test/o")), HOME)


def test_an_oembed_answer_is_read_as_properties() -> None:
    body = b'{"title": "Stalker", "thumbnail_url": "/7.jpg", "type": "video", "width": 7}'
    assert page_card.oembed(body) == {"og:title": "Stalker", "og:image": "/7.jpg", "og:type": "video"}


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff", b"[" * 100_000])
def test_any_other_oembed_answer_is_refused(body: bytes) -> None:
    with pytest.raises(BadCard, match="oEmbed: expected"):
        page_card.oembed(body)
