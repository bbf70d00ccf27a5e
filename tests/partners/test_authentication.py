"""RFC 9421: whoever did not sign exactly this request, now, once, by a key in force, is nobody."""

from typing import Any

import pytest

from tests.gate.a_platform import DAY, SEED, TODAY, World
from vestibule.ledger.request import SignedRequest, parse, sign
from vestibule.partners.authentication import WINDOW_SECONDS, use_nonce
from vestibule.partners.errors import RequestRefused
from vestibule.partners.once import Once

PATH = "/v1/conversations/any/messages"


def refused(
    world: World, headers: dict[str, str], path: str = PATH, body: bytes = b"", method: str = "GET"
) -> str:
    """Check that a request is answered 401 without a leaf; returns why."""
    size = world.committed()
    answer = world.send(method, path, headers, body)
    assert (answer.status_code, world.committed()) == (401, size), answer.text
    assert answer.headers["www-authenticate"].startswith("DPoP algs=")
    assert answer.headers["www-authenticate"].endswith(", Signature")
    assert answer.headers["content-type"].startswith("application/problem+json")
    detail: str = answer.json()["detail"]
    return detail


def test_a_signed_request_is_known_by_its_partner_and_recorded(world: World) -> None:
    with world.recording() as events:
        answer = world.signed("jukebox", "GET", PATH, token="any")

    assert answer.status_code == 401
    assert [event.leaf.partner for event in events] == ["jukebox"]


def test_an_unsigned_request_is_nobodys(world: World) -> None:
    assert "content-digest" in refused(world, {})


@pytest.mark.parametrize("field", ["content-digest", "signature-input", "signature"])
def test_every_part_of_the_signature_is_needed(world: World, field: str) -> None:
    headers = world.headers("jukebox", "GET", PATH)
    del headers[field]

    assert field in refused(world, headers)


@pytest.mark.parametrize(
    ("signed", "why"),
    [
        ({"seed": SEED["marquee"]}, "expected a signature by the named key"),
        ({"target_uri": "http://platform.test/v1/conversations/other/messages"}, "by the named key"),
        ({"target_uri": "http://elsewhere.test" + PATH}, "by the named key"),
        ({"target_uri": "http://platform.test" + PATH + "?limit=1"}, "by the named key"),
        ({"key_id": "jukebox:2"}, "expected the id of a registered key in force, got 'jukebox:2'"),
        ({"key_id": "marquee:1"}, "by the named key"),
        ({"key_id": "unknown:1"}, "expected the id of a registered key in force, got 'unknown:1'"),
        ({"body": b"another"}, "content-digest"),
        ({"created": TODAY * 86_400 - 3_600}, "created: expected within 60 s"),
        ({"created": TODAY * 86_400 + 36_000}, "created: expected within 60 s"),
    ],
)
def test_a_signature_over_anything_else_is_none(world: World, signed: dict[str, Any], why: str) -> None:
    assert why in refused(world, world.headers("jukebox", "GET", PATH, **signed))


def test_a_changed_body_is_noticed(world: World) -> None:
    headers = world.headers("jukebox", "POST", "/v1/reconciliations", b'{"size":1}')

    why = refused(world, headers, "/v1/reconciliations", b'{"size":2}', "POST")

    assert "expected content-digest" in why


def test_a_token_cannot_be_added_swapped_or_taken_away(world: World) -> None:
    bare = world.headers("jukebox", "GET", PATH)
    refused(world, {**bare, "authorization": "DPoP stolen"})
    full = world.headers("jukebox", "GET", PATH, token="mine")
    refused(world, {**full, "authorization": "DPoP stolen"})
    del full["authorization"]
    refused(world, full)


def test_a_second_field_of_the_same_name_does_not_hide_behind_the_signed_one(world: World) -> None:
    signed = world.headers("jukebox", "GET", PATH, token="mine")
    stolen = ("authorization", "DPoP stolen")
    size = world.committed()

    for fields in ([*signed.items(), stolen], [stolen, *signed.items()]):
        answer = world.run(world.nobody.request("GET", PATH, headers=fields))
        assert (answer.status_code, world.committed()) == (401, size)


def test_a_replayed_request_is_refused_at_once_and_after_the_window(world: World) -> None:
    headers = world.headers("jukebox", "GET", PATH, token="any")
    assert "receipts" in world.send("GET", PATH, headers).json()

    assert refused(world, headers) == "nonce: used before; every request needs a new one"
    world.now += 61_000_000
    assert "created" in refused(world, headers)


def test_the_host_header_does_not_decide_what_was_signed(world: World) -> None:
    headers = world.headers("jukebox", "GET", PATH, target_uri="http://evil.test" + PATH)

    refused(world, {**headers, "host": "evil.test"})


def test_a_key_that_is_no_longer_in_force_signs_nothing(world: World) -> None:
    update = "update partner_key set until_day = :day where partner_id = 'marquee'"
    world.run(world.store.write(lambda tx: tx.run(update, day=world.now // DAY - 1)))

    assert "expected the id of a registered key in force" in refused(
        world, world.headers("marquee", "GET", PATH)
    )
    world.run(world.store.write(lambda tx: tx.run(update, day=None)))


def test_a_signature_for_another_method_is_none(world: World) -> None:
    assert "by the named key" in refused(world, world.headers("jukebox", "POST", PATH))


def made(created: int) -> SignedRequest:
    fields: dict[str, Any] = {"method": "GET", "target_uri": "https://platform.test/", "body": b""}
    headers = sign(
        **fields, authorization=None, key_id="jukebox:1", seed=b"s" * 32, created=created, nonce="n" * 22
    )
    return parse(**fields, headers=headers)


def test_requests_from_before_this_servers_start_are_refused() -> None:
    nonces = Once(since=1_000)

    with pytest.raises(RequestRefused, match="expected at or after this server's start at 1000"):
        use_nonce(nonces, "jukebox", made(999), 1_000)
    use_nonce(nonces, "jukebox", made(1_000), 1_000)


def test_a_nonce_is_remembered_as_long_as_its_request_is_acceptable() -> None:
    nonces, ahead = Once(since=0), made(1_000 + WINDOW_SECONDS)
    use_nonce(nonces, "jukebox", ahead, 1_000)

    for now in range(1_000, 1_000 + 2 * WINDOW_SECONDS + 1, 20):
        with pytest.raises(RequestRefused, match="nonce"):
            use_nonce(nonces, "jukebox", ahead, now)


def test_a_nonce_counts_for_its_own_partner_only() -> None:
    nonces = Once(since=0)
    use_nonce(nonces, "jukebox", made(1_000), 1_000)

    use_nonce(nonces, "marquee", made(1_000), 1_000)
