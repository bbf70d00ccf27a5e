"""A log that can be extended and forked, and a witness that answers on a loopback port."""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import uvicorn

from vestibule import listening
from vestibule.tlog.add_checkpoint import AddCheckpoint
from vestibule.tlog.checkpoint import Checkpoint, sign_checkpoint
from vestibule.tlog.growing import GrowingTree
from vestibule.tlog.merkle import consistency_proof, leaf_hash
from vestibule.tlog.note import COSIGNATURE, Note, SigningKey
from vestibule.witness import server
from vestibule.witness.decision import known_logs
from vestibule.witness.state import State
from vestibule.witness.witness import Check, Witness

ORIGIN = "log.example/2026"
LOG = SigningKey.from_seed(ORIGIN, bytes(32))
WITNESS = SigningKey.from_seed("witness.example/w1", b"w" * 32, COSIGNATURE)
NOW = 1_800_000_000


@dataclass
class GrownLog:
    """A log in memory; two of different `word` are forks of each other from the first leaf on."""

    word: str = "entry"
    key: SigningKey = LOG
    tree: GrowingTree = field(default_factory=lambda: GrowingTree(1 << 20))

    def grow(self, size: int) -> "GrownLog":
        while self.tree.size < size:
            self.tree.append(leaf_hash(f"{self.word} {self.tree.size}".encode()))
        return self

    def fork(self, word: str) -> "GrownLog":
        """Return a log with the same leaves so far and others from now on."""
        return GrownLog(word, self.key, GrowingTree.from_edge(self.tree.size, self.tree.node, 1 << 20))

    def checkpoint(self) -> Checkpoint:
        return Checkpoint(self.key.verifier.name, self.tree.size, self.tree.root())

    def note(self) -> str:
        return sign_checkpoint(self.checkpoint(), self.key)

    def request(self, old: int, proof: Sequence[bytes] | None = None) -> str:
        if proof is None:
            proof = consistency_proof(old, self.tree.size, self.tree.node)
        return AddCheckpoint(old, tuple(proof), Note.parse(self.note())).render()


@dataclass(frozen=True)
class Running:
    """A witness on a port."""

    client: httpx2.Client

    def add(self, body: str | bytes) -> httpx2.Response:
        return self.client.post("/add-checkpoint", content=body)

    def get(self, path: str) -> httpx2.Response:
        return self.client.get(path)


@contextmanager
def opened(folder: Path) -> Iterator[State]:
    state = State.open(folder)
    try:
        yield state
    finally:
        state.close()


@contextmanager
def running(
    folder: Path, keys: Sequence[SigningKey] = (WITNESS,), check: Check | None = None, now: int = NOW
) -> Iterator[Running]:
    """Run a witness in a thread, on the state in `folder`."""
    listener = listening.bind("127.0.0.1", 0)
    logs = known_logs([LOG.verifier])
    ready = threading.Event()
    stopping = threading.Event()
    failures: list[BaseException] = []

    async def serve() -> None:
        state = State.open(folder)
        try:
            witness = Witness(keys, logs, state, lambda: now, check)
            config = uvicorn.Config(server.build(witness, logs), lifespan="off", ws="none", log_level="error")
            serving = uvicorn.Server(config)
            task = asyncio.create_task(serving.serve(sockets=[listener]))
            ready.set()
            await asyncio.to_thread(stopping.wait)
            serving.should_exit = True
            await task
        finally:
            state.close()

    def target() -> None:
        try:
            asyncio.run(serve())
        except BaseException as error:  # noqa: BLE001  (handed to the test below)
            failures.append(error)
            ready.set()

    thread = threading.Thread(target=target)
    thread.start()
    try:
        assert ready.wait(60)
        if not failures:
            base = f"http://127.0.0.1:{listener.getsockname()[1]}"
            with httpx2.Client(base_url=base, timeout=30) as client:
                yield Running(client)
    finally:
        stopping.set()
        thread.join(30)
        listener.close()
    if failures:
        raise failures[0]
