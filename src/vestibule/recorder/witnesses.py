"""Asking witnesses for cosignatures (C2SP tlog-witness, add-checkpoint), all at once.

A witness that is slow or gone holds nobody up: a round ends with the quorum, or as soon as the quorum is out
of reach. Whoever is still at it then may finish, and its cosignature is taken too.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus

import httpx2

from vestibule.recorder.witnessing import Witnessing
from vestibule.tlog.add_checkpoint import ADD_CHECKPOINT, AddCheckpoint, cosigned_path
from vestibule.tlog.checkpoint import Checkpoint
from vestibule.tlog.encoding import from_decimal, utf8
from vestibule.tlog.errors import NoteError, TlogError
from vestibule.tlog.note import Note, Signature
from vestibule.tlog.policy import Witness

MOST_BYTES = 256 * 1024
"""Longest answer that is read."""
NO_ANSWER = (httpx2.HTTPError, httpx2.InvalidURL, OSError, TlogError)

Prove = Callable[[int, Checkpoint], Awaitable[tuple[bytes, ...]]]
"""Makes the consistency proof from an older size to a checkpoint."""
Heard = Callable[[str, str], None]
"""Takes a witness's name in the policy and its verified signature line."""


class NotCosigned(Exception):  # noqa: N818  (what did not happen)
    """A witness gave no cosignature; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A published checkpoint to be cosigned: the log's signed note, and what it says."""

    note: Note
    checkpoint: Checkpoint

    @classmethod
    def parse(cls, text: str) -> "Shown":
        """Read a checkpoint note that the log itself has made."""
        note = Note.parse(text)
        return cls(note, Checkpoint.parse(note.text))


class Cosigner:
    """One witness: how to reach it, and the size that it has cosigned last; one request at a time."""

    def __init__(self, witness: Witness, client: httpx2.AsyncClient, seconds: float) -> None:
        self.name = witness.name
        self.key = witness.key
        self.size = 0
        self.asking: asyncio.Task[None] | None = None
        self._url = (witness.url or "").rstrip("/")
        self._client = client
        self._seconds = seconds
        self._turn = asyncio.Lock()

    async def cosign(self, shown: Shown, prove: Prove) -> str:
        """Return the witness's signature line over a checkpoint.

        Raises:
            NotCosigned: no answer, no cosignature, or one that does not verify.
        """
        async with self._turn:
            self.asking = asyncio.current_task()
            try:
                async with asyncio.timeout(self._seconds):
                    return await self._cosign(shown, prove)
            except NO_ANSWER as error:
                raise self._said(error) from error
            finally:
                self.asking = None

    async def newest(self, origin: str) -> str | None:
        """Fetch the newest checkpoint of a log that the witness has cosigned; None if it knows of none.

        Raises:
            NotCosigned: no answer, or not one of a witness.
        """
        try:
            async with asyncio.timeout(self._seconds):
                status, body = await self._ask("GET", cosigned_path(origin))
            if status == HTTPStatus.NOT_FOUND:
                return None
            if status != HTTPStatus.OK:
                raise NotCosigned(f"{self.name}: expected 200 or 404, got {status}")
            return utf8(body, NoteError)
        except NO_ANSWER as error:
            raise self._said(error) from error

    def _said(self, error: Exception) -> NotCosigned:
        if isinstance(error, TimeoutError):
            return NotCosigned(f"{self.name}: no answer in {self._seconds:g} s")
        return NotCosigned(f"{self.name}: {str(error) or type(error).__name__}")

    async def _cosign(self, shown: Shown, prove: Prove) -> str:
        status, body = await self._add(shown, prove)
        if status == HTTPStatus.CONFLICT:
            self.size = from_decimal(utf8(body, NoteError).removesuffix("\n"), NoteError)
            status, body = await self._add(shown, prove)
        if status != HTTPStatus.OK:
            raise NotCosigned(f"{self.name}: expected 200, got {status} {body[:80]!r}")
        line = self._verified(shown.note, utf8(body, NoteError))
        self.size = shown.checkpoint.size
        return line

    async def _add(self, shown: Shown, prove: Prove) -> tuple[int, bytes]:
        old, new = self.size, shown.checkpoint.size
        if old > new:
            raise NotCosigned(f"{self.name}: has cosigned size {old} already, expected {new} at most")
        hashes = await prove(old, shown.checkpoint)
        request = AddCheckpoint(old, hashes, shown.note)
        return await self._ask("POST", ADD_CHECKPOINT, request.render().encode())

    async def _ask(self, method: str, path: str, content: bytes | None = None) -> tuple[int, bytes]:
        async with self._client.stream(method, self._url + path, content=content) as answer:
            body = b""
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > MOST_BYTES:
                    raise NotCosigned(f"{self.name}: expected at most {MOST_BYTES} bytes, got more")
            return answer.status_code, body

    def _verified(self, note: Note, body: str) -> str:
        """Keep the newest signature line of this witness's key; a wrong one among them raises NoteError.

        One line, however many came: a note with too many is no note any more (C2SP signed-note).
        """
        signatures = [Signature.parse(line) for line in body.removesuffix("\n").split("\n")]
        own = [signature for signature in signatures if signature.claims(self.key)]
        times = Note(note.text, tuple(own)).verify_key(self.key)
        if not times:
            raise NotCosigned(f"{self.name}: expected a cosignature by {self.key.name}, got none")
        return own[times.index(max(times))].render()


@cache
def _tls() -> ssl.SSLContext:
    """Read the trusted authorities once: it takes a tenth of a second."""
    return httpx2.create_ssl_context()


class Witnesses:
    """The witnesses of a log, asked about one checkpoint after the other."""

    def __init__(self, witnessing: Witnessing) -> None:
        # How long an answer may take, as a whole, is each cosigner's to say.
        self._client = httpx2.AsyncClient(verify=_tls(), timeout=None) if witnessing.witnesses else None
        self.cosigners = tuple(
            Cosigner(witness, self._client, witnessing.pace.patience)
            for witness in witnessing.witnesses
            if self._client is not None
        )
        self._enough = witnessing.satisfied_by
        self._late: set[asyncio.Task[None]] = set()

    async def ask(self, shown: Shown, prove: Prove, heard: Heard) -> dict[str, str]:
        """Ask everybody about one checkpoint; return when the quorum has answered, or cannot any more.

        Args:
            shown: the checkpoint.
            prove: makes consistency proofs.
            heard: told of every cosignature, of those too that come after this has returned.

        Returns:
            By name why a witness did not cosign; without the quorum, this says why.
        """
        answered: set[str] = set()
        failed: dict[str, str] = {}

        async def one(cosigner: Cosigner) -> None:
            try:
                line = await cosigner.cosign(shown, prove)
            except NotCosigned as error:
                failed[cosigner.name] = str(error)
            else:
                answered.add(cosigner.name)
                heard(cosigner.name, line)

        self._supersede()
        tasks = {asyncio.create_task(one(cosigner)) for cosigner in self.cosigners}
        try:
            while tasks and not self._enough(answered) and self._possible(failed):
                _, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._late |= tasks
        return failed

    def _possible(self, failed: Collection[str]) -> bool:
        return self._enough([c.name for c in self.cosigners if c.name not in failed])

    def _supersede(self) -> None:
        """Let earlier requests come to their end, and drop those that still wait for their turn."""
        asking = {cosigner.asking for cosigner in self.cosigners}
        self._late = {task for task in self._late if not task.done()}
        for task in self._late - asking:
            task.cancel()

    async def close(self) -> None:
        """Drop the requests under way."""
        late = tuple(self._late)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()
