from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest

from tests.verdict.log_builder import ALICE, BOB, DAY, NOW, LogBuilder, like, seed, witnessed
from tests.verdict.stories import told
from tests.watch.a_site import Site, site
from vestibule.cli.fetching import fetcher
from vestibule.tlog.checkpoint import Checkpoint, sign_checkpoint
from vestibule.tlog.errors import TlogError
from vestibule.tlog.keys import SigningKey
from vestibule.tlog.note import Note
from vestibule.tlog.split_view import SplitView
from vestibule.verdict.log_view import read_log
from vestibule.verdict.trust import trust
from vestibule.watch.errors import BadState
from vestibule.watch.looking import Watch
from vestibule.watch.notice import Kind, Notice
from vestibule.watch.state import State

PATIENCE = 300


@dataclass
class Watcher:
    """A watch of one log over HTTP, which a test stops and starts again."""

    folder: Path
    log: LogBuilder
    web: Site
    http: httpx2.Client
    state: State = field(default_factory=lambda: State("vestibule.example/log"))
    now: int = NOW
    watch: Watch | None = None

    def publish(self, log: LogBuilder | None = None) -> None:
        self.web.files = (log or self.log).files()

    def look(self) -> list[Notice]:
        recalled: tuple[Notice, ...] = ()
        if self.watch is None:
            self.watch = Watch(self.folder, trust(self.log.policy()), PATIENCE)
            recalled = self.watch.recall(self.state.told)
        self.state, notices = self.watch.look(fetcher(self.web.url, self.http), self.state, self.now)
        return [*recalled, *notices]

    def look_and_publish(self) -> list[Notice]:
        self.publish()
        return self.look()

    def kinds(self) -> list[Kind]:
        return [notice.kind for notice in self.look()]

    def evidence(self) -> list[Path]:
        return sorted((self.folder / "evidence").glob("*"))


@pytest.fixture
def watcher(tmp_path: Path) -> Iterator[Watcher]:
    log = told()
    log.epoch()
    with site() as web, httpx2.Client() as http:
        yield Watcher(tmp_path / "state", log, web, http)


def fork(log: LogBuilder, size: int) -> LogBuilder:
    """Copy a log's first leaves and let it go on otherwise."""
    other = like(log, entries=log.entries[:size], openings={})
    while len(other.entries) <= size:
        other.event("refusal", "marquee", BOB, counter=90)
    return other


def test_what_is_new_is_told_once(watcher: Watcher) -> None:
    assert len(watcher.look_and_publish()) == 8
    assert watcher.look() == []
    watcher.log.privilege("marquee", scope="friends.list")
    assert [notice.kind for notice in watcher.look_and_publish()] == [Kind.PRIVILEGE]


def test_a_watch_that_starts_again_goes_on_where_it_was(watcher: Watcher) -> None:
    watcher.look_and_publish()
    watcher.watch = None
    watcher.web.asked.clear()
    assert watcher.look() == []
    assert watcher.web.asked == ["checkpoint"]
    index = watcher.log.privilege("marquee", scope="friends.list")
    assert [notice.leaf for notice in watcher.look_and_publish()] == [index]


def test_a_crash_before_the_state_is_saved_repeats_lines_and_loses_none(watcher: Watcher) -> None:
    before = watcher.state
    first = watcher.look_and_publish()
    watcher.watch, watcher.state = None, before
    assert watcher.look() == first


def test_the_copy_verifies_like_the_log_itself(watcher: Watcher) -> None:
    for number in range(600):
        watcher.log.event("refusal", "jukebox", ALICE if number % 2 else BOB)
        if number in (3, 250, 300):
            watcher.log.epoch()
            watcher.look_and_publish()
    watcher.log.epoch()
    watcher.look_and_publish()
    own = fetcher(str(watcher.folder / "log"), watcher.http)
    view = read_log(own, trust(watcher.log.policy()))
    assert list(view.entries) == watcher.log.entries


@pytest.mark.parametrize("shown", ["smaller", "same size", "larger"])
def test_a_split_view_is_told_and_its_evidence_proves_it_offline(watcher: Watcher, shown: str) -> None:
    watcher.look_and_publish()
    size = len(watcher.log.entries)
    other = fork(watcher.log, size - {"smaller": 3, "same size": 1, "larger": 1}[shown])
    if shown == "larger":
        other.event("refusal", "jukebox", BOB, counter=91)
    watcher.publish(other)
    [notice] = watcher.look()
    assert (notice.kind, notice.leaf, notice.day) == (Kind.SPLIT_VIEW, None, DAY)
    [folder] = watcher.evidence()
    assert str(folder) in notice.text
    assert (folder / "first.checkpoint").read_text() == watcher.log.note()
    assert (folder / "second.checkpoint").read_text() == other.note()
    proof = SplitView.parse((folder / "split-view.json").read_bytes())
    sizes = [one.size for one in proof.verify(watcher.log.signing.verifier)]
    assert sizes == sorted([size, len(other.entries)])
    assert watcher.look() == []


def test_after_a_split_view_the_first_tree_is_still_the_one_that_counts(watcher: Watcher) -> None:
    watcher.look_and_publish()
    watcher.publish(fork(watcher.log, 5))
    assert watcher.kinds() == [Kind.SPLIT_VIEW]
    watcher.watch = None
    index = watcher.log.privilege("marquee", scope="friends.list")
    news = watcher.look_and_publish()
    assert [(notice.kind, notice.leaf) for notice in news] == [
        (Kind.PRIVILEGE, index),
        (Kind.SPLIT_VIEW, None),
    ]
    assert "the evidence stays" in news[-1].text


def test_a_witnessed_checkpoint_of_another_tree_is_a_split_view_too(watcher: Watcher) -> None:
    watcher.log = like(watcher.log, witness=witnessed().witness)
    assert watcher.look_and_publish()[-1].kind is not Kind.NO_QUORUM
    bare = like(watcher.log, witness=None)
    watcher.web.files["checkpoint"] = bare.note().encode()
    watcher.web.files["checkpoint.witnessed"] = fork(watcher.log, 5).note().encode()
    assert watcher.kinds() == [Kind.SPLIT_VIEW]


def test_a_smaller_checkpoint_is_told_and_both_notes_are_kept(watcher: Watcher) -> None:
    watcher.publish()
    old = watcher.web.files
    watcher.log.epoch()
    watcher.look_and_publish()
    watcher.web.files = old
    [notice] = watcher.look()
    assert notice.kind is Kind.SMALLER
    [folder] = watcher.evidence()
    assert (folder / "second.checkpoint").read_bytes() == old["checkpoint"]
    assert not (folder / "split-view.json").exists()
    assert watcher.look() == []
    assert [notice.text for notice in watcher.look_and_publish()] == [
        "the log shows all leaves again that were read"
    ]


def test_a_checkpoint_whose_files_are_withheld_is_told_and_kept(watcher: Watcher) -> None:
    watcher.look_and_publish()
    watcher.log.event("refusal", "jukebox", BOB)
    watcher.web.files["checkpoint"] = watcher.log.note().encode()
    [notice] = watcher.look()
    assert notice.kind is Kind.UNFIT
    [folder] = watcher.evidence()
    assert (folder / "second.checkpoint").read_text() == watcher.log.note()


def test_entries_that_are_not_those_of_the_tree_are_told_and_none_is_believed(watcher: Watcher) -> None:
    watcher.look_and_publish()
    size = watcher.state.told
    watcher.log.privilege("marquee", scope="friends.list")
    watcher.publish()
    path = next(path for path in watcher.web.files if path.startswith("tile/entries/"))
    data = watcher.web.files[path]
    watcher.web.files[path] = data.replace(b"to suggest songs", b"to suggest films")
    assert watcher.kinds() == [Kind.UNFIT]
    assert watcher.state.told == size
    watcher.web.files[path] = data
    assert watcher.kinds() == [Kind.PRIVILEGE, Kind.UNFIT]


def test_a_checkpoint_by_another_key_is_not_the_logs(watcher: Watcher) -> None:
    watcher.publish()
    stranger = SigningKey.from_seed(watcher.log.origin, seed("stranger"))
    watcher.web.files["checkpoint"] = like(watcher.log, signing=stranger).note().encode()
    assert watcher.kinds() == [Kind.UNFIT]
    assert watcher.state.told == 0


def test_a_log_that_does_not_answer_is_told_once_and_so_is_its_return(watcher: Watcher) -> None:
    watcher.look_and_publish()
    watcher.web.down = True
    assert watcher.kinds() == [Kind.UNREACHABLE]
    assert watcher.look() == []
    watcher.web.down = False
    assert [notice.text for notice in watcher.look()] == ["the log answers again"]


def test_what_was_wrong_stays_wrong_while_the_log_does_not_answer(watcher: Watcher) -> None:
    watcher.look_and_publish()
    watcher.publish(fork(watcher.log, 5))
    watcher.look()
    watcher.web.down = True
    assert watcher.kinds() == [Kind.UNREACHABLE]
    assert watcher.state.standing.keys() == {Kind.SPLIT_VIEW, Kind.UNREACHABLE}


def test_a_quorum_that_is_lost_is_told_and_so_is_its_return(watcher: Watcher) -> None:
    watcher.log = like(watcher.log, witness=witnessed().witness)
    assert Kind.NO_QUORUM not in [notice.kind for notice in watcher.look_and_publish()]
    watcher.web.files["checkpoint"] = like(watcher.log, witness=None).note().encode()
    [notice] = watcher.look()
    assert notice.text == "expected quorum w1, got cosignatures by nobody"
    watcher.web.files["checkpoint.witnessed"] = watcher.log.note().encode()
    assert [notice.text for notice in watcher.look()] == ["the policy's quorum is met again"]


def test_events_that_wait_too_long_for_an_epoch_are_told_once(watcher: Watcher) -> None:
    watcher.log.event("refusal", "jukebox", BOB)
    watcher.look_and_publish()
    watcher.now += PATIENCE
    watcher.watch = None
    assert watcher.look() == []
    watcher.now += 1
    [notice] = watcher.look()
    assert (notice.kind, notice.text) == (
        Kind.NO_EPOCH,
        "events from leaf 12 on wait for an epoch, for 301 seconds now",
    )
    watcher.log.epoch()
    assert [one.text for one in watcher.look_and_publish()] == [
        "the newest events are covered by an epoch again"
    ]


def test_an_epoch_in_between_begins_the_wait_anew(watcher: Watcher) -> None:
    for _ in range(3):
        watcher.log.event("refusal", "jukebox", BOB)
        watcher.look_and_publish()
        watcher.log.epoch()
        watcher.log.event("refusal", "jukebox", BOB)
        watcher.now += PATIENCE
        assert watcher.look_and_publish() == []


def test_an_epoch_that_could_not_be_read_is_not_said_to_be_missing(watcher: Watcher) -> None:
    watcher.log.event("refusal", "jukebox", ALICE)
    watcher.look_and_publish()
    watcher.web.down = True
    watcher.now += 2 * PATIENCE
    assert watcher.kinds() == [Kind.UNREACHABLE]
    # It was written in time, and is read when the log answers again.
    watcher.log.epoch()
    watcher.publish()
    watcher.web.down = False
    assert watcher.kinds() == [Kind.UNREACHABLE]
    # An old copy in a cache says nothing about the newest epoch either.
    old = dict(watcher.web.files)
    watcher.log.event("refusal", "jukebox", ALICE)
    watcher.look_and_publish()
    watcher.web.files = old
    watcher.now += 2 * PATIENCE
    assert watcher.kinds() == [Kind.SMALLER]


def test_a_missing_epoch_stays_missing_while_the_log_does_not_answer(watcher: Watcher) -> None:
    watcher.log.event("refusal", "jukebox", ALICE)
    watcher.look_and_publish()
    watcher.now += PATIENCE + 1
    assert watcher.kinds() == [Kind.NO_EPOCH]
    watcher.web.down = True
    assert watcher.kinds() == [Kind.UNREACHABLE]
    watcher.web.down = False
    watcher.log.epoch()
    watcher.publish()
    assert sorted(watcher.kinds()) == [Kind.NO_EPOCH, Kind.UNREACHABLE]


def test_a_log_whose_leaf_0_names_another_key_is_a_breach(watcher: Watcher) -> None:
    other = LogBuilder(signing=SigningKey.from_seed("vestibule.example/log", seed("another")))
    watcher.log.entries[0] = other.entries[0]
    first = watcher.look_and_publish()[0]
    assert (first.kind, first.leaf) == (Kind.BREACH, 0)
    assert first.text.startswith("leaf 0: expected the log vestibule.example/log+")


def damage_a_bundle(folder: Path) -> None:
    path = next((folder / "log/tile/entries").rglob("*.p/*"))
    path.write_bytes(path.read_bytes().replace(b"to suggest songs", b"to suggest films"))


def damage_the_note(folder: Path) -> None:
    (folder / "log/checkpoint").write_text("nothing\n")


def another_keys_note(folder: Path) -> None:
    path = folder / "log/checkpoint"
    stranger = SigningKey.from_seed("vestibule.example/log", seed("stranger"))
    path.write_text(sign_checkpoint(Checkpoint.parse(Note.parse(path.read_bytes()).text), stranger))


@pytest.mark.parametrize("damage", [damage_a_bundle, damage_the_note, another_keys_note])
def test_a_damaged_copy_is_never_blamed_on_the_log(watcher: Watcher, damage: Callable[[Path], None]) -> None:
    watcher.look_and_publish()
    watcher.watch = None
    damage(watcher.folder)
    with pytest.raises(BadState, match=str(watcher.folder)):
        watcher.look()


def test_a_damaged_tile_of_the_copy_is_never_blamed_on_the_log(watcher: Watcher) -> None:
    watcher.look_and_publish()
    path = next((watcher.folder / "log/tile/0").rglob("*.p/*"))
    path.write_bytes(bytes(len(path.read_bytes())))
    watcher.publish(fork(watcher.log, 5))
    with pytest.raises(BadState, match="the kept copy is damaged"):
        watcher.look()


def test_a_split_view_does_not_verify_under_another_key(watcher: Watcher) -> None:
    watcher.look_and_publish()
    watcher.publish(fork(watcher.log, 5))
    watcher.look()
    [folder] = watcher.evidence()
    stranger = SigningKey.from_seed(watcher.log.origin, seed("stranger")).verifier
    with pytest.raises(TlogError):
        SplitView.parse((folder / "split-view.json").read_bytes()).verify(stranger)
