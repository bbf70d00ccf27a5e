"""Secrets kept in files of the data folder, the log's two keys among them. Touches only these files."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from vestibule import files
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


def kept(path: Path, fresh: bytes) -> bytes:
    """Return the secret that a file keeps; on the first start it is `fresh`, durably, for the owner alone.

    Raises:
        LogRefusesToStart: if the file holds more or fewer bytes than `fresh`.
    """
    if not path.exists():
        files.create(path, fresh)
    secret = path.read_bytes()
    if len(secret) != len(fresh):
        raise LogRefusesToStart(f"{path}: expected a secret of {len(fresh)} bytes, got {len(secret)}")
    return secret


def _seed(path: Path) -> bytes:
    return kept(path, secrets.token_bytes(SEED_BYTES))


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
