"""What she takes away of what she agreed to is checked as anybody would check it, from the file alone."""

import re
from typing import Any

import pytest

from tests.gate.a_platform import READ, SECOND, TODAY, Person, World
from tests.verdict.passkeys import Authenticator
from vestibule.connections import granting, listing, proposing
from vestibule.connections.grants import Grant, Permission, Scope, Selection
from vestibule.connections.listing import Connection
from vestibule.ledger.agreement import Agreement, Password
from vestibule.ledger.consent import Consent
from vestibule.partners import register
from vestibule.recorder.errors import RecorderError
from vestibule.store.ids import encode
from vestibule.verdict import consent_words
from vestibule.verdict.consent_receipt import Agreed, open_consent_receipt
from vestibule.verdict.trust import trust

SEND = "messages.send"


@pytest.fixture(scope="module")
def group(world: World) -> int:
    world.sign_up("eve")
    assert world.allow("jukebox", scope=SEND).status_code == 201
    return world.conversation("ana", "bob", "cleo")


def person(world: World, who: str) -> Person:
    return world.people[who]


def agree(world: World, who: str, *conversations: int, agreement: Agreement | None = None) -> Connection:
    """Let somebody agree to reading and sending; by passkey unless told otherwise."""
    scopes = (Scope.MESSAGES_SEND, Scope.MESSAGES_READ)  # not in the order of the canonical grant
    privileges = {one.scope: one for one in world.run(register.privileges_of(world.store, "jukebox"))}
    grant = Grant(
        partner="jukebox",
        permissions=tuple(
            Permission(scope, privileges[scope].purpose, privileges[scope].leaf_index) for scope in scopes
        ),
        selection=Selection(conversations, 0),
        until_day=TODAY + 90,
    )
    account, platform = person(world, who).account, world.platform
    world.now += 1
    proposal = world.run(
        proposing.propose(
            world.store,
            platform.recorder,
            secret=platform.gate.secret,
            origin=platform.settings.origin,
            person=account,
            grant=grant,
            privilege_until=TODAY + 90,
            now=world.now,
        )
    )
    connected: Connection = world.run(
        granting.connect(
            world.store,
            platform.outbox,
            platform.recorder,
            person=account,
            proposal=proposal,
            agreement=agreement or Authenticator().agree(proposal.consent),
            now=world.now,
        )
    )
    return connected


def download(
    world: World, who: str | None, connection: Connection, issued: int, partner: str = "jukebox"
) -> Any:
    return world.get(who, f"/apps/{partner}/agreed/{encode(connection.connection_id)}/{issued}")


def opened(world: World, receipt: bytes) -> Agreed:
    return open_consent_receipt(receipt, trust(world.get(None, "/log/policy").content))


def issued_of(connection: Connection) -> int:
    return Consent.parse(connection.consent.encode()).issued


def test_she_downloads_what_she_agreed_to_signed_by_her_passkey(world: World, group: int) -> None:
    connection = agree(world, "ana", group)

    answer = download(world, "ana", connection, issued_of(connection))

    assert answer.headers["content-disposition"] == 'attachment; filename="consent-jukebox.jwt"'
    assert answer.headers["cache-control"] == "private, no-store"
    agreed = opened(world, answer.content)
    assert agreed.consent == Consent.parse(connection.consent.encode())
    assert [one.scope for one in agreed.consent.allowed] == [READ, SEND]
    assert [grant.index for grant in agreed.grants] == [
        connection.leaves[Scope.MESSAGES_READ],
        connection.leaves[Scope.MESSAGES_SEND],
    ]
    assert agreed.partner.legal_entity == "Jukebox Inc"
    assert consent_words.verdict(agreed).summary == "she agreed: signed by her passkey"


def test_the_app_s_page_lists_every_time_and_how_she_agreed(world: World, group: int) -> None:
    first = agree(world, "bob", group, agreement=Password())
    second = agree(world, "bob", group)
    assert second.connection_id == first.connection_id

    page = world.get("bob", "/apps/jukebox").text

    assert "You changed what it may do, and let it: Read messages (signed by your passkey)" in page
    assert "You let it: Read messages (agreed with your password)" in page
    links = re.findall(r'href="(/apps/jukebox/agreed/[^"]+)"', page)
    assert [link.rpartition("/")[2] for link in links] == [str(issued_of(second)), str(issued_of(first))]
    assert page.index("Signed by your passkey") < page.index(
        "With your password, so that it rests on our word"
    )
    assert [opened(world, world.get("bob", link).content).by_passkey for link in links] == [True, False]


def test_a_receipt_outlives_what_she_agreed_to(world: World, group: int) -> None:
    connection = agree(world, "cleo", group)
    world.post("cleo", "/apps/jukebox/end")
    assert opened(world, download(world, "cleo", connection, issued_of(connection)).content).by_passkey


def test_nobody_gets_another_s_receipt_nor_one_that_is_not_there(world: World, group: int) -> None:
    connection = agree(world, "ana", group)
    issued = issued_of(connection)
    assert download(world, "bob", connection, issued).status_code == 404
    assert download(world, "ana", connection, issued + 1).status_code == 404
    assert download(world, "ana", connection, 2**60).status_code == 404
    assert download(world, "ana", connection, issued, partner="marquee").status_code == 404
    assert world.get("ana", f"/apps/jukebox/agreed/nonsense/{issued}").status_code == 404
    assert download(world, None, connection, issued).status_code in {303, 401}


def test_there_is_no_receipt_of_a_grant_that_is_not_published(world: World, group: int) -> None:
    with world.broken_log(), pytest.raises(RecorderError):
        agree(world, "eve", group)
    waiting = world.run(listing.connections_of(world.store, person(world, "eve").account.user_id))[0]
    assert download(world, "eve", waiting, issued_of(waiting)).status_code == 404


def test_a_session_that_proved_nothing_lately_is_asked_to_first(world: World, group: int) -> None:
    connection = agree(world, "ana", group)
    world.now += 10 * 60 * SECOND
    answer = download(world, "ana", connection, issued_of(connection))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/account/prove?next=%2Fapps%2Fjukebox%2Fagreed%2F")
