"""Every call of the client, against a running platform, with each answer checked against its log."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.web.conftest import (
    PASSWORD,
    PURPOSE,
    App,
    House,
    NewPerson,
    Person,
    allow,
    befriend,
    house,
    new_person,
    recommend,
    register_app,
)
from tests.web.deciding import decide
from vestibule.sdk import details
from vestibule.sdk.client import Client
from vestibule.sdk.dpop import DpopKey
from vestibule.sdk.errors import CountsDiffer, PlatformError, Refused
from vestibule.sdk.keys import Keys
from vestibule.sdk.login import Login
from vestibule.sdk.receipts import Receipts
from vestibule.sdk.tokens import Token

__all__ = ["house", "new_person"]

SCOPES = ("messages.read", "messages.send", "messages.delete", "friends.list", "recommendations.receive")
ASKS = [details.messages("read", "send", "delete"), details.friends(), details.recommendations()]
FILE = ("song.txt", b"la la la", "text/plain")


@dataclass(frozen=True)
class Connected:
    """Ana, who is connected with an app about her conversation with Bob, and the app's client."""

    ana: Person
    bob: Person
    talk: str
    app: App
    keys: Keys
    client: Client
    token: Token
    policy: bytes


@pytest.fixture
def connected(house: House, new_person: NewPerson, tmp_path: Path) -> Iterator[Connected]:
    app = register_app(house, "everything", "Everything")
    for scope in SCOPES:
        allow(house, app, scope, PURPOSE)
    ana, bob = new_person("Ana"), new_person("Bob")
    befriend(ana, bob)
    talk = ana.writes_to(bob, body="do you know this?")
    keys = Keys(app.partner, app.key_id, app.seed, DpopKey.new())
    policy = house.policy()
    with Login(house.origin, keys) as login, Receipts(tmp_path / "receipts") as kept:
        pending = login.begin(ASKS, app.back)
        back = decide(ana.browser, pending.url, "connect", conversation=talk, password=PASSWORD)
        token = login.finish(pending, back)
        assert token.lacks(ASKS) == ()
        with Client(house.origin, keys, policy, kept) as client:
            yield Connected(ana, bob, talk, app, keys, client, token, policy)


def test_every_call_is_answered_with_receipts_and_counted_as_the_log_counts(
    house: House, connected: Connected, tmp_path: Path
) -> None:
    client, token = connected.client, connected.token
    (talk,) = token.conversations
    assert client.connection(token)["person"] == token.person
    (listed,) = client.conversations(token).conversations
    page = client.messages(token, talk)
    (first,) = page.messages
    assert (listed.id, listed.newest, listed.withheld) == (talk, first["id"], True)
    again = client.messages(token, talk, known=page)
    assert (again.unchanged, again.messages, [one.event.n for one in again.releases]) == (
        True,
        page.messages,
        [0],
    )
    _attaches(connected, talk, first["id"])
    assert not client.messages(token, talk, known=page).unchanged
    written = client.write(token, talk, "yes", key="k", reply_to=first["id"])
    assert client.write(token, talk, "yes", key="k", reply_to=first["id"]).message == written.message
    (deleted,) = client.delete(token, talk, written.message["id"], key="d")
    assert (deleted.event.kind, list(deleted.private.extra)) == ("delete", ["key"])
    assert client.delete(token, talk, written.message["id"], key="d")[0].index == deleted.index
    friends = client.friends(token)
    assert len(friends.others) == 1
    assert client.friends(token, known=friends).others == friends.others
    _is_recommended(house, connected)
    with pytest.raises(Refused, match="403"):
        client.messages(token, "another")
    day = next(iter(client.spoken.kept.counters.by_day()))[0]
    ours = client.spoken.kept.counters.counts()
    assert {
        pair: count for pair, count in client.counters(day - 1, day + 1)[day].items() if pair in ours
    } == ours
    assert client.reconcile() > 0
    _finds_what_it_lost(house, connected, tmp_path / "another")
    assert client.suspend(token.person).state == "suspended"
    assert client.resume(token.person).state == "active"


def _attaches(connected: Connected, talk: str, after: str) -> None:
    """Take the bytes of a file that Ana sends."""
    client, token = connected.client, connected.token
    sent = connected.ana.browser.post(
        f"{connected.talk}/files", data={"body": "listen", "key": "f"}, files={"files": FILE}
    )
    assert sent.status_code == 303
    (message,) = client.messages(token, talk, after=after).messages
    (described,) = message["attachments"]
    file = client.attachment(token, talk, described["id"])
    assert (file.name, file.data) == (FILE[0], FILE[1])
    assert [release.event.op for release in file.releases] == ["messages.read"]


def _is_recommended(house: House, connected: Connected) -> None:
    """See what Bob recommends to Ana by the app's dialog: the card, and not who."""
    client, token = connected.client, connected.token
    assert client.recommendations(token).recommendations == ()
    recommend(house, connected.app, connected.bob, to=connected.ana, note="for you")
    (found,) = client.recommendations(token).recommendations
    assert found.card["title"] == "The <Conversation>"
    assert client.recommendations(token, after=found.id).recommendations == ()
    with pytest.raises(PlatformError, match="404"):
        client.webhook_keys()


def _finds_what_it_lost(house: House, connected: Connected, folder: Path) -> None:
    """Lose every answer, be told on which day and operation the log counts more, and fetch the receipts."""
    before = connected.client.spoken.kept.counters
    with (
        Receipts(folder) as kept,
        Client(house.origin, connected.keys, connected.policy, kept) as fresh,
    ):
        with pytest.raises(CountsDiffer) as differ:
            fresh.reconcile()
        found = {one.pair: one.theirs for one in differ.value.comparison.differences}
        assert found == before.counts()
        assert "messages.read: our receipts show 0 with 0 items, the log" in str(differ.value)
        caught = fresh.catch_up()
        assert caught.kept == len(before.own) + 1  # the one is Bob's, who was told that he was listed
        assert caught.unopened == ()
        assert kept.counters.own == before.own
        assert fresh.compare().differences == ()
        assert fresh.catch_up().kept == 0
