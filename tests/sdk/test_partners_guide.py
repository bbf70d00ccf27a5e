"""docs/partners.md, run block by block as a partner's engineer would, against a running platform."""

from pathlib import Path
from typing import Any

import pytest

from tests.oauth.foreign.a_person import Deciding
from tests.sdk.guide import blocks
from tests.web.conftest import House, NewPerson, befriend
from vestibule.cli.main import main
from vestibule.sdk.errors import ConnectionOver, Refused, TokenDead

HOME = "http://127.0.0.1:1"


@pytest.fixture
def read_so_far(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> dict[str, Any]:
    """Do what the guide says, with the operator at the other end; returns what the program knows then."""
    monkeypatch.chdir(tmp_path)
    assert main(["keygen", "jukebox.seed"]) == 0
    public = capsys.readouterr().out.strip()
    Path("agreement.pdf").write_bytes(b"signed by both")
    Path("policy.txt").write_bytes(house.policy())
    partner = {
        "partner": "jukebox",
        "legal_entity": "Jukebox Ltd",
        "name": "Jukebox",
        "home_origin": HOME,
        "redirect_uris": [f"{HOME}/back"],
        "key": {"key_id": "jukebox:1", "public": public},
    }
    assert house.operator("/operator/partners", partner).status_code == 201
    program: dict[str, Any] = {"PLATFORM": house.origin, "HOME": HOME}
    for block in blocks("python"):
        exec(compile(block, "partners.md", "exec"), program)  # noqa: S102  (the guide's own words)
    assert house.operator("/operator/privileges", program["for_the_operator"]).status_code == 201
    return program


def test_the_guide_leads_from_two_keys_to_messages_with_receipts(
    read_so_far: dict[str, Any], new_person: NewPerson
) -> None:
    program, session = read_so_far, dict[str, str]()
    ana, bob = new_person("Ana"), new_person("Bob")
    befriend(ana, bob)
    talk = ana.writes_to(bob, body="do you know this song?")
    deciding = Deciding(ana, talk)

    declined = deciding.visit(program["connect"](session), "decline")
    assert program["back"](session, declined) is None
    assert session == {}

    token = program["back"](session, deciding.visit(program["connect"](session), "connect"))
    assert token.lacks(program["asks"]) == ()
    assert len(token.conversations) == 1
    assert Path("jukebox.dpop").stat().st_mode & 0o777 == 0o600
    assert program["read"](token) == ["do you know this song?"]
    assert program["kept"].counters.counts() == {"access/messages.read": (1, 1)}
    assert program["reconcile"]() > 0

    with pytest.raises(Refused, match="403"):
        program["client"].messages(token, "another")
    login = program["login"]
    assert login.fresh(token) is token
    assert program["read"](login.refresh(token)) == ["do you know this song?"]
    assert program["client"].suspend(token.person).state == "suspended"
    with pytest.raises(ConnectionOver, match="invalid_grant"):
        login.refresh(token)
    assert program["client"].resume(token.person).state == "active"
    token = login.refresh(token)
    login.revoke(token)
    with pytest.raises(TokenDead, match="401"):
        program["read"](token)
    with pytest.raises(ConnectionOver, match="invalid_grant"):
        login.refresh(token)
    login.close()
    program["client"].close()
    program["kept"].close()
