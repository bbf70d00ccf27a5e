"""A partner's client in two kinds: `Client` waits, `AsyncClient` is awaited.

Both sign what goes out, and hand on nothing that comes in without a valid receipt. What can be asked for is
in `calls`, once for both; its methods say what goes in and what comes out.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import httpx2

from vestibule.sdk.caller import Caller
from vestibule.sdk.calls import Calls
from vestibule.sdk.exchange import Awaited, Blocking, awaited, blocking
from vestibule.sdk.wire import TIMEOUT, Wire
from vestibule.verdict.log_view import read_log
from vestibule.verdict.trust import trust

if TYPE_CHECKING:
    from collections.abc import Callable

    from vestibule.sdk.comparing import Comparison
    from vestibule.sdk.keys import Keys
    from vestibule.sdk.receipts import Receipts


class Client(Blocking[Calls]):
    """One partner at one platform. Not to be shared between threads; its `Receipts` may be."""

    def __init__(
        self,
        base_url: str,
        keys: Keys,
        policy_text: bytes,
        kept: Receipts,
        *,
        http: httpx2.Client | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Make a client; nothing is sent yet.

        Args:
            base_url: the platform's origin, such as `https://example.com`.
            keys: this partner's, the same that it logs in with.
            policy_text: whom this partner trusts about the log (C2SP tlog-policy).
            kept: where its receipts go.
            http: another HTTP client than a plain one.
            clock: seconds since 1970.

        Raises:
            BadPolicy: if the policy is malformed.
        """
        http = http or httpx2.Client(timeout=TIMEOUT)
        super().__init__(
            _calls(base_url, keys, policy_text, kept=kept, build=http.build_request, clock=clock), http
        )

    connection = blocking(Calls.connection)
    conversations = blocking(Calls.conversations)
    messages = blocking(Calls.messages)
    attachment = blocking(Calls.attachment)
    write = blocking(Calls.write)
    delete = blocking(Calls.delete)
    friends = blocking(Calls.friends)
    recommendations = blocking(Calls.recommendations)
    suspend = blocking(Calls.suspend)
    resume = blocking(Calls.resume)
    fetch = blocking(Calls.fetch)
    counters = blocking(Calls.counters)
    catch_up = blocking(Calls.catch_up)
    file = blocking(Calls.file)
    add_key = blocking(Calls.add_key)
    end_key = blocking(Calls.end_key)
    set_redirect_uris = blocking(Calls.set_redirect_uris)
    suspend_all = blocking(Calls.suspend_all)
    resume_all = blocking(Calls.resume_all)
    register_card = blocking(Calls.register_card)
    webhook_endpoint = blocking(Calls.webhook_endpoint)
    set_webhook_endpoint = blocking(Calls.set_webhook_endpoint)
    remove_webhook_endpoint = blocking(Calls.remove_webhook_endpoint)
    webhook_keys = blocking(Calls.webhook_keys)
    webhook_deliveries = blocking(Calls.webhook_deliveries)
    replay_webhook = blocking(Calls.replay_webhook)
    file_report = blocking(Calls.file_report)
    report = blocking(Calls.report)
    reports = blocking(Calls.reports)

    def compare(self) -> Comparison:
        """Read the whole log, check it, and compare its counts with this partner's own; see `Calls.compared`.

        Raises:
            BadLog: the log does not hold, or hides an event behind a skipped counter.
        """
        return self.spoken.compared(read_log(self.fetch, self.spoken.trust))

    def reconcile(self) -> int:
        """Compare, and put this partner's own counts on record if the log's are the same.

        Raises:
            CountsDiffer: they are not; it says on which days, and `file` puts them on record all the same.
            BadLog: as `compare`.
        """
        return self.file(self.compare().agreed())


class AsyncClient(Awaited[Calls]):
    """One partner at one platform, on an event loop; the receipts of an answer are written on it, too."""

    def __init__(
        self,
        base_url: str,
        keys: Keys,
        policy_text: bytes,
        kept: Receipts,
        *,
        http: httpx2.AsyncClient | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Make a client; nothing is sent yet. The arguments are those of `Client`."""
        http = http or httpx2.AsyncClient(timeout=TIMEOUT)
        super().__init__(
            _calls(base_url, keys, policy_text, kept=kept, build=http.build_request, clock=clock), http
        )

    connection = awaited(Calls.connection)
    conversations = awaited(Calls.conversations)
    messages = awaited(Calls.messages)
    attachment = awaited(Calls.attachment)
    write = awaited(Calls.write)
    delete = awaited(Calls.delete)
    friends = awaited(Calls.friends)
    recommendations = awaited(Calls.recommendations)
    suspend = awaited(Calls.suspend)
    resume = awaited(Calls.resume)
    fetch = awaited(Calls.fetch)
    counters = awaited(Calls.counters)
    catch_up = awaited(Calls.catch_up)
    file = awaited(Calls.file)
    add_key = awaited(Calls.add_key)
    end_key = awaited(Calls.end_key)
    set_redirect_uris = awaited(Calls.set_redirect_uris)
    suspend_all = awaited(Calls.suspend_all)
    resume_all = awaited(Calls.resume_all)
    register_card = awaited(Calls.register_card)
    webhook_endpoint = awaited(Calls.webhook_endpoint)
    set_webhook_endpoint = awaited(Calls.set_webhook_endpoint)
    remove_webhook_endpoint = awaited(Calls.remove_webhook_endpoint)
    webhook_keys = awaited(Calls.webhook_keys)
    webhook_deliveries = awaited(Calls.webhook_deliveries)
    replay_webhook = awaited(Calls.replay_webhook)
    file_report = awaited(Calls.file_report)
    report = awaited(Calls.report)
    reports = awaited(Calls.reports)

    async def compare(self) -> Comparison:
        """As `Client.compare`; the log is hashed on a thread of its own."""
        loop = asyncio.get_running_loop()

        def fetch(path: str) -> bytes:
            return asyncio.run_coroutine_threadsafe(self.fetch(path), loop).result()

        return self.spoken.compared(await asyncio.to_thread(read_log, fetch, self.spoken.trust))

    async def reconcile(self) -> int:
        """As `Client.reconcile`."""
        comparison = await self.compare()
        return await self.file(comparison.agreed())


def _calls(
    base_url: str,
    keys: Keys,
    policy_text: bytes,
    *,
    kept: Receipts,
    build: Callable[..., httpx2.Request],
    clock: Callable[[], float],
) -> Calls:
    base_url, trusted = base_url.rstrip("/"), trust(policy_text, keys.partner)
    return Calls(
        base_url,
        keys,
        Caller(base_url, keys, trust=trusted, kept=kept, wire=Wire(build), clock=clock),
    )
