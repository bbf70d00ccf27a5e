"""Persons for trying: their partner's alone, flagged wherever they are, and out of everybody else's reach."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.gate import a_platform
from tests.gate.a_platform import SECOND, Person, World, opened
from tests.web.conftest import text_of
from vestibule.gate.operations import inviting, sending
from vestibule.partners import trying
from vestibule.people import accounts, friends
from vestibule.people.accounts import Account
from vestibule.people.errors import UnknownPerson
from vestibule.sharing import dialogs, invitations
from vestibule.sharing.dialogs import Dialog
from vestibule.sharing.errors import DialogOver, InvitationOver
from vestibule.sharing.placement import Placement

AT = "/console/jukebox/people"


@dataclass(frozen=True)
class Shown:
    """What the page shows once."""

    handle: str
    password: str


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A platform on which Cleo acts for Jukebox, and Bob for nobody."""
    with opened(tmp_path_factory.mktemp("platform")) as platform:
        platform.operate("members", {"partner": "jukebox", "handle": "cleo", "member": True})
        yield platform


def made(world: World) -> Shown:
    page = world.post("cleo", AT, do="make")
    assert page.status_code == 200, page.text
    return Shown(*re.findall(r"<dd><code>([^<]+)</code></dd>", page.text)[:2])


@pytest.fixture(scope="module")
def shown(world: World) -> Shown:
    return made(world)


@pytest.fixture(scope="module")
def ada(world: World, shown: Shown) -> Account:
    """A person for trying of Jukebox's, signed in."""
    return signed_in(world, shown)


@pytest.fixture(scope="module")
def ben(world: World, ada: Account) -> Account:
    assert ada.tried_by == "jukebox"
    return signed_in(world, made(world))


def signed_in(world: World, shown: Shown) -> Account:
    client = world.browser()
    answer = world.run(client.post("/signin", data={"handle": shown.handle, "password": shown.password}))
    assert answer.status_code == 303, answer.text
    account = world.run(accounts.by_handle(world.store, shown.handle))
    assert isinstance(account, Account)
    world.people[shown.handle] = Person(account, client)
    return account


def test_they_are_flagged_in_their_names_and_on_their_pages(world: World, ada: Account) -> None:
    assert ada.name == "Ada (for trying)"
    inbox = world.get(ada.handle, "/inbox").text
    assert "This is a person for trying, of the app jukebox." in inbox
    assert "for trying, of the app" not in world.get("ana", "/inbox").text


def test_the_password_is_shown_once(world: World) -> None:
    shown = made(world)
    assert shown.password not in world.get("cleo", AT).text
    assert world.post("cleo", AT, do="remove", handle=shown.handle).status_code == 303
    again = {"handle": shown.handle, "password": shown.password}
    assert world.run(world.browser().post("/signin", data=again)).status_code == 422


def test_they_are_friends_of_each_other_and_of_nobody_else(world: World, ada: Account, ben: Account) -> None:
    assert world.run(friends.are_friends(world.store, ada.user_id, ben.user_id))
    ana = world.people["ana"].account
    for one, other in ((ada, ana), (ana, ada)):
        page = world.post(one.handle, "/friends/ask", handle=other.handle)
        assert page.status_code == 422
        with pytest.raises(UnknownPerson):
            world.run(
                friends.ask(world.store, world.platform.outbox, one.user_id, other.user_id, world.clock())
            )
    assert not world.run(friends.are_friends(world.store, ada.user_id, ana.user_id))
    answer = world.post(ada.handle, "/new", to=["ana"], title="", body="hello", key="k")
    assert answer.status_code == 422


def test_their_own_app_connects_with_them_and_reads(
    world: World, ada: Account, ben: Account, shown: Shown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(a_platform, "PASSWORD", shown.password)
    conversation = world.conversation(ada.handle, ben.handle)
    world.says(ada.handle, conversation, "only for trying")
    connected = world.connect(ada.handle, conversation)
    answer = world.read(connected)
    assert answer.status_code == 200
    assert "only for trying" in answer.text


def test_no_other_app_can_ask_them(world: World, ada: Account) -> None:
    world.operate("members", {"partner": "echo", "handle": "cleo", "member": True})
    carried = world.pushed("echo")
    page = world.opens(ada.handle, carried)
    assert (page.status_code, "This is not your app" in page.text) == (403, True)
    page = world.post(ada.handle, "/oauth/authorize", **carried, decision="continue")
    assert (page.status_code, "This is not your app" in page.text) == (403, True)


def test_no_other_apps_dialog_opens_for_them_or_sends(world: World, ada: Account, ben: Account) -> None:
    page = world.dialog(ada.handle)
    assert page.status_code == 403
    assert "person for trying of jukebox" in text_of(page.text)
    dialog = Dialog(dialogs.hash_key(dialogs.new_key()), "marquee", world.card(), "", "", Placement())
    size = world.committed()
    with pytest.raises(DialogOver, match="through her own app only"):
        world.run(
            sending.send_dialog(
                world.platform.gate, dialog, sender=ada, friends=[ben.user_id], note="", now=world.clock()
            )
        )
    assert world.committed() == size


def test_their_invitations_are_for_each_other_and_those_of_others_not_for_them(
    world: World, ada: Account
) -> None:
    ana = world.people["ana"].account
    for partner, sender, taker in (("jukebox", ada, ana), ("marquee", ana, ada)):
        key = dialogs.new_key()
        card = world.card(partner)
        dialog = Dialog(dialogs.hash_key(key), partner, card, "", "", Placement())
        gate = world.platform.gate
        world.run(
            sending.send_dialog(
                gate, dialog, sender=sender, friends=[], note="", invites=True, now=world.clock()
            )
        )
        token = invitations.token_of(gate.secret, dialog.dialog_hash)
        with pytest.raises(InvitationOver):
            world.run(inviting.accept(gate, token, taker, world.clock()))
    assert not world.run(friends.are_friends(world.store, ada.user_id, ana.user_id))


def test_nobody_but_a_member_with_a_fresh_proof_makes_or_removes_them(world: World, ada: Account) -> None:
    assert world.get("bob", AT).status_code == 404
    assert world.post("bob", AT, do="make").status_code == 404
    assert world.post("bob", AT, do="remove", handle=ada.handle).status_code == 404
    before = world.now
    world.now += 6 * 60 * SECOND
    for form in ({"do": "make"}, {"do": "remove", "handle": ada.handle}):
        assert world.post("cleo", AT, **form).headers["location"].startswith("/account/prove")
    world.now = before
    assert world.get(ada.handle, "/inbox").status_code == 200


@pytest.mark.parametrize("handle", ["ana", "nobody", ""])
def test_a_real_person_is_not_removed_by_it(world: World, handle: str) -> None:
    answer = world.post("cleo", AT, do="remove", handle=handle)
    assert answer.status_code == 422
    assert "expected one of your persons for trying" in answer.text
    assert world.get("ana", "/inbox").status_code == 200


def test_another_partners_are_not_removed_by_it(world: World, ada: Account) -> None:
    world.operate("members", {"partner": "marquee", "handle": "cleo", "member": True})
    answer = world.post("cleo", "/console/marquee/people", do="remove", handle=ada.handle)
    assert answer.status_code == 422
    assert world.get(ada.handle, "/inbox").status_code == 200


def test_they_act_for_nobody(world: World, ada: Account) -> None:
    answer = world.operate("members", {"partner": "jukebox", "handle": ada.handle, "member": True})
    assert answer.status_code == 400
    assert world.operate("staff", {"handle": ada.handle, "staff": True}).status_code == 400


def test_there_are_five_at_most_and_one_that_left_by_herself_makes_room(
    world: World, ada: Account, ben: Account
) -> None:
    first, *_ = [made(world) for _ in range(3)]
    leaves = signed_in(world, first)
    there = world.run(trying.people_of(world.store, "jukebox"))
    assert {ada, ben, leaves} < set(there)
    assert [one.name for one in there] == [f"{name} ({trying.FLAG})" for name in trying.NAMES]
    assert "at most 5 persons" in world.post("cleo", AT, do="make").text
    assert world.post(leaves.handle, "/account/delete", handle=leaves.handle).status_code == 303
    assert made(world).handle
