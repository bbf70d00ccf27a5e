"""The button as pages get it: small, for every origin, and the very bytes that the guide vouches for."""

import gzip
from pathlib import Path

from tests.web.conftest import House
from vestibule.web.public import button

GUIDE = Path(__file__).parents[2] / "docs" / "button.md"


def test_the_button_is_small() -> None:
    assert len(gzip.compress(button.SOURCE, 9)) < 4096


def test_the_guide_names_the_address_and_the_hash_of_what_is_served() -> None:
    guide = GUIDE.read_text()
    assert f'src="https://chat.example{button.ADDRESS}"' in guide
    assert f'integrity="{button.INTEGRITY}"' in guide


def test_pages_of_every_origin_may_load_it_and_keep_its_version(house: House) -> None:
    with house.browser() as client:
        by_version, newest, old = (
            client.get(address, headers={"origin": "https://marquee.example"})
            for address in (button.ADDRESS, "/static/recommend-button.js", "/static/recommend-button.js?v=0")
        )

    assert by_version.content == newest.content == old.content == button.SOURCE
    assert by_version.headers["content-type"].startswith("text/javascript")
    assert by_version.headers["access-control-allow-origin"] == "*"
    assert by_version.headers["cross-origin-resource-policy"] == "cross-origin"
    assert by_version.headers["x-content-type-options"] == "nosniff"
    assert by_version.headers["cache-control"] == button.FOR_GOOD
    assert newest.headers["cache-control"] == old.headers["cache-control"] == button.FOR_NOW


def test_no_other_file_is_for_other_origins(house: House) -> None:
    with house.browser() as client:
        other = client.get("/static/dialog.js", headers={"origin": "https://marquee.example"})

    assert other.status_code == 200
    assert "access-control-allow-origin" not in other.headers
