"""What a watch remembers from one run to the next, beside its copy of the log: one small JSON file."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from vestibule.files import replace
from vestibule.watch.errors import BadState
from vestibule.watch.notice import Kind

NAME = "watch.json"
VERSION = 1


@dataclass(frozen=True, slots=True)
class State:
    """Frozen; every look makes a new one.

    Attributes:
        origin: the log's origin.
        told: how many leaves were read and told of.
        standing: what is wrong with the log since when, in seconds since 1970, and was told already.
        covered: how many leaves the newest epoch covered.
        uncovered_since: when events beyond it were seen first, seconds since 1970; None while there are none.
        number: of the next notice for the webhook.
        waiting: JSON texts that the webhook has not taken yet, oldest first.
    """

    origin: str
    told: int = 0
    standing: Mapping[Kind, int] = field(default_factory=dict)
    covered: int = 0
    uncovered_since: int | None = None
    number: int = 0
    waiting: tuple[str, ...] = ()

    def encode(self) -> bytes:
        """Write it as JSON."""
        fields: dict[str, Any] = {"v": VERSION, "origin": self.origin, "told": self.told}
        fields |= {"standing": dict(self.standing), "covered": self.covered}
        fields |= {"uncovered_since": self.uncovered_since, "number": self.number}
        return json.dumps(fields | {"waiting": list(self.waiting)}, indent=1).encode() + b"\n"

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read what `encode` has written.

        Raises:
            BadState: it is anything else.
        """
        try:
            fields = json.loads(data)
            if fields.pop("v") != VERSION:
                raise BadState(f"expected version {VERSION}, got another")
            standing = {Kind(kind): int(since) for kind, since in fields.pop("standing").items()}
            return cls(standing=standing, waiting=tuple(map(str, fields.pop("waiting"))), **fields)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise BadState(f"expected the state of a watch: {error}") from None


def load(folder: Path, origin: str) -> State:
    """Read a folder's state, or begin one.

    Raises:
        BadState: the file is damaged, or of another log.
    """
    path = folder / NAME
    try:
        state = State.decode(path.read_bytes())
    except FileNotFoundError:
        return State(origin)
    except BadState as error:
        raise BadState(f"{path}: {error}") from None
    if state.origin != origin:
        raise BadState(f"{path}: expected the log {origin}, got {state.origin}")
    return state


def save(folder: Path, state: State) -> None:
    """Keep a state, in the place of the one before."""
    replace(folder / NAME, state.encode())
