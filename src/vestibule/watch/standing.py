"""What stands wrong with a log for longer than one look: told once when it begins, once when it ends."""

from collections.abc import Iterator, Mapping

from vestibule.ledger.days import SECONDS_A_DAY
from vestibule.watch.notice import Kind, Notice

WORST = frozenset({Kind.SPLIT_VIEW, Kind.SMALLER, Kind.UNFIT})
"""Under these the log shown is not the log that was read."""

_OVER = {
    Kind.SPLIT_VIEW: "the log shows a tree again that appends to what was read; the evidence stays",
    Kind.SMALLER: "the log shows all leaves again that were read",
    Kind.UNFIT: "the log's files bear out its checkpoint again",
    Kind.NO_EPOCH: "the newest events are covered by an epoch again",
    Kind.NO_QUORUM: "the policy's quorum is met again",
    Kind.UNREACHABLE: "the log answers again",
}


def turn(
    before: Mapping[Kind, int], now: Mapping[Kind, str], at: int
) -> tuple[Mapping[Kind, int], tuple[Notice, ...]]:
    """Compare what stood wrong with what does, and return what does since when, and what turned.

    Args:
        before: kind to the time it began, seconds since 1970.
        now: kind to one line about it.
        at: seconds since 1970.
    """
    standing = {kind: before.get(kind, at) for kind in now}
    return standing, tuple(_turned(before, now, at // SECONDS_A_DAY))


def _turned(before: Mapping[Kind, int], now: Mapping[Kind, str], day: int) -> Iterator[Notice]:
    for kind in before.keys() - now.keys():
        yield Notice(kind, day, _OVER[kind])
    for kind, text in now.items():
        if kind not in before:
            yield Notice(kind, day, text)
