"""The staff opens a conversation: with a reason, on record first, and everybody in it reads why."""

import json
from collections.abc import Iterator

import pytest

from tests.gate.a_platform import World, opened
from tests.web.test_dialog import opened_form, pair_of, press
from vestibule.ledger import tags
from vestibule.people import staff
from vestibule.store.ids import encode

WHY = "Bob reported that he was insulted in this conversation"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("platform")) as platform:
        press(platform, opened_form(platform), "bob", note="do not tell <b>anybody</b>")
        platform.run(staff.add(platform.store, "cleo", platform.now))
        yield platform


def asked(world: World, **changed: str) -> dict[str, str]:
    address = f"{world.platform.settings.origin}/c/{encode(pair_of(world, 'ana', 'bob'))}"
    return {"conversation": address, "kind": "abuse", "reason": WHY, **changed}


def test_every_member_gets_an_event_before_anything_is_shown(world: World) -> None:
    with world.recording() as events:
        page = world.post("cleo", "/staff/conversations", **asked(world))
    assert page.status_code == 200
    assert "do not tell &lt;b&gt;anybody&lt;/b&gt;" in page.text
    assert [(one.leaf.partner, one.leaf.kind, one.leaf.op, one.leaf.basis) for one in events] == [
        ("operator", "access", "staff.abuse", "operator")
    ] * 2
    assert {one.subject for one in events} == {world.subject("ana"), world.subject("bob")}
    assert {one.lane for one in events} == {tags.OWN}
    for one in events:
        assert (one.private.extra["why"], one.private.conversation) == (
            WHY,
            asked(world)["conversation"][-13:],
        )
        assert one.private.n == one.leaf.n == len(one.private.messages) > 0


def test_each_time_is_an_event_of_its_own(world: World) -> None:
    with world.recording() as events:
        for _ in range(2):
            world.post("cleo", "/staff/conversations", **asked(world))
    assert len(events) == 4


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"reason": ""}, "reason: expected 20 to 500 characters, which its members will read, got 0"),
        ({"reason": "   abuse      "}, "reason: expected 20 to 500"),
        ({"reason": "a" * 501}, "got 501"),
        (
            {"reason": "\u200b" * 40},
            "reason: expected 20 to 500 characters, which its members will read, got 0",
        ),
        ({"reason": "\u2800" * 40}, "reason: expected a sentence, of 8 different letters or more, got 0"),
        ({"reason": "abuse " * 10}, "different letters or more, got 5"),
        ({"kind": "curiosity"}, "kind: expected one of abuse, safety, legal, support"),
        ({"conversation": "/c/0000000000000"}, "conversation: expected one that there is"),
        ({"conversation": "ana"}, "conversation: expected its address"),
        ({"before": "-1"}, "before: expected a message"),
    ],
)
def test_without_a_reason_and_a_conversation_nothing_is_recorded_or_shown(
    world: World, changed: dict[str, str], wrong: str
) -> None:
    with world.recording() as events:
        page = world.post("cleo", "/staff/conversations", **asked(world, **changed))
    assert (page.status_code, events) == (422, [])
    assert wrong in page.text.replace("&#39;", "'")
    assert "do not tell" not in page.text


def test_a_reason_cannot_be_written_so_that_it_reads_otherwise(world: World) -> None:
    turned = f"{WHY}\u202e,\n\u2066 as he  said"
    with world.recording() as events:
        assert world.post("cleo", "/staff/conversations", **asked(world, reason=turned)).status_code == 200
    assert {one.private.extra["why"] for one in events} == {f"{WHY} , as he said"}


def test_nothing_is_shown_while_the_log_is_closed(world: World) -> None:
    with world.broken_log():
        page = world.post("cleo", "/staff/conversations", **asked(world))
    assert page.status_code == 503
    assert "do not tell" not in page.text


def test_who_is_not_of_the_staff_finds_nothing(world: World) -> None:
    with world.recording() as events:
        for who in ("ana", "bob"):
            for path in ("/staff", "/staff/conversations"):
                assert world.get(who, path).status_code == 404
            assert world.post(who, "/staff/conversations", **asked(world)).status_code == 404
        assert world.get(None, "/staff").headers["location"].startswith("/signin?next=")
    assert events == []


def test_a_member_reads_when_and_why_and_gets_a_receipt(world: World) -> None:
    world.post("cleo", "/staff/conversations", **asked(world))
    for who in ("ana", "bob"):
        assert 'href="/apps/operator"' in world.get(who, "/apps").text
        page = world.get(who, "/apps/operator").text
        assert WHY in page
        assert asked(world)["conversation"][-16:] in page
        index = page.partition("/apps/receipt/")[2].partition('"')[0]
        receipt = world.get(who, f"/apps/receipt/{index}")
        assert (receipt.status_code, receipt.text[:22]) == (200, "c2sp.org/tlog-proof@v1")
    assert "The staff has opened no conversation of yours" in world.get("cleo", "/apps").text
    assert WHY not in world.get("cleo", "/apps/operator").text


def test_the_persons_file_has_the_staff_among_the_partners(world: World) -> None:
    world.post("cleo", "/staff/conversations", **asked(world))
    for who, some in (("ana", True), ("cleo", False)):
        file = json.loads(world.get(who, "/apps/person-file").text)
        (lanes,) = [one["lanes"] for one in file["partners"] if one["partner"] == "operator"]
        assert bool(lanes["own"]["openings"]) == some
        assert lanes["shared"]["openings"] == []


def test_who_leaves_the_staff_or_the_platform_finds_nothing_from_the_next_request_on(world: World) -> None:
    world.sign_up("dora")
    world.run(staff.add(world.store, "dora", world.now))
    assert world.get("dora", "/staff").status_code == 200
    world.run(staff.remove(world.store, "dora"))
    assert world.get("dora", "/staff").status_code == 404


def test_a_conversation_is_opened_only_shortly_after_a_fresh_proof(world: World) -> None:
    world.now += 6 * 60 * 1_000_000
    with world.recording() as events:
        answer = world.post("cleo", "/staff/conversations", **asked(world))
    assert (answer.status_code, events) == (303, [])
    assert answer.headers["location"].startswith("/account/prove?next=")
    assert "Record the reason" not in world.get("cleo", "/staff/conversations").text
