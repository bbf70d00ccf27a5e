"""What a person chose is all that is read, and nothing that a partner observes moves by the rest."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.gate.a_grant import reselect
from tests.gate.a_platform import Connected, World
from vestibule.connections import agreements
from vestibule.connections.grants import Reach
from vestibule.store.ids import encode

VIA = """
    update message set via_partner = :partner, event_index = 0
    where conversation_id = :conversation_id and seq = :seq
"""


def came_through(world: World, conversation: int, seq: int, partner: str = "jukebox") -> None:
    work: Any = lambda tx: tx.run(VIA, partner=partner, conversation_id=conversation, seq=seq)  # noqa: E731
    world.run(world.store.write(work))


def replies(world: World, who: str, conversation: int, to: int, body: str) -> None:
    path = f"/api/conversations/{encode(conversation)}/messages"
    json = {"body": body, "key": f"reply-{next(world.numbers)}", "reply_to": to}
    assert world.run(world.people[who].client.post(path, json=json)).status_code == 201


def bob_decides(world: World, agreed: int) -> None:
    bob = world.people["bob"].account
    world.run(agreements.set_agreed(world.store, bob.user_id, "jukebox", agreed, world.now))


def bodies(answer: Any) -> list[str]:
    return [message["body"] for message in answer.json()["messages"]]


@pytest.fixture
def talk(world: World) -> tuple[Connected, int]:
    """Ana's connection to a group in which she wrote 1 to 6."""
    group = world.conversation("ana", "bob", "cleo")
    for number in range(2, 7):
        world.says("ana", group, f"number {number}")
    return world.connect("ana", group), group


def test_only_what_came_through_the_partner_is_read(world: World, talk: tuple[Connected, int]) -> None:
    connected, group = talk
    came_through(world, group, 3)
    came_through(world, group, 4, partner="echo")
    came_through(world, group, 6)
    reselect(world, "ana", reach=Reach.THROUGH_PARTNER)

    with world.recording() as events:
        answer = world.read(connected)

    assert bodies(answer) == ["number 3", "number 6"]
    assert [event.said for event in events] == [("access", 2)]


def test_only_hand_picked_messages_are_read(world: World, talk: tuple[Connected, int]) -> None:
    connected, group = talk
    reselect(world, "ana", reach=Reach.PICKED, picked=((group, 2), (group, 5), (group + 1, 3)))

    assert bodies(world.read(connected)) == ["number 2", "number 5"]


def test_a_hand_picked_message_of_somebody_who_has_not_agreed_stays_withheld(
    world: World, talk: tuple[Connected, int]
) -> None:
    connected, group = talk
    world.says("bob", group, "Bob's own words")
    reselect(world, "ana", reach=Reach.PICKED, picked=((group, 2), (group, 7)))

    assert bodies(world.read(connected)) == ["number 2"]


def transcript(world: World, connected: Connected, limit: int) -> list[Any]:
    """Read everything page by page; ids and times, which no two messages share, by their place."""
    places: dict[Any, int] = {None: -1}
    found, after = [], ""
    while True:
        answer = world.read(connected, f"?limit={limit}{after}")
        told = answer.json()
        assert answer.status_code == 200
        for message in told["messages"]:
            message["id"] = places.setdefault(message["id"], len(places))
            message["sent_at"] = 0
        following = told["next"]
        told["next"] = places[following]
        told["receipts"] = len(told["receipts"])
        # The tag and the link are made of ids; test_withheld.py compares them where the ids are the same.
        made = {"content-length", "etag", "link"}
        lasting = {name: value for name, value in answer.headers.items() if name not in made}
        lasting["link"] = "rel=next" if "link" in answer.headers else ""
        found.append((told, lasting))
        if following is None:
            return found
        after = f"&after={following}"


Script = Sequence[tuple[str, str, bool]]
TALK: Script = [
    ("bob", "withheld", False),
    ("ana", "a", True),
    ("bob", "withheld", True),
    ("ana", "not chosen", False),
    ("ana", "b", True),
    ("cleo", "withheld", True),
    ("bob", "withheld", False),
    ("ana", "c", True),
    ("ana", "d", True),
    ("bob", "withheld", True),
    ("ana", "not chosen", False),
]


def told(world: World, script: Script, reach: Reach) -> list[list[Any]]:
    group = world.conversation("ana", "bob", "cleo")
    chosen = []
    for seq, (who, body, through) in enumerate(script, start=2):
        world.says(who, group, body)
        if through:
            came_through(world, group, seq)
            chosen.append((group, seq))
    connected = world.connect("ana", group)
    reselect(world, "ana", reach=reach, picked=tuple(chosen) if reach is Reach.PICKED else ())
    return [transcript(world, connected, limit) for limit in (1, 2, 3, 50)]


@pytest.mark.parametrize("reach", [Reach.THROUGH_PARTNER, Reach.PICKED])
def test_what_is_withheld_or_not_chosen_moves_nothing_that_the_partner_observes(
    world: World, reach: Reach
) -> None:
    shown = [(who, body, through) for who, body, through in TALK if who == "ana" and through]

    assert told(world, TALK, reach) == told(world, shown, reach)
    assert [message["body"] for page, _ in told(world, TALK, reach)[0] for message in page["messages"]] == [
        body for _, body, _ in shown
    ]


def test_what_is_withheld_moves_nothing_where_all_is_chosen(world: World) -> None:
    shown = [line for line in TALK if line[0] == "ana"]

    assert told(world, TALK, Reach.CONVERSATIONS) == told(world, shown, Reach.CONVERSATIONS)


def test_no_cursor_reaches_beyond_the_selection(world: World, talk: tuple[Connected, int]) -> None:
    connected, group = talk
    ids = [message["id"] for message in world.read(connected).json()["messages"]]
    reselect(world, "ana", reach=Reach.PICKED, picked=((group, 6),))

    assert bodies(world.read(connected, f"?after={ids[1]}")) == ["number 6"]
    assert encode(group) not in world.read(connected).text


def test_replies_to_what_came_through_the_partner_are_read_with_it(
    world: World, talk: tuple[Connected, int]
) -> None:
    connected, group = talk
    came_through(world, group, 3)
    came_through(world, group, 4, partner="echo")
    replies(world, "ana", group, 3, "to Jukebox")
    replies(world, "ana", group, 4, "to Echo")
    replies(world, "ana", group, 7, "to the reply")
    reselect(world, "ana", reach=Reach.THROUGH_PARTNER)

    answer = world.read(connected)

    assert bodies(answer) == ["number 3", "to Jukebox"]
    through, reply = answer.json()["messages"]
    assert "reply_to" not in through
    assert reply["reply_to"] == through["id"]


def test_a_reply_to_words_that_are_withheld_does_not_say_to_which(world: World) -> None:
    group = world.conversation("ana", "bob", "cleo")
    world.says("bob", group, "Bob's own words")
    replies(world, "ana", group, 2, "I think so too")
    connected = world.connect("ana", group)

    withheld = world.read(connected).json()["messages"][-1]
    bob_decides(world, 1)
    shown = world.read(connected).json()["messages"]
    bob_decides(world, 0)

    assert set(withheld) == {"id", "from", "sent_at", "body"}
    assert shown[-1]["reply_to"] == shown[-2]["id"]
    assert "Bob's own words" not in str(withheld)


def test_a_reply_to_a_message_that_was_not_chosen_does_not_say_to_which(
    world: World, talk: tuple[Connected, int]
) -> None:
    connected, group = talk
    replies(world, "ana", group, 3, "a reply")
    reselect(world, "ana", reach=Reach.PICKED, picked=((group, 7),))

    [message] = world.read(connected).json()["messages"]

    assert "reply_to" not in message
