"""The staff answers what partners ask for, withdraws, suspends, discloses, and settles what was reported."""

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.gate.a_platform import World, opened
from tests.web.test_console import asked_for, member, signature
from tests.web.test_dialog import cards_of, opened_form, pair_of, press
from vestibule.partners import register
from vestibule.people import staff
from vestibule.store.ids import encode


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("platform")) as platform:
        platform.run(staff.add(platform.store, "cleo", platform.now))
        member(platform, "marquee", "ana")
        yield platform


def waiting(world: World) -> str:
    """Let a partner ask and sign; return the request's address in the staff's pages."""
    address = asked_for(world)
    assert world.post("ana", address, signed=json.dumps(signature())).status_code == 303
    request_id = urlsplit(address).path.rpartition("/")[2]
    return f"/staff/requests/marquee/{request_id}"


def test_a_request_is_seen_with_its_files_and_granted_onto_the_register(world: World) -> None:
    at = waiting(world)
    assert at in world.get("cleo", "/staff/requests").text
    page = world.get("cleo", at)
    assert "Grant it, publicly" in page.text
    assert world.get("cleo", f"{at}/agreement").headers["content-disposition"].startswith("attachment")
    assert world.get("cleo", f"{at}/pictures/9").status_code == 404
    answer = world.post("cleo", at, decision="grant", words="Welcome.")
    assert answer.headers["location"] == "/staff/requests?said=privilege-granted"
    assert at not in world.get("cleo", "/staff/requests").text
    assert "Granted" in world.get("cleo", at).text
    assert world.post("cleo", at, decision="grant", words="").status_code == 422


def test_declining_needs_a_reason(world: World) -> None:
    at = waiting(world)
    page = world.post("cleo", at, decision="decline", words=" ")
    assert page.status_code == 422
    assert "words: expected a sentence that tells the partner why" in page.text
    assert world.post("cleo", at, decision="perhaps", words="x").status_code == 422
    assert world.post("cleo", at, decision="decline", words="Too wide.").status_code == 303
    assert "Too wide." in world.get("cleo", at).text


def test_what_a_partner_has_not_signed_is_not_seen(world: World) -> None:
    request_id = urlsplit(asked_for(world)).path.rpartition("/")[2]
    assert world.get("cleo", f"/staff/requests/marquee/{request_id}").status_code == 404


def test_a_privilege_is_withdrawn_and_one_that_nobody_uses_is_named(world: World) -> None:
    page = world.get("cleo", "/staff/partners").text
    assert "Privileges that nobody uses" in page
    assert "never used" in page
    answer = world.post("cleo", "/staff/partners/echo", do="withdraw", scope="messages.read")
    assert answer.headers["location"] == "/staff/partners/echo?said=privilege-withdrawn"
    held = world.run(register.privilege(world.store, "echo", "messages.read"))
    assert held is not None
    assert held.state == "withdrawn"
    again = world.post("cleo", "/staff/partners/echo", do="withdraw", scope="messages.read")
    assert (again.status_code, "does not hold" in again.text) == (422, True)


def test_a_partner_is_suspended_and_let_in_again(world: World) -> None:
    for do, by in (("suspend", "operator"), ("lift", None)):
        assert world.post("cleo", "/staff/partners/jukebox", do=do).status_code == 303
        found = world.run(register.partner(world.store, "jukebox"))
        assert found is not None
        assert found.suspended_by == by


def test_nobody_decides_for_the_operator_about_a_partner_that_she_acts_for(world: World) -> None:
    at = waiting(world)
    assert world.post("cleo", "/staff/partners/marquee", do="suspend").status_code == 303
    member(world, "marquee", "cleo")
    size = world.committed()
    for path, form in ((at, {"decision": "grant", "words": ""}), ("/staff/partners/marquee", {"do": "lift"})):
        page = world.post("cleo", path, **form)
        assert page.status_code == 422
        assert "expected somebody of the staff who does not act for marquee too" in page.text
    assert world.committed() == size
    member(world, "marquee", "cleo", is_one=False)
    assert world.post("cleo", "/staff/partners/marquee", do="lift").status_code == 303


TIE = {
    "do": "disclose",
    "kind": "payment",
    "band": "the partner pays 1 to 5 million euros a year",
    "from": "2026-01-01",
    "until": "",
    "document": "ab" * 32,
}


def test_a_tie_goes_onto_the_register(world: World) -> None:
    assert world.post("cleo", "/staff/partners/jukebox", **TIE).status_code == 303
    assert TIE["band"] in world.get(None, "/register/jukebox").text


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"kind": "love"}, "kind: expected one of payment"),
        ({"from": "soon"}, "from: expected a day as 2026-12-31"),
        ({"document": "x"}, "document"),
        ({"do": "delete"}, "do: expected suspend, lift, withdraw or disclose"),
    ],
)
def test_what_cannot_be_done_is_said_and_what_was_filled_in_stays(
    world: World, changed: dict[str, str], wrong: str
) -> None:
    with world.recording() as events:
        page = world.post("cleo", "/staff/partners/jukebox", **TIE | changed)
    assert (page.status_code, events) == (422, [])
    assert wrong in page.text
    assert TIE["band"] in page.text


def test_reported_recommendations_are_settled(world: World) -> None:
    press(world, opened_form(world), "bob")
    address = f"/c/{encode(pair_of(world, 'ana', 'bob'))}/{cards_of(world, 'ana', 'bob')[-1].seq}/via"
    world.post("bob", address, decision="report", reason="misleading", words="It is <another> film")
    page = world.get("cleo", "/staff/reported").text
    assert "It is &lt;another&gt; film" in page
    assert "you will love this" not in page
    index = page.partition('name="event_index" value="')[2].partition('"')[0]
    assert world.post("cleo", "/staff/reported", event_index=index).status_code == 303
    assert "Nothing is reported." in world.get("cleo", "/staff/reported").text


@pytest.mark.parametrize("path", ["requests", "partners", "partners/jukebox", "reported"])
def test_none_of_it_is_for_others(world: World, path: str) -> None:
    assert world.get("bob", f"/staff/{path}").status_code == 404
    assert world.post("bob", f"/staff/{path}", do="suspend").status_code in {404, 405}


def test_nothing_is_changed_without_a_fresh_proof(world: World) -> None:
    world.now += 6 * 60 * 1_000_000
    for path, form in (("partners/jukebox", {"do": "suspend"}), ("reported", {"event_index": "1"})):
        answer = world.post("cleo", f"/staff/{path}", **form)
        assert answer.headers["location"].startswith("/account/prove?next=")
    found = world.run(register.partner(world.store, "jukebox"))
    assert found is not None
    assert found.suspended_by is None
    assert "Suspend Jukebox" not in world.get("cleo", "/staff/partners/jukebox").text
