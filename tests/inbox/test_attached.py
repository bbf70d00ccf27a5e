"""Files of one person have a limit together, the same one counts once, and too much is not counted at all."""

import hashlib

import pytest

from tests.conftest import Run
from vestibule.inbox import attached
from vestibule.inbox.attached import MOST_BYTES
from vestibule.inbox.errors import BadFiles
from vestibule.inbox.extra import File
from vestibule.store import Store

LARGE = 100 * 1024 * 1024
ANA, BOB = 1, 2


def file(number: int, size: int = LARGE) -> File:
    return File(hashlib.sha256(b"%d" % number).hexdigest(), "application/octet-stream", f"{number}.bin", size)


def test_what_is_over_the_limit_is_refused_in_words_and_not_counted(store: Store, run: Run) -> None:
    for number in range(4):
        run(attached.count(store, ANA, [file(number)]))
    with pytest.raises(BadFiles, match=r"together; expected at most 104,857,600 more, got 104,857,601"):
        run(attached.count(store, ANA, [file(4, LARGE + 1)]))
    run(attached.count(store, ANA, [file(4)]))
    with pytest.raises(BadFiles, match="expected at most 0 more, got 1"):
        run(attached.count(store, ANA, [file(5, 1)]))
    run(attached.count(store, BOB, [file(5, 1)]))


def test_the_same_file_again_costs_nothing(store: Store, run: Run) -> None:
    run(attached.count(store, ANA, [file(1, MOST_BYTES), file(1, MOST_BYTES)]))
    run(attached.count(store, ANA, [file(1, MOST_BYTES)]))


def test_of_a_deleted_person_nothing_is_kept(store: Store, run: Run) -> None:
    run(attached.count(store, ANA, [file(1, MOST_BYTES)]))
    run(attached.forget(store, ANA))
    run(attached.count(store, ANA, [file(2, MOST_BYTES)]))
