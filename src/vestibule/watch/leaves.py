"""What is new in each leaf: a pure function of the leaves up to it."""

from collections.abc import Iterator

from vestibule.ledger.epoch import EpochLeaf
from vestibule.ledger.event import Event
from vestibule.ledger.leaf import (
    KeyLeaf,
    Leaf,
    PartnerLeaf,
    PrivilegeLeaf,
    ReconcileLeaf,
    RelationshipLeaf,
    ReportLeaf,
    SuspensionLeaf,
    Withdrawal,
)
from vestibule.ledger.replay import Replay
from vestibule.verdict import wording
from vestibule.watch.notice import Kind, Notice

_FIRSTS = {"access": Kind.FIRST_READ, "refusal": Kind.FIRST_REFUSAL}


class Reader:
    """Reads a log leaf by leaf and says what is new in each.

    Attributes:
        covered: how many leaves the newest epoch covers.
        last_event: index of the newest event, -1 before the first.
    """

    def __init__(self) -> None:
        self._replay = Replay()
        self._seen: set[tuple[str, str, str]] = set()
        self.covered = 0
        self.last_event = -1

    @property
    def size(self) -> int:
        """How many leaves were read."""
        return self._replay.size

    def add(self, entry: bytes) -> tuple[Notice, ...]:
        """Read the next leaf and return what is new in it."""
        index, day, known = self.size, self._replay.day, len(self._replay.breaches)
        leaf = self._replay.add(entry)
        found = tuple(self._boundary(index, day))
        breaches = self._replay.breaches[known:]
        # What breaks a rule is announced as that and as nothing else: a privilege without signature is none.
        if breaches or leaf is None:
            return found + tuple(
                Notice(Kind.BREACH, self._replay.day, one.message, index) for one in breaches
            )
        return found + tuple(self._news(index, leaf))

    def _boundary(self, index: int, before: int) -> Iterator[Notice]:
        """Notice at the first leaf of a day that the day before it, which has leaves, got no epoch."""
        epochs = self._replay.epochs
        if index and before < self._replay.day and (not epochs or epochs[-1].leaf.day < before):
            text = f"{wording.day(before)} has leaves and no epoch"
            yield Notice(Kind.NO_EPOCH, self._replay.day, text, index)

    def _news(self, index: int, leaf: Leaf) -> Iterator[Notice]:
        match leaf:
            case Event():
                self.last_event = index
                yield from self._first(index, leaf)
            case EpochLeaf():
                self.covered = leaf.size
            case PartnerLeaf():
                text = f"{leaf.name} ({leaf.partner}) of {leaf.legal_entity}, at {leaf.home_origin}"
                yield Notice(Kind.PARTNER, leaf.day, text, index)
            case KeyLeaf():
                yield Notice(Kind.KEY, leaf.day, self._key(leaf), index)
            case PrivilegeLeaf():
                text = f"{self._name(leaf.partner)} may ask people for {leaf.scope}"
                until = f"until {wording.day(leaf.until_day)}"
                yield Notice(Kind.PRIVILEGE, leaf.day, f"{text} {until}: {leaf.purpose}", index)
            case Withdrawal():
                text = f"{self._name(leaf.partner)} may ask nobody for {leaf.scope} any more"
                yield Notice(Kind.WITHDRAWAL, leaf.day, text, index)
            case SuspensionLeaf():
                yield Notice(Kind.SUSPENSION, leaf.day, self._suspension(leaf), index)
            case RelationshipLeaf():
                yield Notice(Kind.RELATIONSHIP, leaf.day, self._relationship(leaf), index)
            case ReportLeaf():
                text = f"{self._name(leaf.partner)}: {wording.report(leaf)}"
                yield Notice(Kind.REPORT, leaf.day, text, index)
            case ReconcileLeaf() if not self._replay.reconciles[-1].matches:
                text = f"{self._name(leaf.partner)} counts otherwise than the log's first {leaf.size} leaves"
                yield Notice(Kind.RECONCILIATION, leaf.day, text, index)
            case _:
                pass

    def _first(self, index: int, event: Event) -> Iterator[Notice]:
        kind = _FIRSTS.get(event.kind)
        if kind is None or (event.kind, event.partner, event.op) in self._seen:
            return
        self._seen.add((event.kind, event.partner, event.op))
        name = self._name(event.partner)
        served = f"{name} got its first answer under {event.op}"
        refused = f"{name} was refused {event.op} for the first time"
        yield Notice(kind, event.day, served if kind is Kind.FIRST_READ else refused, index)

    def _suspension(self, leaf: SuspensionLeaf) -> str:
        who = {"operator": "the operator", "partner": "itself"}[leaf.by]
        name = self._name(leaf.partner)
        return (
            f"{name} is not suspended by {who} any more" if leaf.lifted else f"{name} is suspended by {who}"
        )

    def _relationship(self, leaf: RelationshipLeaf) -> str:
        until = "" if leaf.until_day is None else f" until {wording.day(leaf.until_day)}"
        span = f"from {wording.day(leaf.from_day)}{until}"
        return f"{self._name(leaf.partner)} and the operator: {leaf.kind}, {leaf.band}, {span}"

    def _key(self, leaf: KeyLeaf) -> str:
        until = "" if leaf.until_day is None else f" until {wording.day(leaf.until_day)}"
        return f"{self._name(leaf.partner)} signs with {leaf.key_id} from {wording.day(leaf.from_day)}{until}"

    def _name(self, partner: str) -> str:
        known = self._replay.partners.get(partner)
        return partner if known is None else f"{known.name} ({partner})"
