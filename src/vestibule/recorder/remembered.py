"""What the witnesses remember of the log, asked at the start (C2SP tlog-witness, monitoring)."""

import asyncio
import logging
from collections.abc import Iterable

from vestibule.recorder.head import Claim
from vestibule.recorder.witnesses import Cosigner, NotCosigned
from vestibule.tlog.checkpoint import Checkpoint, open_checkpoint
from vestibule.tlog.errors import NoteError, TlogError
from vestibule.tlog.note import Note, VerifierKey

logger = logging.getLogger(__name__)


async def claims(cosigners: Iterable[Cosigner], log: VerifierKey) -> list[Claim]:
    """Ask every witness for the newest checkpoint of the log that it has cosigned.

    Who does not answer, and what log and witness have not both signed, is left out with a warning: the log
    must be able to start while a witness is away.
    """
    found = await asyncio.gather(*(_claim(cosigner, log) for cosigner in cosigners))
    return [claim for claim in found if claim is not None]


async def _claim(cosigner: Cosigner, log: VerifierKey) -> Claim | None:
    try:
        text = await cosigner.newest(log.name)
        checkpoint = None if text is None else _both_signed(text, cosigner.key, log)
    except (NotCosigned, TlogError) as error:
        logger.warning("%s: cannot tell what this witness remembers of the log: %s", cosigner.name, error)
        return None
    if checkpoint is None:
        return None
    cosigner.size = checkpoint.size
    return Claim(f"the checkpoint that witness {cosigner.name} has cosigned", checkpoint)


def _both_signed(text: str, witness: VerifierKey, log: VerifierKey) -> Checkpoint:
    """Read a checkpoint that proves something: nobody but the log can have signed it, nor the witness."""
    if not Note.parse(text).verify_key(witness):
        raise NoteError(f"expected a cosignature by {witness.name}, got none")
    return open_checkpoint(text, log)
