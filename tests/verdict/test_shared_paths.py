import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.tlog.errors import ProofError
from vestibule.tlog.growing import GrowingTree
from vestibule.tlog.merkle import inclusion_proof, leaf_hash
from vestibule.verdict.shared_paths import collect, reader


def tree_of(size: int) -> GrowingTree:
    tree = GrowingTree()
    for at in range(size):
        tree.append(leaf_hash(at.to_bytes(2, "big")))
    return tree


@given(st.integers(1, 300), st.data())
def test_the_paths_of_several_leaves_come_back_out_of_the_shared_hashes(
    size: int, data: st.DataObject
) -> None:
    indexes = data.draw(st.sets(st.integers(0, size - 1), min_size=1))
    tree = tree_of(size)
    read = reader(indexes, size, collect(indexes, size, tree.node))
    for index in indexes:
        assert inclusion_proof(index, size, read) == inclusion_proof(index, size, tree.node)


def test_more_or_fewer_hashes_are_refused() -> None:
    hashes = collect({3, 4}, 10, tree_of(10).node)
    for wrong in (hashes[:-32], hashes + bytes(32), hashes[:-1]):
        with pytest.raises(ProofError, match=rf"expected 7 hashes of 32 bytes, got {len(wrong)} bytes"):
            reader({3, 4}, 10, wrong)


def test_a_leaf_beyond_the_tree_is_refused() -> None:
    with pytest.raises(ProofError, match="expected an index from 0 to 9, got 10"):
        reader({10}, 10, b"")
