"""Posting notices: each at least once, in order, with a number by which a receiver knows one it has."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from urllib.parse import urlsplit

import httpx2

from vestibule.verdict import wording
from vestibule.watch.errors import WatchError
from vestibule.watch.notice import Notice
from vestibule.watch.state import State

TIMEOUT = 10.0
SCHEMES = frozenset({"http", "https"})


def check_url(url: str) -> str:
    """Return the address, or refuse one that cannot be posted to.

    Raises:
        WatchError: it is not http or https, or names no host.
    """
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise WatchError(f"webhook: expected an http(s) address, got {url!r}: {error}") from None
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise WatchError(f"webhook: expected an http(s) address, got {url!r}")
    return url


def queue(state: State, notices: Iterable[Notice]) -> State:
    """Put notices at the end of what waits."""
    bodies = [
        json.dumps({"log": state.origin, "number": number} | notice.as_json())
        for number, notice in enumerate(notices, state.number)
    ]
    return replace(state, number=state.number + len(bodies), waiting=(*state.waiting, *bodies))


def post(
    state: State, url: str, http: httpx2.Client, save: Callable[[State], None]
) -> tuple[State, str | None]:
    """Post what waits, oldest first, and save after each; return what is left, and why if anything is.

    A redirect is not followed: the address that was given is the only one that learns anything.
    """
    while state.waiting:
        if (reason := _refused(state.waiting[0], url, http)) is not None:
            return state, f"{url}: {reason}; {wording.count(len(state.waiting), 'notice')} waiting"
        state = replace(state, waiting=state.waiting[1:])
        save(state)
    return state, None


def _refused(body: str, url: str, http: httpx2.Client) -> str | None:
    headers = {"content-type": "application/json"}
    try:
        answer = http.post(url, content=body, headers=headers, timeout=TIMEOUT, follow_redirects=False)
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        return str(error) or type(error).__name__
    return None if answer.is_success else f"expected status 2xx, got {answer.status_code}"
