"""`vestibule ask` and `vestibule operator`, against a running platform."""

import json
from pathlib import Path

import pytest

from tests.web.conftest import House, NewPerson, house, new_person
from vestibule.cli.main import main

__all__ = ["house", "new_person"]

Printed = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Printed) -> Path:
    """A partner's folder, with a key."""
    monkeypatch.chdir(tmp_path)
    assert main(["keygen", "app.seed"]) == 0
    Path("app.public").write_text(capsys.readouterr().out)
    Path("agreement.txt").write_text("agreed")
    return tmp_path


def operator(house: House, *words: str) -> int:
    return main(["operator", *words, "--data", str(house.data), "--platform", house.origin])


def add_partner(house: House, partner: str, name: str = "App") -> int:
    public = Path("app.public").read_text().strip()
    words = ["--name", name, "--entity", "App Ltd", "--home", "https://app.example", "--public", public]
    return operator(house, "add-partner", partner, *words, "--back", "https://app.example/back")


def ask(partner: str, *more: str) -> int:
    words = ["--seed", "app.seed", "--agreement", "agreement.txt", "--purpose", "To read “it”."]
    return main(["ask", partner, "messages.read", *words, *more])


def test_a_privilege_is_asked_for_given_and_taken_away(house: House, folder: Path, capsys: Printed) -> None:
    assert add_partner(house, "reader") == 0
    assert f"{house.origin}/register/reader" in capsys.readouterr().out
    assert ask("reader") == 0
    asked = folder / "privilege.json"
    asked.write_text(capsys.readouterr().out)
    assert operator(house, "grant", str(asked)) == 0
    assert capsys.readouterr().out.startswith("on the register: leaf ")
    assert operator(house, "withdraw", "reader", "messages.read") == 0


def test_what_the_platform_refuses_is_said_in_its_words(house: House, folder: Path, capsys: Printed) -> None:
    assert add_partner(house, "twice") == 0
    assert add_partner(house, "twice", "Another") == 1
    assert "Not for the register: " in capsys.readouterr().err
    assert ask("twice", "--key-id", "twice:9") == 0
    asked = folder / "privilege.json"
    asked.write_text(capsys.readouterr().out)
    assert operator(house, "grant", str(asked)) == 1
    assert "twice:9" in capsys.readouterr().err


def test_a_privilege_that_was_changed_on_its_way_is_refused(
    house: House, folder: Path, capsys: Printed
) -> None:
    assert add_partner(house, "changed") == 0
    capsys.readouterr()
    assert ask("changed") == 0
    asked = json.loads(capsys.readouterr().out) | {"purpose": "To read everything."}
    (folder / "privilege.json").write_text(json.dumps(asked))
    assert operator(house, "grant", "privilege.json") == 1
    assert "signature" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_a_privilege_is_asked_for_until_a_day(capsys: Printed) -> None:
    assert ask("until", "--until", "2027-06-30") == 0
    assert json.loads(capsys.readouterr().out)["until_day"] == 20_999
    for more in (["--until", "soon"], ["--until", "2027-06-30", "--days", "3"]):
        with pytest.raises(SystemExit):
            ask("until", *more)
    assert "expected a day as 2027-12-31, got soon" in capsys.readouterr().err.replace("'", "")


@pytest.mark.usefixtures("folder")
def test_somebody_acts_for_a_partner_and_no_longer(
    house: House, new_person: NewPerson, capsys: Printed
) -> None:
    assert add_partner(house, "acted") == 0
    capsys.readouterr()
    vera = new_person("Vera")
    assert operator(house, "add-member", "acted", vera.handle) == 0
    assert capsys.readouterr().out == f"{vera.handle} acts for acted: {house.origin}/console/acted\n"
    assert "App Ltd" in vera.sees("/console")
    assert operator(house, "remove-member", "acted", vera.handle) == 0
    assert "no longer acts" in capsys.readouterr().out
    assert "App Ltd" not in vera.sees("/console")
    assert operator(house, "remove-member", "acted", vera.handle) == 1
    assert "expected that of a member" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_files_that_are_missing_or_something_else_are_named(house: House, capsys: Printed) -> None:
    assert operator(house, "grant", "none.json") == 2
    assert capsys.readouterr().err == "vestibule operator: none.json: no such file or folder\n"
    Path("list.json").write_text("[]")
    assert operator(house, "grant", "list.json") == 2
    assert "list.json: expected what `vestibule ask` printed" in capsys.readouterr().err
    Path("app.seed").write_bytes(b"short")
    assert ask("reader") == 2
    assert "app.seed: expected 32 bytes, as `vestibule keygen` writes, got 5" in capsys.readouterr().err


def test_a_platform_that_is_not_there_is_named(tmp_path: Path, capsys: Printed) -> None:
    (tmp_path / "operator.token").write_text("token")
    words = [
        "withdraw",
        "reader",
        "messages.read",
        "--data",
        str(tmp_path),
        "--platform",
        "http://127.0.0.1:1",
    ]
    assert main(["operator", *words]) == 2
    assert "vestibule operator: http://127.0.0.1:1: " in capsys.readouterr().err


def test_a_folder_of_another_platform_does_not_open_this_one(
    house: House, tmp_path: Path, capsys: Printed
) -> None:
    (tmp_path / "operator.token").write_text("another")
    words = ["withdraw", "reader", "messages.read", "--data", str(tmp_path), "--platform", house.origin]
    assert main(["operator", *words]) == 1
    assert "expected the operator's token" in capsys.readouterr().err
