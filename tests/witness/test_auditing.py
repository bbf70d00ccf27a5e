"""An auditor refuses whatever everybody could find in the log, for good, and cosigns the rest."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.verdict.log_builder import ALICE, BOB, DAY, READ, LogBuilder, like, seed
from tests.verdict.stories import COUNTS
from tests.witness.a_witness import WITNESS
from tests.witness.an_audited_log import Audited, audited, refusal
from vestibule.ledger.leaf import Event, Genesis, Withdrawal, parse
from vestibule.ledger.tags import OWN
from vestibule.tlog.keys import SigningKey
from vestibule.tlog.note import Note
from vestibule.witness.replaying import Sighting

Break = Callable[[LogBuilder], int]
A_DAY = 86_400


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Audited]:
    with audited(tmp_path / "auditor") as log:
        yield log


def dialog(log: LogBuilder, day: int) -> int:
    """Record what needs neither privilege nor connection."""
    return log.event("send", "marquee", ALICE, op="dialog", n=1, lane=OWN, shown={"day": day})


def malformed(log: LogBuilder) -> int:
    log.entries.append(log.entries[-1].replace(b'"v":1', b'"v":2'))
    return len(log.entries) - 1


def another_key_at_leaf_0(log: LogBuilder) -> int:
    other = SigningKey.from_seed(log.origin, seed("another"))
    log.entries[0] = LogBuilder(log.origin, other).entries[0]
    return 0


def a_second_genesis(log: LogBuilder) -> int:
    return log.add(Genesis(log.origin, log.vrf.public, str(log.signing.verifier), 1, DAY))


def a_privilege_without_the_partners_signature(log: LogBuilder) -> int:
    return log.privilege("jukebox", scope="friends.list", signer="marquee")


def counts_without_the_partners_signature(log: LogBuilder) -> int:
    index = log.reconcile("jukebox", COUNTS)
    log.entries[index] = log.entries[index].replace(b'"sig":"', b'"sig":"AAAA', 1)[:-1] + b"}"
    signature = log.entries[index].index(b'"sig":"') + 7
    entry = bytearray(log.entries[index])
    del entry[signature + 4 : signature + 8]
    log.entries[index] = bytes(entry)
    return index


def a_read_without_a_privilege(log: LogBuilder) -> int:
    log.add(Withdrawal("jukebox", READ, DAY))
    return log.read("jukebox", ALICE, 1)


def a_read_while_nobody_is_connected(log: LogBuilder) -> int:
    log.event("end", "jukebox", ALICE)
    return log.read("jukebox", ALICE, 1)


def a_grant_without_a_privilege(log: LogBuilder) -> int:
    return log.event("grant", "marquee", ALICE)


def an_end_of_nothing(log: LogBuilder) -> int:
    log.event("end", "jukebox", ALICE)
    return log.event("end", "jukebox", BOB)


def a_partner_nobody_knows(log: LogBuilder) -> int:
    return log.event("refusal", "nobodys", ALICE)


def a_reused_tag(log: LogBuilder) -> int:
    tag = next(leaf.tag for entry in log.entries if isinstance(leaf := parse(entry), Event))
    return log.event("refusal", "jukebox", ALICE, shown={"tag": tag})


def a_wrong_map(log: LogBuilder) -> int:
    return log.epoch(root=bytes(32))


def a_wrong_count(log: LogBuilder) -> int:
    return log.epoch(count=7)


def wrong_totals(log: LogBuilder) -> int:
    return log.epoch(table=bytes(32))


def an_epoch_over_nothing_new(log: LogBuilder) -> int:
    return log.epoch(size=12)


def a_day_that_goes_back(log: LogBuilder) -> int:
    dialog(log, DAY + 1)
    return dialog(log, DAY)


def a_day_that_has_not_come(log: LogBuilder) -> int:
    return dialog(log, DAY + 2)


BREACHES: dict[Break, str] = {
    malformed: "expected version 1, got 2",
    another_key_at_leaf_0: "expected the log",
    a_second_genesis: "expected genesis at index 0 only",
    a_privilege_without_the_partners_signature: "expected a signature by jukebox",
    counts_without_the_partners_signature: "expected a signature by jukebox",
    a_read_without_a_privilege: "expected a privilege of jukebox",
    a_read_while_nobody_is_connected: "expected a live grant",
    a_grant_without_a_privilege: "expected a privilege of marquee",
    an_end_of_nothing: "expected a live grant of messages.read to end",
    a_partner_nobody_knows: "expected a registered partner",
    a_reused_tag: "expected a fresh tag",
    a_wrong_map: "expected the map root",
    a_wrong_count: "tags, got 7",
    wrong_totals: "expected the totals' digest",
    an_epoch_over_nothing_new: "expected an epoch over",
    a_day_that_goes_back: f"expected day {DAY + 1} or later, got {DAY}",
    a_day_that_has_not_come: f"expected a day up to {DAY + 1}",
}


@pytest.mark.parametrize("breaks", BREACHES, ids=lambda breaks: breaks.__name__)
def test_a_breach_is_refused_for_good_and_names_its_leaf(log: Audited, breaks: Break) -> None:
    index = breaks(log.log)
    checkpoint = log.publish()
    with log.auditor() as auditor:
        status, reason = refusal(auditor, checkpoint)
        assert (status, reason.startswith(f"leaf {index}: ")) == (422, True), reason
        assert BREACHES[breaks] in reason
        assert "\n" not in reason
        log.log.epoch()
        assert refusal(auditor, log.publish()) == (422, reason)
    log.web.down = True
    with log.auditor() as restarted:
        assert refusal(restarted, checkpoint) == (422, reason)


def test_an_honest_log_is_cosigned_as_it_grows_and_read_only_once(log: Audited) -> None:
    for _ in range(300):
        log.log.event("refusal", "jukebox", BOB)
    size = log.publish().size
    with log.witness() as witness:
        first = witness.add(log.request(0))
        assert first.status_code == 200
        log.web.asked.clear()
        log.log.event("refusal", "jukebox", BOB)
        log.log.epoch()
        log.publish()
        answer = witness.add(log.request(size))
        assert answer.status_code == 200
    note = Note.parse(log.log.note()).with_lines(*answer.text.splitlines())
    assert note.verify_key(WITNESS.verifier) == (log.now,)
    assert "tile/entries/000" not in log.web.asked
    assert [path for path in log.web.asked if path.startswith("tile/entries/")] == ["tile/entries/001.p/59"]


def test_a_breach_is_answered_with_422_and_one_line_after_which_nothing_is_cosigned(log: Audited) -> None:
    size = log.publish().size
    with log.witness() as witness:
        assert witness.add(log.request(0)).status_code == 200
        index = a_partner_nobody_knows(log.log)
        log.publish()
        answer = witness.add(log.request(size))
        expected = f"leaf {index}: expected a registered partner, got 'nobodys'\n"
        assert (answer.status_code, answer.text) == (422, expected)
    log.web.down = True
    with log.witness() as witness:
        assert witness.add(log.request(size)).text == expected


def test_a_log_whose_files_cannot_be_had_is_asked_again(log: Audited) -> None:
    checkpoint = log.publish()
    log.web.down = True
    with log.auditor() as auditor:
        status, reason = refusal(auditor, checkpoint)
        assert (status, "expected status 200, got 503" in reason) == (503, True)
        log.web.down = False
        assert refusal(auditor, checkpoint) == (200, "")


def test_an_entry_that_is_not_the_trees_is_not_believed_and_not_held_against_the_log(log: Audited) -> None:
    checkpoint = log.publish()
    [path] = [path for path in log.web.files if path.startswith("tile/entries/")]
    honest = log.web.files[path]
    log.web.files[path] = honest.replace(b"to suggest songs", b"to suggest films")
    with log.auditor() as auditor:
        assert refusal(auditor, checkpoint) == (
            503,
            f"cannot read the log: {path} has another entry 5 than the tree",
        )
        assert auditor.history().size == 0
        log.web.files[path] = honest
        assert refusal(auditor, checkpoint) == (200, "")


def test_a_leaf_back_dated_behind_what_was_seen_is_refused(log: Audited) -> None:
    checkpoint = log.publish()
    log.now += 2 * A_DAY
    with log.auditor() as auditor:
        assert refusal(auditor, checkpoint) == (200, "")
        index = dialog(log.log, DAY)
        status, reason = refusal(auditor, log.publish())
    assert (status, reason) == (
        422,
        f"leaf {index}: expected day {DAY + 1} or later behind the {index} leaves seen before, got {DAY}",
    )


def test_when_the_log_was_seen_is_known_after_a_restart(log: Audited) -> None:
    checkpoint = log.publish()
    log.now += 2 * A_DAY
    with log.auditor() as auditor:
        assert refusal(auditor, checkpoint) == (200, "")
    index = dialog(log.log, DAY)
    with log.auditor() as restarted:
        assert refusal(restarted, log.publish())[1].startswith(
            f"leaf {index}: expected day {DAY + 1} or later"
        )


def test_a_leaf_of_the_evening_that_is_seen_after_midnight_is_no_breach(log: Audited) -> None:
    with log.auditor() as auditor:
        log.now = (DAY + 1) * A_DAY - 1
        assert refusal(auditor, log.publish()) == (200, "")
        log.now += 2
        dialog(log.log, DAY)
        assert refusal(auditor, log.publish()) == (200, "")
        dialog(log.log, DAY + 2)
        assert refusal(auditor, log.publish()) == (200, "")


@pytest.mark.parametrize("restarts", [False, True])
@pytest.mark.parametrize("more", [0, 3])
def test_a_second_tree_is_refused_for_good_even_if_the_first_was_not_cosigned(
    log: Audited, *, restarts: bool, more: int
) -> None:
    first = log.publish()
    forked = like(log.log, entries=log.log.entries[:6], openings={})
    while len(forked.entries) < first.size + more:
        forked.event("refusal", "marquee", BOB)
    with log.auditor() as auditor:
        assert refusal(auditor, first) == (200, "")
        honest, log.log = log.log, forked
        second = log.publish()
        if not restarts:
            assert refusal(auditor, second)[0] == 422
    with log.auditor() as restarted:
        status, reason = refusal(restarted, second)
        assert (status, reason.startswith("expected root ")) == (422, True)
        log.log = honest
        assert refusal(restarted, log.publish()) == (422, reason)


def test_a_replay_that_was_cut_off_remembers_the_tree_that_it_read(log: Audited) -> None:
    forked = like(log.log, entries=log.log.entries[:6], openings={})
    for tree in (log.log, forked):
        while len(tree.entries) < 300:
            tree.event("refusal", "marquee", BOB if tree is forked else ALICE)
    checkpoint = log.publish()
    del log.web.files["tile/entries/001.p/44"]
    with log.auditor() as auditor:
        assert refusal(auditor, checkpoint)[0] == 503
        assert auditor.history().size == 256
        log.log = forked
        assert refusal(auditor, log.publish())[0] == 422


def test_an_older_checkpoint_of_the_same_tree_is_no_fork(log: Audited) -> None:
    older = log.publish()
    log.log.epoch()
    newest = log.publish()
    with log.auditor() as auditor:
        assert refusal(auditor, newest) == (200, "")
        log.now += 9 * A_DAY
        assert refusal(auditor, older) == (200, "")
    with log.auditor() as restarted:
        assert restarted.seen == Sighting(newest.size, newest.root, log.now - 9 * A_DAY)


def test_an_older_checkpoint_of_another_tree_is_a_fork(log: Audited) -> None:
    newest = log.publish()
    with log.auditor() as auditor:
        assert refusal(auditor, newest) == (200, "")
        log.log = like(log.log, entries=log.log.entries[:6], openings={})
        log.log.event("refusal", "marquee", BOB)
        assert refusal(auditor, log.publish())[0] == 422
