"""Letting a request in: its token looked up and decided on, with and without DPoP, beside a JWT and Cedar.

The other way is the usual one: a signed token that carries what was granted (PyJWT), and a policy engine that
decides the same of it (cedarpy). Such a token cannot be ended: it is good until it is over.
"""

import asyncio
import dataclasses
import tempfile
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import cedarpy
import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from bench import people, report, servers
from bench.load import Result
from vestibule.connections.grants import Scope
from vestibule.gate.decide import Ground, ask_for, decide
from vestibule.gate.standing import standing_of
from vestibule.ledger import request as signing
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.oauth import rfc9449
from vestibule.oauth.rfc9449 import Asked, Nonces
from vestibule.partners.authentication import Signed
from vestibule.partners.once import Once
from vestibule.store import Store, open_store

REQUESTS = 3_000
PATH = "/v1/conversations/chosen/messages"
ISSUER = "http://127.0.0.1:1"
POLICIES = cedarpy.PolicySet.from_str("""
permit(principal == Partner::"bench", action == Action::"messages.read", resource)
when {
    context.privilege_until >= context.day && context.until_day >= context.day
    && context.privilege == context.granted_under && context.scopes.contains("messages.read")
    && context.conversations.contains(context.conversation) && context.expires > context.now
};
""")


@dataclass(frozen=True, slots=True)
class Asking:
    """One request, made before anything is measured."""

    signed: Signed
    proof: str


@dataclass(frozen=True, slots=True)
class Ours:
    """What ours decides with."""

    store: Store
    conversation: int
    nonces: Nonces
    once: Once


def measure(rounds: int) -> None:
    """Print how many requests a second each way lets in, and what DPoP adds."""
    print(
        f"token check and decision: {REQUESTS:,} requests, one after the other; ours read the store each time"
    )
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        with servers.running(servers.serve_vestibule, data) as port:
            base = f"http://127.0.0.1:{port}"
            ana, bob = people.sign_up(base, "ana"), people.sign_up(base, "bob")
            conversation = people.pair(ana, bob)
            partner = people.Partner(base, data)
            token, _ = partner.connect(ana, conversation)
        plain, proven, theirs = asyncio.run(_rounds(data, partner, token, rounds))
    rate = report.line("token, connection and privilege read; decided", plain)
    with_proof = report.line("the same, and its DPoP proof verified", proven)
    other = report.line("PyJWT decodes, cedarpy decides the same", theirs)
    added = median(one.percentile(0.99) for one in proven) - median(one.percentile(0.99) for one in plain)
    print(
        f"  ratio {rate / other:.2f}, with the proof {with_proof / other:.2f}; "
        f"the proof adds {added:.2f} ms at p99"
    )


async def _rounds(
    data: Path, partner: people.Partner, token: str, rounds: int
) -> tuple[list[Result], list[Result], list[Result]]:
    store = await open_store(data)
    results: tuple[list[Result], list[Result], list[Result]] = ([], [], [])
    try:
        for _ in range(rounds):
            now = time.time_ns() // 1000
            ours = Ours(store, 0, Nonces(), Once(since=0))
            asked = _requests(partner, token, ours.nonces.current(now // 1_000_000))
            signed = _proven(ours, partner.base, asked[0], now)
            ground = await standing_of(store, signed, Scope.MESSAGES_READ)
            ours = dataclasses.replace(ours, conversation=_chosen(ground), once=Once(since=0))
            bound = [dataclasses.replace(one.signed, jkt=signed.jkt) for one in asked]
            results[0].append(await _timed([partial(_decide, ours, one, now) for one in bound]))
            results[1].append(
                await _timed([partial(_prove_and_decide, ours, partner.base, one, now) for one in asked])
            )
            results[2].append(_timed_theirs(ground, ours.conversation, now))
    finally:
        await store.close()
    return results


def _requests(partner: people.Partner, token: str, nonce: str) -> list[Asking]:
    made = []
    for _ in range(REQUESTS):
        headers = partner.proven(PATH, token, nonce)
        proof = headers.pop("dpop")
        request = signing.parse(method="GET", target_uri=partner.base + PATH, headers=headers, body=b"")
        made.append(Asking(Signed("bench", request), proof))
    return made


def _proven(ours: Ours, base: str, asking: Asking, now: int) -> Signed:
    asked = Asked("GET", base + PATH, asking.signed.token)
    jkt = rfc9449.thumbprint(asking.proof, asked, ours.nonces, ours.once, now // 1_000_000)
    return dataclasses.replace(asking.signed, jkt=jkt)


async def _prove_and_decide(ours: Ours, base: str, asking: Asking, now: int) -> None:
    await _decide(ours, _proven(ours, base, asking, now), now)


async def _decide(ours: Ours, signed: Signed, now: int) -> None:
    ground = await standing_of(ours.store, signed, Scope.MESSAGES_READ)
    refusal = decide(ground, ask_for(Scope.MESSAGES_READ, ours.conversation, now), now)
    if refusal is not None:
        raise RuntimeError(f"the bench's own request is refused: {refusal}")


async def _timed(work: list[Callable[[], Coroutine[Any, Any, None]]]) -> Result:
    result, began = Result(), time.perf_counter()
    for one in work:
        start = time.perf_counter()
        await one()
        result.latencies.append(time.perf_counter() - start)
    result.seconds, result.answered = time.perf_counter() - began, len(work)
    return result


def _timed_theirs(ground: Ground, conversation: int, now: int) -> Result:
    """Decode a token that carries the same grant, and let Cedar decide."""
    key = generate_private_key(SECP256R1())
    token = jwt.encode(_claims(ground, now), key, algorithm="ES256")
    public, result, began = key.public_key(), Result(), time.perf_counter()
    for _ in range(REQUESTS):
        start = time.perf_counter()
        claims = jwt.decode(token, public, algorithms=["ES256"], audience=ISSUER, issuer=ISSUER)
        answer = cedarpy.is_authorized(_asked_of_cedar(claims, conversation, now), POLICIES, [])
        if not answer.allowed:
            raise RuntimeError(f"Cedar refuses the bench's own request: {answer.diagnostics}")
        result.latencies.append(time.perf_counter() - start)
    result.seconds, result.answered = time.perf_counter() - began, REQUESTS
    return result


def _claims(ground: Ground, now: int) -> dict[str, Any]:
    """Write into a token what ours reads from the store (RFC 9068)."""
    connection, privilege = ground.connection, ground.privilege
    if connection is None or privilege is None:
        raise RuntimeError("the bench's own token is dead")
    grant = connection.grant
    return {
        "iss": ISSUER,
        "aud": ISSUER,
        "client_id": grant.partner,
        "exp": now // 1_000_000 + 600,
        "scopes": list(grant.scopes),
        "conversations": list(grant.selection.conversations),
        "until_day": grant.until_day,
        "granted_under": grant.permissions[0].privilege_index,
        "privilege": privilege.leaf_index,
        "privilege_until": privilege.until_day,
    }


def _asked_of_cedar(claims: dict[str, Any], conversation: int, now: int) -> dict[str, Any]:
    carried = ("scopes", "conversations", "until_day", "granted_under", "privilege", "privilege_until")
    return {
        "principal": f'Partner::"{claims["client_id"]}"',
        "action": 'Action::"messages.read"',
        "resource": f'Conversation::"{conversation}"',
        "context": {
            **{name: claims[name] for name in carried},
            "conversation": conversation,
            "day": now // MICROSECONDS_A_DAY,
            "now": now // 1_000_000,
            "expires": claims["exp"],
        },
    }


def _chosen(ground: Ground) -> int:
    if ground.connection is None:
        raise RuntimeError("the bench's own token is dead")
    return ground.connection.grant.selection.conversations[0]
