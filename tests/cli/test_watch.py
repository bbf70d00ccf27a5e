import copy
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.verdict.log_builder import BOB, LogBuilder
from tests.verdict.stories import told
from tests.watch.a_site import Site
from vestibule.cli.main import main


@pytest.fixture
def log(tmp_path: Path, web: Site) -> LogBuilder:
    log = told()
    log.epoch()
    (tmp_path / "policy").write_bytes(log.policy())
    web.files = log.files()
    return log


def watch(folder: Path, web: Site, *more: str) -> int:
    policy, state = str(folder / "policy"), str(folder / "state")
    return main(["watch", web.url, "--policy", policy, "--state", state, "--once", *more])


def forked(log: LogBuilder) -> LogBuilder:
    other = copy.copy(log)
    other.entries, other.openings = log.entries[:6], {}
    other.event("refusal", "marquee", BOB)
    return other


def test_once_says_with_its_exit_code_whether_anything_is_new(
    log: LogBuilder, web: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert watch(tmp_path, web) == 10
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 8
    assert lines[0] == (
        "2026-11-23  leaf 1  partner: Marquee (marquee) of Marquee Ltd, at https://marquee.example"
    )
    assert watch(tmp_path, web) == 0
    assert capsys.readouterr().out == ""
    log.epoch()
    web.files = log.files()
    assert watch(tmp_path, web) == 0


def test_a_split_view_ends_in_4_as_long_as_it_lasts_and_its_evidence_can_be_checked(
    log: LogBuilder, web: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    watch(tmp_path, web)
    web.files = forked(log).files()
    assert watch(tmp_path, web) == 4
    assert watch(tmp_path, web) == 4
    [proof] = (tmp_path / "state" / "evidence").glob("*/split-view.json")
    assert f"both notes are in {proof.parent}" in capsys.readouterr().out
    assert main(["watch", "--evidence", str(proof), "--policy", str(tmp_path / "policy")]) == 4
    assert capsys.readouterr().out.splitlines() == [
        "proven: vestibule.example/log signed two trees that contradict each other",
        f"  size 7, root {forked(log).tree().root().hex()}",
        f"  size 13, root {log.tree().root().hex()}",
    ]
    proof.write_text(proof.read_text().replace('"root"', '"rout"'))
    assert main(["watch", "--evidence", str(proof), "--policy", str(tmp_path / "policy")]) == 2


def test_what_the_webhook_did_not_take_is_posted_by_a_later_run(
    log: LogBuilder, web: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    web.statuses.extend([204, 503])
    assert watch(tmp_path, web, "--webhook", f"{web.url}/hook") == 10
    assert "got 503; 7 notices waiting" in capsys.readouterr().err
    log.epoch()
    assert watch(tmp_path, web, "--webhook", f"{web.url}/hook") == 0
    assert [body["number"] for body in web.posted] == [0, 1, 1, 2, 3, 4, 5, 6, 7]
    assert web.posted[-1]["text"] == "Marquee (marquee) was refused messages.read for the first time"


def test_names_from_the_log_do_not_steer_the_terminal(
    log: LogBuilder, web: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log.partner("evil", name="\x1b[2J\u202enothing new")
    web.files = log.files()
    watch(tmp_path, web)
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_a_second_watch_in_the_same_folder_is_refused(
    log: LogBuilder, web: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    running = start(tmp_path, web)
    try:
        assert running.stdout is not None
        assert running.stdout.readline().endswith(f"at https://{'marquee'}.example\n")
        assert watch(tmp_path, web) == 2
        assert "another is running in it" in capsys.readouterr().err
    finally:
        running.send_signal(signal.SIGTERM)
        assert running.communicate(timeout=60)[1] == ""
    assert running.returncode == 0
    assert log.entries


def start(folder: Path, web: Site) -> subprocess.Popen[str]:
    policy, state = str(folder / "policy"), str(folder / "state")
    command = [
        sys.executable,
        "-m",
        "vestibule.cli.main",
        "watch",
        web.url,
        "--policy",
        policy,
        "--every",
        "0.05",
    ]
    return subprocess.Popen(
        [*command, "--state", state], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_a_watch_that_goes_on_tells_what_comes(log: LogBuilder, web: Site, tmp_path: Path) -> None:
    running = start(tmp_path, web)
    assert running.stdout is not None
    for _ in range(8):
        running.stdout.readline()
    log.privilege("marquee", scope="friends.list")
    web.files = log.files()
    assert (
        "leaf 13  privilege: Marquee (marquee) may ask people for friends.list" in running.stdout.readline()
    )
    running.send_signal(signal.SIGINT)
    assert running.communicate(timeout=60) == ("", "")
    assert running.returncode == 0


@pytest.mark.parametrize("more", [["--webhook", "ftp://a.example/"], ["--policy", "/nowhere"]])
@pytest.mark.usefixtures("log")
def test_what_cannot_be_used_is_refused_in_one_line(
    web: Site, tmp_path: Path, more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert watch(tmp_path, web, *more) == 2
    assert capsys.readouterr().err.count("\n") == 1
