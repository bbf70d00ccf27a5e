import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.tlog.errors import EvictedError, ProofError, TileError
from vestibule.tlog.growing import GrowingTree
from vestibule.tlog.merkle import EMPTY_ROOT, MAX_SIZE, inclusion_proof, leaf_hash, root, verify_inclusion

LEAVES = tuple(leaf_hash(str(number).encode()) for number in range(700))


def grown(size: int, window: int = 1 << 14) -> GrowingTree:
    tree = GrowingTree(window)
    for leaf in LEAVES[:size]:
        tree.append(leaf)
    return tree


WHOLE = grown(len(LEAVES))


@given(st.integers(0, 700), st.integers(2, 40))
def test_the_root_does_not_depend_on_the_window(size: int, window: int) -> None:
    tree = grown(size, window)
    assert tree.size == size
    assert tree.root() == root(size, WHOLE.node)


@given(st.integers(0, 600), st.integers(0, 100), st.integers(2, 40))
def test_a_tree_goes_on_from_its_right_edge(size: int, more: int, window: int) -> None:
    tree = GrowingTree.from_edge(size, WHOLE.node, window)
    for leaf in LEAVES[size : size + more]:
        tree.append(leaf)
    assert tree.size == size + more
    assert tree.root() == root(size + more, WHOLE.node)


@given(st.integers(1, 600))
def test_only_the_right_edge_is_read(size: int) -> None:
    asked: list[int] = []

    def read(level: int, index: int) -> bytes:
        asked.append(1 << level)
        return WHOLE.node(level, index)

    GrowingTree.from_edge(size, read)
    assert sum(asked) == size
    assert len(asked) == size.bit_count()


def test_a_copy_from_the_edge_leaves_the_tree_as_it_was() -> None:
    tree = grown(77)
    before = tree.root()
    copy = GrowingTree.from_edge(tree.size, tree.node)
    copy.append(LEAVES[77])
    assert tree.root() == before
    assert copy.root() == root(78, WHOLE.node)


def test_the_newest_leaves_are_always_provable_without_the_tiles() -> None:
    tree = grown(600, window=64)
    for index in range(600 - 64, 600):
        verify_inclusion(
            leaf_hash=LEAVES[index],
            index=index,
            size=600,
            proof=inclusion_proof(index, 600, tree.node),
            root=tree.root(),
        )


def test_memory_stays_within_two_windows_per_level() -> None:
    tree = grown(700, window=16)
    assert all(len(nodes) <= 32 for nodes in tree._levels)


def test_an_evicted_node_says_so() -> None:
    tree = grown(600, window=16)
    with pytest.raises(EvictedError, match="node 0 of level 0 is older than the window from"):
        tree.node(0, 0)
    assert tree.node(0, 599) == LEAVES[599]


@pytest.mark.parametrize(("level", "index"), [(0, 5), (1, 2), (2, 1), (3, 0), (9, 0), (-1, 0), (0, -1)])
def test_a_node_that_is_not_complete_is_not_given_out(level: int, index: int) -> None:
    tree = grown(5)
    with pytest.raises(TileError, match="there is no complete node") as raised:
        tree.node(level, index)
    assert not isinstance(raised.value, EvictedError)


def test_a_tree_begins_empty() -> None:
    assert GrowingTree().size == 0
    assert GrowingTree().root() == EMPTY_ROOT
    assert GrowingTree.from_edge(0, WHOLE.node).root() == EMPTY_ROOT


def test_a_leaf_hash_has_32_bytes_and_a_refused_one_leaves_no_trace() -> None:
    tree = grown(3)
    with pytest.raises(ProofError, match="expected a hash of 32 bytes, got 5"):
        tree.append(b"short")
    assert tree.root() == root(3, WHOLE.node)


def test_windows_and_sizes_out_of_range_are_refused() -> None:
    with pytest.raises(ProofError, match="expected a window of at least 2 nodes, got 1"):
        GrowingTree(1)
    with pytest.raises(ProofError, match="expected a tree size"):
        GrowingTree.from_edge(-1, WHOLE.node)
    with pytest.raises(ProofError, match="expected a tree size"):
        GrowingTree.from_edge(MAX_SIZE + 1, WHOLE.node)
