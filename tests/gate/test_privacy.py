"""What the public, and each partner, can find of people in everything a used platform has published."""

import base64
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import pytest

from tests.gate.a_platform import DAY, LOG_ORIGIN, SECOND, SECRET, Connected, World, Written, opened
from vestibule.connections import agreements
from vestibule.ledger import canonical, tags
from vestibule.ledger.event import Event
from vestibule.ledger.leaf import EpochLeaf, parse
from vestibule.ledger.replay import Replay
from vestibule.ledger.vrf import proof_to_hash
from vestibule.recorder.keys import load_keys
from vestibule.store.ids import encode
from vestibule.tlog.proof import TlogProof
from vestibule.tlog.tiles import bundle_path, decode_bundle

PEOPLE = ("anastasia_q", "bartholomew_q", "cleopatra_q")
PARTNERS = ("jukebox", "echo", "marquee")
SHARED_BY_ALL = {"v", "k", "p", "op", "n", "b", "d"}
"""Fields in which two leaves may agree, whoever they are about."""

CARRIED = re.compile(r'type="hidden" name="(.*?)" value="(.*?)"')
TIME_OF_DAY = re.compile(r"[0-9]{2}:[0-9]{2}")
NO_TIME = 100_000
"""Days, counts and sizes are smaller here; hours since 1970 are not."""


@dataclass
class Used:
    """A platform after a day and a half of use."""

    world: World
    conversations: list[int] = field(default_factory=list)
    connected: dict[str, Connected] = field(default_factory=dict)
    told: dict[str, list[str]] = field(default_factory=lambda: {partner: [] for partner in PARTNERS})

    def entries(self) -> tuple[bytes, ...]:
        """Read every leaf from the published files."""
        size = self.world.size()
        found: list[bytes] = []
        for number in range(-(-size // 256)):
            width = min(256, size - number * 256)
            path = self.world.data / "log" / bundle_path(number, width)
            found += decode_bundle(path.read_bytes(), width)
        return tuple(found)

    def public(self) -> bytes:
        """Read what everybody may fetch: files, the receipt of every leaf, and the pages about the log."""
        files = [path.read_bytes() for path in (self.world.data / "log").rglob("*") if path.is_file()]
        receipts = [f"/log/receipt/{index}" for index in range(self.world.size())]
        register = [f"/register/{partner}" for partner in PARTNERS]
        pages = ["/log", "/log/checkpoint", "/log/policy", "/register", *register, *receipts]
        answers = [self.world.get(None, path) for path in pages]
        assert {answer.status_code for answer in answers} == {200}
        extras = [TlogProof.parse(answer.content).extra or b"" for answer in answers[-len(receipts) :]]
        return b"\n".join([*files, *(answer.content for answer in answers), *extras])

    def events(self) -> list[Written]:
        events = self.world.written(0)
        assert len(events) == sum(isinstance(parse(entry), Event) for entry in self.entries())
        return events


def use(world: World) -> Used:
    """Let three people write, connect two apps, be read, send a card, be refused, and end it the next day."""
    used = Used(world)
    ana, bob, cleo = PEOPLE
    for handle in PEOPLE:
        world.sign_up(handle)
    world.befriend(ana, bob)
    world.befriend(ana, cleo)
    for _ in range(2):
        used.conversations.append(world.conversation(ana, bob, cleo))
        for who in PEOPLE:
            world.says(who, used.conversations[-1], f"{SECRET}, says {who}")
    for handle, partner in itertools.product((bob, cleo), ("jukebox", "echo")):
        agreed = agreements.set_agreed(
            world.store, world.people[handle].account.user_id, partner, 1, world.now
        )
        world.run(agreed)
    for partner in ("jukebox", "echo"):
        used.connected[partner] = world.connect(ana, *used.conversations, partner=partner)
        for _ in range(3):
            read(used, partner)
    recommend(world, ana, bob, cleo)
    ask_for_too_much(used)
    epoch(world)
    world.now += DAY
    used.connected["jukebox"] = world.connect(ana, *used.conversations)
    read(used, "jukebox")
    assert world.post(ana, "/apps/echo/end").status_code == 303
    read(used, "echo", 401)
    epoch(world)
    return used


def read(used: Used, partner: str, status: int = 200) -> None:
    answer = used.world.read(used.connected[partner], partner=partner)
    assert answer.status_code == status
    used.told[partner].append(answer.text)


def ask_for_too_much(used: Used) -> None:
    token = used.connected["jukebox"].token
    answer = used.world.signed("jukebox", "GET", "/v1/conversations/another/messages", token=token)
    assert answer.status_code == 403
    used.told["jukebox"].append(answer.text)


def recommend(world: World, who: str, *to: str) -> None:
    page = world.dialog(who)
    form: dict[str, Any] = {name: unescape(value) for name, value in CARRIED.findall(page.text)}
    answer = world.post(who, "/dialog", **form, to=to, note="see this!", decision="send")
    assert answer.status_code == 303
    assert answer.headers["location"].endswith("result=sent")


def epoch(world: World) -> None:
    world.run(world.platform.recorder._epochs.write_if_due())


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Used]:
    with opened(tmp_path_factory.mktemp("platform"), epoch_seconds=1e6) as world:
        yield use(world)


def spellings(secret: bytes) -> set[bytes]:
    """Give the ways in which some bytes could have got into a text."""
    plain, url = base64.b64encode(secret), base64.urlsafe_b64encode(secret)
    return {secret, secret.hex().encode(), plain, url, plain.rstrip(b"="), base64.b32encode(secret)}


def of_lane(world: World, partner: str, lane: str, handle: str) -> set[bytes]:
    """Give what leads to all events of one lane: its proof and its key, and the id that follows from them."""
    alpha = tags.alpha(LOG_ORIGIN, partner, lane, world.subject(handle))
    proof = load_keys(world.data / "keys", LOG_ORIGIN).vrf.prove(alpha)
    key = tags.lane_key(proof_to_hash(proof))
    return spellings(proof) | spellings(key) | {tags.partner_person_id(key).encode()}


def of_people(world: World) -> set[bytes]:
    """Give every name, number and secret that stands for one of the people."""
    accounts = [world.people[handle].account for handle in PEOPLE]
    found = {account.handle.encode() for account in accounts} | {
        account.name.encode() for account in accounts
    }
    for account in accounts:
        found |= spellings(account.subject) | numbers(account.user_id)
    for partner, lane, handle in itertools.product(PARTNERS, (tags.SHARED, tags.OWN), PEOPLE):
        found |= of_lane(world, partner, lane, handle)
    return found


def numbers(row_id: int) -> set[bytes]:
    return {str(row_id).encode(), encode(row_id).encode(), f"{row_id:x}".encode()}


def of_openings(used: Used) -> set[bytes]:
    """Give what only the person and, in its lane, the partner know of each event."""
    found: set[bytes] = set()
    for event in used.events():
        private = event.private
        texts = (private.conversation, *private.messages, private.request.nonce if private.request else "")
        found |= {text.encode() for text in texts if text} | {str(private.at).encode()}
        found |= {str(private.at // unit).encode() for unit in (1000, SECOND)}
    return found


def leaked(found: bytes, secrets: set[bytes]) -> set[bytes]:
    return {secret for secret in secrets if secret in found}


def test_everything_that_the_test_looks_for_has_happened(used: Used) -> None:
    kinds = {(event.leaf.kind, event.leaf.partner, event.lane) for event in used.events()}
    assert {kind for kind, _, _ in kinds} == {"grant", "access", "exposure", "send", "refusal", "end"}
    assert {partner for _, partner, _ in kinds} == set(PARTNERS)
    assert {lane for _, _, lane in kinds} == {tags.SHARED, tags.OWN}
    assert len({event.subject for event in used.events()} & {used.world.subject(who) for who in PEOPLE}) == 3
    assert sum(isinstance(parse(entry), EpochLeaf) for entry in used.entries()) == 2


def test_nothing_public_names_a_person_a_conversation_a_message_or_a_moment(used: Used) -> None:
    public = used.public()
    talks = set().union(*(numbers(conversation) for conversation in used.conversations))
    messages = {
        message["id"].encode()
        for answer in itertools.chain(*used.told.values())
        for message in json.loads(answer).get("messages", ())
    }
    tokens = {connected.token.encode() for connected in used.connected.values()}
    words = {SECRET.encode(), b"see this!", b"hello from", b"correct horse battery"}

    assert len(messages) >= 8
    assert b'"k":"access"' in public
    assert leaked(public, of_people(used.world)) == set()
    assert leaked(public, of_openings(used) | talks | messages | tokens | words) == set()


def test_no_leaf_tells_the_time_of_day(used: Used) -> None:
    def values(value: object) -> Iterator[object]:
        if isinstance(value, dict | list):
            for item in value.values() if isinstance(value, dict) else value:
                yield from values(item)
        else:
            yield value

    for entry in used.entries():
        for value in values(canonical.decode(entry)):
            assert not isinstance(value, int) or value < NO_TIME, entry
            assert not isinstance(value, str) or TIME_OF_DAY.search(value) is None, entry


def test_two_leaves_about_one_person_share_nothing_that_is_hers(used: Used) -> None:
    by_person: dict[bytes, list[dict[str, Any]]] = {}
    for event in used.events():
        by_person.setdefault(event.subject, []).append(dict(event.leaf.fields()))

    assert all(len(by_person[used.world.subject(who)]) > 3 for who in PEOPLE)
    for leaves in by_person.values():
        for one, other in itertools.combinations(leaves, 2):
            assert {name for name in one if one[name] == other.get(name)} <= SHARED_BY_ALL
    assert set(used.events()[0].leaf.fields()) - SHARED_BY_ALL == {"tag", "c"}


def test_no_tag_commitment_or_part_of_one_is_there_twice(used: Used) -> None:
    halves = [
        half
        for event in used.events()
        for whole in (event.leaf.tag, event.leaf.commitment)
        for half in (whole[:16], whole[16:])
    ]

    assert len(set(halves)) == len(halves)


def test_the_place_in_a_batch_does_not_tell_whose_the_leaf_is(used: Used) -> None:
    batches: dict[str, list[Written]] = {}
    for event in used.events():
        if event.private.request is not None and event.leaf.kind in {"access", "exposure"}:
            batches.setdefault(event.private.request.nonce, []).append(event)

    assert len(batches) == 7
    for batch in batches.values():
        assert len(batch) == 3
        by_place = sorted(batch, key=lambda event: event.index)
        assert [event.leaf.tag for event in by_place] == sorted(event.leaf.tag for event in batch)


def test_an_epoch_says_nothing_that_does_not_follow_from_the_leaves_before_it(used: Used) -> None:
    entries = used.entries()
    replayed, covered = Replay(), 0
    for index, entry in enumerate(entries):
        leaf = parse(entry)
        if isinstance(leaf, EpochLeaf):
            before = Replay()
            for earlier in entries[: leaf.size]:
                before.add(earlier)
            before.commitments.take_in(leaf.size)
            assert leaf == before.commitments.leaf(covered, leaf.day)
            assert leaf.size <= index
            covered = leaf.size
        replayed.add(entry)

    assert covered > 0
    assert replayed.history().breaches == ()


@pytest.mark.parametrize("partner", ["jukebox", "echo"])
def test_what_a_partner_was_told_has_nothing_of_another_lane(used: Used, partner: str) -> None:
    world = used.world
    answers = "\n".join(used.told[partner])
    extras = [
        TlogProof.parse(receipt).extra or b""
        for text in used.told[partner]
        for receipt in json.loads(text)["receipts"]
    ]
    told = b"\n".join([answers.encode(), *extras])
    lanes = itertools.product(PARTNERS, (tags.SHARED, tags.OWN), PEOPLE)
    foreign = set().union(*(of_lane(world, *lane) for lane in lanes if lane[:2] != (partner, tags.SHARED)))
    others = {
        base64.b64encode(event.leaf.tag)
        for event in used.events()
        if (event.leaf.partner, event.lane) != (partner, tags.SHARED)
    }
    subjects = set().union(*(spellings(world.subject(handle)) for handle in PEOPLE))
    other = used.connected["echo" if partner == "jukebox" else "jukebox"]

    assert len(extras) >= 10
    assert leaked(told, of_lane(world, partner, tags.SHARED, PEOPLE[0])) != set()
    assert leaked(told, foreign | others | subjects) == set()
    assert leaked(told, {ref.encode() for ref in other.refs} | {other.token.encode()}) == set()
