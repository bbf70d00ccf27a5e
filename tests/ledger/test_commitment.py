import hashlib
import hmac

import pytest

from vestibule.ledger.commitment import Opening, commit
from vestibule.ledger.errors import CommitmentError
from vestibule.ledger.leaf import Event

R = bytes(range(32))
PRIVATE = b'{"v":1}'
EVENT = Event("access", "messages.read", "jukebox", 1, "grant", 1, bytes(32), commit(R, PRIVATE))


def test_the_commitment_is_an_hmac_over_randomness_and_private_half() -> None:
    assert commit(R, PRIVATE) == hmac.new(b"ledger/commit/v1", R + PRIVATE, hashlib.sha256).digest()


def test_the_right_opening_opens() -> None:
    Opening(7, R, PRIVATE).opens(EVENT)


@pytest.mark.parametrize(("r", "private"), [(R[::-1], PRIVATE), (R, b'{"v":2}')])
def test_another_opening_does_not(r: bytes, private: bytes) -> None:
    with pytest.raises(CommitmentError, match="index 7"):
        Opening(7, r, private).opens(EVENT)


def test_randomness_and_private_half_cannot_be_cut_in_another_place() -> None:
    # Both would hash the same bytes.
    with pytest.raises(CommitmentError, match="32 random bytes, got 33"):
        Opening(7, R + PRIVATE[:1], PRIVATE[1:]).opens(EVENT)
    with pytest.raises(CommitmentError, match="32 random bytes, got 31"):
        Opening(7, R[:31], R[31:] + PRIVATE).opens(EVENT)
