"""What a platform owes after a restart, compared with everything it ever acknowledged."""

import re
import sqlite3
from collections import Counter
from contextlib import closing
from itertools import pairwise
from pathlib import Path

from tests.crash.a_load import Heard
from tests.crash.a_platform import Cast, Person
from tests.crash.a_server import LOG_ORIGIN, Server
from vestibule.ledger.leaf import Event
from vestibule.ledger.opening import Private
from vestibule.store.ids import decode
from vestibule.tlog.checkpoint import Checkpoint
from vestibule.tlog.growing import GrowingTree
from vestibule.tlog.merkle import consistency_proof, leaf_hash, verify_consistency
from vestibule.tlog.proof import TlogProof
from vestibule.tlog.tiles import node_reader
from vestibule.verdict import person_file
from vestibule.verdict.about_me import about_me
from vestibule.verdict.lane import check_lane
from vestibule.verdict.log_view import LogView, read_log
from vestibule.verdict.person_file import LANES
from vestibule.verdict.receipt import open_receipt
from vestibule.verdict.trust import Trust

SHOWN = re.compile(r'data-seq="(\d+)">(.*?)</li>', re.DOTALL)
WORDS = re.compile(r'<p class="said">([^<]*)</p>')
STORED = """
    select conversation_id, seq, body, via_partner, event_index from message order by conversation_id, seq
"""


class Audit:
    """The memory of a suspicious visitor: every checkpoint and every message that it ever saw."""

    def __init__(self, cast: Cast, trust: Trust) -> None:
        self._cast = cast
        self._trust = trust
        self._receipts = 0
        self._checkpoints: dict[int, Checkpoint] = {}
        self._said = 0
        self._shown: dict[str, list[str]] = {talk: [] for talk in cast.talks.values()}

    def after_restart(self, server: Server, heard: Heard) -> LogView:
        """Check everything acknowledged so far against what the platform shows now."""
        view = read_log(server.fetch, self._trust)
        assert view.history.breaches == ()
        self._check_log(server, view, heard)
        self._read_on()
        for said in heard.said[self._said :]:
            assert self._shown[said.conversation][said.seq - 1] == said.body
        self._said = len(heard.said)
        return view

    def _check_log(self, server: Server, view: LogView, heard: Heard) -> None:
        """Every receipt's leaf stands at its index, and every checkpoint ever seen is one of this log."""
        for handed in heard.handed[self._receipts :]:
            open_receipt(handed.text, self._trust)
            verified = self._trust.policy.verify(TlogProof.parse(handed.text).checkpoint_note)
            self._remember(verified.checkpoint)
        self._receipts = len(heard.handed)
        for handed in heard.handed:
            assert view.leaf(handed.release.index) == handed.release.event
        newest = view.verified.checkpoint
        last = self._checkpoints[max(self._checkpoints)] if self._checkpoints else newest
        proof = consistency_proof(last.size, newest.size, node_reader(server.fetch, newest))
        verify_consistency(
            old_size=last.size, old_root=last.root, new_size=newest.size, new_root=newest.root, proof=proof
        )
        self._remember(newest)
        tree = GrowingTree()
        for entry in view.entries:
            tree.append(leaf_hash(entry))
            seen = self._checkpoints.get(tree.size)
            assert seen is None or seen.root == tree.root()
        assert max(self._checkpoints) == tree.size

    def _remember(self, checkpoint: Checkpoint) -> None:
        assert checkpoint.origin == LOG_ORIGIN
        assert self._checkpoints.setdefault(checkpoint.size, checkpoint) == checkpoint

    def _read_on(self) -> None:
        """Read what is new in each conversation, as a member sees it."""
        for (handle, _), talk in self._cast.talks.items():
            shown = self._shown[talk]
            while new := _page(self._cast.people[handle], talk, len(shown)):
                assert [seq for seq, _ in new] == list(range(len(shown) + 1, len(shown) + 1 + len(new)))
                shown.extend(body for _, body in new)

    def at_the_end(self, server: Server, heard: Heard) -> LogView:
        """Check that everything is there exactly once, in both directions."""
        for shown in self._shown.values():
            shown.clear()
        self._said = 0
        view = self.after_restart(server, heard)
        for talk, shown in self._shown.items():
            promised = [said.body for said in heard.said if said.conversation == talk]
            promised += [done.note for done in heard.recommended if talk in done.conversations]
            assert Counter(shown) == Counter([*promised, "hello"])
        self._check_persons(view)
        return view

    def _check_persons(self, view: LogView) -> None:
        """The people's own files open every event once but refusals of dead tokens, which are nobody's."""
        opened: list[int] = []
        for person in self._cast.people.values():
            answer = person.get("/apps/person-file")
            assert answer.status_code == 200, answer.text
            file = person_file.parse(answer.content)
            for partner in view.history.partners:
                about_me(view, partner, file, person.handle)
                for lane in LANES:
                    checked = check_lane(view, file, partner, lane)
                    assert checked.unopened == ()
                    opened += [one.index for one in checked.opened]
        events = {index: leaf for index in range(view.size) if isinstance(leaf := view.leaf(index), Event)}
        nobodys = events.keys() - set(opened)
        assert len(opened) + len(nobodys) == len(events)
        assert {events[index].kind for index in nobodys} <= {"refusal"}

    def of_the_files(self, data: Path, view: LogView) -> None:
        """Check in the stopped database that each `send` leaf has one message, and no other has any."""
        with closing(sqlite3.connect(data / "vestibule.db")) as database:
            stored = database.execute(STORED).fetchall()
            effects = database.execute("select count(*) from effect").fetchone()
            openings = dict(database.execute("select idx, private from opening").fetchall())
        assert effects == (0,)
        via = {index: conversation for conversation, _, _, partner, index in stored if partner is not None}
        assert len(via) == sum(partner is not None for _, _, _, partner, _ in stored)
        sends = {
            index: decode(Private.parse(openings[index].encode()).conversation)
            for index in range(view.size)
            if isinstance(leaf := view.leaf(index), Event) and leaf.kind == "send"
        }
        assert via == sends
        for (before, seq, *_), (talk, following, *_) in pairwise(stored):
            assert following == (seq + 1 if talk == before else 1)


def _page(person: Person, talk: str, after: int) -> list[tuple[int, str]]:
    answer = person.get(f"/c/{talk}/newer?after={after}")
    assert answer.status_code == 200, answer.text
    return [
        (int(seq), words[1] if (words := WORDS.search(item)) else "")
        for seq, item in SHOWN.findall(answer.text)
    ]
