"""Cards lead nowhere but home, and say what is wrong with them claim by claim."""

from typing import Any

import pytest

from vestibule.sharing import card as cards
from vestibule.sharing.card import Card
from vestibule.sharing.errors import BadCard

HOME = "https://marquee.test"
NOW = 1_800_000_000


def card(**changed: Any) -> Card:
    fields = {"kind": "film", "title": "Stalker", "picture": "", "link": f"{HOME}/7", "expires": NOW + 1}
    return Card(**{**fields, **changed})


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"kind": "advert"}, "card.kind: expected one of article, book, film"),
        ({"title": ""}, "card.title"),
        ({"title": "x" * 201}, "card.title: expected 1 to 200 printable characters, got 201"),
        ({"title": "line\nbreak"}, "card.title"),
        ({"title": "turned \u202earound"}, "card.title"),
        ({"title": "half \ud800"}, "card.title"),
        ({"expires": NOW}, "card.exp: expected after now, 1800000000, and by 1834560000"),
        ({"expires": NOW + 400 * 86_400 + 1}, "(400 days), got 1834560001"),
        ({"campaign": "Spring Sale"}, "card.campaign: expected 1 to 64 of a-z 0-9 . _ -, got 'Spring Sale'"),
        ({"campaign": "x" * 65}, "card.campaign"),
        ({"picture": "http://pictures.test/1"}, "card.picture: expected an https address"),
        ({"picture": "javascript:alert(1)"}, "card.picture"),
        ({"picture": "https://pictures.test/\n"}, "card.picture"),
        ({"picture": "https://pictures.test/" + "x" * 2000}, "card.picture"),
        ({"link": "https://evil.test/7"}, "card.link: expected an address under https://marquee.test"),
        ({"link": "https://marquee.test.evil.test/"}, "card.link"),
        ({"link": "https://marquee.test@evil.test/"}, "card.link"),
        ({"link": "https://marquee.test\\@evil.test/"}, "card.link"),
        ({"link": f"{HOME}/\\evil.test"}, "card.link"),
        ({"link": "http://marquee.test/7"}, "card.link"),
        ({"link": "//marquee.test/7"}, "card.link"),
        ({"link": "javascript:alert(1)//marquee.test"}, "card.link"),
        ({"link": "https://["}, "card.link"),
        ({"link": f"{HOME}/\r\nset-cookie: x"}, "card.link"),
        ({"link": f"{HOME}/ü"}, "card.link"),
        ({"link": f"{HOME}/" + "x" * 2000}, "card.link"),
        ({"link": ""}, "card.link"),
    ],
)
def test_a_card_that_is_stale_or_leads_elsewhere_says_what_was_expected(
    changed: dict[str, Any], named: str
) -> None:
    with pytest.raises(BadCard) as refused:
        cards.check(card(**changed), HOME, NOW)

    assert named in str(refused.value)


def test_a_card_in_order_passes() -> None:
    cards.check(
        card(picture="https://pictures.test/1", title="Сталкер — 1979", campaign="spring.7"), HOME, NOW
    )


def test_a_card_counts_a_little_longer_for_whoever_opened_its_dialog() -> None:
    cards.check(card(expires=NOW - 59), HOME, NOW, grace=60)
    with pytest.raises(BadCard, match=r"card\.exp"):
        cards.check(card(expires=NOW - 60), HOME, NOW, grace=60)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"title": 7}, "card.title: expected text, got 7"),
        ({"exp": "soon"}, "card.exp: expected whole seconds since 1970, got 'soon'"),
        ({"exp": True}, "card.exp: expected whole seconds since 1970, got True"),
        ({"exp": 1.5}, "card.exp: expected whole seconds since 1970, got 1.5"),
        ({"campain": "x"}, "card.campain: expected no such claim; possible are campaign, exp, kind, link"),
        ({"kind": ...}, "card.kind: expected this claim, got exp, link, picture, title"),
        ({"picture": None}, "card.picture: expected text, got None"),
        ({"campaign": 3}, "card.campaign: expected text, got 3"),
    ],
)
def test_other_claims_and_types_are_refused_by_name(changed: dict[str, Any], named: str) -> None:
    claims = {name: value for name, value in (card().claims() | changed).items() if value is not ...}

    with pytest.raises(BadCard) as refused:
        Card.of(claims)

    assert str(refused.value).startswith(named)


def test_picture_and_campaign_may_be_left_out() -> None:
    claims = {name: value for name, value in card().claims().items() if name != "picture"}

    assert Card.of(claims) == card()


def test_what_is_stored_with_the_message_does_not_carry_the_target() -> None:
    assert HOME not in cards.shown(card(), "/r/token")
