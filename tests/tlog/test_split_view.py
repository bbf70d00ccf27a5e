from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestibule.tlog.checkpoint import Checkpoint, sign_checkpoint
from vestibule.tlog.errors import ProofError, TlogError
from vestibule.tlog.growing import GrowingTree
from vestibule.tlog.keys import SigningKey
from vestibule.tlog.merkle import leaf_hash
from vestibule.tlog.split_view import SplitView, find_split

LOG = SigningKey.from_seed("log.example", b"l" * 32)
OTHER = SigningKey.from_seed("log.example", b"o" * 32)


def tree(size: int, *, forked_at: int = 1 << 30) -> GrowingTree:
    grown = GrowingTree()
    for index in range(size):
        grown.append(leaf_hash(f"{index >= forked_at} {index}".encode()))
    return grown


def head(grown: GrowingTree, key: SigningKey = LOG) -> tuple[Checkpoint, str]:
    checkpoint = Checkpoint("log.example", grown.size, grown.root())
    return checkpoint, sign_checkpoint(checkpoint, key)


def split(smaller: int = 5, larger: int = 12, forked_at: int = 3) -> SplitView:
    other = tree(larger, forked_at=forked_at)
    found = find_split(head(tree(smaller)), head(other), other.node)
    assert found is not None
    return found


@given(st.integers(1, 40), st.integers(0, 40), st.integers(0, 39))
def test_two_trees_that_contradict_each_other_are_proven_and_no_others(
    smaller: int, more: int, forked_at: int
) -> None:
    larger = tree(smaller + more, forked_at=forked_at)
    found = find_split(head(tree(smaller)), head(larger), larger.node)
    assert (found is not None) is (forked_at < smaller)
    if found is not None:
        read = SplitView.parse(found.render())
        assert read == found
        assert [one.size for one in read.verify(LOG.verifier)] == [smaller, smaller + more]


def test_a_checkpoint_that_another_key_signed_proves_nothing() -> None:
    larger = tree(12, forked_at=3)
    forged = find_split(head(tree(5)), head(larger, OTHER), larger.node)
    assert forged is not None
    with pytest.raises(TlogError, match="expected a signature by one of 1 known keys"):
        forged.verify(LOG.verifier)


def test_checkpoints_that_agree_prove_nothing() -> None:
    honest = tree(12)
    agreed = SplitView(
        head(tree(5))[1], head(honest)[1], tree(5).root(), split(forked_at=0).proof[:0] or proof_of(honest)
    )
    with pytest.raises(ProofError, match="expected two checkpoints that contradict each other"):
        agreed.verify(LOG.verifier)


def proof_of(grown: GrowingTree) -> tuple[bytes, ...]:
    other = head(tree(5, forked_at=0))
    found = find_split(other, head(grown), grown.node)
    assert found is not None
    return found.proof


def test_a_root_that_the_larger_tree_does_not_have_proves_nothing() -> None:
    lied = replace(split(), root=bytes(32))
    with pytest.raises(ProofError, match="does not follow from the consistency proof"):
        lied.verify(LOG.verifier)


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{}", b'{"v":1}', b"\xff", b"[" * 100_000, b'{"v":1,"v":1}', b"1" * 5000],
)
def test_a_malformed_file_is_refused(data: bytes) -> None:
    with pytest.raises(ProofError):
        SplitView.parse(data)


@pytest.mark.parametrize("field", ["v", "smaller", "larger", "root", "proof"])
@pytest.mark.parametrize("value", ["null", "7", '"x"', "[7]", '["x"]', "{}"])
def test_a_file_with_a_field_of_another_kind_is_refused(field: str, value: str) -> None:
    lines = split().render()
    start = lines.index(f'"{field}"')
    end = min(at for at in (lines.find(",\n", start), lines.find("\n}", start)) if at > 0)
    with pytest.raises(TlogError):
        SplitView.parse(f'{lines[:start]}"{field}": {value}{lines[end:]}').verify(LOG.verifier)
