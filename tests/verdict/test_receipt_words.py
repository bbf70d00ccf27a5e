"""What a person reads of a receipt."""

from tests.verdict.log_builder import ALICE, DAY, LogBuilder
from tests.verdict.stories import COUNTS, told
from vestibule.ledger.leaf import Withdrawal
from vestibule.ledger.tags import SHARED
from vestibule.verdict import receipt_words
from vestibule.verdict.receipt import Receipt, open_receipt
from vestibule.verdict.trust import trust


def opened(log: LogBuilder, index: int, *, private: bool = False, lane_key: bool = True) -> Receipt:
    opening = next(
        (one for held in log.openings.values() for one in held if one.index == index and private), None
    )
    key = log.lane("jukebox", SHARED, ALICE)[0] if private and lane_key else None
    return open_receipt(log.receipt(index, opening, key), trust(log.policy()))


def test_every_kind_of_leaf_is_said_in_plain_words() -> None:
    log = told()
    log.event("exposure", "jukebox", ALICE, n=7)
    log.reconcile("jukebox", COUNTS)
    log.epoch()
    log.add(Withdrawal("jukebox", "messages.read", DAY))
    assert [receipt_words.public(opened(log, index))[0] for index in range(len(log.entries))] == [
        "on 2026-11-23: the log vestibule.example/log begins",
        "on 2026-11-23: Marquee Ltd is registered as marquee: Marquee, https://marquee.example",
        "on 2026-11-23: marquee: key k1 is registered, from 2026-11-23",
        "on 2026-11-23: Jukebox Ltd is registered as jukebox: Jukebox, https://jukebox.example",
        "on 2026-11-23: jukebox: key k1 is registered, from 2026-11-23",
        "on 2026-11-23: jukebox: may ask people for messages.read to 2026-12-23: to suggest songs",
        "on 2026-11-23: marquee: a recommendation was sent to a person in the platform's dialog",
        "on 2026-11-23: marquee: a recommendation was sent to a person in the platform's dialog",
        "on 2026-11-23: jukebox: a person agreed to messages.read",
        "on 2026-11-23: jukebox: read 4 messages through a person's connection",
        "on 2026-11-23: jukebox: asked for messages.read and was refused",
        "on 2026-11-23: marquee: asked for messages.read and was refused",
        "on 2026-11-23: jukebox: got something of a person's through somebody else's connection",
        "on 2026-11-23: jukebox: has signed its own counts over the first 13 leaves",
        "on 2026-11-23: an epoch over the first 14 leaves, 7 of them events",
        "on 2026-11-23: jukebox: may no longer ask people for messages.read",
    ]


def test_a_private_half_says_when_where_and_who_asked() -> None:
    assert receipt_words.private(opened(told(), 9, private=True)) == (
        "jukebox read 4 messages through this person's connection",
        "decided at 2026-11-23 01:00:00 UTC; number 1, from 0 on, of the lane shared",
        "jukebox knows this person as KUYB73KEKXQFUH76XNC55ND27KDGOU6H",
        "conversation abc, with the SHA-256 of 4 messages",
        "it rests on the agreement in leaf 8",
        "asked for by GET https://vestibule.example/v1/conversations/abc/messages?limit=50, signed with k1",
        receipt_words.NOT_CHECKED,
    )


def test_without_the_lanes_key_nobody_says_who_she_is() -> None:
    said = receipt_words.private(opened(told(), 9, private=True, lane_key=False))
    assert said[2].endswith("; without the lane's key this is not checked")


def test_a_receipt_without_a_private_half_is_about_nobody() -> None:
    assert receipt_words.private(opened(told(), 9)) == (receipt_words.NO_PRIVATE_HALF,)
    assert receipt_words.private(opened(told(), 5)) == ()


def test_what_a_receipt_does_not_show_is_said() -> None:
    log = told()
    said = receipt_words.rests_on(opened(log, 9), trust(log.policy()))
    assert said[-1] == receipt_words.ONE_LEAF
    assert any(line.startswith("policy: SHA-256 ") for line in said)
