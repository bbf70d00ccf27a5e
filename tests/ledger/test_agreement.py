from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.ledger import agreement, canonical
from vestibule.ledger.agreement import LONGEST, Agreement, Passkey, Password
from vestibule.ledger.errors import ConsentError

PASSKEY = Passkey(b"authenticator", b'{"type":"webauthn.get"}', b"signature", b"key")
RANDOM = bytes(range(32))

parts = st.binary(min_size=1, max_size=80)
agreements = st.builds(Passkey, parts, parts, parts, parts) | st.just(Password())


@given(agreements)
def test_every_agreement_comes_back_from_its_bytes(one: Agreement) -> None:
    assert agreement.parse(one.encode()) == one


@given(st.binary(max_size=200))
def test_other_bytes_raise_the_room_s_error(data: bytes) -> None:
    with pytest.raises(ConsentError):
        agreement.parse(data)


def test_the_commitment_to_an_assertion_is_a_hash_that_only_the_random_bytes_open() -> None:
    assert PASSKEY.committed(RANDOM) == sha256(RANDOM + PASSKEY.encode()).hexdigest()
    assert PASSKEY.committed(RANDOM) != PASSKEY.committed(bytes(32))


def test_an_agreement_with_a_password_has_nothing_to_show() -> None:
    assert Password().committed(RANDOM) == "password"
    assert Password().encode() == b'{"how":"password","v":1}'


@pytest.mark.parametrize("length", [0, 31, 33])
def test_random_bytes_of_another_length_are_refused(length: int) -> None:
    with pytest.raises(ConsentError, match=f"32 random bytes, got {length}"):
        PASSKEY.committed(bytes(length))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"v": 2}, "version 1, got 2"),
        ({"how": "spoken"}, "by passkey or password, got 'spoken'"),
        ({"how": "password"}, "no further field"),
        ({"signature": ""}, "signature of 1 to 4096 bytes, got 0"),
        ({"signature": "AB=="}, "canonical base64"),
        ({"signature": 1}, "a string in 'signature'"),
        ({"credential": "x"}, "no further field, got 'credential'"),
    ],
)
def test_a_malformed_agreement_is_refused_and_says_what_is_wrong(
    changes: dict[str, object], message: str
) -> None:
    with pytest.raises(ConsentError, match=message):
        agreement.parse(canonical.encode(canonical.decode(PASSKEY.encode()) | changes))


def test_an_assertion_longer_than_any_authenticator_makes_is_refused() -> None:
    with pytest.raises(ConsentError, match="client_data_json of 1 to 4096 bytes, got 4097"):
        Passkey(b"a", b"b" * (LONGEST + 1), b"c", b"d")
