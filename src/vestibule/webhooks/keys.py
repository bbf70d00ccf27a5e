"""The seeds that webhooks are signed from: a file each, named after the second since when it is used."""

import re
import secrets
from pathlib import Path
from typing import Final

from vestibule import files
from vestibule.webhooks.signing import Seed

NAME: Final = re.compile(r"webhooks-([0-9]{1,12})\.seed")
SEED_BYTES: Final = 32


class Keys:
    """The seeds of a platform, read once; belongs to one event loop."""

    def __init__(self, folder: Path, now: int) -> None:
        """Read the seeds of a folder, and make the first where there is none.

        Args:
            folder: where they are.
            now: seconds since 1970.
        """
        self._folder = folder
        found = {NAME.fullmatch(path.name): path for path in folder.glob("webhooks-*.seed")}
        self.seeds = tuple(Seed(int(name[1]), path.read_bytes()) for name, path in found.items() if name)
        if not self.seeds:
            self.rotate(now)

    def rotate(self, now: int) -> None:
        """Begin to use a new seed; the one before signs along for `OVERLAP`.

        Args:
            now: seconds since 1970.

        Raises:
            FileExistsError: if one was begun in this very second.
        """
        secret = secrets.token_bytes(SEED_BYTES)
        files.create(self._folder / f"webhooks-{now}.seed", secret)
        self.seeds = (*self.seeds, Seed(now, secret))
