from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl import bindings

from vestibule.ledger import vrf
from vestibule.ledger.errors import VrfError

ORDER = 2**252 + 27742317777372353535851937790883648493

SMALL_ORDER = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
]
NOT_CANONICAL = [
    "0100000000000000000000000000000000000000000000000000000000000080",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]


@dataclass(frozen=True)
class Vector:
    seed: str
    public: str
    alpha: str
    pi: str
    beta: str


# RFC 9381 appendix B.3, examples 16, 17 and 18.
RFC_9381 = [
    Vector(
        seed="9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        public="d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        alpha="",
        pi="8657106690b5526245a92b003bb079ccd1a92130477671f6fc01ad16f26f723f26f8a57ccaed74ee"
        "1b190bed1f479d9727d2d0f9b005a6e456a35d4fb0daab1268a1b0db10836d9826a528ca76567805",
        beta="90cf1df3b703cce59e2a35b925d411164068269d7b2d29f3301c03dd757876ff"
        "66b71dda49d2de59d03450451af026798e8f81cd2e333de5cdf4f3e140fdd8ae",
    ),
    Vector(
        seed="4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        public="3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        alpha="72",
        pi="f3141cd382dc42909d19ec5110469e4feae18300e94f304590abdced48aed5933bf0864a62558b3e"
        "d7f2fea45c92a465301b3bbf5e3e54ddf2d935be3b67926da3ef39226bbc355bdc9850112c8f4b02",
        beta="eb4440665d3891d668e7e0fcaf587f1b4bd7fbfe99d0eb2211ccec90496310eb"
        "5e33821bc613efb94db5e5b54c70a848a0bef4553a41befc57663b56373a5031",
    ),
    Vector(
        seed="c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        public="fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        alpha="af82",
        pi="9bc0f79119cc5604bf02d23b4caede71393cedfbb191434dd016d30177ccbf8096bb474e53895c36"
        "2d8628ee9f9ea3c0e52c7a5c691b6c18c9979866568add7a2d41b00b05081ed0f58ee5e31b3a970e",
        beta="645427e5d00c62a23fb703732fa5d892940935942101e456ecca7bb217c61c45"
        "2118fec1219202a0edcf038bb6373241578be7217ba85a2687f7a0310b2df19f",
    ),
]

KEY = vrf.VrfKey.from_seed(b"a vrf secret for tests, 32 bytes")


@pytest.mark.parametrize("vector", RFC_9381)
def test_the_vectors_of_rfc_9381_are_reproduced(vector: Vector) -> None:
    key = vrf.VrfKey.from_seed(bytes.fromhex(vector.seed))
    assert key.public.hex() == vector.public
    assert key.prove(bytes.fromhex(vector.alpha)).hex() == vector.pi


@pytest.mark.parametrize("vector", RFC_9381)
def test_the_vectors_of_rfc_9381_verify(vector: Vector) -> None:
    public, alpha, pi = (bytes.fromhex(part) for part in (vector.public, vector.alpha, vector.pi))
    assert vrf.verify(public, alpha, pi).hex() == vector.beta
    assert vrf.proof_to_hash(pi).hex() == vector.beta


@settings(max_examples=20, deadline=None)
@given(st.binary(max_size=200))
def test_every_proof_verifies_and_gives_its_hash(alpha: bytes) -> None:
    proof = KEY.prove(alpha)
    assert vrf.verify(KEY.public, alpha, proof) == vrf.proof_to_hash(proof)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 639))
def test_a_proof_with_any_bit_turned_is_refused(bit: int) -> None:
    proof = bytearray(KEY.prove(b"alpha"))
    proof[bit // 8] ^= 1 << bit % 8
    with pytest.raises(VrfError):
        vrf.verify(KEY.public, b"alpha", bytes(proof))


def test_a_proof_for_another_input_or_key_is_refused() -> None:
    proof = KEY.prove(b"alpha")
    other = vrf.VrfKey.from_seed(bytes(32))
    with pytest.raises(VrfError, match="challenge"):
        vrf.verify(KEY.public, b"alphb", proof)
    with pytest.raises(VrfError, match="challenge"):
        vrf.verify(other.public, b"alpha", proof)


@pytest.mark.parametrize("point", SMALL_ORDER + NOT_CANONICAL)
def test_small_order_and_non_canonical_public_keys_are_refused(point: str) -> None:
    with pytest.raises(VrfError, match="public key"):
        vrf.verify(bytes.fromhex(point), b"alpha", KEY.prove(b"alpha"))


@pytest.mark.parametrize("point", SMALL_ORDER + NOT_CANONICAL)
def test_small_order_and_non_canonical_gammas_are_refused(point: str) -> None:
    with pytest.raises(VrfError, match="gamma"):
        vrf.verify(KEY.public, b"alpha", bytes.fromhex(point) + KEY.prove(b"alpha")[32:])


def test_a_key_or_gamma_with_a_small_order_part_is_refused() -> None:
    torsion = bytes.fromhex(SMALL_ORDER[4])
    proof = KEY.prove(b"alpha")
    mixed = bindings.crypto_core_ed25519_add(proof[:32], torsion)
    with pytest.raises(VrfError, match="gamma"):
        vrf.verify(KEY.public, b"alpha", mixed + proof[32:])
    with pytest.raises(VrfError, match="gamma"):
        vrf.proof_to_hash(mixed + proof[32:])
    with pytest.raises(VrfError, match="public key"):
        vrf.verify(bindings.crypto_core_ed25519_add(KEY.public, torsion), b"alpha", proof)


def test_a_scalar_not_reduced_is_refused() -> None:
    proof = KEY.prove(b"alpha")
    s = int.from_bytes(proof[48:], "little")
    twin = proof[:48] + (s + ORDER).to_bytes(32, "little")
    with pytest.raises(VrfError, match="not reduced"):
        vrf.verify(KEY.public, b"alpha", twin)


@pytest.mark.parametrize("cut", [0, 32, 79, 81])
def test_proofs_of_another_length_are_refused(cut: int) -> None:
    proof = (KEY.prove(b"alpha") + b"x")[:cut]
    with pytest.raises(VrfError, match="80 bytes"):
        vrf.verify(KEY.public, b"alpha", proof)


def test_zero_scalars_raise_the_room_s_error() -> None:
    gamma = KEY.prove(b"alpha")[:32]
    with pytest.raises(VrfError, match="zero scalar"):
        vrf.verify(KEY.public, b"alpha", gamma + bytes(48))


@pytest.mark.parametrize("length", [0, 31, 33])
def test_seeds_and_keys_of_another_length_are_refused(length: int) -> None:
    with pytest.raises(VrfError, match="32 bytes"):
        vrf.VrfKey.from_seed(bytes(length))
    with pytest.raises(VrfError, match="32 bytes"):
        vrf.verify(bytes(length), b"alpha", KEY.prove(b"alpha"))


def test_a_key_does_not_show_its_secret_when_printed() -> None:
    shown = repr(KEY)
    assert "_scalar" not in shown
    assert "_prefix" not in shown
