"""The console's keys, addresses, webhooks and emergency brake: what a member changes, and only she."""

import base64
import hashlib
import re
from collections.abc import Callable, Iterator

import httpx2
import pytest
from nacl.signing import SigningKey

from tests.gate.a_platform import SECOND, SEED, TODAY, World
from tests.web.conftest import text_of
from tests.webhooks.a_partner import Endpoint, connected_pair, follow, sandbox
from vestibule.partners import register
from vestibule.store.ids import encode
from vestibule.webhooks import endpoints

AT = "/console/jukebox"
NEW = hashlib.sha256(b"a further key").digest()
PUBLIC = base64.b64encode(bytes(SigningKey(NEW).verify_key)).decode()
Changes = Callable[[World, str], httpx2.Response]
CHANGES: dict[str, Changes] = {
    "keys": lambda world, who: world.post(who, f"{AT}/keys", do="add", key_id="jukebox:7", public=PUBLIC),
    "addresses": lambda world, who: world.post(who, f"{AT}/addresses", uris="https://jukebox.test/x"),
    "suspension": lambda world, who: world.post(who, f"{AT}/suspension", do="suspend"),
    "webhooks": lambda world, who: world.post(who, f"{AT}/webhooks", do="remove"),
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A platform on which Cleo acts for Jukebox, and Bob for nobody."""
    with sandbox(tmp_path_factory.mktemp("platform")) as platform:
        platform.operate("members", {"partner": "jukebox", "handle": "cleo", "member": True})
        yield platform


def keys(world: World) -> dict[str, register.PartnerKey]:
    found = world.run(register.keys_of(world.store, "jukebox"))
    return {key.key_id: key for key in found}


def partner(world: World) -> register.Partner:
    found = world.run(register.partner(world.store, "jukebox"))
    assert isinstance(found, register.Partner)
    return found


def signs(world: World, key_id: str, seed: bytes) -> int:
    headers = world.headers("jukebox", "GET", "/v1/counters", key_id=key_id, seed=seed)
    return world.send("GET", "/v1/counters", headers).status_code


@pytest.mark.parametrize("what", CHANGES)
def test_nobody_but_a_member_changes_anything(world: World, what: str) -> None:
    before = (partner(world), keys(world))
    assert world.get("bob", f"{AT}/{what}").status_code == 404
    assert CHANGES[what](world, "bob").status_code == 404
    assert (partner(world), keys(world)) == before


@pytest.mark.parametrize("what", CHANGES)
def test_a_member_changes_nothing_without_a_fresh_proof_and_is_led_to_one(world: World, what: str) -> None:
    before = (partner(world), keys(world), world.now)
    world.now += 6 * 60 * SECOND
    page = world.get("cleo", f"{AT}/{what}")
    answer = CHANGES[what](world, "cleo")
    world.now = before[2]
    assert f'href="/account/prove?next=/console/jukebox/{what}"' in page.text
    assert f'method="post" action="{AT}/{what}"' not in page.text
    assert answer.headers["location"] == f"/account/prove?next=%2Fconsole%2Fjukebox%2F{what}"
    assert (partner(world), keys(world)) == before[:2]


def test_a_key_follows_another_with_an_overlap(world: World) -> None:
    page = world.get("cleo", f"{AT}/keys").text
    assert 'name="key_id" type="text" value="jukebox:2"' in page
    added = world.post("cleo", f"{AT}/keys", do="add", key_id="jukebox:2", public=PUBLIC)
    assert added.status_code == 303
    assert signs(world, "jukebox:1", SEED["jukebox"]) == signs(world, "jukebox:2", NEW) == 200
    ended = world.post("cleo", f"{AT}/keys", do="end", key_id="jukebox:1", until="2026-11-30")
    assert ended.status_code == 303
    assert signs(world, "jukebox:1", SEED["jukebox"]) == 200
    assert keys(world)["jukebox:1"].until_day == TODAY + 7
    page = text_of(world.get("cleo", f"{AT}/keys").text)
    assert "Until 30 Nov 2026" in page
    last = world.post("cleo", f"{AT}/keys", do="end", key_id="jukebox:2", until="2026-12-31")
    assert last.status_code == 422
    assert "expected another key that goes on" in last.text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"do": "add", "key_id": "marquee:2", "public": PUBLIC}, "expected jukebox: and a name"),
        ({"do": "add", "key_id": "jukebox:1", "public": PUBLIC}, "jukebox:"),
        ({"do": "add", "key_id": "jukebox:9", "public": "?"}, "expected what `vestibule keygen` prints"),
        ({"do": "add", "key_id": "jukebox:9", "public": "AAAA"}, "32 bytes"),
        ({"do": "end", "key_id": "jukebox:9", "until": "2027-01-01"}, "expected a key of jukebox"),
        ({"do": "end", "key_id": "jukebox:1", "until": "soon"}, "until: expected a day"),
        ({"do": "end", "key_id": "jukebox:1", "until": "2020-01-01"}, "or later"),
    ],
)
def test_a_key_that_cannot_be_is_refused_in_words(world: World, form: dict[str, str], said: str) -> None:
    before = keys(world)
    answer = world.post("cleo", f"{AT}/keys", **form)
    assert answer.status_code == 422
    assert said in answer.text
    assert keys(world) == before


def test_addresses_are_replaced_and_those_of_others_refused(world: World) -> None:
    given = "https://jukebox.test/back\r\n  https://jukebox.test/again \r\n\r\nhttps://jukebox.test/back"
    assert world.post("cleo", f"{AT}/addresses", uris=given).status_code == 303
    wanted = ("https://jukebox.test/back", "https://jukebox.test/again")
    assert partner(world).redirect_uris == wanted
    refused = world.post("cleo", f"{AT}/addresses", uris="https://evil.test/back")
    assert refused.status_code == 422
    assert "expected addresses under https://jukebox.test" in refused.text
    assert ">https://evil.test/back</textarea>" in refused.text
    assert partner(world).redirect_uris == wanted


def test_a_partner_suspends_itself_even_while_the_log_cannot_write_and_undoes_it(world: World) -> None:
    with world.broken_log():
        assert world.post("cleo", f"{AT}/suspension", do="suspend").status_code == 303
    assert partner(world).suspended_by == "partner"
    assert "is suspended as a whole</strong> by itself" in world.get("cleo", AT).text
    assert "by itself" in world.get(None, "/register/jukebox").text
    assert world.post("cleo", f"{AT}/suspension", do="lift").status_code == 303
    assert partner(world).suspended_by is None


def test_what_the_operator_suspended_the_partner_cannot_undo(world: World) -> None:
    world.operate("partner-suspensions", {"partner": "jukebox", "suspended": True})
    answer = world.post("cleo", f"{AT}/suspension", do="lift")
    assert answer.status_code == 422
    assert "expected one that the partner has suspended" in answer.text
    assert partner(world).suspended_by == "operator"
    world.operate("partner-suspensions", {"partner": "jukebox", "suspended": False})


def endpoint(world: World) -> endpoints.Endpoint | None:
    found: endpoints.Endpoint | None = world.run(endpoints.endpoint_of(world.store, "jukebox"))
    return found


def test_an_endpoint_is_set_up_and_removed(world: World) -> None:
    url = "http://127.0.0.1:9/hook"
    form = {"do": "set", "url": url, "topic": ["message.created", "connection.changed"]}
    assert world.post("cleo", f"{AT}/webhooks", **form).status_code == 303
    page = world.get("cleo", f"{AT}/webhooks").text
    assert url in text_of(page)
    assert re.search(r"whpk_[A-Za-z0-9+/=]{44}", page)
    assert '/webhooks/jukebox/jwks.json"' in page
    assert re.findall(r'name="topic" value="([a-z.]+)" checked', page) == [
        "message.created",
        "connection.changed",
    ]
    assert world.post("cleo", f"{AT}/webhooks", do="remove").status_code == 303
    assert endpoint(world) is None


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"url": "https://10.0.0.1/hook", "topic": "message.created"}, "url: "),
        ({"url": "ftp://jukebox.test", "topic": "message.created"}, "url: "),
        ({"url": "https://jukebox.test/hook"}, "topics: expected one or more"),
        ({"url": "https://jukebox.test/hook", "topic": "everything"}, "topics: expected one or more"),
    ],
)
def test_an_endpoint_that_cannot_be_is_refused_in_words(
    world: World, form: dict[str, str], said: str
) -> None:
    answer = world.post("cleo", f"{AT}/webhooks", do="set", **form)
    assert answer.status_code == 422
    assert said in answer.text
    assert endpoint(world) is None


def test_the_delivery_log_shows_each_try_and_sends_again_without_a_further_event(world: World) -> None:
    jukebox = Endpoint(world)
    pair, _ = connected_pair(world)
    world.says("ana", pair, "one")
    follow(world)
    jukebox.logged(lambda log: bool(log) and log[0]["state"] == "accepted")
    [line] = jukebox.log()
    page = text_of(world.get("cleo", f"{AT}/webhooks").text)
    assert f"message.created 23 Nov 2026, 00:00 · {line['id']} 1 try" in page
    size = world.committed()
    assert world.post("bob", f"{AT}/webhooks/replay", webhook=line["id"]).status_code == 404
    again = world.post("cleo", f"{AT}/webhooks/replay", webhook=line["id"])
    assert again.headers["location"].endswith(f"#{line['id']}")
    jukebox.wait(2)
    assert jukebox.ids == [line["id"]] * 2
    assert world.committed() == size
    for made_up in ("", "msg_0000000000000", "msg_?"):
        answer = world.post("cleo", f"{AT}/webhooks/replay", webhook=made_up)
        assert answer.status_code == 422
        assert "no such webhook" in answer.text
    world.post("ana", "/apps/jukebox/end")
    jukebox.close()


def test_no_page_of_the_console_names_anybody_but_its_members(world: World) -> None:
    pair, connected = connected_pair(world)
    world.says("ana", pair, "a word that stays between us")
    follow(world)
    assert world.read(connected).status_code == 200
    ana, bob = (world.people[who].account for who in ("ana", "bob"))
    for path in ("", "/privileges", "/keys", "/webhooks", "/people", "/requests", "/usage"):
        page = world.get("cleo", f"{AT}{path}").text
        for secret in ("a word that", "Ana", "Bob", encode(ana.user_id), encode(bob.user_id), encode(pair)):
            assert secret not in page, f"{path}: {secret}"
    world.post("ana", "/apps/jukebox/end")
