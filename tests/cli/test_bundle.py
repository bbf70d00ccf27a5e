"""`vestibule bundle`: what is in a bundle, and when none is written."""

import json
import subprocess
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest

from tests.verdict.bundles import files_of, lay_out, make
from tests.verdict.log_builder import ALICE, DAY, LogBuilder, witnessed
from tests.verdict.stories import COUNTS, told
from vestibule.cli.main import main
from vestibule.tlog.keys import SigningKey
from vestibule.verdict.person_file import parse


@pytest.fixture
def folder(log: LogBuilder, tmp_path: Path) -> Path:
    return lay_out(log, tmp_path / "held")


def private(folder: Path) -> tuple[str, ...]:
    return ("--person", str(folder / "alice.json"), "--called", "Alice")


def test_everything_an_answer_rests_on_is_in_it(folder: Path) -> None:
    assert make(folder, *private(folder)) == 0
    assert list(files_of(folder / "bundle.zip")) == [
        "README.txt",
        "SHA256SUMS",
        "bundle.json",
        "log/checkpoint",
        "log/tile/0/000.p/13",
        "log/tile/entries/000.p/13",
        "person.json",
        "policy.txt",
        "receipts/leaf-8.tlog-proof",
        "summary.html",
        "verdicts.json",
    ]


def test_the_log_in_it_is_laid_out_as_published(tmp_path: Path) -> None:
    log = told()
    for _ in range(600):
        log.read("jukebox", ALICE, 1)
    folder = lay_out(log, tmp_path)
    assert make(folder) == 0
    inside = {
        name.removeprefix("log/"): data
        for name, data in files_of(folder / "bundle.zip").items()
        if name.startswith("log/")
    }
    assert inside == log.files()


def test_the_same_input_makes_the_same_bytes_wherever_it_lies(log: LogBuilder, tmp_path: Path) -> None:
    made = []
    for name in ("here", "there"):
        folder = lay_out(log, tmp_path / name)
        assert make(folder, *private(folder)) == 0
        made.append((folder / "bundle.zip").read_bytes())
    assert made[0] == made[1]
    assert str(tmp_path).encode() not in made[0]


def test_what_is_between_the_person_and_others_stays_out(folder: Path) -> None:
    assert list(parse((folder / "alice.json").read_bytes()).partners) == ["jukebox", "marquee"]
    assert make(folder, *private(folder)) == 0
    files = files_of(folder / "bundle.zip")
    assert list(parse(files["person.json"]).partners) == ["jukebox"]
    assert b"dialog" not in files["summary.html"] + files["verdicts.json"] + files["person.json"]


def test_that_it_is_private_is_said_first(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert make(folder, *private(folder)) == 0
    assert capsys.readouterr().out.startswith("Private. This bundle holds what one")
    page = files_of(folder / "bundle.zip")["summary.html"].decode()
    assert page.partition("<main>\n")[2].startswith('<p class="private">Private. ')


def test_without_a_person_nothing_in_it_is_private(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert make(folder) == 0
    assert "Private" not in capsys.readouterr().out
    files = files_of(folder / "bundle.zip")
    assert "person.json" not in files
    assert b"Nothing in this bundle is private" in files["summary.html"]
    assert list(json.loads(files["verdicts.json"])) == ["afterwards", "could", "was-served"]


def test_a_receipt_with_its_private_half_makes_it_private_too(
    log: LogBuilder, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "public").write_text(log.receipt(9))
    assert make(folder, "--receipt", str(folder / "public"), output="public.zip") == 0
    assert not capsys.readouterr().out.startswith("Private.")
    (folder / "hers").write_text(log.release("jukebox", ALICE))
    assert make(folder, "--receipt", str(folder / "hers")) == 0
    assert capsys.readouterr().out.startswith("Private.")
    files = files_of(folder / "bundle.zip")
    assert b"PRIVATE" in files["README.txt"]
    assert b"Nothing in this bundle is private" not in files["summary.html"]


def test_the_page_means_what_the_verdicts_mean_and_contradicts_none(folder: Path) -> None:
    assert make(folder, *private(folder)) == 0
    files = files_of(folder / "bundle.zip")
    page = unescape(files["summary.html"].decode())
    verdicts = json.loads(files["verdicts.json"])
    assert all(f"<p>{verdict['meaning']}</p>" in page for verdict in verdicts.values())
    assert "Once data have left the platform no log sees" in verdicts["afterwards"]["meaning"]
    assert "1 read, 4 messages, signed by Jukebox" in page
    assert "no signature of the partner was checked" not in page + files["verdicts.json"].decode()
    assert 'whether the partner signed is answered under "was it served"' in page


def test_access_tokens_in_it_are_said_with_the_time_they_may_work_until(
    log: LogBuilder, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "hers").write_text(log.release("jukebox", ALICE))
    warning = "Holds access tokens; the newest may work until 2026-11-23 01:10:00 UTC. Do not hand it on"
    for name, more in (("one.zip", private(folder)), ("two.zip", ("--receipt", str(folder / "hers")))):
        assert make(folder, *more, output=name) == 0
        files = files_of(folder / name)
        assert all(warning in files[page].decode() for page in ("README.txt", "summary.html"))
    assert "It holds an access token" not in capsys.readouterr().out
    assert make(folder, output="public.zip") == 0
    assert b"access token" not in files_of(folder / "public.zip")["summary.html"]


def test_a_token_that_may_still_work_is_said_when_the_bundle_is_made(
    log: LogBuilder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked_at = datetime.now(UTC) - timedelta(minutes=5)
    log.day = int(asked_at.timestamp()) // 86_400
    log.read("jukebox", ALICE, 1, at=int(asked_at.timestamp()) * 1_000_000)
    folder = lay_out(log, tmp_path / "new")
    assert make(folder, *private(folder)) == 0
    until = asked_at + timedelta(minutes=10, seconds=59)
    said = f"It holds an access token that may work until {until:%H:%M} UTC; do not hand it on before.\n"
    assert said in capsys.readouterr().out
    assert make(folder, output="public.zip") == 0
    assert "access token" not in capsys.readouterr().out


def test_what_she_agreed_to_comes_with_a_receipt(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert make(folder, *private(folder)) == 0
    receipt = folder / "grant.tlog-proof"
    receipt.write_bytes(files_of(folder / "bundle.zip")["receipts/leaf-8.tlog-proof"])
    capsys.readouterr()
    assert main(["verify", "receipt", str(receipt), "--policy", str(folder / "policy")]) == 0
    assert '"k":"grant"' in capsys.readouterr().out


def test_receipts_are_named_after_their_leaves_and_there_once(log: LogBuilder, folder: Path) -> None:
    (folder / "one").write_text(log.receipt(5))
    (folder / "two").write_text(told().receipt(5))
    receipts = [word for name in ("one", "two", "one") for word in ("--receipt", str(folder / name))]
    assert make(folder, *receipts) == 0
    inside = [name for name in files_of(folder / "bundle.zip") if name.startswith("receipts/")]
    assert inside == ["receipts/leaf-5-2.tlog-proof", "receipts/leaf-5.tlog-proof"]


def test_a_bundle_that_is_there_is_kept(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bundle.zip").write_bytes(b"mine")
    assert make(folder) == 2
    assert "there is a file already, and it is kept" in capsys.readouterr().err
    assert (folder / "bundle.zip").read_bytes() == b"mine"


def nothing_written(folder: Path, capsys: pytest.CaptureFixture[str], code: int, *more: str) -> str:
    before = sorted(folder.iterdir())
    assert make(folder, *more) == code
    assert sorted(folder.iterdir()) == before
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def test_a_log_that_does_not_hold_makes_no_bundle(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    entries = folder / "log/tile/entries/000.p/13"
    entries.write_bytes(entries.read_bytes().replace(b'"n":4', b'"n":3'))
    assert "entry 9: expected leaf hash" in nothing_written(folder, capsys, 4)


def test_a_file_of_another_persons_makes_no_bundle(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mixed = json.loads((folder / "alice.json").read_bytes())
    mixed["subject"] = json.loads((folder / "bob.json").read_bytes())["subject"]
    (folder / "alice.json").write_text(json.dumps(mixed))
    assert "the proof does not hold" in nothing_written(folder, capsys, 4, *private(folder))


def test_a_receipt_that_does_not_hold_makes_no_bundle(
    log: LogBuilder, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "receipt").write_text(log.release("jukebox", ALICE).replace("index 10", "index 9"))
    assert "receipt: " in nothing_written(folder, capsys, 4, "--receipt", str(folder / "receipt"))


def test_a_receipt_of_another_history_is_named_as_such(
    log: LogBuilder, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = told()
    other.reconcile("jukebox", COUNTS | {"access/messages.read": (0, 0)})
    # Leaf 5 is the same in both, and so the receipt opens: only the roots tell.
    (folder / "receipt").write_text(other.receipt(5))
    assert "the log has shown two histories" in nothing_written(
        folder, capsys, 4, "--receipt", str(folder / "receipt")
    )
    (folder / "receipt").write_text(other.receipt(12))
    assert "the log has shown two histories" in nothing_written(
        folder, capsys, 4, "--receipt", str(folder / "receipt")
    )
    assert log.note() != other.note()


def test_a_receipt_older_than_the_bundle_is_held_against_the_log(log: LogBuilder, folder: Path) -> None:
    (folder / "receipt").write_text(told().receipt(5))
    assert len(told().entries) < len(log.entries)
    assert make(folder, "--receipt", str(folder / "receipt")) == 0


def test_a_receipt_younger_than_the_log_is_refused(
    log: LogBuilder, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log.read("jukebox", ALICE, 1)
    (folder / "receipt").write_text(log.release("jukebox", ALICE))
    error = nothing_written(folder, capsys, 4, "--receipt", str(folder / "receipt"))
    assert "receipt of leaf 13: expected one of at most 13 leaves, got 14; an older log?" in error


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (("--partner", "nobody"), "no partner 'nobody' on the register"),
        (("--policy", "nothing"), ": no such file or folder"),
        (("--receipt", "nothing"), ": no such file or folder"),
        (("-o", "no-such-folder/bundle.zip"), ": no such file or folder"),
    ],
)
def test_a_wrong_option_is_a_usage_error(
    folder: Path, capsys: pytest.CaptureFixture[str], more: tuple[str, ...], reason: str
) -> None:
    assert reason in nothing_written(folder, capsys, 2, *more)


def test_the_checkpoint_in_it_is_the_newest_that_the_policy_accepts(tmp_path: Path) -> None:
    log = witnessed_story()
    folder = lay_out(log, tmp_path)
    older = (folder / "log/checkpoint").read_bytes()
    (folder / "log/checkpoint.witnessed").write_bytes(older)
    log.read("jukebox", ALICE, 1)
    log.witness = None
    log.write(folder / "log")
    assert make(folder) == 0
    files = files_of(folder / "bundle.zip")
    assert files["log/checkpoint"] == older
    assert "log/checkpoint.witnessed" not in files
    assert main(["verify", str(folder / "bundle.zip")]) == 3


def test_an_older_witnessed_checkpoint_comes_along_if_it_is_the_same_logs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = witnessed_story()
    older = log.note()
    log.read("jukebox", ALICE, 1)
    folder = lay_out(log, tmp_path)
    (folder / "log/checkpoint.witnessed").write_text(older)
    assert make(folder) == 0
    assert files_of(folder / "bundle.zip")["log/checkpoint.witnessed"] == older.encode()
    other = witnessed_story(signing=log.signing)
    other.entries[-1] = other.entries[-2]
    (folder / "log/checkpoint.witnessed").write_text(other.note())
    assert make(folder, output="other.zip") == 4
    assert "checkpoint.witnessed: expected root" in capsys.readouterr().err


def witnessed_story(signing: SigningKey | None = None) -> LogBuilder:
    log = witnessed()
    log.signing = signing or log.signing
    log.entries = told().entries
    return log


def test_the_page_on_how_to_check_by_hand_can_be_followed(tmp_path: Path) -> None:
    log = told()
    for _ in range(260):
        log.read("jukebox", ALICE, 1)
    folder = lay_out(log, tmp_path / "held")
    assert make(folder, *private(folder)) == 0
    files = files_of(folder / "bundle.zip")
    for name, data in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    said = run_what_it_says(files["README.txt"].decode(), tmp_path)
    assert "summary.html: OK" in said
    assert "Signature Verified Successfully" in said
    assert said.endswith(f"same root of {len(log.entries)} entries\n")
    entries = tmp_path / "log/tile/entries/000"
    entries.write_bytes(entries.read_bytes().replace(b'"n":4', b'"n":3'))
    said = run_what_it_says(files["README.txt"].decode(), tmp_path)
    assert "log/tile/entries/000: FAILED" in said
    assert "ANOTHER ROOT" in said


def run_what_it_says(readme: str, where: Path) -> str:
    begin = readme.index("sha256sum -c")
    lines = readme[begin : readme.index("\n4. What the entries say")].splitlines()
    prose = [line for line in lines if line.startswith(("   ", "2.", "3.")) and not line.startswith("    ")]
    script = "\n".join(line for line in lines if line not in prose)
    done = subprocess.run(["bash", "-c", script], cwd=where, capture_output=True, text=True, check=False)
    return done.stdout


def test_a_bundle_about_a_period_shows_its_days_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = told()
    log.day = DAY + 1
    log.read("jukebox", ALICE, 3)
    folder = lay_out(log, tmp_path)
    assert make(folder, *private(folder), "--from", "2026-11-24", "--to", "2026-11-24") == 0
    files = files_of(folder / "bundle.zip")
    assert json.loads(files["bundle.json"])["from"] == "2026-11-24"
    assert b"read 3 messages" in files["summary.html"]
    assert b"read 4 messages" not in files["summary.html"]
    capsys.readouterr()
    assert main(["verify", str(folder / "bundle.zip")]) == 3
    assert "on 2026-11-24" in capsys.readouterr().out
    assert make(folder, "--from", "2026-11-24", output="other.zip") == 2


def test_a_mistyped_scope_makes_no_bundle(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no scope 'message.read' in" in nothing_written(folder, capsys, 2, "--scope", "message.read")
