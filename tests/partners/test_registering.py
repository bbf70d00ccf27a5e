"""What cannot stand on the register is refused with what is wrong, and nothing of it is recorded."""

import asyncio
import base64
import hashlib
import json
from typing import Any

import httpx2
import pytest
from nacl.signing import SigningKey

from tests.gate.a_platform import READ, SEED, TODAY, World, public, receipts_of
from vestibule.ledger import leaf as leaves
from vestibule.ledger.leaf import reconcile_text
from vestibule.ledger.replay import replay
from vestibule.partners import register


@pytest.fixture
def unrecorded(world: World) -> Any:
    """Check that whatever a test does leaves the log as it was."""
    size = world.committed()
    yield
    assert world.committed() == size


def refused(answer: httpx2.Response, *named: str) -> None:
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    for name in named:
        assert name in answer.json()["detail"]


def test_a_partner_and_its_key_are_two_public_leaves_and_then_on_the_register(world: World) -> None:
    answer = world.register("newcomer")

    assert answer.status_code == 201
    at = answer.json()["indexes"]
    kinds = [type(leaves.parse(leaf)).__name__ for leaf in entries(world, at[0])]
    assert kinds == ["PartnerLeaf", "KeyLeaf"]
    partner = world.run(register.partner(world.store, "newcomer"))
    assert (partner.leaf_index, partner.legal_entity) == (at[0], "Newcomer Inc")
    [key] = world.run(register.keys_of(world.store, "newcomer"))
    assert (key.leaf_index, key.from_day, base64.b64encode(key.public).decode()) == (
        at[1],
        TODAY,
        public("newcomer"),
    )


def test_a_partner_registered_twice_is_one_partner(world: World) -> None:
    first = world.register("twice")
    size = world.committed()

    for again in range(2):
        world.now += again * 86_400_000_000
        answer = world.register("twice")
        assert (answer.status_code, answer.json()) == (201, first.json())
    world.now -= 86_400_000_000
    for changed in (
        {"name": "Other"},
        {"redirect_uris": ["https://home.test/other"]},
        {"key": {"key_id": "twice:2", "public": public("twice")}},
        {"key": {"key_id": "twice:1", "public": public("other")}},
    ):
        refused(world.register("twice", **changed), "'twice' is on the register already")
    assert world.committed() == size


def test_what_the_operator_repeats_after_a_failure_is_recorded_once(world: World) -> None:
    steps: tuple[Any, ...] = (
        lambda: world.register("retried"),
        lambda: world.allow("retried", seed=hashlib.sha256(b"retried").digest()),
        lambda: world.operate("withdrawals", {"partner": "retried", "scope": READ}),
    )
    for leaves_added, step in zip((2, 1, 1), steps, strict=True):
        size = world.committed()
        with world.broken_log():
            assert [step().status_code for _ in range(2)] == [503, 503]
        assert step().status_code == 201
        assert world.committed() == size + leaves_added


def entries(world: World, first: int) -> list[bytes]:
    work: Any = lambda tx: tx.all("select leaf from entry where idx >= :first order by idx", first=first)  # noqa: E731
    return [leaf for (leaf,) in world.run(world.store.read(work))]


@pytest.mark.usefixtures("unrecorded")
@pytest.mark.parametrize(
    ("changed", "named"),
    [
        (
            {"partner": "jukebox", "key": {"key_id": "jukebox:1", "public": public("jukebox")}},
            ["partner", "'jukebox' is on the register already"],
        ),
        *[
            (
                {"partner": name, "key": {"key_id": f"{name}:1", "public": public("x")}},
                ["partner", repr(name)],
            )
            for name in ("operator", "person-file", "receipt", "a:b", "a.b", "a_b", "a", "a" * 42, "-ab")
        ],
        (
            {"key": {"key_id": "jukebox:9", "public": public("x")}},
            ["key_id", "expected fresh:", "'jukebox:9'"],
        ),
        ({"key": {"key_id": "fresh", "public": public("x")}}, ["key_id", "expected fresh:", "'fresh'"]),
        ({"key": {"key_id": "fresh:1", "public": "!!"}}, ["key.public", "expected base64"]),
        ({"key": {"key_id": "fresh:1", "public": "AAAA"}}, ["32 bytes"]),
        ({"home_origin": "http://home.test"}, ["home_origin", "expected https", "'http://home.test'"]),
        ({"home_origin": "https://home.test/"}, ["home_origin", "without a path"]),
        ({"home_origin": "https://user@home.test"}, ["home_origin"]),
        ({"home_origin": "ftp://home.test"}, ["home_origin"]),
        *[
            ({"home_origin": home, "redirect_uris": [f"{home}/back"]}, ["home_origin"])
            for home in (
                "https://[",
                "https://a.test;script-src-elem *",
                "https://a.test\nset-cookie:x",
                "https://a.test\n",
                "https://a.test 'unsafe-inline'",
                "https://*.test",
                "https://A.test",
                "https://a..test",
                "https://-a.test",
                "https://a.test:",
                "https://a.test:port",
                "https://a.test:99999",
                "https://ü.test",
                "HTTPS://a.test",
            )
        ],
        ({"redirect_uris": ["https://home.test/ba\nck"]}, ["redirect_uris"]),
        ({"redirect_uris": ["https://home.test/b ack"]}, ["redirect_uris"]),
        ({"redirect_uris": ["https://home.test/bäck"]}, ["redirect_uris"]),
        (
            {"redirect_uris": ["https://evil.test/back"]},
            ["redirect_uris", "under https://home.test", "evil.test"],
        ),
        ({"redirect_uris": ["https://home.test.evil.test/"]}, ["redirect_uris"]),
        ({"redirect_uris": ["https://home.test@evil.test/"]}, ["redirect_uris"]),
        ({"redirect_uris": ["http://home.test/back"]}, ["redirect_uris"]),
        ({"redirect_uris": ["https://home.test/back#x"]}, ["redirect_uris", "without fragment"]),
        ({"redirect_uris": ["https://home.test\\@evil.test/"]}, ["redirect_uris"]),
        ({"redirect_uris": ["https://["]}, ["redirect_uris"]),
        ({"name": "Jukebox\u202e"}, ["name", "U+202E"]),
        ({"legal_entity": "Jukebox\nInc"}, ["legal_entity", "U+000A"]),
        ({"partner": "Not A Name", "key": {"key_id": "Not A Name:1", "public": public("x")}}, ["expected"]),
    ],
)
def test_a_malformed_partner_is_refused(world: World, changed: dict[str, Any], named: list[str]) -> None:
    refused(world.register("fresh", **changed), *named)
    assert world.run(register.partner(world.store, "fresh")) is None


@pytest.mark.parametrize("home", ["http://127.0.0.1:9001", "http://localhost:9001", "http://[::1]:9001"])
def test_http_is_for_loopback(world: World, home: str) -> None:
    partner = "local" + public(home)[:6].lower().replace("+", "-").replace("/", "-")

    answer = world.register(partner, home_origin=home, redirect_uris=[f"{home}/back"])

    assert answer.status_code == 201


@pytest.mark.usefixtures("unrecorded")
@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"seed": SEED["jukebox"]}, ["signature", "not 'marquee'", "'marquee:1'"]),
        ({"key_id": "marquee:2"}, ["key_id", "has no key 'marquee:2' in force"]),
        ({"key_id": "jukebox:1", "seed": SEED["jukebox"]}, ["key_id", "has no key 'jukebox:1'"]),
        ({"scope": "messages.write"}, ["scope", "expected one of ['friends.list',", "'messages.write'"]),
        ({"purpose": "To listen.\u202e"}, ["purpose", "U+202E"]),
        ({"partner": "unknown", "seed": SEED["marquee"]}, ["key_id", "'unknown'"]),
    ],
)
def test_a_privilege_stands_only_over_the_partners_own_signature(
    world: World, changed: dict[str, Any], named: list[str]
) -> None:
    refused(world.allow("marquee", **changed), *named)
    assert world.run(register.privilege(world.store, "marquee", READ)) is None


@pytest.mark.usefixtures("unrecorded")
@pytest.mark.parametrize("signature", ["", "AAAA", base64.b64encode(bytes(64)).decode(), "not base64"])
def test_a_privilege_without_a_signature_is_refused(world: World, signature: str) -> None:
    fields = {
        "partner": "marquee",
        "scope": READ,
        "purpose": "To know.",
        "agreement": "00" * 32,
        "until_day": TODAY + 1,
        "key_id": "marquee:1",
    }
    refused(world.operate("privileges", {**fields, "signature": signature}))
    assert world.operate("privileges", fields).status_code == 400


def test_no_field_of_what_was_signed_can_be_changed(world: World) -> None:
    fields: dict[str, Any] = {
        "partner": "marquee",
        "scope": READ,
        "purpose": "To know.",
        "agreement": "00" * 32,
        "until_day": TODAY + 1,
        "key_id": "marquee:1",
    }
    signed = SigningKey(SEED["marquee"]).sign(leaves.privilege_text(**fields)).signature
    signature = base64.b64encode(signed).decode()
    size = world.committed()

    for changed in ({"purpose": "To sell."}, {"until_day": TODAY + 2}, {"agreement": "11" * 32}):
        refused(world.operate("privileges", {**fields, **changed, "signature": signature}), "signature")
    assert world.committed() == size


def test_a_withdrawal_ends_what_is_held_and_can_be_undone_by_a_new_signature(world: World) -> None:
    assert world.operate("withdrawals", {"partner": "echo", "scope": READ}).status_code == 201
    withdrawn = world.run(register.privilege(world.store, "echo", READ))
    again = world.allow("echo")
    held = world.run(register.privilege(world.store, "echo", READ))

    assert (withdrawn.state, withdrawn.in_force(TODAY)) == ("withdrawn", False)
    assert again.status_code == 201
    assert (held.state, held.version) == ("held", withdrawn.version + 1)


def test_a_privilege_given_twice_stands_once(world: World) -> None:
    first = world.allow("echo", until_day=TODAY + 1001)
    size = world.committed()

    again = world.allow("echo", until_day=TODAY + 1001)

    assert (first.status_code, again.status_code) == (201, 201)
    assert (again.json(), world.committed()) == (first.json(), size)


@pytest.mark.usefixtures("unrecorded")
@pytest.mark.parametrize(
    ("until_day", "named"), [(TODAY - 1, "later, got"), (TODAY + 999, "withdraw it first")]
)
def test_a_privilege_is_not_cut_short_by_another(world: World, until_day: int, named: str) -> None:
    refused(world.allow("jukebox", until_day=until_day), "until_day", named)


def test_a_privilege_that_was_withdrawn_may_be_given_for_a_shorter_time(world: World) -> None:
    world.operate("withdrawals", {"partner": "echo", "scope": READ})

    assert world.allow("echo", until_day=TODAY + 5).status_code == 201
    assert world.allow("echo", until_day=TODAY + 1000).status_code == 201


def test_what_is_not_held_cannot_be_withdrawn(world: World) -> None:
    world.operate("withdrawals", {"partner": "echo", "scope": READ})
    size = world.committed()

    for partner, scope in (("echo", READ), ("marquee", READ), ("unknown", READ), ("jukebox", "other")):
        answer = world.operate("withdrawals", {"partner": partner, "scope": scope})
        refused(answer, f"{partner!r} does not hold {scope!r}")
    assert world.committed() == size
    world.allow("echo")


def reconciliation(
    size: int,
    *,
    seed: bytes = SEED["jukebox"],
    counted: dict[str, tuple[int, int]] | None = None,
    **changed: Any,
) -> bytes:
    counts = counted or {f"access/{READ}": (1, 2)}
    text = reconcile_text(partner="jukebox", size=max(size, 0), counts=counts, key_id="jukebox:1")
    body = {
        "size": size,
        "counts": {name: list(pair) for name, pair in counts.items()},
        "key_id": "jukebox:1",
        "signature": base64.b64encode(SigningKey(seed).sign(text).signature).decode(),
    }
    return json.dumps({**body, **changed}).encode()


def file(world: World, body: bytes) -> httpx2.Response:
    return world.signed("jukebox", "POST", "/v1/reconciliations", body)


def test_a_partners_own_counters_go_on_record_with_a_receipt(world: World) -> None:
    size = world.size()

    answer = file(world, reconciliation(size))

    assert answer.status_code == 201
    [proof] = receipts_of(answer)
    assert proof.index == size
    leaf = leaves.parse(entries(world, size)[0])
    assert isinstance(leaf, leaves.ReconcileLeaf)
    assert (leaf.partner, leaf.size, leaf.counts) == ("jukebox", size, {f"access/{READ}": (1, 2)})


@pytest.mark.usefixtures("unrecorded")
def test_counters_beyond_the_log_or_not_ones_own_are_refused(world: World) -> None:
    size = world.size()

    refused(file(world, reconciliation(size + 1)), f"and at most the log's {size}, got {size + 1}")
    refused(file(world, reconciliation(-1)))
    refused(file(world, reconciliation(size, seed=SEED["echo"])), "signature")
    refused(file(world, reconciliation(size, counts={"access/messages.read": [9, 9]})), "signature")
    refused(file(world, reconciliation(size, counts={"not a name": [1, 1]})))
    refused(file(world, reconciliation(size, key_id="echo:1")), "key_id")
    refused(file(world, reconciliation(size, more=1)), "body")
    refused(file(world, b"{"), "body")
    refused(file(world, b"\xff"), "body")


def many(number: int) -> dict[str, tuple[int, int]]:
    return {f"access/{place:03}{'x' * 60}": (1, 1) for place in range(number)}


@pytest.mark.usefixtures("unrecorded")
def test_counts_that_no_leaf_can_hold_are_refused_before_the_log(world: World) -> None:
    size = world.size()

    answer = file(world, reconciliation(size, counted=many(500)))

    refused(answer, "counts: expected at most 64, got 500")
    refused(file(world, reconciliation(size, counted=many(65))), "at most 64, got 65")


def test_a_count_repeated_is_one_leaf_and_a_smaller_one_is_refused(world: World) -> None:
    size = world.size()
    first = file(world, reconciliation(size))
    leaf_count = world.committed()

    again = file(world, reconciliation(size))
    smaller = file(world, reconciliation(size - 1))
    other = file(world, reconciliation(size, counted={f"access/{READ}": (9, 9)}))

    assert (first.status_code, again.status_code) == (201, 201)
    assert [proof.index for proof in receipts_of(again)] == [proof.index for proof in receipts_of(first)]
    refused(smaller, f"size: expected more than your last count's {size}, got {size - 1}")
    refused(other, "counts: others are on record for this size")
    assert world.committed() == leaf_count
    assert file(world, reconciliation(size + 1)).status_code == 201


def test_of_counts_filed_at_once_one_is_recorded_and_the_log_stays_without_breach(world: World) -> None:
    last = world.size()
    for _ in range(3):
        world.register(f"more{world.size()}")

    async def at_once() -> list[int]:
        sizes = [last + 5, last + 2, last + 4, last + 1]
        asked = [
            world.nobody.post(
                "/v1/reconciliations",
                content=reconciliation(size),
                headers=world.headers("jukebox", "POST", "/v1/reconciliations", reconciliation(size)),
            )
            for size in sizes
        ]
        return sorted(answer.status_code for answer in await asyncio.gather(*asked))

    assert world.run(at_once()) == [201, 400, 400, 400]
    history = replay(entries(world, 0))
    assert (history.breaches, history.size) == ((), world.committed())


def test_a_body_that_is_too_large_is_told_the_limit(world: World) -> None:
    answer = file(world, b" " * (64 * 1024 + 1))

    assert answer.status_code == 413
    assert "at most 65536 bytes" in answer.json()["detail"]
