"""The client of a witness: what it asks, and which answers it takes for none."""

import asyncio
from collections.abc import Iterator

import httpx2
import pytest

from tests.recorder.a_log import Log, Run, event, one
from tests.recorder.a_witness import AWitness, Reply
from vestibule.recorder.proving import Prover
from vestibule.recorder.witnesses import MOST_BYTES, Cosigner, NotCosigned, Shown
from vestibule.tlog.checkpoint import Checkpoint
from vestibule.tlog.growing import GrowingTree
from vestibule.tlog.merkle import leaf_hash, verify_consistency
from vestibule.tlog.note import Note
from vestibule.tlog.policy import Witness


@pytest.fixture
def witness(log: Log, run: Run) -> Iterator[AWitness]:
    log.open()
    witness = AWitness("w", log.keys.signing.verifier)
    run(witness.start())
    yield witness
    run(witness.stop())


def ask(log: Log, run: Run, witness: AWitness, *, size: int = 0, patience: float = 30.0) -> str:
    """Have a fresh client ask about the newest checkpoint, from a size that it takes for the last."""
    assert log.recorder is not None
    recorder = log.recorder

    async def cosign() -> str:
        async with httpx2.AsyncClient(timeout=None) as client:
            url = f"http://127.0.0.1:{witness.port}/prefix/"
            cosigner = Cosigner(Witness("w", witness.key.verifier, url), client, patience)
            cosigner.size = size
            prover = Prover(log.files, lambda: recorder._sequencer.tree)
            return await cosigner.cosign(Shown.parse(await recorder.note()), prover.consistency)

    return str(run(cosign()))


def test_a_witness_that_knows_the_log_tells_from_which_size_to_prove(
    log: Log, run: Run, witness: AWitness
) -> None:
    ask(log, run, witness)
    log.append(one(event(), event(), event()))

    line = ask(log, run, witness)

    assert witness.asked == [(0, 1), (0, 4), (1, 4)]
    assert Note.parse(witness.note).with_lines(line).render() == witness.note


def test_asking_again_about_the_same_checkpoint_is_fine(log: Log, run: Run, witness: AWitness) -> None:
    ask(log, run, witness)
    ask(log, run, witness, size=1)

    assert witness.asked == [(0, 1), (1, 1)]


@pytest.mark.parametrize(
    ("reply", "complaint"),
    [
        ((503, "later\n"), "w: expected 200, got 503"),
        ((422, "no\n"), "w: expected 200, got 422"),
        ((409, "9\n"), "w: has cosigned size 9 already, expected 1 at most"),
        ((409, "nine\n"), "w: expected a decimal number"),
        ((409, "0\n"), "w: expected 200, got 409"),
        ((200, ""), "w: expected a signature line"),
        (
            (200, "\N{EM DASH} stranger.example AAAAAAAAAAA=\n"),
            "w: expected a cosignature by w.example/w, got none",
        ),
        ((200, "x" * (MOST_BYTES + 1)), f"w: expected at most {MOST_BYTES} bytes, got more"),
    ],
)
def test_what_is_no_cosignature_counts_as_none(
    log: Log, run: Run, witness: AWitness, reply: Reply, complaint: str
) -> None:
    witness.spoils = lambda _: reply

    with pytest.raises(NotCosigned, match=complaint):
        ask(log, run, witness)


def test_a_cosignature_over_another_checkpoint_counts_as_none(log: Log, run: Run, witness: AWitness) -> None:
    other = Checkpoint(log.keys.origin, 1, b"r" * 32)
    witness.spoils = lambda _: (200, witness.remember(other, witness.note))

    with pytest.raises(NotCosigned, match=r"w: signature by w\.example/w does not verify"):
        ask(log, run, witness)


def test_lines_of_other_keys_in_an_answer_are_not_passed_on(log: Log, run: Run, witness: AWitness) -> None:
    stranger = "\N{EM DASH} stranger.example AAAAAAAAAAA=\n"
    witness.spoils = lambda reply: (reply[0], stranger + reply[1])

    line = ask(log, run, witness)

    assert line == Note.parse(witness.note).signatures[-1].render()


def test_however_many_lines_a_witness_sends_one_is_kept(log: Log, run: Run, witness: AWitness) -> None:
    def many(_: Reply) -> Reply:
        lines = [witness.remember(Checkpoint.parse(Note.parse(note).text), note) for _ in range(150)]
        return 200, "".join(lines)

    assert log.recorder is not None
    note = run(log.recorder.note())
    witness.spoils = many

    line = ask(log, run, witness)

    assert line == Note.parse(witness.note).signatures[-1].render()


def test_a_witness_that_is_silent_is_not_waited_for_for_ever(log: Log, run: Run, witness: AWitness) -> None:
    witness.gate = asyncio.Event()

    with pytest.raises(NotCosigned, match=r"w: no answer in 0\.05 s"):
        ask(log, run, witness, patience=0.05)


def test_proofs_from_before_the_window_come_from_the_published_tiles(log: Log, run: Run) -> None:
    recorder = log.open()
    log.append(one(*(event(bytes([n % 256]) * 16) for n in range(600))))
    tree = recorder._sequencer.tree
    checkpoint = run(recorder.checkpoint())
    edge = GrowingTree.from_edge(checkpoint.size, tree.node, window=2)
    prover = Prover(log.files, lambda: edge)
    first = log.files.get("tile/entries/000")
    assert first is not None

    proof = run(prover.consistency(5, checkpoint))

    old = GrowingTree()
    for index in range(5):
        old.append(tree.node(0, index))
    assert tree.node(0, 0) == leaf_hash(first[2 : 2 + int.from_bytes(first[:2], "big")])
    verify_consistency(
        old_size=5, old_root=old.root(), new_size=checkpoint.size, new_root=checkpoint.root, proof=proof
    )
