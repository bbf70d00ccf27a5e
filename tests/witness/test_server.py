"""Each answer of C2SP tlog-witness, over a socket."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from tests.witness.a_witness import LOG, NOW, ORIGIN, WITNESS, GrownLog, Running, running
from vestibule.tlog.checkpoint import Checkpoint, sign_checkpoint
from vestibule.tlog.merkle import EMPTY_ROOT
from vestibule.tlog.note import MLDSA44, Note, Signature, SigningKey
from vestibule.witness.errors import CheckFailed
from vestibule.witness.server import LARGEST_BODY

LAST = f"/{sha256(ORIGIN.encode()).hexdigest()}/checkpoint"


@pytest.fixture
def witness(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path) as served:
        yield served


def test_a_log_that_only_appends_is_cosigned_each_time(witness: Running) -> None:
    log = GrownLog()
    for old, new in ((0, 1), (1, 2), (2, 5), (5, 300), (300, 70_000)):
        answer = witness.add(log.grow(new).request(old))
        assert answer.status_code == 200, answer.text
        assert Note.parse(log.note()).with_lines(answer.text).verify_key(WITNESS.verifier) == (NOW,)


def test_the_empty_log_is_cosigned_too(witness: Running) -> None:
    assert witness.add(GrownLog().request(0)).status_code == 200
    assert witness.add(GrownLog().grow(3).request(0)).status_code == 200


def test_the_same_checkpoint_is_cosigned_again(witness: Running) -> None:
    log = GrownLog().grow(5)
    assert witness.add(log.request(0)).status_code == 200
    assert witness.add(log.request(5)).status_code == 200


def test_the_last_checkpoint_is_shown_with_both_signatures_and_no_stranger_s(witness: Running) -> None:
    answer = witness.get(LAST)
    assert (answer.status_code, answer.text) == (404, "nothing was cosigned for this log yet\n")
    log = GrownLog().grow(5)
    stranger = SigningKey.from_seed("stranger.example", b"s" * 32)
    body = log.request(0) + stranger.sign(log.checkpoint().text)
    added = witness.add(body)
    shown = witness.get(LAST)
    assert shown.status_code == 200
    assert shown.headers["content-type"] == "text/plain; charset=utf-8"
    assert shown.headers["access-control-allow-origin"] == "*"
    assert shown.text == log.note() + added.text


def test_a_witness_signs_with_each_of_its_keys(tmp_path: Path) -> None:
    keys = (WITNESS, SigningKey.from_seed(WITNESS.verifier.name, b"q" * 32, MLDSA44))
    log = GrownLog().grow(5)
    with running(tmp_path, keys) as witness:
        note = Note.parse(log.note() + witness.add(log.request(0)).text)
        assert [note.verify_key(key.verifier) for key in keys] == [(NOW,), (NOW,)]
        assert witness.add(f"old 5\n\n{note.render()}").status_code == 200


def test_an_unknown_log_is_404(witness: Running) -> None:
    other = GrownLog(key=SigningKey.from_seed("other.example/log", b"o" * 32)).grow(2)
    answer = witness.add(other.request(0))
    assert answer.status_code == 404
    assert answer.text == "expected the checkpoint of a known log, got one of 'other.example/log'\n"


@pytest.mark.parametrize("forged", [False, True])
def test_a_checkpoint_that_the_log_did_not_sign_is_403(witness: Running, forged: bool) -> None:  # noqa: FBT001
    text = GrownLog().grow(2).checkpoint().text
    impostor = SigningKey.from_seed(ORIGIN, b"i" * 32)
    line = Signature(ORIGIN, LOG.verifier.key_id, bytes(64)).render() if forged else impostor.sign(text)
    answer = witness.add(f"old 0\n\n{text}\n{line}")
    assert answer.status_code == 403
    assert witness.get(LAST).status_code == 404


def test_a_checkpoint_smaller_than_its_old_size_is_400(witness: Running) -> None:
    answer = witness.add(GrownLog().grow(2).request(3, proof=()))
    assert (answer.status_code, answer.text) == (400, "expected an old size up to 2, got 3\n")


@pytest.mark.parametrize("old", [0, 3, 7])
def test_another_old_size_than_the_last_is_409_with_the_last(witness: Running, old: int) -> None:
    log = GrownLog().grow(5)
    assert witness.add(log.request(0)).status_code == 200
    answer = witness.add(log.grow(9).request(old))
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "text/x.tlog.size"
    assert answer.text == "5\n"


def test_a_rollback_is_409(witness: Running) -> None:
    assert witness.add(GrownLog().grow(5).request(0)).status_code == 200
    assert witness.add(GrownLog().grow(3).request(0)).text == "5\n"
    assert witness.add(GrownLog().grow(3).request(3, proof=())).text == "5\n"


def test_a_fork_of_the_same_size_is_422(witness: Running) -> None:
    assert witness.add(GrownLog().grow(5).request(0)).status_code == 200
    answer = witness.add(GrownLog("other").grow(5).request(5))
    assert (answer.status_code, answer.text) == (422, "two different roots for size 5\n")


def test_a_fork_that_grew_is_422(witness: Running) -> None:
    assert witness.add(GrownLog().grow(5).request(0)).status_code == 200
    answer = witness.add(GrownLog("other").grow(9).request(5))
    assert answer.status_code == 422
    assert answer.text == "old root of size 5 does not follow from the consistency proof\n"


def test_a_proof_that_is_missing_or_too_much_is_422(witness: Running) -> None:
    log = GrownLog().grow(5)
    assert witness.add(log.request(0, proof=[bytes(32)])).status_code == 422
    assert witness.add(log.request(0)).status_code == 200
    assert witness.add(log.grow(9).request(5, proof=())).status_code == 422


def test_size_0_under_another_root_is_422(witness: Running) -> None:
    text = Checkpoint(ORIGIN, 0, EMPTY_ROOT).text.splitlines()[:2]
    note = "\n".join([*text, "A" * 43 + "=", ""])
    answer = witness.add(f"old 0\n\n{note}\n{LOG.sign(note)}")
    assert (answer.status_code, answer.text) == (
        422,
        "tree size is 0 and the root is not that of the empty tree\n",
    )


@pytest.mark.parametrize("body", [b"", b"old 0\n", b"\xff\n\n", b"old x\n\nnote\n\nline\n"])
def test_what_is_no_request_is_400_in_one_line(witness: Running, body: bytes) -> None:
    answer = witness.add(body)
    assert answer.status_code == 400
    assert answer.text.count("\n") == 1


def test_a_signed_text_that_is_no_checkpoint_is_400(witness: Running) -> None:
    text = f"{ORIGIN}\nfive\n"
    answer = witness.add(f"old 0\n\n{text}\n{LOG.sign(text)}")
    assert answer.status_code == 400


def test_a_body_without_an_end_is_413(witness: Running) -> None:
    answer = witness.add(b"old 0\n" + b"x" * LARGEST_BODY)
    assert (answer.status_code, answer.text) == (413, f"expected a body of up to {LARGEST_BODY} bytes\n")


def test_other_paths_and_methods_are_told_what_was_expected(witness: Running) -> None:
    assert witness.get("/add-checkpoint").status_code == 405
    assert witness.get("/").status_code == 404
    unknown = f"/{sha256(b'other.example/log').hexdigest()}/checkpoint"
    assert witness.get(unknown).status_code == 404


def test_a_witness_remembers_over_a_restart(tmp_path: Path) -> None:
    log = GrownLog().grow(5)
    with running(tmp_path) as first:
        shown = log.note() + first.add(log.request(0)).text
    with running(tmp_path) as second:
        assert second.get(LAST).text == shown
        assert second.add(GrownLog().grow(3).request(0)).text == "5\n"
        assert second.add(GrownLog("other").grow(5).request(5)).status_code == 422
        assert second.add(log.grow(7).request(5)).status_code == 200


def test_of_two_forks_at_once_exactly_one_is_cosigned(tmp_path: Path) -> None:
    # Both are found to append to what was seen, and only then go on.
    both = threading.Barrier(2, timeout=60)
    log = GrownLog().grow(5)
    forks = [log.fork(word).grow(9).request(5) for word in ("heads", "tails")]

    def meet(checkpoint: Checkpoint) -> None:
        if checkpoint.size == 9:
            both.wait()

    with running(tmp_path, check=meet) as witness, ThreadPoolExecutor(2) as pool:
        assert witness.add(log.request(0)).status_code == 200
        answers = sorted(pool.map(witness.add, forks), key=lambda answer: answer.status_code)
        assert [answer.status_code for answer in answers] == [200, 409]
        assert answers[1].text == "9\n"
        assert answers[0].text in witness.get(LAST).text


def test_of_two_first_checkpoints_at_once_exactly_one_is_cosigned(tmp_path: Path) -> None:
    both = threading.Barrier(2, timeout=60)
    forks = [GrownLog(word).grow(9).request(0) for word in ("heads", "tails")]

    def meet(_checkpoint: Checkpoint) -> None:
        both.wait()

    with running(tmp_path, check=meet) as witness, ThreadPoolExecutor(2) as pool:
        assert sorted(answer.status_code for answer in pool.map(witness.add, forks)) == [200, 409]


@pytest.mark.parametrize("status", [422, 503])
def test_a_further_check_prevents_the_cosignature(tmp_path: Path, status: int) -> None:
    def check(checkpoint: Checkpoint) -> None:
        raise CheckFailed(f"entry {checkpoint.size - 1} is a breach", status)

    with running(tmp_path, check=check) as witness:
        answer = witness.add(GrownLog().grow(5).request(0))
        assert (answer.status_code, answer.text) == (status, "entry 4 is a breach\n")
        assert witness.get(LAST).status_code == 404


def test_a_further_check_sees_nothing_that_is_not_consistent(tmp_path: Path) -> None:
    seen: list[int] = []
    with running(tmp_path, check=lambda checkpoint: seen.append(checkpoint.size)) as witness:
        assert witness.add(GrownLog().grow(5).request(0)).status_code == 200
        assert witness.add(GrownLog("other").grow(9).request(5)).status_code == 422
        assert witness.add(sign_checkpoint(Checkpoint(ORIGIN, 9, bytes(32)), LOG)).status_code == 400
    assert seen == [5]
