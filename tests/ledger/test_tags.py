import hashlib
import hmac

import pytest

from vestibule.ledger import tags
from vestibule.ledger.errors import TagError

SUBJECT = bytes(range(16))


def test_the_pair_input_is_five_lines() -> None:
    assert tags.alpha("log.example/2026", "jukebox", tags.SHARED, SUBJECT) == (
        b"ledger/pair/v1\nlog.example/2026\njukebox\nshared\n000102030405060708090a0b0c0d0e0f"
    )


def test_lanes_partners_origins_and_subjects_give_different_inputs() -> None:
    inputs = {
        tags.alpha(origin, partner, lane, subject)
        for origin in ("a.example", "b.example")
        for partner in ("jukebox", "marquee")
        for lane in (tags.SHARED, tags.OWN)
        for subject in (SUBJECT, tags.NOBODY)
    }
    assert len(inputs) == 16


@pytest.mark.parametrize(
    ("origin", "partner", "lane", "subject"),
    [
        ("a\njukebox", "marquee", "own", SUBJECT),
        ("", "jukebox", "own", SUBJECT),
        ("a", "juke\nbox", "own", SUBJECT),
        ("a", "Jukebox", "own", SUBJECT),
        ("a", "jukebox", "third", SUBJECT),
        ("a", "jukebox", "own", SUBJECT[:15]),
        ("a", "jukebox", "own", SUBJECT + b"x"),
    ],
)
def test_parts_that_could_be_read_as_others_are_refused(
    origin: str, partner: str, lane: str, subject: bytes
) -> None:
    with pytest.raises(TagError):
        tags.alpha(origin, partner, lane, subject)


def test_the_tag_is_an_hmac_over_the_counter() -> None:
    key = tags.lane_key(bytes(range(64)))
    expected = hmac.new(
        bytes(range(32)), b"ledger/tag/v1\x00\x00\x00\x00\x00\x00\x00\x01\x02", hashlib.sha256
    )
    assert tags.tag(key, 258) == expected.digest()


@pytest.mark.parametrize("i", [-1, 2**64])
def test_counters_outside_64_bits_are_refused(i: int) -> None:
    with pytest.raises(TagError, match="counter"):
        tags.tag(bytes(32), i)


def test_keys_and_outputs_of_another_length_are_refused() -> None:
    with pytest.raises(TagError, match="32 bytes, got 31"):
        tags.tag(bytes(31), 0)
    with pytest.raises(TagError, match="64 bytes, got 32"):
        tags.lane_key(bytes(32))
    with pytest.raises(TagError, match="32 bytes, got 33"):
        tags.partner_person_id(bytes(33))


def test_a_person_has_a_different_id_for_every_lane_key() -> None:
    one, other = tags.partner_person_id(bytes(32)), tags.partner_person_id(b"\x01" * 32)
    assert one != other
    assert len(one) == 32
    assert set(one) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def test_nobody_is_a_subject_like_any_other() -> None:
    assert tags.NOBODY == b"nobody\0\0\0\0\0\0\0\0\0\0"
