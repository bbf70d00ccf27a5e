"""`vestibule verify bundle.zip`: answered of the bundle alone, where nothing in it is believed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.verdict.bundles import alone, changed, files_of, flipped, lay_out, make, packed
from tests.verdict.log_builder import ALICE, LogBuilder, seed
from tests.verdict.stories import told
from vestibule.cli import bundled
from vestibule.cli.main import main
from vestibule.tlog.keys import SigningKey
from vestibule.verdict import bundle, bundle_reading
from vestibule.verdict.errors import VerdictError


@pytest.fixture
def folder(log: LogBuilder, tmp_path: Path) -> Path:
    return lay_out(log, tmp_path / "held")


@pytest.fixture
def path(folder: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert make(folder, "--person", str(folder / "alice.json"), "--called", "Alice") == 0
    capsys.readouterr()
    return folder / "bundle.zip"


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int) -> list[str]:
    assert main(["verify", *arguments]) == code
    return capsys.readouterr().out.splitlines()


def refused(path: Path, capsys: pytest.CaptureFixture[str], reason: str) -> None:
    assert main(["verify", str(path)]) == 4
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert reason in captured.err


def test_all_questions_are_answered(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, str(path), code=0)
    assert lines[0].startswith("trusts keys chosen by whoever made this bundle; time not attested")
    assert lines[1].startswith("Private. This bundle holds what one person knows")
    assert [line.partition("?   ")[2] for line in lines[3:7]] == [
        "proven yes   (1 privilege, at most 1 connected person, to checkpoint 13)",
        "proven yes   (1 read, 4 messages, signed by Jukebox; at most 1 connected person)",
        "proven yes   (1 of Alice's 3 events)",
        "not provable",
    ]
    assert lines[-1] == "11 files checked; the answers were computed from the log in the bundle"
    assert not any("something else" in line for line in lines)


def test_the_exit_code_is_that_of_her_history(folder: Path) -> None:
    assert make(folder, "--person", str(folder / "bob.json"), output="bob.zip") == 0
    assert main(["verify", str(folder / "bob.zip")]) == 1


def test_without_a_person_the_exit_code_is_that_of_what_was_served(folder: Path) -> None:
    assert make(folder, output="public.zip") == 0
    assert main(["verify", str(folder / "public.zip")]) == 3
    assert make(folder, output="marquee.zip", partner="marquee") == 0
    assert main(["verify", str(folder / "marquee.zip")]) == 1


def test_programs_get_every_answer(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    value = json.loads("\n".join(said(capsys, str(path), "--json", code=0)))
    assert {name: one["answer"] for name, one in value["verdicts"].items()} == {
        "could": "proven yes",
        "was-served": "proven yes",
        "history": "proven yes",
        "afterwards": "not provable",
    }
    assert (value["differing"], value["private"], value["files"], value["exit"]) == ([], True, 11, 0)


def test_another_policy_says_who_chose_it(
    folder: Path, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = ("--policy", str(folder / "policy"), "--policy-source", "a newspaper")
    assert said(capsys, str(path), *policy, code=0)[0].startswith("trusts keys chosen by a newspaper; ")
    other = LogBuilder("other.example/log", SigningKey.from_seed("other.example/log", seed("log")))
    (folder / "policy").write_bytes(other.policy())
    assert main(["verify", str(path), *policy]) == 4
    assert "expected a signature by the log other.example/log, got none" in capsys.readouterr().err


def test_one_question_is_answered_from_a_bundle_too(
    folder: Path, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = said(capsys, "could", "--log", str(path), "--partner", "marquee", code=1)
    assert lines[0].startswith("trusts keys chosen by whoever made this bundle; ")
    policy = ("--policy", str(folder / "policy"))
    lines = said(capsys, "could", "--log", str(path), "--partner", "marquee", *policy, code=1)
    assert lines[0].startswith("trusts keys chosen by the operator; ")


def test_only_a_bundle_brings_a_policy(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "could", "--log", str(folder / "log"), "--partner", "jukebox"]) == 2
    assert "expected --policy FILE: only a bundle brings a policy" in capsys.readouterr().err


def test_it_is_verified_in_an_empty_folder_without_network(path: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    path.rename(empty / "bundle.zip")
    done = alone(["verify", "bundle.zip"], empty)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Is any release to Jukebox recorded about Alice?   proven yes" in done.stdout
    assert [left.name for left in empty.iterdir()] == ["bundle.zip"]
    # The barrier is one: with an address in the place of the bundle it is met.
    (empty / "policy").write_bytes(told().policy())
    asked = ("--log", "http://127.0.0.1:9", "--partner", "jukebox", "--policy", "policy")
    assert "there is no network here" in alone(["verify", "could", *asked], empty).stderr


def test_a_changed_file_is_noticed(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, data in files_of(path).items():
        forged = changed(path, {name: flipped(data, len(data) // 2)}, summed=False)
        refused(forged, capsys, "expected SHA-256" if name == "SHA256SUMS" else f"{name}: expected SHA-256")


def notice(path: Path, name: str, data: bytes) -> None:
    """Hold a bundle with another content in one file, and sums that fit, to be refused or said to differ."""
    try:
        checked = bundled.check(changed(path, {name: data}))
    except VerdictError:
        return
    assert checked.differing, f"{name} changed, and nothing noticed it"


def places(data: bytes, most: int = 40) -> Iterator[int]:
    return iter(range(0, len(data), max(1, len(data) // most)))


@pytest.mark.parametrize(
    "name",
    [
        "log/checkpoint",
        "log/tile/0/000.p/13",
        "log/tile/entries/000.p/13",
        "policy.txt",
        "person.json",
        "receipts/leaf-8.tlog-proof",
        "bundle.json",
    ],
)
def test_a_changed_byte_of_evidence_is_noticed_even_if_the_sums_fit(path: Path, name: str) -> None:
    data = files_of(path)[name]
    for at in places(data):
        notice(path, name, flipped(data, at))


@pytest.mark.parametrize("name", ["verdicts.json", "summary.html", "README.txt"])
def test_what_a_bundle_says_of_itself_is_not_believed(
    path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    lie = (
        files_of(path)[name].replace(b"proven yes", b"proven no").replace(b"Proven yes", b"Proven no") + b" "
    )
    lines = said(capsys, str(changed(path, {name: lie})), code=0)
    assert "Is any release to Jukebox recorded about Alice?   proven yes" in lines[5]
    assert lines[lines.index("these files say something else than what was computed here") + 1] == f"  {name}"


def test_a_file_too_many_is_refused(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused(
        changed(path, {"run-me.sh": b"#!"}), capsys, "run-me.sh: expected only files of a vestibule-bundle/v1"
    )
    extra = changed(path, {"log/tile/entries/001.p/1": b"\0\1x"})
    refused(extra, capsys, "log/tile/entries/001.p/1: expected no file that the checkpoint does not cover")


@pytest.mark.parametrize(
    "name", ["log/checkpoint", "log/tile/0/000.p/13", "policy.txt", "bundle.json", "README.txt"]
)
def test_a_file_too_few_is_refused(path: Path, name: str) -> None:
    with pytest.raises(VerdictError):
        bundled.check(changed(path, {name: None}))


def test_her_file_left_out_is_a_question_less(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    taken = changed(path, {"person.json": None})
    lines = said(capsys, str(taken), code=3)
    assert not any("recorded about Alice" in line for line in lines)
    assert "  verdicts.json" in lines


def test_a_receipt_of_another_history_is_refused(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = told()
    other.read("jukebox", ALICE, 1)
    forged = changed(path, {"receipts/leaf-5.tlog-proof": other.receipt(5).encode()})
    refused(forged, capsys, "the log has shown two histories")


def test_receipts_too_large_to_be_held_are_refused(
    folder: Path, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    large = bytes(2**20 + 1)
    refused(
        changed(path, {"receipts/leaf-5.tlog-proof": large}),
        capsys,
        "receipts/leaf-5.tlog-proof: expected at most 1048576 bytes, got 1048577",
    )
    files = files_of(path) | {f"receipts/leaf-{at}.tlog-proof": large[1:] for at in range(100, 165)}
    files[bundle.SUMS] = bundle.sums(
        {name: bundle.digest(data) for name, data in files.items() if name != bundle.SUMS}
    )
    with pytest.raises(VerdictError, match=r"leaf-164.*: expected at most 67108864 bytes of receipts"):
        bundle_reading.evidence(bundle_reading.Content(files.keys(), files.__getitem__))
    (folder / "large").write_bytes(large)
    assert make(folder, "--receipt", str(folder / "large"), output="large.zip") == 4
    assert "receipt 1: expected at most 1048576 bytes, got 1048577" in capsys.readouterr().err


def test_a_wider_person_file_is_not_smuggled_in(log: LogBuilder, path: Path, folder: Path) -> None:
    wide = (folder / "alice.json").read_bytes()
    with pytest.raises(VerdictError, match=r"person\.json: expected exactly"):
        bundled.check(changed(path, {"person.json": wide}))
    assert log.person(ALICE, "jukebox", "marquee").partners.keys() == {"jukebox", "marquee"}


def test_what_is_no_bundle_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "other.zip").write_bytes(packed({"a.txt": b"hello"}))
    refused(folder / "other.zip", capsys, "expected a file bundle.json in the bundle, got none")
    (folder / "other.zip").write_bytes(b"PK")
    refused(folder / "other.zip", capsys, "other.zip: expected a zip, got 2 bytes")
    assert main(["verify", str(folder / "nothing.zip")]) == 2


def test_a_bundle_packed_again_by_another_tool_holds(path: Path) -> None:
    again = path.with_name("again.zip")
    again.write_bytes(packed(files_of(path)))
    assert bundled.check(again).differing == ()
