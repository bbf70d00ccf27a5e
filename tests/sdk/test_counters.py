from tests.sdk.small_platform import BASE, SmallPlatform, person_id
from tests.verdict.log_builder import ALICE, BOB, seed
from vestibule.sdk.answers import Token
from vestibule.sdk.client import Client
from vestibule.sdk.counters import Counters


def test_counters_are_kept_as_text() -> None:
    counters = Counters({"access/messages.read": (2, 5)}, {"A": {3, 1}})
    assert Counters.from_json(counters.to_json()) == counters


def test_counters_that_no_receipt_bore_are_listed() -> None:
    platform = SmallPlatform()
    client = Client(BASE, "jukebox", "k1", seed("jukebox"), platform.log.policy(), http=platform.client())
    held = Token("t", person_id(platform.log, ALICE), "messages.read", 3600, ("abc",))
    client.messages(held, "abc")
    client.messages(held, "abc")
    assert client.counters.gaps(held.person) == (0, 1, 2)
    assert client.counters.gaps(person_id(platform.log, BOB)) == ()
    assert client.counters.gaps("nobody") == ()
    assert client.counters.counts == {"access/messages.read": (2, 6)}
