"""Witnesses on loopback that behave, or misbehave, as a test says."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from vestibule.tlog.checkpoint import Checkpoint, open_checkpoint
from vestibule.tlog.cosignature import cosign
from vestibule.tlog.encoding import hash_from_base64
from vestibule.tlog.errors import ProofError
from vestibule.tlog.merkle import EMPTY_ROOT, verify_consistency
from vestibule.tlog.note import COSIGNATURE, Note, SigningKey, VerifierKey

Reply = tuple[int, str]


@dataclass
class AWitness:
    """A C2SP tlog-witness without a disk.

    Attributes:
        log: whose checkpoints it cosigns.
        size: what it has cosigned last, with `root` and `note`.
        asked: the old size and the checkpoint's size of every add-checkpoint.
        refuses: answers 503 and remembers nothing.
        loses: remembers, and closes the connection without an answer.
        gate: where set, waited for before every answer.
        spoils: changes what is answered to add-checkpoint.
    """

    name: str
    log: VerifierKey
    time: int = 1_700_000_000
    size: int = 0
    root: bytes = EMPTY_ROOT
    note: str = ""
    asked: list[tuple[int, int]] = field(default_factory=list)
    refuses: bool = False
    loses: bool = False
    gate: asyncio.Event | None = None
    spoils: Callable[[Reply], Reply] = lambda reply: reply
    server: asyncio.Server | None = None
    port: int = 0

    @property
    def key(self) -> SigningKey:
        seed = sha256(self.name.encode()).digest()
        return SigningKey.from_seed(f"{self.name}.example/w", seed, COSIGNATURE)

    @property
    def line(self) -> str:
        """Its line in a policy."""
        return f"witness {self.name} {self.key.verifier} http://127.0.0.1:{self.port}/prefix\n"

    async def start(self) -> None:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self.server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self.server is not None:
            self.server.close()
            await self.server.wait_closed()
            self.server = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = next((line[15:] for line in head.lower().split("\r\n") if "content-length" in line), "0")
            body = (await reader.readexactly(int(length))).decode()
            method, path, _ = head.split(" ", 2)
            status, answer = self._answer(method, path, body)
            if self.gate is not None:
                await self.gate.wait()
            if not self.loses:
                data = answer.encode()
                writer.write(f"HTTP/1.1 {status} X\r\ncontent-length: {len(data)}\r\n".encode())
                writer.write(b"connection: close\r\n\r\n" + data)
                await writer.drain()
        except ConnectionError:
            return  # the log has given up
        finally:
            writer.close()

    def _answer(self, method: str, path: str, body: str) -> Reply:
        if self.refuses:
            return 503, "not now\n"
        if (method, path) == ("POST", "/prefix/add-checkpoint"):
            return self.spoils(self._add(body))
        if path == f"/prefix/{sha256(self.log.name.encode()).hexdigest()}/checkpoint" and self.note:
            return 200, self.note
        return 404, "unknown\n"

    def _add(self, body: str) -> Reply:
        head, _, text = body.partition("\n\n")
        old, *hashes = head.split("\n")
        checkpoint = open_checkpoint(text, self.log)
        self.asked.append((int(old.removeprefix("old ")), checkpoint.size))
        if self.asked[-1][0] != self.size:
            return 409, f"{self.size}\n"
        try:
            verify_consistency(
                old_size=self.size,
                old_root=self.root,
                new_size=checkpoint.size,
                new_root=checkpoint.root,
                proof=[hash_from_base64(line, ProofError) for line in hashes],
            )
        except ProofError as error:
            return 422, f"{error}\n"
        return 200, self.remember(checkpoint, text)

    def remember(self, checkpoint: Checkpoint, text: str) -> str:
        """Cosign a checkpoint and return the line."""
        self.time += 1
        line = cosign(checkpoint.text, self.key, self.time)
        self.size, self.root = checkpoint.size, checkpoint.root
        self.note = Note.parse(text).with_lines(line).render()
        return line
