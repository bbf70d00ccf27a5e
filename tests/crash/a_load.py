"""What was heard from a platform that dies now and then, and the line on which it was heard."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx2

from vestibule.verdict.receipt import Release

ANSWER_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Said:
    """A message that the platform acknowledged."""

    conversation: str
    seq: int
    body: str


@dataclass(frozen=True, slots=True)
class Recommended:
    """A dialog that the platform called sent."""

    conversations: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Handed:
    """A receipt that the platform handed out, checked against its own checkpoint."""

    release: Release
    text: str


@dataclass
class Heard:
    """Everything that was ever acknowledged, in the order in which it was heard.

    Attributes:
        said: answers 201 to a message.
        recommended: dialogs that ended with `sent`.
        handed: receipts.
        reads: answers that carried messages.
        refusals: answers that refused, with a receipt.
        ends: connections that began, were read and ended; and were refused after that.
        unanswered: requests that the platform's death left without an answer.
    """

    said: list[Said] = field(default_factory=list)
    recommended: list[Recommended] = field(default_factory=list)
    handed: list[Handed] = field(default_factory=list)
    reads: int = 0
    refusals: int = 0
    ends: int = 0
    unanswered: int = 0

    @property
    def answers(self) -> int:
        return len(self.said) + len(self.recommended) + self.reads + self.refusals


class Line:
    """How everybody reaches the platform: open while it is up, held while it is not."""

    def __init__(self, base: str) -> None:
        self.heard = Heard()
        self._base = base
        self._up = asyncio.Event()
        self._changed = asyncio.Condition()
        self._clients: list[httpx2.AsyncClient] = []

    def resume(self) -> None:
        """Let everybody go on, on fresh connections: the platform answers again."""
        self._clients.append(httpx2.AsyncClient(base_url=self._base, timeout=ANSWER_SECONDS))
        self._up.set()

    def pause(self) -> None:
        """Hold everybody back: the platform is gone."""
        self._up.clear()

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()

    async def until(self, reached: Callable[[Heard], bool]) -> None:
        """Wait for something to have been heard."""
        async with asyncio.timeout(ANSWER_SECONDS), self._changed:
            await self._changed.wait_for(lambda: reached(self.heard))

    async def note(self, what: Callable[[Heard], None]) -> None:
        """Add to what was heard."""
        async with self._changed:
            what(self.heard)
            self._changed.notify_all()

    async def once(self, method: str, path: str, **parts: Any) -> httpx2.Response | None:
        """Ask when the platform is up; None if no answer came, or none for now (503)."""
        await self._up.wait()
        try:
            answer = await self._clients[-1].request(method, path, **parts)
        except httpx2.TransportError:
            self.heard.unanswered += 1
            await asyncio.sleep(
                0
            )  # a refused connection fails at once, and the test has to hear of the death
            return None
        return None if answer.status_code == 503 else answer

    async def answered(self, method: str, path: str, **parts: Any) -> httpx2.Response:
        """Ask the same until there is an answer, whatever happens to the platform meanwhile."""
        while True:
            answer = await self.once(method, path, **parts)
            if answer is not None:
                return answer
