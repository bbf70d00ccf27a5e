"""A log behind the smallest HTTP there is: each POST appends a leaf and is answered with its receipt."""

import itertools
import secrets
import time
from pathlib import Path
from typing import Any

from vestibule.ledger import tags
from vestibule.recorder.drafts import Append, Draft
from vestibule.recorder.keys import load_keys
from vestibule.recorder.recorder import Recorder
from vestibule.store import FolderBlobs, open_store

PEOPLE = 64


class Appending:
    """The application; store and recorder are opened with it, in the server's own process."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._numbers = itertools.count()
        self._subjects = [secrets.token_bytes(16) for _ in range(PEOPLE)]
        self._recorder: Recorder | None = None

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        await receive()
        answer = await self._append() if scope["method"] == "POST" else b"ready"
        headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(answer)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def _append(self) -> bytes:
        assert self._recorder is not None
        subject = self._subjects[next(self._numbers) % PEOPLE]
        draft = Draft("access", "messages.read", "bench", tags.SHARED, subject, 1)
        [recorded] = await self._recorder.append(Append((draft,)))
        return recorded.receipt().encode()

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        store = await open_store(self._data)
        keys = load_keys(self._data / "keys", "bench.localhost/log")
        clock = lambda: time.time_ns() // 1000  # noqa: E731  (a clock)
        self._recorder = await Recorder.open(store, FolderBlobs(self._data / "log"), keys, {}, clock)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._recorder.close()
        await store.close()
        await send({"type": "lifespan.shutdown.complete"})
