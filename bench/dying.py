"""Dying at once: how long after the answer to an end, a suspension or a withdrawal a token is still good."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import httpx2

from bench import people, servers

TIMES = 20
MOST = 1_000


def measure(rounds: int) -> None:
    """Print, for each way out, how many requests were answered after it, and when the first was refused."""
    times = TIMES * rounds
    print(f"dying at once: a token is used, something ends it, it is used again; {times} times each way")
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        with servers.running(servers.serve_vestibule, data) as port:
            base = f"http://127.0.0.1:{port}"
            ana, bob = people.sign_up(base, "ana"), people.sign_up(base, "bob")
            conversation = people.pair(ana, bob)
            partner = people.Partner(base, data)
            ways: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
                "she ends the connection": (lambda: _post(ana, "end"), lambda: None),
                "she suspends it": (lambda: _post(ana, "suspend"), lambda: None),
                "the privilege is withdrawn": (partner.withdraw, partner.hold),
            }
            for way, (act, undo) in ways.items():
                _tell(way, [_once(partner, ana, conversation, act, undo) for _ in range(times)])


def _once(
    partner: people.Partner,
    ana: people.Person,
    conversation: str,
    act: Callable[[], object],
    undo: Callable[[], object],
) -> tuple[int, float]:
    """Return how many requests were answered after the act was, and the seconds until one was refused."""
    token, ref = partner.connect(ana, conversation)
    path, nonce = f"/v1/conversations/{ref}/messages", partner.nonce()
    with httpx2.Client(base_url=partner.base, timeout=60) as client:
        before = client.get(path, headers=partner.proven(path, token, nonce))
        assert before.status_code == 200, before.text
        act()
        acted = time.perf_counter()
        for answered in range(MOST):
            if client.get(path, headers=partner.proven(path, token, nonce)).status_code != 200:
                refused = time.perf_counter() - acted
                undo()
                return answered, refused
    raise RuntimeError(f"expected a refusal, got {MOST} answers")


def _post(person: people.Person, what: str) -> None:
    answer = person.client.post(f"/apps/bench/{what}")
    assert answer.status_code == 303, answer.text


def _tell(way: str, found: list[tuple[int, float]]) -> None:
    late = sum(answered for answered, _ in found)
    milliseconds = sorted(1000 * seconds for _, seconds in found)
    which = "the very next request" if late == 0 else f"after {late} that were answered"
    print(
        f"  {way:<28} refused: {which}, its refusal on record "
        f"{median(milliseconds):.1f} ms later (median), {milliseconds[-1]:.1f} ms at most"
    )
