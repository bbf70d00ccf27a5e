"""The platform's own client of witnesses, and this witness."""

from pathlib import Path

import httpx2

from tests.conftest import Run
from tests.witness.a_witness import NOW, ORIGIN, WITNESS, GrownLog, running
from vestibule.recorder.witnesses import Cosigner, Shown
from vestibule.tlog import policy
from vestibule.tlog.checkpoint import Checkpoint
from vestibule.tlog.merkle import consistency_proof
from vestibule.tlog.note import Note


def test_they_understand_each_other(run: Run, tmp_path: Path) -> None:
    log = GrownLog()

    async def prove(old: int, checkpoint: Checkpoint) -> tuple[bytes, ...]:
        return consistency_proof(old, checkpoint.size, log.tree.node)

    async def grown(base: str, sizes: tuple[int, ...]) -> str | None:
        async with httpx2.AsyncClient() as client:
            known = policy.Witness("W", WITNESS.verifier, base)
            cosigner = Cosigner(known, client, seconds=30)
            for size in sizes:
                lines = await cosigner.cosign(Shown.parse(log.grow(size).note()), prove)
                assert Note.parse(log.note() + lines).verify_key(WITNESS.verifier) == (NOW,)
            return await cosigner.newest(ORIGIN)

    with running(tmp_path) as witness:
        base = str(witness.client.base_url)
        assert run(grown(base, ())) is None
        assert run(grown(base, (1, 2, 300))) is not None
        # A client that has forgotten how far they were is told, and proves from there.
        newest = run(grown(base, (300, 301)))
        assert newest is not None
        assert newest.startswith(log.note())
