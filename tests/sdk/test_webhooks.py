"""Webhooks as the platform's own code signs them, and as somebody else might."""

import pytest

from vestibule.sdk.errors import BadKey, BadWebhook
from vestibule.sdk.webhooks import Webhook, verified
from vestibule.webhooks.signing import Seed, headers, serialized

NOW = 1_795_392_000
BODY = b'{"type":"message.created","timestamp":"2026-11-23T00:00:00Z","data":{"person":"P","connection":"c"}}'
OLD, NEW, OTHER = (Seed(0, bytes([number]) * 32) for number in (1, 2, 3))
KEY, NEW_KEY = (serialized(seed.public_of("jukebox")) for seed in (OLD, NEW))


def signed(*seeds: Seed, body: bytes = BODY, partner: str = "jukebox", at: int = NOW) -> dict[str, str]:
    return headers([seed.of(partner) for seed in seeds], "msg_1", at, body)


def test_a_webhook_is_read_once_it_is_verified() -> None:
    expected = Webhook("msg_1", "message.created", {"person": "P", "connection": "c"})
    assert verified(signed(OLD), BODY, [KEY], now=NOW) == expected
    shouted = {name.upper(): value for name, value in signed(OLD).items()}
    assert verified(shouted, BODY, [KEY], now=NOW) == expected


def test_the_page_about_webhooks_has_one_that_verifies() -> None:
    """The bytes of docs/webhooks.md."""
    body = (
        b'{"type":"message.created","timestamp":"2026-11-23T00:00:00Z","data":{"person":'
        b'"DLGLGLIJ55U4FKFTFANN2CM2PJMGC3CP","connection":"5c0e1f9a7b3d42868e1d90c4f6a2b753","conversation":'
        b'"a3501a6625b9836764bd3818aa66a2c1","id":"6a545b82ba5185b7023e012942eceb65"}}'
    )
    fields = {
        "webhook-id": "msg_0saek7855qnfq",
        "webhook-timestamp": "1795392000",
        "webhook-signature": "v1a,gGIR2DY0fmgEVYdu25dD3LQ5to0fcoNFYA6ZHegzssyUaCuau4luK/"
        "d8rOYx5nRGZ4Z390dWPnOzdFqmcEiOCQ==",
    }
    key = "whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg="
    assert verified(fields, body, [key], now=NOW).data["id"] == "6a545b82ba5185b7023e012942eceb65"


def test_either_key_of_a_rotation_is_enough() -> None:
    both = signed(NEW, OLD)
    assert verified(both, BODY, [KEY], now=NOW).id == "msg_1"
    assert verified(both, BODY, [NEW_KEY], now=NOW).id == "msg_1"
    assert verified(signed(OLD), BODY, [NEW_KEY, KEY], now=NOW).id == "msg_1"


def test_a_signature_of_another_scheme_beside_ours_is_left_out() -> None:
    fields = signed(OLD)
    fields["webhook-signature"] = f"v1,bm90aGluZw== v1a,=== {fields['webhook-signature']}"
    assert verified(fields, BODY, [KEY], now=NOW).id == "msg_1"


@pytest.mark.parametrize(
    "fields",
    [
        signed(OTHER),
        signed(OLD, partner="marquee"),
        signed(OLD, body=BODY + b" "),
        signed(OLD) | {"webhook-id": "msg_2"},
        signed(OLD) | {"webhook-timestamp": str(NOW + 1)},
        signed(OLD) | {"webhook-signature": ""},
        signed(OLD) | {"webhook-signature": signed(OLD)["webhook-signature"].replace("v1a,", "v1,")},
        signed(OLD) | {"webhook-signature": signed(OLD)["webhook-signature"].replace("v1a,", "")},
    ],
)
def test_what_is_not_signed_for_us_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(BadWebhook, match="expected a v1a signature by one of our keys"):
        verified(fields, BODY, [KEY], now=NOW)


@pytest.mark.parametrize("field", ["webhook-id", "webhook-timestamp"])
def test_a_field_that_is_missing_is_named(field: str) -> None:
    fields = signed(OLD)
    del fields[field]
    with pytest.raises(BadWebhook, match="expected webhook-id and webhook-timestamp"):
        verified(fields, BODY, [KEY], now=NOW)


@pytest.mark.parametrize("off", [-301, 301])
def test_what_was_signed_at_another_time_is_refused(off: int) -> None:
    assert verified(signed(OLD), BODY, [KEY], now=NOW + off // 301 * 300)
    with pytest.raises(BadWebhook, match="expected one of the last 300 s"):
        verified(signed(OLD), BODY, [KEY], now=NOW + off)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"type": 1}', b'{"type": "x", "data": {"n": 1}}', b"\xff"])
def test_a_signed_body_that_is_no_webhook_is_refused(body: bytes) -> None:
    with pytest.raises(BadWebhook, match="webhook msg_1"):
        verified(signed(OLD, body=body), body, [KEY], now=NOW)


@pytest.mark.parametrize("key", ["", "whpk_", "whpk_AAAA", KEY.removeprefix("whpk_"), "whsk_x"])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(BadKey, match="expected whpk_ and 32 bytes"):
        verified(signed(OLD), BODY, [key], now=NOW)
