"""Signing up has a budget for each network, which the connection tells, or a proxy that is believed."""

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.gate.a_platform import ORIGIN, World, opened
from vestibule.people.throttle import SIGN_UP_WINDOW, SIGN_UPS

FORM = {"handle": "x", "name": "Zoe", "password": "short"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("platform")
    with opened(folder, proxies=("192.0.2.0/24",)) as platform:
        yield platform


def asks(world: World, peer: str, forwarded: str = "", form: dict[str, str] = FORM, times: int = 1) -> Any:
    """Ask for an account some times, from an address; the last answer."""
    transport = httpx2.ASGITransport(app=world.app, client=(peer, 4000))
    headers = {"x-forwarded-for": forwarded} if forwarded else {}

    async def ask() -> httpx2.Response:
        async with httpx2.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers) as browser:
            return [await browser.post("/signup", data=form) for _ in range(times)][-1]

    return world.run(ask())


def test_a_network_that_asks_for_too_many_accounts_has_to_wait_whatever_it_fills_in(world: World) -> None:
    assert asks(world, "203.0.113.5", times=SIGN_UPS).status_code == 422

    taken, free, wrong = (
        asks(world, "203.0.113.5", form={"handle": handle, "name": "Zoe", "password": password})
        for handle, password in (("ana", "a good password"), ("zoe_1", "a good password"), ("x", "short"))
    )

    for answer in (taken, free, wrong):
        assert (answer.status_code, answer.headers["retry-after"]) == (429, taken.headers["retry-after"])
        assert "try again in an hour" in answer.text
    assert taken.text.replace("ana", "") == free.text.replace("zoe_1", "")
    assert asks(world, "203.0.113.6").status_code == 422
    world.now += SIGN_UP_WINDOW
    assert asks(world, "203.0.113.5").status_code == 422


def test_a_household_has_one_budget_however_many_addresses_it_has(world: World) -> None:
    for number in range(SIGN_UPS):
        asks(world, f"2001:db8:1:2::{number:x}")

    assert asks(world, "2001:db8:1:2:ffff::1").status_code == 429
    assert asks(world, "2001:db8:1:100::1").status_code == 422
    asks(world, "203.0.113.77", times=SIGN_UPS)
    assert asks(world, "::ffff:203.0.113.77").status_code == 429


@pytest.mark.parametrize("proxy", ["127.0.0.1", "::1", "192.0.2.9"])
def test_behind_a_proxy_that_is_believed_each_network_has_its_own(world: World, proxy: str) -> None:
    """Whoever asks can write what it likes before what the proxy appends."""
    network = f"198.51.100.{len(proxy)}"
    for number in range(SIGN_UPS):
        asks(world, proxy, f"10.0.0.{number}, {network}")

    assert asks(world, proxy, f"10.9.9.9, {network}").status_code == 429
    assert asks(world, proxy, "198.51.100.200").status_code == 422


def test_what_anybody_else_says_of_who_asked_is_not_believed(world: World) -> None:
    for number in range(SIGN_UPS):
        asks(world, "203.0.113.99", f"198.51.100.{number}")

    assert asks(world, "203.0.113.99", "198.51.100.201").status_code == 429
    assert asks(world, "127.0.0.1", "198.51.100.1").status_code == 422


@pytest.mark.parametrize("forwarded", ["", "unknown", "127.0.0.1", "not an address"])
def test_from_this_machine_itself_nothing_is_counted(world: World, forwarded: str) -> None:
    assert asks(world, "127.0.0.1", forwarded, times=SIGN_UPS + 1).status_code == 422
