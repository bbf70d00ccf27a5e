import functools
import json
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.verdict import cosigning
from tests.verdict.consents import Granted, granted
from tests.verdict.log_builder import ALICE, BOB, ORIGIN, LogBuilder, seed
from vestibule.cli.fetching import LARGEST
from vestibule.cli.main import main
from vestibule.ledger.agreement import Password
from vestibule.tlog.keys import SigningKey
from vestibule.verdict.person_file import render


@pytest.fixture
def folder(log: LogBuilder, tmp_path: Path) -> Path:
    (tmp_path / "policy").write_bytes(log.policy())
    (tmp_path / "alice.json").write_bytes(render(log.person(ALICE, "jukebox", "marquee")))
    (tmp_path / "bob.json").write_bytes(render(log.person(BOB, "jukebox", "marquee")))
    log.write(tmp_path / "log")
    return tmp_path


def verify(folder: Path, question: str, *more: str, partner: str = "jukebox", log: str = "") -> int:
    where = log or str(folder / "log")
    trusted = str(folder / "policy")
    return main(["verify", question, "--partner", partner, "--log", where, "--policy", trusted, *more])


def line(capsys: pytest.CaptureFixture[str], number: int) -> str:
    return capsys.readouterr().out.splitlines()[number]


def test_the_story_has_its_four_answers(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(folder, "could", partner="marquee") == 1
    assert line(capsys, 2) == (
        "Was Marquee ever allowed to read private messages?   proven no   "
        "(no privilege, 0 connections, to checkpoint 13)"
    )
    assert verify(folder, "was-served", "--opening", str(folder / "alice.json")) == 0
    assert line(capsys, 2) == (
        "Was Jukebox served private messages?   proven yes   "
        "(1 read, 4 messages, signed by Jukebox; at most 1 connected person)"
    )
    assert verify(folder, "history", "--person", str(folder / "bob.json"), "--called", "Bob") == 1
    assert line(capsys, 2) == (
        "Is any release to Jukebox recorded about Bob?   proven no   "
        "(0 of Bob's 0 events; rests on an honest gate or an honest Jukebox)"
    )
    assert verify(folder, "afterwards") == 3
    assert line(capsys, 2) == "What did Jukebox do with them afterwards?   not provable"


def test_a_period_is_asked_about_by_two_dates(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    days = ("--from", "2026-11-23", "--to", "2026-11-24")
    assert verify(folder, "could", *days) == 3
    assert line(capsys, 2) == (
        "Was Jukebox allowed to read private messages from 2026-11-23 to 2026-11-24?   not provable   "
        "(the period is not closed: no epoch of a later day than 2026-11-24 is in the log; "
        "1 privilege, at most 1 connected person)"
    )
    assert verify(folder, "could", *days[:2]) == 2
    assert "period: expected both --from and --to, got one" in capsys.readouterr().err


def test_recorded_is_not_provable_to_a_program(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(folder, "was-served", "--json") == 3
    value = json.loads(capsys.readouterr().out)
    assert (value["answer"], value["exit"], value["partners"]) == ("recorded", 3, ["jukebox"])
    assert value["rests_on"][0].startswith("checkpoint: vestibule.example/log, size 13")


def test_what_the_answer_means_is_said_in_plain_words(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    verify(folder, "could", partner="marquee")
    assert line(capsys, 4).startswith("The public register never let Marquee ask people for this")
    verify(folder, "afterwards", "--json")
    meaning = json.loads(capsys.readouterr().out)["meaning"]
    assert meaning.startswith("Once data have left the platform no log")


def test_witnesses_of_long_ago_may_have_seen_an_old_state(
    log: LogBuilder, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "policy").write_bytes(cosigning.policy(log, "quorum w1", names="w1"))
    (folder / "log/checkpoint").write_bytes(cosigning.note(log, w1=60))
    assert verify(folder, "could") == 0
    assert "this may be an old state of the log: its witnesses saw it" in capsys.readouterr().err


def test_the_first_line_says_whose_keys_are_trusted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verify(folder, "afterwards")
    assert line(capsys, 0) == (
        "trusts keys chosen by the operator; time not attested (quorum none: no witness counted)"
    )
    verify(folder, "afterwards", "--policy-source", "a newspaper")
    assert line(capsys, 0).startswith("trusts keys chosen by a newspaper; ")


def test_names_from_the_log_do_not_steer_the_terminal(
    log: LogBuilder, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log.partner("evil", name="\x1b[2J\u202eproven no")
    log.write(folder / "log")
    verify(folder, "afterwards", partner="evil")
    assert line(capsys, 2).startswith("What did \ufffd[2J\ufffdproven no do with them")


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    handler = functools.partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class Quiet(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.startswith("/broken/"):
            self.send_error(500)
        else:
            super().do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base class names it so)
        del format, args


def test_a_log_is_read_over_http(folder: Path, address: str) -> None:
    assert verify(folder, "could", log=f"{address}/log/") == 0


def test_a_log_that_is_not_there_is_named(
    folder: Path, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(folder, "could", log=f"{address}/elsewhere") == 2
    said = capsys.readouterr().err
    assert "no checkpoint there: is this the address of a log? (usually ends in /log); http" in said
    (folder / "empty").mkdir()
    assert verify(folder, "could", log=str(folder / "empty")) == 2
    assert "no checkpoint there: is this the address of a log?" in capsys.readouterr().err


def test_a_server_in_trouble_is_named(folder: Path, address: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(folder, "could", log=f"{address}/broken") == 2
    assert f"{address}/broken/checkpoint: expected status 200, got 500" in capsys.readouterr().err


def test_a_server_that_does_not_answer_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(folder, "could", log="http://127.0.0.1:9/log") == 2
    assert "http://127.0.0.1:9/log/checkpoint: " in capsys.readouterr().err


def bad(folder: Path, capsys: pytest.CaptureFixture[str], *more: str, question: str = "could") -> str:
    assert verify(folder, question, *more) == 4
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def test_a_tampered_bundle_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = folder / "log/tile/entries/000.p/13"
    bundle.write_bytes(bundle.read_bytes().replace(b'"n":4', b'"n":3'))
    assert "tile/entries/000.p/13, entry 9: expected leaf hash" in bad(folder, capsys)


def test_a_tampered_tile_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tile = folder / "log/tile/0/000.p/13"
    tile.write_bytes(bytes(32) + tile.read_bytes()[32:])
    assert "tile/0/000.p/13: right edge has root" in bad(folder, capsys)


def test_a_truncated_bundle_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = folder / "log/tile/entries/000.p/13"
    bundle.write_bytes(bundle.read_bytes()[:-1])
    assert "tile/entries/000.p/13: bundle ends within entry 12 of 13" in bad(folder, capsys)


def test_a_wrong_log_key_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = LogBuilder(origin="other.example/log", signing=other_key())
    (folder / "policy").write_bytes(other.policy())
    assert "checkpoint: expected a signature by the log other.example/log, got none" in bad(folder, capsys)


def other_key() -> SigningKey:
    return SigningKey.from_seed("other.example/log", seed("log"))


def test_a_person_file_that_is_none_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bob.json").write_bytes(b"{}")
    error = bad(folder, capsys, "--person", str(folder / "bob.json"), question="history")
    assert "person file, format: missing" in error


def test_a_file_larger_than_any_tile_is_not_read(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (folder / "log/checkpoint").open("wb") as file:
        file.truncate(LARGEST + 1)
    assert verify(folder, "could") == 2
    assert f"checkpoint: expected at most {LARGEST} bytes, got more" in capsys.readouterr().err


def test_a_log_that_is_no_folder_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert verify(folder, "could", log=str(folder / "nothing")) == 2
    assert "expected a folder or an http(s) address, got neither" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("partner", "policy", "reason"),
    [
        ("nobody", "policy", "no partner 'nobody' on the register of this log; registered: jukebox, marquee"),
        ("jukebox", "nothing", "nothing: no such file or folder"),
        ("jukebox", "alice.json", "policy: line 1: expected log, witness, group or quorum"),
    ],
)
def test_a_wrong_question_is_a_usage_error(
    folder: Path, capsys: pytest.CaptureFixture[str], partner: str, policy: str, reason: str
) -> None:
    assert verify(folder, "could", "--policy", str(folder / policy), partner=partner) == 2
    assert reason in capsys.readouterr().err


@pytest.mark.parametrize("question", ["could", "was-served"])
def test_a_mistyped_scope_is_a_usage_error_and_no_answer(
    folder: Path, capsys: pytest.CaptureFixture[str], question: str
) -> None:
    assert verify(folder, question, "--scope", "message.read") == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "no scope 'message.read' in this log's vocabulary; known: messages.read, " in captured.err


def test_a_receipt_is_checked_by_itself(
    log: LogBuilder, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    receipt = folder / "read.tlog-proof"
    receipt.write_text(log.release("jukebox", ALICE))
    assert main(["verify", "receipt", str(receipt), "--policy", str(folder / "policy")]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[1:4] == [
        "leaf 10 is in vestibule.example/log at size 13",
        "everybody can see",
        "  on 2026-11-23: jukebox: asked for messages.read and was refused",
    ]
    assert "  jukebox knows this person as KUYB73KEKXQFUH76XNC55ND27KDGOU6H" in said


def test_a_receipt_of_a_leaf_is_printed_as_json(
    log: LogBuilder, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    receipt = folder / "read.tlog-proof"
    receipt.write_text(log.release("jukebox", ALICE))
    assert main(["verify", "receipt", str(receipt), "--policy", str(folder / "policy"), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["index"], said["size"], said["exit"]) == (10, 13, 0)
    assert said["trusts"].startswith("trusts keys chosen by the operator")


def consent_receipt(folder: Path, **how: Any) -> tuple[Granted, list[str]]:
    """Write down what Alice agreed to, and the log as it was then."""
    found = granted(**how)
    (folder / "consent.jwt").write_bytes(found.receipt())
    (folder / "its-policy").write_bytes(found.log.policy())
    found.log.write(folder / "its-log")
    return found, ["verify", "receipt", str(folder / "consent.jwt"), "--policy", str(folder / "its-policy")]


def test_what_she_agreed_to_is_proven_by_her_passkey_and_recorded_by_a_password(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, command = consent_receipt(folder)
    assert main(command) == 0
    assert line(capsys, 2) == (
        "Did this person agree to what Jukebox may do?   proven yes   (she agreed: signed by her passkey)"
    )
    _, command = consent_receipt(folder, agreement=Password())
    assert main([*command, "--json"]) == 3
    said = json.loads(capsys.readouterr().out)
    assert (said["answer"], said["exit"]) == ("recorded", 3)
    assert said["summary"] == "her agreement rests on the platform's word"


def test_with_a_log_it_says_whether_what_she_agreed_to_has_ended_since(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found, command = consent_receipt(folder)
    with_log = [*command, "--log", str(folder / "its-log")]
    assert main(with_log) == 0
    assert "  since then, to checkpoint 5: messages.read goes on" in capsys.readouterr().out
    found.log.event("end", "jukebox", ALICE)
    found.log.write(folder / "its-log")
    assert main(with_log) == 0
    assert "(she agreed: signed by her passkey; it has ended since)" in capsys.readouterr().out


def test_a_consent_receipt_of_another_log_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, command = consent_receipt(folder)
    assert main([*command, "--log", str(folder / "log")]) == 4
    assert "the log has shown two histories" in capsys.readouterr().err
    (folder / "its-policy").write_bytes(
        LogBuilder(signing=SigningKey.from_seed(ORIGIN, seed("other"))).policy()
    )
    assert main(command) == 4
    assert "vestibule verify: consent receipt: expected a signature by" in capsys.readouterr().err


def test_a_log_is_for_consent_receipts_alone(
    log: LogBuilder, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    receipt = folder / "leaf.tlog-proof"
    receipt.write_text(log.receipt(1))
    command = ["verify", "receipt", str(receipt), "--policy", str(folder / "policy")]
    assert main([*command, "--log", str(folder / "log")]) == 2
    assert "--log: expected a consent receipt with it, got the receipt of a leaf" in capsys.readouterr().err


def test_another_origins_receipt_is_refused(
    log: LogBuilder, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = LogBuilder(origin="other.example/log", signing=other_key())
    receipt = folder / "other.tlog-proof"
    receipt.write_text(other.receipt(0))
    assert main(["verify", "receipt", str(receipt), "--policy", str(folder / "policy")]) == 4
    assert f"receipt: expected a signature by the log {log.origin}, got none" in capsys.readouterr().err


@pytest.fixture
def audited(log: LogBuilder, folder: Path) -> Path:
    """Give the log an epoch, and its checkpoint an auditor's cosignature."""
    log.epoch()
    log.write(folder / "log")
    (folder / "log/checkpoint").write_bytes(cosigning.note(log, a1=log.now))
    (folder / "policy").write_bytes(cosigning.policy(log, "group auditors any a1", "quorum none", names="a1"))
    return folder


def prove(folder: Path, *more: str) -> int:
    person, policy, out = (str(folder / name) for name in ("bob.json", "policy", "proof.json"))
    where = str(folder / "log")
    return main(["prove", "--person", person, "--log", where, "--policy", policy, "-o", out, *more])


def test_a_short_proof_is_made_from_the_log_and_checked_without_it(
    audited: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prove(audited) == 0
    assert "bytes about 2 partners, to checkpoint 14" in capsys.readouterr().out
    assert (audited / "proof.json").stat().st_mode & 0o777 == 0o600
    shutil.move(audited / "log", audited / "gone")
    short = ("--policy", str(audited / "policy"), "--proof", str(audited / "proof.json"), "--called", "Bob")
    assert main(["verify", "history", *short, "--partner", "jukebox"]) == 1
    assert line(capsys, 2) == (
        "Is any release to jukebox recorded about Bob?   proven no   "
        "(0 of Bob's 0 events, first 13 leaves; rests on an auditor's replay and on an honest gate alone)"
    )
    assert main(["verify", "history", *short, "--log", str(audited / "gone"), "--json"]) == 1
    value = json.loads(capsys.readouterr().out)
    assert value["summary"].startswith("0 of Bob's 1 event, to checkpoint 14; rests on")


def test_a_short_proof_can_be_about_the_operators_staff(
    log: LogBuilder, audited: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (audited / "bob.json").write_bytes(render(log.person(BOB, "operator")))
    assert prove(audited, "--partner", "operator") == 0
    short = ("--policy", str(audited / "policy"), "--proof", str(audited / "proof.json"), "--called", "Bob")
    assert main(["verify", "history", *short, "--partner", "operator"]) == 1
    assert "Is any release to operator recorded about Bob?   proven no" in capsys.readouterr().out


def test_a_proof_without_auditor_says_what_it_cannot_prove(
    log: LogBuilder, audited: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log.write(audited / "log")
    assert prove(audited, "--partner", "jukebox") == 0
    assert "not that nothing is: no auditor counted" in capsys.readouterr().out


def test_a_proof_about_nobody_on_the_register_is_a_usage_error(
    audited: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prove(audited, "--partner", "jukebx") == 2
    assert "no partner 'jukebx' on the register of this log; registered: " in capsys.readouterr().err


def test_a_person_file_without_a_partner_makes_no_proof(
    log: LogBuilder, audited: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (audited / "bob.json").write_bytes(render(log.person(BOB, "jukebox")))
    assert prove(audited) == 4
    assert "person file: expected lanes of marquee, got none; download a newer one" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--proof", "x", "--person", "y"), "expected --proof without --person, --from and --to"),
        (("--proof", "x", "--from", "2026-11-23"), "expected --proof without --person, --from and --to"),
        (("--partner", "jukebox"), "expected --log, or --proof with a short proof"),
        (("--partner", "jukebox", "--log", "x"), "expected --person, or --proof with a short proof"),
    ],
)
def test_options_that_do_not_go_together_are_a_usage_error(
    folder: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], reason: str
) -> None:
    assert main(["verify", "history", "--policy", str(folder / "policy"), *options]) == 2
    assert reason in capsys.readouterr().err
