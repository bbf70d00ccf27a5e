from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.tlog.errors import ProofError
from vestibule.tlog.growing import GrowingTree
from vestibule.tlog.merkle import (
    EMPTY_ROOT,
    MAX_SIZE,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

# The entries and roots that implementations of RFC 6962 have shared since Certificate Transparency.
ENTRIES = tuple(
    bytes.fromhex(entry)
    for entry in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
)
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
MOST = 600
TREE = GrowingTree()
for number in range(MOST):
    TREE.append(leaf_hash(str(number).encode()))
LEAVES = tuple(TREE.node(0, index) for index in range(MOST))


def split(size: int) -> int:
    k = 1
    while k * 2 < size:
        k *= 2
    return k


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, as it is written there."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return node_hash(naive_root(leaves[:k]), naive_root(leaves[k:]))


def naive_path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH of RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if index < k:
        return [*naive_path(index, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(index - k, leaves[k:]), naive_root(leaves[:k])]


def naive_subproof(old: int, leaves: Sequence[bytes], *, known: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962, section 2.1.2."""
    if old == len(leaves):
        return [] if known else [naive_root(leaves)]
    k = split(len(leaves))
    if old <= k:
        return [*naive_subproof(old, leaves[:k], known=known), naive_root(leaves[k:])]
    return [*naive_subproof(old - k, leaves[k:], known=False), naive_root(leaves[:k])]


def indexed_sizes() -> st.SearchStrategy[tuple[int, int]]:
    return st.integers(1, MOST).flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size)))


def ordered_sizes() -> st.SearchStrategy[tuple[int, int]]:
    return st.integers(1, MOST).flatmap(lambda new: st.tuples(st.integers(1, new), st.just(new)))


def prove(index: int, size: int) -> tuple[bytes, ...]:
    return inclusion_proof(index, size, TREE.node)


def check(index: int, size: int, proof: Sequence[bytes], *, leaf: bytes | None = None) -> None:
    verify_inclusion(
        leaf_hash=LEAVES[index] if leaf is None else leaf,
        index=index,
        size=size,
        proof=proof,
        root=root(size, TREE.node),
    )


def check_growth(old: int, new: int, proof: Sequence[bytes]) -> None:
    verify_consistency(
        old_size=old,
        old_root=root(old, TREE.node),
        new_size=new,
        new_root=root(new, TREE.node),
        proof=proof,
    )


def test_the_published_roots_come_out() -> None:
    tree = GrowingTree()
    roots = [tree.root().hex()]
    for entry in ENTRIES:
        tree.append(leaf_hash(entry))
        roots.append(tree.root().hex())
    assert tuple(roots) == ROOTS


def test_the_empty_tree_has_the_hash_of_nothing() -> None:
    assert root(0, TREE.node) == EMPTY_ROOT == sha256(b"").digest()


@given(st.integers(0, MOST))
def test_a_root_is_the_one_the_recursive_definition_gives(size: int) -> None:
    assert root(size, TREE.node) == naive_root(LEAVES[:size])


@given(indexed_sizes())
def test_an_inclusion_proof_is_the_one_the_recursive_definition_gives(case: tuple[int, int]) -> None:
    index, size = case
    proof = prove(index, size)
    assert list(proof) == naive_path(index, LEAVES[:size])
    check(index, size, proof)


@given(ordered_sizes())
def test_a_consistency_proof_is_the_one_the_recursive_definition_gives(case: tuple[int, int]) -> None:
    old, new = case
    proof = consistency_proof(old, new, TREE.node)
    assert list(proof) == naive_subproof(old, LEAVES[:new], known=True)
    check_growth(old, new, proof)


def test_every_small_tree_proves_every_leaf_and_every_growth() -> None:
    for size in range(1, 34):
        for index in range(size):
            check(index, size, prove(index, size))
        for old in range(size + 1):
            check_growth(old, size, consistency_proof(old, size, TREE.node))


@given(indexed_sizes(), st.data())
def test_a_changed_inclusion_proof_is_refused(case: tuple[int, int], data: st.DataObject) -> None:
    index, size = case
    proof = prove(index, size)
    with pytest.raises(ProofError):
        check(index, size, (*proof, bytes(32)))
    with pytest.raises(ProofError):
        check(index, size, proof, leaf=bytes(32))
    if proof:
        spoilt = data.draw(st.integers(0, len(proof) - 1))
        with pytest.raises(ProofError):
            check(index, size, (*proof[:spoilt], bytes(32), *proof[spoilt + 1 :]))
        with pytest.raises(ProofError):
            check(index, size, proof[:-1])
        with pytest.raises(ProofError):
            check(index, size, proof[1:])


@given(indexed_sizes(), st.integers(0, MOST - 1))
def test_a_proof_holds_for_its_own_index_only(case: tuple[int, int], other: int) -> None:
    index, size = case
    if other == index or other >= size:
        return
    with pytest.raises(ProofError):
        check(other, size, prove(index, size), leaf=LEAVES[index])


@given(ordered_sizes(), st.data())
def test_a_changed_consistency_proof_is_refused(case: tuple[int, int], data: st.DataObject) -> None:
    old, new = case
    proof = consistency_proof(old, new, TREE.node)
    with pytest.raises(ProofError):
        check_growth(old, new, (*proof, bytes(32)))
    if proof:
        spoilt = data.draw(st.integers(0, len(proof) - 1))
        with pytest.raises(ProofError):
            check_growth(old, new, (*proof[:spoilt], bytes(32), *proof[spoilt + 1 :]))
        with pytest.raises(ProofError):
            check_growth(old, new, proof[:-1])


@given(ordered_sizes())
def test_a_history_that_was_rewritten_is_refused(case: tuple[int, int]) -> None:
    old, new = case
    forged = naive_root((bytes(32), *LEAVES[1:old]))
    with pytest.raises(ProofError, match="root"):
        verify_consistency(
            old_size=old,
            old_root=forged,
            new_size=new,
            new_root=root(new, TREE.node),
            proof=consistency_proof(old, new, TREE.node),
        )


@given(ordered_sizes())
def test_a_new_root_that_only_the_server_knows_is_refused(case: tuple[int, int]) -> None:
    old, new = case
    with pytest.raises(ProofError, match="root"):
        verify_consistency(
            old_size=old,
            old_root=root(old, TREE.node),
            new_size=new,
            new_root=bytes(32),
            proof=consistency_proof(old, new, TREE.node),
        )


def test_an_empty_proof_at_size_1_proves_the_one_leaf_and_nothing_else() -> None:
    check(0, 1, ())
    with pytest.raises(ProofError, match="leads to"):
        check(0, 1, (), leaf=leaf_hash(b"something else"))


def test_an_empty_proof_does_not_make_a_leaf_the_root_of_a_larger_tree() -> None:
    forged = leaf_hash(b"forged")
    with pytest.raises(ProofError, match="too short"):
        verify_inclusion(leaf_hash=forged, index=0, size=2, proof=(), root=forged)


def test_an_empty_proof_does_not_grow_a_tree_of_size_1() -> None:
    leaf = LEAVES[0]
    with pytest.raises(ProofError, match="too short"):
        verify_consistency(old_size=1, old_root=leaf, new_size=2, new_root=leaf, proof=())
    with pytest.raises(ProofError, match="too short"):
        verify_consistency(old_size=3, old_root=leaf, new_size=5, new_root=leaf, proof=())


def test_a_path_longer_than_the_tree_is_refused_even_if_it_ends_at_the_root() -> None:
    # A log that signs a wrong size for its root must not get proofs through that fit the root alone.
    extra = leaf_hash(b"extra")
    with pytest.raises(ProofError, match="inclusion proof is too long: got 1"):
        verify_inclusion(
            leaf_hash=LEAVES[0], index=0, size=1, proof=(extra,), root=node_hash(extra, LEAVES[0])
        )
    with pytest.raises(ProofError, match="consistency proof is too long: got 4"):
        verify_consistency(
            old_size=3,
            old_root=node_hash(extra, root(3, TREE.node)),
            new_size=4,
            new_root=node_hash(extra, root(4, TREE.node)),
            proof=(*consistency_proof(3, 4, TREE.node), extra),
        )


def test_an_inner_node_does_not_pass_for_a_leaf() -> None:
    inner = TREE.node(1, 0)
    with pytest.raises(ProofError, match="too short"):
        verify_inclusion(leaf_hash=inner, index=0, size=4, proof=(TREE.node(1, 1),), root=root(4, TREE.node))


def test_one_size_has_one_root() -> None:
    with pytest.raises(ProofError, match="two different roots for size 5"):
        verify_consistency(old_size=5, old_root=LEAVES[0], new_size=5, new_root=LEAVES[1], proof=())


def test_the_empty_tree_grows_into_anything_by_an_empty_proof() -> None:
    check_growth(0, 7, ())
    with pytest.raises(ProofError, match="expected an empty consistency proof, got 1"):
        check_growth(0, 7, (bytes(32),))
    with pytest.raises(ProofError, match="not that of the empty tree"):
        verify_consistency(old_size=0, old_root=bytes(32), new_size=7, new_root=bytes(32), proof=())


@pytest.mark.parametrize(("index", "size"), [(-1, 4), (4, 4), (0, 0), (0, -1), (0, MAX_SIZE + 1)])
def test_leaves_that_are_not_there_are_neither_proved_nor_accepted(index: int, size: int) -> None:
    with pytest.raises(ProofError, match="expected"):
        inclusion_proof(index, size, TREE.node)
    with pytest.raises(ProofError, match="expected"):
        verify_inclusion(leaf_hash=LEAVES[0], index=index, size=size, proof=(), root=LEAVES[0])


@pytest.mark.parametrize(("old", "new"), [(-1, 4), (5, 4), (0, -1), (1, MAX_SIZE + 1)])
def test_sizes_out_of_order_are_neither_proved_nor_accepted(old: int, new: int) -> None:
    with pytest.raises(ProofError, match="expected"):
        consistency_proof(old, new, TREE.node)
    with pytest.raises(ProofError, match="expected"):
        verify_consistency(old_size=old, old_root=LEAVES[0], new_size=new, new_root=LEAVES[0], proof=())


def test_hashes_have_32_bytes() -> None:
    with pytest.raises(ProofError, match="expected a hash of 32 bytes, got 31"):
        check(0, 2, (bytes(31),))
    with pytest.raises(ProofError, match="expected a hash of 32 bytes, got 33"):
        check_growth(1, 2, (bytes(33),))


def test_the_largest_tree_is_proved_in_63_steps() -> None:
    def uniform(level: int, _index: int) -> bytes:
        return levels[level]

    levels = [leaf_hash(b"")]
    for _ in range(63):
        levels.append(node_hash(levels[-1], levels[-1]))
    proof = inclusion_proof(1, MAX_SIZE, uniform)
    assert len(proof) == 63
    verify_inclusion(leaf_hash=levels[0], index=1, size=MAX_SIZE, proof=proof, root=root(MAX_SIZE, uniform))
