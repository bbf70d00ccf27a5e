from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from vestibule.ledger import ed25519
from vestibule.ledger.leaf import (
    Basis,
    Event,
    EventKind,
    Genesis,
    KeyLeaf,
    Leaf,
    PartnerLeaf,
    PrivilegeLeaf,
    ReconcileLeaf,
    encode,
    privilege_text,
    reconcile_text,
)

JUKEBOX_SEED = b"jukebox's secret, 32 bytes long."
DAY = 20_000


@dataclass
class Book:
    """A small log, written leaf by leaf; every method answers the index of its leaf."""

    leaves: list[Leaf] = field(default_factory=list)
    day: int = DAY

    def add(self, leaf: Leaf) -> int:
        self.leaves.append(leaf)
        return len(self.leaves) - 1

    def entries(self) -> list[bytes]:
        return [encode(leaf) for leaf in self.leaves]

    def event(
        self,
        kind: EventKind,
        op: str = "messages.read",
        *,
        n: int = 0,
        partner: str = "jukebox",
        basis: Basis = "grant",
        tag: bytes | None = None,
    ) -> int:
        fresh = len(self.leaves).to_bytes(32, "big") if tag is None else tag
        return self.add(Event(kind, op, partner, n, basis, self.day, fresh, bytes(32)))

    def partner(self, partner: str = "jukebox") -> int:
        return self.add(PartnerLeaf(partner, "Jukebox GmbH", "Jukebox", "https://jukebox.example", self.day))

    def key(
        self, *, seed: bytes = JUKEBOX_SEED, until_day: int | None = None, partner: str = "jukebox"
    ) -> int:
        public = ed25519.public_of(seed)
        return self.add(KeyLeaf(partner, f"{partner}-1", public, DAY, until_day, self.day))

    def privilege(
        self, scope: str = "messages.read", *, until_day: int = DAY + 30, seed: bytes = JUKEBOX_SEED
    ) -> int:
        signed = privilege_text(
            partner="jukebox",
            scope=scope,
            purpose="play what friends recommend",
            agreement="ab" * 32,
            until_day=until_day,
            key_id="jukebox-1",
        )
        leaf = PrivilegeLeaf(
            partner="jukebox",
            scope=scope,
            purpose="play what friends recommend",
            agreement="ab" * 32,
            until_day=until_day,
            day=self.day,
            key_id="jukebox-1",
            signature=ed25519.sign(seed, signed),
        )
        return self.add(leaf)

    def reconcile(self, size: int, counts: dict[str, tuple[int, int]]) -> int:
        text = reconcile_text(partner="jukebox", size=size, counts=counts, key_id="jukebox-1")
        signature = ed25519.sign(JUKEBOX_SEED, text)
        return self.add(ReconcileLeaf("jukebox", size, counts, self.day, "jukebox-1", signature))


@pytest.fixture
def new_book() -> Callable[[], Book]:
    """A log with its genesis leaf."""

    def make() -> Book:
        book = Book()
        book.add(Genesis("log.example/2026", b"v" * 32, "log.example/2026+00000000+AQ==", 1, DAY))
        return book

    return make


@pytest.fixture
def book(new_book: Callable[[], Book]) -> Book:
    """A log in which Jukebox holds the privilege to read and one person granted it."""
    book = new_book()
    book.partner()
    book.key()
    book.privilege()
    book.event("grant")
    return book
