"""A partner and the keys it signs with."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vestibule.sdk.dpop import DpopKey
from vestibule.sdk.errors import BadKey

if TYPE_CHECKING:
    from pathlib import Path

SEED_BYTES = 32


@dataclass(frozen=True, slots=True)
class Keys:
    """What a partner's program has to have: one value for its login and for its client.

    Attributes:
        partner: this partner's id on the register, its `client_id`.
        key_id: the registered key's id.
        seed: that key's 32 secret bytes (Ed25519), which sign every request and who asks.
        dpop: the key that tokens are bound to; the register knows nothing of it.
    """

    partner: str
    key_id: str
    seed: bytes = field(repr=False)
    dpop: DpopKey

    def __post_init__(self) -> None:
        if len(self.seed) != SEED_BYTES:
            raise BadKey(f"seed of {self.key_id}: expected {SEED_BYTES} bytes, got {len(self.seed)}")


def kept_dpop_key(file: Path) -> DpopKey:
    """Read the DPoP key from a file that only its owner can read; makes both the first time.

    Raises:
        BadKey: if there is something else in the file.
    """
    if not file.exists():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(DpopKey.new().to_json())
    return DpopKey.from_json(file.read_text())
