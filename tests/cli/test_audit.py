"""`vestibule audit`: the report, the cosignature, the memory, and the auditor that the log asks."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.verdict.log_builder import ALICE, LogBuilder, witnessed
from tests.verdict.stories import COUNTS, told
from tests.watch.a_site import Site
from vestibule.cli.main import main
from vestibule.tlog.add_checkpoint import AddCheckpoint
from vestibule.tlog.merkle import consistency_proof
from vestibule.tlog.note import COSIGNATURE, Note, SigningKey, VerifierKey

NAME = "auditor.example/a1"
KEY = SigningKey.from_seed(NAME, b"a" * 32, COSIGNATURE)


@pytest.fixture
def log(tmp_path: Path, web: Site) -> LogBuilder:
    log = told()
    log.reconcile("jukebox", COUNTS)
    log.epoch()
    (tmp_path / "policy").write_bytes(log.policy())
    (tmp_path / "auditor.seed").write_bytes(b"a" * 32)
    web.files = log.files()
    return log


def audit(folder: Path, web: Site, *more: str) -> int:
    return main(["audit", "--log", web.url, "--policy", str(folder / "policy"), *more])


def cosigning(folder: Path) -> list[str]:
    return ["--state", str(folder / "state"), "--key", str(folder / "auditor.seed"), "--name", NAME]


def fork(log: LogBuilder) -> LogBuilder:
    other = told()
    other.epoch()
    while len(other.entries) <= len(log.entries):
        other.event("refusal", "jukebox", ALICE)
    return other


@pytest.mark.usefixtures("log")
def test_a_clean_log_is_reported_with_what_was_counted_and_what_it_rests_on(
    web: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit(tmp_path, web, "--policy-source", "a newspaper") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("trusts keys chosen by a newspaper; time not attested")
    assert lines[2] == (
        "Does every public leaf of vestibule.example/log keep the log's rules?   "
        "yes   (all 14 leaves, to checkpoint 14)"
    )
    assert "  1 epoch, the newest over 13 leaves; 6 tags" in lines
    assert "  1 signed count of a partner, 0 of them unlike the log's" in lines
    assert "    access/messages.read on basis grant: 1 event, 4 items" in lines
    assert lines[-1] == "  a read of the database beside the gate is recorded by no log"


def test_every_breach_is_listed_by_index(
    log: LogBuilder, web: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = log.event("refusal", "nobodys", ALICE)
    second = log.epoch(count=1)
    web.files = log.files()
    assert audit(tmp_path, web) == 4
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].endswith("no   (2 breaches in 16 leaves)")
    assert lines[4:7] == [
        "breaches",
        f"  leaf {first}: expected a registered partner, got 'nobodys'",
        f"  leaf {second}: expected an epoch over 7 tags, got 1",
    ]


def test_a_program_gets_the_same_as_json(
    log: LogBuilder, web: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    index = log.event("refusal", "nobodys", ALICE)
    web.files = log.files()
    assert audit(tmp_path, web, "--json") == 4
    value = json.loads(capsys.readouterr().out)
    assert (value["clean"], value["exit"], value["size"], value["epochs"]) == (False, 4, 15, 1)
    assert value["breaches"] == [{"leaf": index, "message": "expected a registered partner, got 'nobodys'"}]
    assert {
        "partner": "marquee",
        "kind": "send",
        "op": "dialog",
        "basis": "grant",
        "events": 2,
        "items": 2,
    } in (value["totals"])


def test_a_clean_log_is_cosigned_and_the_line_verifies(
    log: LogBuilder, web: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit(tmp_path, web, *cosigning(tmp_path)) == 0
    line = capsys.readouterr().out.splitlines()[-1]
    assert Note.parse(log.note()).with_lines(line).verify_key(KEY.verifier)
    out = tmp_path / "cosigned"
    assert audit(tmp_path, web, *cosigning(tmp_path), "--out", str(out)) == 0
    note = Note.parse(out.read_bytes())
    assert note.verify_key(log.signing.verifier)
    assert note.verify_key(KEY.verifier)


def test_a_log_with_a_breach_is_never_cosigned_and_the_reason_is_kept(
    log: LogBuilder, web: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    index = log.event("refusal", "nobodys", ALICE)
    web.files = log.files()
    assert audit(tmp_path, web, *cosigning(tmp_path), "--json") == 4
    assert json.loads(capsys.readouterr().out)["cosignature"] is None
    web.files = told().files()
    assert audit(tmp_path, web, *cosigning(tmp_path), "--json") == 4
    value = json.loads(capsys.readouterr().out)
    assert (value["cosignature"], value["refused"].startswith(f"leaf {index}: ")) == (None, True)


def test_a_second_tree_is_refused_in_a_later_run(
    log: LogBuilder, web: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit(tmp_path, web, "--state", str(tmp_path / "state")) == 0
    web.files = fork(log).files()
    assert audit(tmp_path, web, *cosigning(tmp_path)) == 4
    assert "refused: expected root " in capsys.readouterr().out


def test_a_rollback_is_never_cosigned(
    log: LogBuilder, web: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    older = web.files
    log.epoch()
    web.files = log.files()
    assert audit(tmp_path, web, *cosigning(tmp_path)) == 0
    web.files = older
    assert audit(tmp_path, web, *cosigning(tmp_path)) == 4
    assert "expected a newer checkpoint, got one of size 14" in capsys.readouterr().err


def test_a_leaf_later_than_the_time_that_witnesses_attest_is_refused_until_they_attest_a_later_one(
    web: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = witnessed()
    (tmp_path / "policy").write_bytes(log.policy())
    (tmp_path / "auditor.seed").write_bytes(b"a" * 32)
    log.partner("marquee")
    # The witness signed on 2026-11-23; by the clock of whoever reads this it is past.
    log.event("refusal", "marquee", ALICE, shown={"day": 20_782})
    web.files = log.files()
    assert audit(tmp_path, web, *cosigning(tmp_path)) == 4
    assert (
        "refused: expected no leaf of a day after 2026-11-24, as its witnesses saw the log before, "
        "got one of 2026-11-25"
    ) in capsys.readouterr().out
    # Its clock was slow: nothing stays of that.
    log.day += 1
    web.files = log.files()
    assert audit(tmp_path, web, *cosigning(tmp_path)) == 0


def test_files_that_do_not_bear_out_the_checkpoint_are_no_report(
    log: LogBuilder, web: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [path] = [path for path in web.files if path.startswith("tile/entries/")]
    web.files[path] = web.files[path].replace(b"to suggest songs", b"to suggest films")
    assert audit(tmp_path, web) == 4
    assert capsys.readouterr().err == f"vestibule audit: {path} has another entry 5 than the tree\n"
    web.down = True
    assert audit(tmp_path, web) == 2
    assert log.entries


@pytest.mark.parametrize(
    "more", [["--serve"], ["--key", "k", "--name", "n"], ["--out", "o"], ["--key", "k", "--state", "s"]]
)
@pytest.mark.usefixtures("log")
def test_a_cosigner_needs_key_name_and_memory(
    web: Site, tmp_path: Path, more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit(tmp_path, web, *more) == 2
    assert "expected --key" in capsys.readouterr().err


@contextmanager
def serving(folder: Path, web: Site) -> Iterator[tuple[str, str]]:
    command = [
        sys.executable,
        "-m",
        "vestibule.cli.main",
        "audit",
        "--log",
        web.url,
        "--serve",
        "--port",
        "0",
    ]
    command += ["--policy", str(folder / "policy"), *cosigning(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            vkey = process.stdout.readline().strip()
            yield vkey, process.stdout.readline().strip().removeprefix("Cosigns on ")
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.communicate(timeout=60)[1] == ""
    assert process.returncode == 0


def request(log: LogBuilder, old: int) -> str:
    tree = log.tree()
    proof = consistency_proof(old, tree.size, tree.node)
    return AddCheckpoint(old, proof, Note.parse(log.note())).render()


def test_the_auditor_as_a_process_cosigns_until_a_breach_and_never_again(
    log: LogBuilder, web: Site, tmp_path: Path
) -> None:
    size = len(log.entries)
    with serving(tmp_path, web) as (vkey, url):
        answer = httpx2.post(f"{url}/add-checkpoint", content=request(log, 0), timeout=30)
        assert answer.status_code == 200
        assert Note.parse(log.note()).with_lines(answer.text).verify_key(VerifierKey.parse(vkey))
        log.event("refusal", "nobodys", ALICE)
        web.files |= log.files()
        refused = httpx2.post(f"{url}/add-checkpoint", content=request(log, size), timeout=30)
        assert refused.status_code == 422
    with serving(tmp_path, web) as (_, url):
        again = httpx2.post(f"{url}/add-checkpoint", content=request(log, size), timeout=30)
        assert (again.status_code, again.text) == (422, refused.text)
