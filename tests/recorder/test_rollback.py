"""An old backup is put back: who notices, and that the log starts when nobody has reason not to."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.recorder.a_log import BOB, Log, Run, event, one
from tests.recorder.a_witness import AWitness
from tests.recorder.test_faults import FailingBlobs
from vestibule.recorder.errors import LogRefusesToStart, LogUnavailable
from vestibule.recorder.marks import SECOND_HEAD
from vestibule.tlog.checkpoint import Checkpoint, sign_checkpoint
from vestibule.tlog.note import Note, SigningKey


@pytest.fixture
def head(tmp_path: Path) -> Path:
    """Where the second head is."""
    path = tmp_path / "elsewhere" / "head"
    path.parent.mkdir()
    return path


@pytest.fixture
def guarded(log: Log, tmp_path: Path, head: Path) -> Log:
    """A log with a second head, its data beside it."""
    log.folder = tmp_path / "data"
    log.second_head = head
    return log


@pytest.fixture
def witness(log: Log, run: Run) -> Iterator[AWitness]:
    witness = AWitness("w", log.keys.signing.verifier)
    run(witness.start())
    log.witnessed_by(f"{witness.line}quorum w\n")
    yield witness
    log.close()
    run(witness.stop())


def backup(log: Log, to: Path) -> Callable[[], None]:
    """Copy the whole data folder; what is returned puts the copy back."""
    log.close()
    shutil.copytree(log.folder, to)

    def restore() -> None:
        log.close()
        shutil.rmtree(log.folder)
        shutil.copytree(to, log.folder)

    return restore


def size_in(head: Path) -> int:
    return Checkpoint.parse(Note.parse(head.read_bytes()).text).size


def test_the_second_head_refuses_an_old_backup(guarded: Log, tmp_path: Path) -> None:
    guarded.open()
    guarded.append(one())
    restore = backup(guarded, tmp_path / "copy")
    guarded.open()
    guarded.append(one())
    restore()

    with pytest.raises(LogRefusesToStart, match=r"second head .*\(size 3\).* got fewer entries; was an old"):
        guarded.open()


def test_the_second_head_refuses_another_continuation_of_the_same_length(
    guarded: Log, head: Path, tmp_path: Path
) -> None:
    guarded.open()
    restore = backup(guarded, tmp_path / "copy")
    guarded.open()
    guarded.append(one())
    restore()
    guarded.second_head = None
    guarded.open()
    guarded.append(one(event(BOB)))
    guarded.close()
    guarded.second_head = head

    with pytest.raises(LogRefusesToStart, match=r"second head .*\(size 2\).* got another root"):
        guarded.open()


def test_the_second_head_moves_after_the_commit_and_before_the_publication(guarded: Log, head: Path) -> None:
    blobs = FailingBlobs(guarded.files)
    guarded.blobs = blobs
    guarded.open()
    blobs.fails_at = lambda path: path.startswith("tile")

    with pytest.raises(LogUnavailable):
        guarded.append(one())

    assert size_in(head) == 2


def test_a_second_head_that_is_behind_after_a_crash_is_moved_at_the_start(guarded: Log, head: Path) -> None:
    guarded.open()
    behind = head.read_bytes()
    guarded.append(one())
    guarded.close()
    head.write_bytes(behind)

    guarded.open()

    assert size_in(head) == 2


def test_a_second_head_that_is_gone_is_missed_and_can_be_made_anew(guarded: Log, head: Path) -> None:
    guarded.open()
    guarded.append(one())
    guarded.close()
    head.unlink()

    with pytest.raises(
        LogRefusesToStart, match=f"expected the file .*head, got none; .* remove .*{SECOND_HEAD}"
    ):
        guarded.open()
    (guarded.folder / SECOND_HEAD).unlink()
    guarded.reopen()

    assert size_in(head) == 2


def test_a_log_that_exists_already_can_be_given_a_second_head(guarded: Log, head: Path) -> None:
    guarded.second_head = None
    guarded.open()
    guarded.append(one())
    guarded.close()
    guarded.second_head = head

    guarded.open()

    assert size_in(head) == 2


@pytest.mark.parametrize("content", [b"", b"garbage", b"vestibule.test/log\n9\n"])
def test_a_damaged_second_head_refuses_to_start(guarded: Log, head: Path, content: bytes) -> None:
    guarded.open()
    guarded.close()
    head.write_bytes(content)

    with pytest.raises(LogRefusesToStart, match=f"second head {head}: "):
        guarded.open()


def test_a_second_head_in_a_folder_that_is_not_there_is_named(guarded: Log, head: Path) -> None:
    head.parent.rmdir()

    with pytest.raises(LogRefusesToStart, match=r"expected the folder .*elsewhere, got none"):
        guarded.open()


def test_a_second_head_that_another_process_moves_stops_the_log(guarded: Log, head: Path) -> None:
    recorder = guarded.open()
    head.write_bytes(head.read_bytes() + b"\n")

    with pytest.raises(LogUnavailable, match="another process has moved it"):
        guarded.append(one())

    assert recorder.stopped.is_set()


def test_a_witness_refuses_an_old_backup(log: Log, witness: AWitness, tmp_path: Path) -> None:
    log.folder = tmp_path / "data"
    log.folder.mkdir()
    witness.log = log.keys.signing.verifier
    log.witnessed_by(f"{witness.line}quorum w\n")
    log.open()
    restore = backup(log, tmp_path / "copy")
    log.open()
    log.append(one())
    restore()

    with pytest.raises(LogRefusesToStart, match=r"witness w has cosigned \(size 2\).* was an old backup"):
        log.open()


def test_a_witness_refuses_another_continuation_of_the_same_length(log: Log, witness: AWitness) -> None:
    log.open()
    log.append(one())
    log.close()
    other = Checkpoint(log.keys.origin, 2, b"r" * 32)
    witness.remember(other, sign_checkpoint(other, log.keys.signing))

    with pytest.raises(LogRefusesToStart, match=r"witness w has cosigned \(size 2\).* got another root"):
        log.open()


def test_what_the_log_did_not_sign_proves_nothing_against_it(
    log: Log, witness: AWitness, caplog: pytest.LogCaptureFixture
) -> None:
    stranger = SigningKey.from_seed(log.keys.origin, b"x" * 32)
    forged = Checkpoint(log.keys.origin, 9, b"r" * 32)
    witness.remember(forged, sign_checkpoint(forged, stranger))

    log.open()

    assert "w: cannot tell what this witness remembers of the log" in caplog.text


def test_what_the_witness_did_not_cosign_proves_nothing_against_the_log(
    log: Log, witness: AWitness, caplog: pytest.LogCaptureFixture
) -> None:
    witness.note = sign_checkpoint(Checkpoint(log.keys.origin, 9, b"r" * 32), log.keys.signing)

    log.open()

    assert r"expected a cosignature by w.example/w, got none" in caplog.text


def test_a_witness_that_is_away_does_not_keep_the_log_from_starting(
    log: Log, run: Run, witness: AWitness, caplog: pytest.LogCaptureFixture
) -> None:
    run(witness.stop())

    log.open()

    assert "w: cannot tell what this witness remembers of the log" in caplog.text


@pytest.mark.usefixtures("witness")
def test_a_published_witnessed_checkpoint_refuses_an_older_database(log: Log) -> None:
    log.open()
    log.close()
    ahead = sign_checkpoint(Checkpoint(log.keys.origin, 9, b"r" * 32), log.keys.signing)
    log.files.replace("checkpoint.witnessed", ahead.encode())

    with pytest.raises(LogRefusesToStart, match=r"published checkpoint.witnessed \(size 9\)"):
        log.open()


@pytest.mark.usefixtures("witness")
def test_a_published_witnessed_checkpoint_counts_without_witnesses_too(log: Log) -> None:
    log.open()
    log.close()
    ahead = sign_checkpoint(Checkpoint(log.keys.origin, 9, b"r" * 32), log.keys.signing)
    log.files.replace("checkpoint.witnessed", ahead.encode())
    log.witnessing = None

    with pytest.raises(LogRefusesToStart, match=r"published checkpoint.witnessed \(size 9\)"):
        log.open()


@pytest.mark.usefixtures("witness")
def test_a_log_that_has_given_its_witnesses_up_shows_no_witnessed_checkpoint(log: Log) -> None:
    log.open()
    log.append(one())
    log.close()
    log.witnessing = None

    assert log.open().witnessed() is None


@pytest.mark.usefixtures("witness")
def test_a_witnessed_checkpoint_without_todays_quorum_is_not_called_witnessed(log: Log, run: Run) -> None:
    recorder = log.open()
    log.append(one())
    assert recorder.witnessed() is not None
    other = AWitness("other", log.keys.signing.verifier, refuses=True)
    run(other.start())
    log.close()
    log.witnessed_by(f"{other.line}quorum other\n")

    assert log.open().witnessed() is None

    log.close()
    run(other.stop())
