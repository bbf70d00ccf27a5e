"""What is said to be on record of a partner's keys is believed of this very key alone."""

import pytest

from tests.sdk.small_platform import PUBLIC
from tests.verdict.stories import told
from vestibule.ledger.leaf import KeyLeaf, PartnerLeaf
from vestibule.sdk.own import registered_key
from vestibule.verdict.errors import BadReceipt
from vestibule.verdict.receipt import Receipt, open_receipt
from vestibule.verdict.trust import trust

OTHER = b"o" * 32


def receipt_of(leaf: KeyLeaf | PartnerLeaf) -> Receipt:
    log = told()
    return open_receipt(log.receipt(log.add(leaf)), trust(log.policy()))


def test_the_receipt_of_this_very_key_is_believed() -> None:
    receipt = receipt_of(KeyLeaf("jukebox", "jukebox:2", PUBLIC, 20_780, None, 20_780))
    assert registered_key(receipt, partner="jukebox", key_id="jukebox:2", public=PUBLIC) == receipt.index
    ended = receipt_of(KeyLeaf("jukebox", "jukebox:2", PUBLIC, 20_780, 20_790, 20_781))
    assert registered_key(ended, partner="jukebox", key_id="jukebox:2", until_day=20_790) == ended.index


@pytest.mark.parametrize(
    "leaf",
    [
        KeyLeaf("marquee", "jukebox:2", PUBLIC, 20_780, None, 20_780),
        KeyLeaf("jukebox", "jukebox:3", PUBLIC, 20_780, None, 20_780),
        KeyLeaf("jukebox", "jukebox:2", OTHER, 20_780, None, 20_780),
        KeyLeaf("jukebox", "jukebox:2", PUBLIC, 20_780, 20_790, 20_780),
        PartnerLeaf("another", "Another Ltd", "Another", "https://another.example", 20_780),
    ],
)
def test_the_receipt_of_something_else_is_not_taken_for_it(leaf: KeyLeaf | PartnerLeaf) -> None:
    with pytest.raises(BadReceipt, match=r"expected (key 'jukebox:2'|our public key), got"):
        registered_key(receipt_of(leaf), partner="jukebox", key_id="jukebox:2", public=PUBLIC)
