"""What a work function sees of the database, and the driver that runs it to its end."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Protocol, TypeVar

from vestibule.store.errors import WrongWork

Value = int | str | bytes | None
Row = tuple[Any, ...]
T = TypeVar("T")

_inside: ContextVar[bool] = ContextVar("vestibule_store_inside", default=False)


class Tx(Protocol):
    """One transaction. Statements are constants with `:name` placeholders."""

    async def all(self, sql: str, /, **params: Value) -> list[Row]:
        """Return every row."""
        ...

    async def one(self, sql: str, /, **params: Value) -> Row | None:
        """Return the first row, or None when there is none."""
        ...

    async def run(self, sql: str, /, **params: Value) -> int:
        """Run a statement and return how many rows it changed."""
        ...

    async def many(self, sql: str, rows: Sequence[Mapping[str, Value]], /) -> None:
        """Run a statement once for each mapping of parameters."""
        ...


def inside() -> bool:
    """Whether a work function is running here, on this thread or task."""
    return _inside.get()


def drive(work: Callable[[Tx], Awaitable[T]], tx: Tx) -> T:
    """Run a work function whose every await is a database call that returns at once.

    Raises:
        WrongWork: the work awaited something that is not ready, such as a sleep or a future.
    """
    token = _inside.set(True)
    try:
        steps = work(tx).__await__()
        try:
            awaited = next(steps)
        except StopIteration as end:
            result: T = end.value
            return result
        steps.close()
    finally:
        _inside.reset(token)
    raise WrongWork(f"a work function may await only its transaction, it awaited {awaited!r}")
