"""The log's two secret keys, kept as 32-byte seeds in the data folder. Touches only these files."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from vestibule.ledger.vrf import VrfKey
from vestibule.recorder.errors import LogRefusesToStart
from vestibule.tlog.note import SigningKey

SEED_BYTES = 32


@dataclass(frozen=True, slots=True)
class LogKeys:
    """Who the log is: its origin, the key that signs its checkpoints and the key that makes its lanes."""

    origin: str
    signing: SigningKey
    vrf: VrfKey


def _seed(path: Path) -> bytes:
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(SEED_BYTES))
            file.flush()
            os.fsync(file.fileno())
    seed = path.read_bytes()
    if len(seed) != SEED_BYTES:
        raise LogRefusesToStart(f"{path}: expected a seed of {SEED_BYTES} bytes, got {len(seed)}")
    return seed


def load_keys(folder: Path, origin: str) -> LogKeys:
    """Read the seeds `log.seed` and `vrf.seed` in the folder, making them on the first start.

    Raises:
        LogRefusesToStart: if a file does not hold 32 bytes.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return LogKeys(
        origin=origin,
        signing=SigningKey.from_seed(origin, _seed(folder / "log.seed")),
        vrf=VrfKey.from_seed(_seed(folder / "vrf.seed")),
    )
