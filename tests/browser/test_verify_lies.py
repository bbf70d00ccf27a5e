"""The page /verify against a server that lies: each lie is found, at the step that is there for it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.a_check import Outcome, check, serve
from tests.browser.a_liar import Liar, serving
from tests.browser.register_lies import REGISTER, Tell
from tests.verdict.log_builder import ALICE, BOB, DAY, LogBuilder, seed
from tests.verdict.stories import told
from vestibule.ledger import leaf, tags
from vestibule.ledger.commitment import Opening, commit
from vestibule.ledger.prefix_map import PrefixMap
from vestibule.ledger.vrf import VrfKey
from vestibule.tlog.checkpoint import Checkpoint, sign_checkpoint
from vestibule.tlog.cosignature import cosign
from vestibule.tlog.keys import COSIGNATURE, SigningKey
from vestibule.verdict.person_file import LaneFile, PersonFile

pytestmark = pytest.mark.usefixtures("curve")

WITNESSES = [SigningKey.from_seed(f"w{i}.example", seed(f"w{i}"), COSIGNATURE) for i in (1, 2, 3)]
OWN_HOST = SigningKey.from_seed("vestibule.example/witness", seed("own"), COSIGNATURE)
RULES = "Every entry keeps the rules"
YOURS = "Your own history"


def witnessed_by(log: LogBuilder, policy: str, *witnesses: SigningKey) -> dict[str, bytes]:
    """Serve a log under a policy of two out of three, with these cosignatures, one after the other."""
    note = log.note()
    text = note.partition("\n\n")[0] + "\n"
    lines = "".join(cosign(text, witness, DAY * 86_400 + 9) for witness in witnesses)
    both = {"checkpoint": (note + lines).encode(), "checkpoint.witnessed": (note + lines).encode()}
    return log.files() | both | {"policy": policy.encode()}


def two_of(*witnesses: SigningKey, said: str = "") -> str:
    named = "".join(f"witness w{i} {witness.verifier}\n" for i, witness in enumerate(witnesses, start=1))
    names = " ".join(f"w{i}" for i in range(1, len(witnesses) + 1))
    return f"log {LogBuilder().signing.verifier}\n{named}group two 2 {names}\nquorum two\n{said}"


# The checkpoint


def test_a_checkpoint_signed_by_another_key(page: Page, liar: Liar) -> None:
    log = told()
    impostor = SigningKey.from_seed(log.origin, seed("impostor"))
    serve(liar, log)
    tree = log.tree()
    forged = sign_checkpoint(Checkpoint(log.origin, tree.size, tree.root()), impostor)
    liar.files["checkpoint"] = forged.encode()
    assert "expected a signature by the log" in check(page, liar).text

    # Under the log's own key id, too: its signature, below another size.
    liar.files["checkpoint"] = log.note().replace(f"\n{tree.size}\n", f"\n{tree.size - 1}\n").encode()
    outcome = check(page, liar)
    assert outcome.failed == ["The newest state is signed"]
    assert "does not verify" in outcome.text


def test_another_log_of_the_same_size_is_a_split_view(page: Page, liar: Liar) -> None:
    log, other = told(), told()
    log.event("refusal", "jukebox", ALICE)
    other.event("refusal", "jukebox", BOB)
    serve(liar, log)
    assert check(page, liar).failed == []

    serve(liar, other)
    outcome = check(page, liar)
    assert outcome.failed == ["It continues what this browser saw before"]
    assert "two different logs were signed" in outcome.text
    # Both notes are there to be kept.
    assert page.locator("#more pre").all_inner_texts() == [log.note(), other.note()]
    # What contradicts is never remembered in place of what was seen.
    assert check(page, liar).failed == outcome.failed
    serve(liar, log)
    assert check(page, liar).failed == []


def test_a_rewritten_log_that_also_grew(page: Page, liar: Liar) -> None:
    log, other = told(), told()
    log.event("refusal", "jukebox", ALICE)
    for person in (BOB, ALICE):
        other.event("refusal", "jukebox", person)
    serve(liar, log)
    check(page, liar)
    serve(liar, other)
    assert "two different logs were signed" in check(page, liar).text


def test_a_smaller_checkpoint_replayed(page: Page, liar: Liar) -> None:
    log = told()
    old = log.files()
    log.event("refusal", "jukebox", ALICE)
    serve(liar, log)
    check(page, liar)
    liar.files |= old
    outcome = check(page, liar)
    assert outcome.failed == ["It continues what this browser saw before"]
    assert "an old state is passed off as the newest" in outcome.text


# Witnesses


def test_one_witness_key_under_two_names(page: Page, liar: Liar) -> None:
    twice = two_of(WITNESSES[0], WITNESSES[0])
    liar.files = witnessed_by(told(), twice, WITNESSES[0])
    outcome = check(page, liar)
    assert outcome.failed == ["Whose keys are trusted"]
    assert "is in the policy already" in outcome.text


def test_one_witness_that_signs_twice(page: Page, liar: Liar) -> None:
    liar.files = witnessed_by(told(), two_of(*WITNESSES), WITNESSES[0], WITNESSES[0])
    outcome = check(page, liar)
    assert outcome.failed == ["Who else vouches for it"]
    assert "expected the quorum two, got cosignatures that count by w1" in outcome.text


@pytest.mark.parametrize(
    ("second", "said"),
    [(OWN_HOST, ""), (WITNESSES[1], "# run-by w2 platform\n"), (WITNESSES[1], "#\trun-by w2  PLATFORM\n")],
    ids=["host", "said", "shouted"],
)
def test_a_witness_of_the_platform_counts_as_zero(
    page: Page, liar: Liar, second: SigningKey, said: str
) -> None:
    liar.files = witnessed_by(told(), two_of(WITNESSES[0], second, said=said), WITNESSES[0], second)
    assert check(page, liar).failed == ["Who else vouches for it"]


def test_a_forged_cosignature(page: Page, liar: Liar) -> None:
    log = told()
    liar.files = witnessed_by(log, two_of(*WITNESSES), WITNESSES[0])
    forged = WITNESSES[1].line((DAY * 86_400).to_bytes(8, "big") + WITNESSES[2].sign_bytes(b"another text"))
    liar.files["checkpoint"] += forged.encode()
    outcome = check(page, liar)
    assert outcome.failed == ["The newest state is signed"]
    assert "the signature by w2.example does not verify" in outcome.text


# The files


def test_a_truncated_bundle(page: Page, liar: Liar) -> None:
    log = told()
    serve(liar, log)
    path = f"tile/entries/000.p/{len(log.entries)}"
    liar.files[path] = liar.files[path][:-5]
    outcome = check(page, liar)
    assert outcome.failed == ["Every entry is under the signed root"]
    assert "ends within entry" in outcome.text


def test_a_changed_entry(page: Page, liar: Liar) -> None:
    log = told()
    serve(liar, log)
    path = f"tile/entries/000.p/{len(log.entries)}"
    liar.files[path] = liar.files[path].replace(b'"op":"messages.read"', b'"op":"messages.rea!"')
    outcome = check(page, liar)
    assert outcome.failed == ["Every entry is under the signed root"]
    assert "expected leaf hash" in outcome.text


def test_hash_tiles_of_another_log(page: Page, liar: Liar) -> None:
    log, other = told(), told()
    log.event("refusal", "jukebox", ALICE)
    other.event("refusal", "jukebox", BOB)
    serve(liar, log)
    path = f"tile/0/000.p/{len(log.entries)}"
    liar.files[path] = other.files()[path]
    assert "they are not those of this checkpoint" in check(page, liar).text


# The rules that every entry must keep


def raw(change: Callable[[bytes], bytes]) -> Tell:
    """Put the newest entry there once more, spelled otherwise."""

    def tell(log: LogBuilder) -> None:
        log.event("refusal", "jukebox", BOB)
        log.entries[-1] = change(log.entries[-1])

    return tell


def omitted_from_the_map(log: LogBuilder) -> None:
    """Commit to a map that lacks one event, with the number of tags that it then has."""
    events = [(i, one) for i, one in enumerate(map(leaf.parse, log.entries)) if isinstance(one, leaf.Event)]
    smaller = PrefixMap()
    for index, event in events[1:]:
        smaller.insert(event.tag, index)
    log.epoch(root=smaller.root(), count=len(smaller))


def other_index_in_the_map(log: LogBuilder) -> None:
    events = [(i, one) for i, one in enumerate(map(leaf.parse, log.entries)) if isinstance(one, leaf.Event)]
    other = PrefixMap()
    for index, event in events:
        other.insert(event.tag, index + 1)
    log.epoch(root=other.root())


def a_read_after_the_last_end(log: LogBuilder) -> None:
    log.event("end", "jukebox", ALICE)
    log.read("jukebox", ALICE, 2)


def a_used_tag(log: LogBuilder) -> None:
    log.event("refusal", "jukebox", ALICE, counter=0)


def a_read_while_suspended(log: LogBuilder) -> None:
    log.add(leaf.SuspensionLeaf("jukebox", "operator", lifted=False, day=log.day))
    log.read("jukebox", ALICE, 1)
    log.add(leaf.SuspensionLeaf("jukebox", "operator", lifted=True, day=log.day))


RULED: dict[str, tuple[Tell, str]] = {
    "a used tag": (a_used_tag, "expected a fresh tag"),
    "an event omitted from the map": (omitted_from_the_map, "tags, got"),
    "another index in the map": (other_index_in_the_map, "expected the map root"),
    "a wrong total": (lambda log: log.epoch(table=bytes(32)), "expected the totals' digest"),
    "an epoch that looks back": (lambda log: (log.epoch(), log.epoch(size=3)), "expected an epoch over"),
    "a privilege without the partner's signature": (
        lambda log: log.privilege("marquee", signer="operator"),
        "expected a signature by marquee",
    ),
    "a read without a privilege": (
        lambda log: log.read("marquee", BOB, 1),
        "expected a privilege of marquee",
    ),
    "a read while suspended": (
        a_read_while_suspended,
        "expected no access by jukebox, suspended by operator",
    ),
    **REGISTER,
    "a read after the last end": (a_read_after_the_last_end, "expected a live grant of messages.read"),
    "a leaf of an earlier day": (
        lambda log: log.event("refusal", "jukebox", BOB, shown={"day": DAY - 1}),
        f"expected day {DAY} or later, got {DAY - 1}",
    ),
    "an unregistered partner": (
        lambda log: log.event("refusal", "nobody-knows", BOB),
        "expected a registered partner",
    ),
    "the operator's basis for a partner": (
        lambda log: log.event("access", "jukebox", BOB, n=1, shown={"basis": "operator"}),
        "expected basis grant",
    ),
    "a second genesis": (lambda log: log.entries.append(log.entries[0]), "expected genesis at index 0 only"),
    "spaces": (raw(lambda entry: entry.replace(b",", b", ")), "another spelling of the same object"),
    "a key twice": (raw(lambda entry: entry[:-1] + b',"v":1}'), "another spelling of the same object"),
    "another order": (
        raw(lambda entry: b'{"v":1,' + entry[1:].replace(b',"v":1', b"")),
        "another spelling of the same object",
    ),
    "an unknown field": (raw(lambda entry: entry[:-1] + b',"w":1}'), "expected no further field, got w"),
    "no json": (raw(lambda _: b"\xff"), "expected valid utf-8"),
    "an unknown kind": (raw(lambda entry: entry.replace(b"refusal", b"gossip")), "expected a known kind"),
}


@pytest.fixture(scope="module")
def all_told(browser: Browser) -> tuple[Outcome, dict[str, int]]:
    """Tell all these lies in one log; give what the page found, and from which entry on each is told."""
    log = told()
    begun: dict[str, int] = {}
    for name, (tell, _) in RULED.items():
        begun[name] = len(log.entries)
        tell(log)
    with serving() as liar, browser.new_context() as context:
        serve(liar, log)
        return check(context.new_page(), liar), begun


@pytest.mark.parametrize("lie", RULED)
def test_a_leaf_that_breaks_a_rule(all_told: tuple[Outcome, dict[str, int]], lie: str) -> None:
    outcome, begun = all_told
    assert outcome.failed == [RULES]
    later = [at for at in begun.values() if at > begun[lie]]
    entries = range(begun[lie], min(later, default=begun[lie] + 9))
    about = [
        line for line in outcome.text.splitlines() if line.startswith(tuple(f"Entry {i} " for i in entries))
    ]
    assert [line for line in about if RULED[lie][1] in line] != [], about


def test_a_leaf_of_tomorrow_and_more(page: Page, liar: Liar) -> None:
    log = told()
    log.epoch(day=DAY * 2)
    serve(liar, log)
    outcome = check(page, liar)
    assert outcome.failed == ["The days fit the time"]


# Receipts

Forge = Callable[[LogBuilder], str]


def of_another_person(log: LogBuilder) -> str:
    """Show Alice's leaf with an opening of Bob's."""
    log.event("refusal", "jukebox", BOB)
    leaf_of_alice = log.openings["jukebox", tags.SHARED, ALICE][-1]
    opening = log.openings["jukebox", tags.SHARED, BOB][-1]
    return log.receipt(leaf_of_alice.index, opening, log.lane("jukebox", tags.SHARED, BOB)[0])


def with_the_lane_key_of_another(log: LogBuilder) -> str:
    opening = log.openings["jukebox", tags.SHARED, ALICE][-1]
    return log.receipt(opening.index, opening, log.lane("jukebox", tags.SHARED, BOB)[0])


def of_another_origin(_: LogBuilder) -> str:
    other = "other.example/log"
    elsewhere = LogBuilder(origin=other, signing=SigningKey.from_seed(other, seed("log")))
    elsewhere.partner("jukebox")
    return elsewhere.receipt(1)


def of_another_branch(log: LogBuilder) -> str:
    """Give a receipt of a leaf that the log shows nobody else."""
    other = told()
    hidden = other.event("refusal", "jukebox", BOB)
    log.event("refusal", "jukebox", ALICE)
    return other.receipt(hidden)


def of_another_place(log: LogBuilder) -> str:
    receipt = log.release("jukebox", ALICE)
    index = log.openings["jukebox", tags.SHARED, ALICE][-1].index
    return receipt.replace(f"\nindex {index}\n", f"\nindex {index - 1}\n")


FORGED: dict[str, tuple[Forge, str]] = {
    "another person's": (of_another_person, "expected an opening of the leaf's commitment"),
    "another person's lane key": (with_the_lane_key_of_another, "expected the person"),
    "another log's": (of_another_origin, "expected a signature by the log"),
    "a hidden branch's": (of_another_branch, "two different logs were signed"),
    "another leaf's": (of_another_place, "inclusion proof"),
}


@pytest.mark.parametrize(("forge", "found"), FORGED.values(), ids=FORGED)
def test_a_receipt_that_is_not_of_this_log(page: Page, liar: Liar, forge: Forge, found: str) -> None:
    log = told()
    receipt = forge(log)
    serve(liar, log)
    outcome = check(page, liar, receipt=receipt)
    assert outcome.failed == ["Your receipt is of this log"]
    assert found in outcome.text


# A person's own history


def person_of(log: LogBuilder) -> PersonFile:
    return log.person(ALICE, "jukebox", "marquee")


def with_lane(person: PersonFile, partner: str, lane: str, held: LaneFile) -> PersonFile:
    return replace(person, partners={**person.partners, partner: {**person.partners[partner], lane: held}})


def denied(page: Page, liar: Liar, log: LogBuilder, person: PersonFile) -> str:
    """Check a log that is good in itself with a person file; return what was found wrong."""
    serve(liar, log)
    outcome = check(page, liar, person)
    assert outcome.failed == [YOURS], outcome.text
    assert "Not proven: what is between" in outcome.text
    return outcome.text


def test_a_skipped_counter_that_hides_an_event(page: Page, liar: Liar) -> None:
    log = told()
    person = person_of(log)
    log.event("refusal", "jukebox", ALICE, counter=9)
    for _ in range(9):
        log.event("refusal", "jukebox", BOB)
    assert "the log skips a counter, which hides an event" in denied(page, liar, log, person)


def test_an_event_under_somebody_elses_tag(page: Page, liar: Liar) -> None:
    log = told()
    key, _ = log.lane("jukebox", tags.SHARED, BOB)
    log.event("refusal", "jukebox", ALICE, shown={"tag": tags.tag(key, 0)})
    assert "expected the tag" in denied(page, liar, log, person_of(log))


@pytest.mark.parametrize("opened", [True, False])
def test_an_event_of_hers_under_another_partners_name(page: Page, liar: Liar, *, opened: bool) -> None:
    log = told()
    before = person_of(log)
    index = log.event("refusal", "jukebox", ALICE, shown={"partner": "marquee"})
    held = log.openings["jukebox", tags.SHARED, ALICE]
    hidden = held[-1].private.replace(b'"partner":"jukebox"', b'"partner":"marquee"')
    event = leaf.parse(log.entries[index])
    assert isinstance(event, leaf.Event)
    log.entries[index] = leaf.encode(replace(event, commitment=commit(held[-1].r, hidden)))
    held[-1] = Opening(index, held[-1].r, hidden)
    found = denied(page, liar, log, person_of(log) if opened else before)
    assert ("expected an event of jukebox, got one of marquee" if opened else "none of jukebox's") in found


def test_a_proof_under_a_second_vrf_key(page: Page, liar: Liar) -> None:
    log = told()
    person = person_of(log)
    second = VrfKey.from_seed(seed("second"))
    proof = second.prove(tags.alpha(log.origin, "jukebox", tags.SHARED, ALICE))
    lied = with_lane(person, "jukebox", tags.SHARED, LaneFile(proof, ()))
    assert "the proof does not hold under the log's VRF key" in denied(page, liar, log, lied)


def test_the_proof_of_another_lane(page: Page, liar: Liar) -> None:
    log = told()
    person = person_of(log)
    own = person.partners["jukebox"][tags.OWN]
    lied = with_lane(person, "jukebox", tags.SHARED, LaneFile(own.proof, ()))
    assert "the proof does not hold" in denied(page, liar, log, lied)


def test_the_opening_of_another_person(page: Page, liar: Liar) -> None:
    log = told()
    log.event("refusal", "jukebox", BOB)
    person = person_of(log)
    held = person.partners["jukebox"][tags.SHARED]
    bobs = tuple(log.openings["jukebox", tags.SHARED, BOB])
    lied = with_lane(person, "jukebox", tags.SHARED, LaneFile(held.proof, bobs))
    assert "expected the person" in denied(page, liar, log, lied)


def test_an_opening_that_does_not_open_its_leaf(page: Page, liar: Liar) -> None:
    log = told()
    person = person_of(log)
    held = person.partners["jukebox"][tags.SHARED]
    other = replace(held.openings[0], r=bytes(32))
    lied = with_lane(person, "jukebox", tags.SHARED, LaneFile(held.proof, (other,)))
    assert "expected an opening of the leaf's commitment" in denied(page, liar, log, lied)


def test_an_opening_that_says_otherwise_than_its_leaf(page: Page, liar: Liar) -> None:
    log = told()
    log.read("jukebox", ALICE, 9, shown={"n": 1}, grant=7)
    assert "expected the number of items" in denied(page, liar, log, person_of(log))


def test_a_request_that_the_partner_never_signed(page: Page, liar: Liar) -> None:
    log = told()
    log.event("access", "jukebox", ALICE, n=1, request=log.signed("jukebox", signer="operator"))
    assert "expected a request signed by jukebox" in denied(page, liar, log, person_of(log))


def test_an_event_after_her_own_connection_ended(page: Page, liar: Liar) -> None:
    log = told()
    log.event("grant", "jukebox", BOB)  # so that the public still counts a live connection
    grant = next(i for i, entry in enumerate(log.entries) if b'"grant","n":0' in entry)
    log.event("end", "jukebox", ALICE, grant=grant)
    log.read("jukebox", ALICE, 1, grant=grant)
    assert "none of yours in force there" in denied(page, liar, log, person_of(log))


def test_a_file_that_leaves_a_partner_out(page: Page, liar: Liar) -> None:
    log = told()
    assert "your file says nothing about this partner" in denied(
        page, liar, log, log.person(ALICE, "jukebox")
    )


def test_a_file_of_another_log(page: Page, liar: Liar) -> None:
    log = told()
    serve(liar, log)
    outcome = check(page, liar, replace(person_of(log), origin="other.example/log"))
    assert outcome.failed == [YOURS]
    assert "expected a file of the log" in outcome.text
