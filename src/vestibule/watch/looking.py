"""One look at a log: what it shows now, against everything that was read of it before."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from vestibule.ledger.days import SECONDS_A_DAY
from vestibule.tlog.errors import TlogError
from vestibule.tlog.tiles import Fetch
from vestibule.verdict import wording
from vestibule.verdict.errors import BadLog, VerdictError
from vestibule.verdict.log_view import genesis_of
from vestibule.verdict.trust import Trust
from vestibule.watch.evidence import Evidence
from vestibule.watch.leaves import Reader
from vestibule.watch.notice import Kind, Notice
from vestibule.watch.own_copy import OwnCopy
from vestibule.watch.showing import Head, Shown, contradiction, look_at
from vestibule.watch.standing import turn
from vestibule.watch.state import State


@dataclass(slots=True)
class _Look:
    """A look under way: when, after what, whether all was read, the news in leaves, and what is wrong."""

    state: State
    now: int
    whole: bool = False
    news: list[Notice] = field(default_factory=list)
    wrong: dict[Kind, str] = field(default_factory=dict)


class Watch:
    """Follows one log; what it has to remember is in the folder.

    Args:
        folder: for the copy of the log and for evidence.
        trust: the policy.
        patience: seconds that events may wait for an epoch.

    Raises:
        BadState: the kept checkpoint is damaged, or another log's.
    """

    def __init__(self, folder: Path, trust: Trust, patience: int) -> None:
        self._evidence = folder / "evidence"
        self._trust = trust
        self._patience = patience
        self._copy = OwnCopy(folder / "log", trust.policy.log.key)
        self._reader = Reader()

    def recall(self, told: int) -> tuple[Notice, ...]:
        """Read the kept copy, before the first look; return what of it is news after `told` leaves.

        Raises:
            BadState: it is damaged.
        """
        return tuple(self._read(self._copy.entries(), told))

    def look(self, fetch: Fetch, state: State, now: int) -> tuple[State, tuple[Notice, ...]]:
        """Look once, `now` in seconds since 1970; return the next state and what is new.

        Raises:
            BadState: the kept copy is damaged.
        """
        look = _Look(state, now)
        try:
            self._examine(fetch, look)
        except TlogError as error:
            look.wrong[Kind.UNFIT] = str(error)
        except (VerdictError, OSError) as error:
            # What could not be looked at stands as it stood.
            look.wrong |= dict.fromkeys(state.standing, "") | {Kind.UNREACHABLE: str(error)}
        waiting = self._wait_for_epoch(look)
        standing, turned = turn(state.standing, look.wrong, now)
        told = max(state.told, self._reader.size)
        return replace(waiting, told=told, standing=standing), (*look.news, *turned)

    def _examine(self, fetch: Fetch, look: _Look) -> None:
        """Compare what is shown with the copy, and read on where it appends to that."""
        shown = look_at(fetch, self._trust.policy)
        if shown.no_quorum is not None:
            look.wrong[Kind.NO_QUORUM] = shown.no_quorum
        if self._copy.head is not None:
            against = self._against(fetch, shown, self._copy.head)
            if against is not None:
                self._accuse(look, against)
                return
        if self._copy.head is None or shown.newest[0].size > self._copy.head[0].size:
            look.news += self._read(self._copy.extend(fetch, *shown.newest), look.state.told)
        look.whole = True

    def _against(self, fetch: Fetch, shown: Shown, kept: Head) -> Evidence | None:
        """Say what speaks against taking what is shown for the log that was read before."""
        for head in shown.heads():
            try:
                proof = contradiction(kept, head, fetch, self._copy.node)
            except TlogError as error:
                return Evidence(Kind.UNFIT, kept, head, reason=str(error))
            if proof is not None:
                return Evidence(Kind.SPLIT_VIEW, kept, head, proof)
        if shown.newest[0].size < kept[0].size:
            return Evidence(Kind.SMALLER, kept, shown.newest)
        return None

    def _accuse(self, look: _Look, against: Evidence) -> None:
        """Say what is wrong, and keep both notes when it is found for the first time."""
        if against.kind in look.state.standing:
            look.wrong[against.kind] = ""
            return
        place = against.keep(self._evidence, wording.day(look.now // SECONDS_A_DAY))
        look.wrong[against.kind] = against.line(place)

    def _read(self, entries: Iterable[bytes], told: int) -> Iterator[Notice]:
        for index, entry in enumerate(entries, self._reader.size):
            notices = self._reader.add(entry)
            if index >= told:
                yield from self._beginning(entry) if index == 0 else ()
                yield from notices

    def _beginning(self, entry: bytes) -> Iterator[Notice]:
        try:
            genesis_of(entry, self._trust)
        except BadLog as error:
            yield Notice(Kind.BREACH, 0, str(error), 0)

    def _wait_for_epoch(self, look: _Look) -> State:
        """Note since when events wait for an epoch, and say so if it is too long.

        Where the log was not read to its end, an epoch may stand in what was not read: nothing new is said.
        """
        if not look.whole:
            standing = {Kind.NO_EPOCH} & look.state.standing.keys()
            look.wrong |= dict.fromkeys(standing, "")
            return look.state
        covered = self._reader.covered
        if self._reader.last_event < covered:
            return replace(look.state, covered=covered, uncovered_since=None)
        since = look.state.uncovered_since
        if since is None or covered != look.state.covered:
            since = look.now
        if (waited := look.now - since) > self._patience:
            look.wrong[Kind.NO_EPOCH] = (
                f"events from leaf {covered} on wait for an epoch, for {waited} seconds now"
            )
        return replace(look.state, covered=covered, uncovered_since=since)
