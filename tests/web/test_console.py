"""The console: who may enter, and how a privilege is asked for, signed and answered."""

import base64
import hashlib
import json
import re
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.gate.a_platform import READ, SECOND, SEED, World, opened
from vestibule.partners import answering, asked, asking
from vestibule.partners.errors import RegisterError
from vestibule.sdk.signing import sign_privilege
from vestibule.store.ids import encode

AGREEMENT = b"We agree that songs may be suggested."
PURPOSE = "To suggest songs that fit what you talk about."
UNTIL = 20_999
"""2027-06-30."""
NEW = "/console/marquee/privileges/new"


def png() -> bytes:
    """The smallest picture there is."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0\0\0\0")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A platform on which Ana acts for Marquee, and Bob for nobody."""
    with opened(tmp_path_factory.mktemp("platform")) as platform:
        assert member(platform, "marquee", "ana").status_code == 200
        yield platform


def member(world: World, partner: str, handle: str, *, is_one: bool = True) -> httpx2.Response:
    return world.operate("members", {"partner": partner, "handle": handle, "member": is_one})


def ask(world: World, who: str = "ana", **changed: Any) -> httpx2.Response:
    """Send the form."""
    pictures = changed.pop("pictures", [("app.png", png())])
    agreement = changed.pop("agreement", AGREEMENT)
    form = {"scope": READ, "purpose": PURPOSE, "until": "2027-06-30", "ceiling": "", **changed}
    files = [("pictures", picture) for picture in pictures]
    if agreement:
        files.append(("agreement", ("agreement.pdf", agreement)))
    answer: httpx2.Response = world.run(world.people[who].client.post(NEW, data=form, files=files))
    return answer


def asked_for(world: World, **changed: Any) -> str:
    """Ask for a privilege; returns the address of the request."""
    answer = ask(world, **changed)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def signature(**changed: Any) -> dict[str, Any]:
    """What `vestibule ask` prints for the form's values."""
    fields: dict[str, Any] = {
        "partner": "marquee",
        "scope": READ,
        "purpose": PURPOSE,
        "agreement": hashlib.sha256(AGREEMENT).hexdigest(),
        "until_day": UNTIL,
        "key_id": "marquee:1",
    }
    signed = {**fields, **changed}
    return signed | {"signature": sign_privilege(**signed, seed=SEED["marquee"])}


def the_one(world: World, address: str) -> asked.PrivilegeRequest:
    found = world.run(asked.of_partner(world.store, "marquee"))
    wanted = next(one for one in found if address.endswith(encode(one.request_id)))
    assert isinstance(wanted, asked.PrivilegeRequest)
    return wanted


@pytest.mark.parametrize("path", ["", "/privileges", "/privileges/new"])
def test_who_does_not_act_for_a_partner_finds_nothing_there(world: World, path: str) -> None:
    assert world.get("ana", f"/console/marquee{path}").status_code == 200
    assert world.get("bob", f"/console/marquee{path}").status_code == 404
    assert world.get("ana", f"/console/jukebox{path}").status_code == 404
    assert world.get("ana", f"/console/nobody{path}").status_code == 404
    assert world.get(None, f"/console/marquee{path}").headers["location"].startswith("/signin?next=")


def test_nobody_else_posts_there_either(world: World) -> None:
    size = world.committed()
    address = asked_for(world)
    assert ask(world, "bob").status_code == 404
    assert world.post("bob", address, signed=json.dumps(signature())).status_code == 404
    assert world.post("bob", f"{address}/take-back").status_code == 404
    assert world.get("bob", f"{address}/pictures/0").status_code == 404
    assert world.get("bob", f"{address}/agreement").status_code == 404
    assert world.committed() == size


def test_a_request_of_another_partner_is_none_of_this_one(world: World) -> None:
    address = asked_for(world)
    assert member(world, "jukebox", "ana").status_code == 200
    assert world.get("ana", address.replace("marquee", "jukebox")).status_code == 404
    assert member(world, "jukebox", "ana", is_one=False).status_code == 200


def test_the_operator_alone_says_who_is_a_member_and_ends_it_at_once(world: World) -> None:
    body = {"partner": "marquee", "handle": "bob", "member": True}
    refused = world.run(world.people["ana"].client.post("/operator/members", json=body))
    assert refused.status_code == 401
    assert world.get("bob", "/console/marquee").status_code == 404
    assert member(world, "marquee", "bob").status_code == 200
    assert "Marquee" in world.get("bob", "/console").text
    assert world.get("bob", "/console/marquee").status_code == 200
    assert member(world, "marquee", "bob", is_one=False).status_code == 200
    assert world.get("bob", "/console/marquee").status_code == 404
    assert "You act for no partner" in world.get("bob", "/console").text


@pytest.mark.parametrize(
    ("partner", "handle", "is_one", "said"),
    [
        ("nobody", "bob", True, "expected the id of a partner on the register, got 'nobody'"),
        ("marquee", "nobody", True, "expected one of an account, got 'nobody'"),
        ("marquee", "bob", False, "expected that of a member of 'marquee', got 'bob'"),
    ],
)
def test_members_that_cannot_be_are_refused_by_name(
    world: World, partner: str, handle: str, *, is_one: bool, said: str
) -> None:
    answer = member(world, partner, handle, is_one=is_one)
    assert answer.status_code == 400
    assert said in answer.json()["detail"]


def test_a_child_acts_for_nobody(world: World) -> None:
    world.sign_up("tim")
    world.operate("kids", {"handle": "tim", "kid": True})
    assert "a real grown-up's account" in member(world, "marquee", "tim").json()["detail"]


def test_deleting_the_account_ends_it(world: World) -> None:
    world.sign_up("eve")
    member(world, "marquee", "eve")
    assert "Eve (eve)" in world.get("ana", "/console/marquee").text
    assert world.post("eve", "/account/delete", handle="eve").status_code == 303
    assert "Eve" not in world.get("ana", "/console/marquee").text
    [rows] = world.run(
        world.store.read(
            lambda tx: tx.all("select count(*) from partner_member where partner_id = 'marquee'")
        )
    )
    assert rows[0] == 1


def test_from_the_form_by_the_partners_key_and_the_operators_answer_to_the_register(world: World) -> None:
    page = world.get("ana", NEW)
    assert 'type="date" value="2027-11-23"' in page.text
    address = asked_for(world, ceiling="5000")
    page = world.get("ana", address)
    assert f"vestibule ask marquee {READ}" in page.text
    assert "--until 2027-06-30" in page.text
    assert world.run(asked.open_requests(world.store)) == ()

    assert world.post("ana", address, signed=json.dumps(signature())).status_code == 303
    assert "with the operator" in world.get("ana", address).text
    [request] = world.run(asked.open_requests(world.store))
    assert (request.asked.ceiling, request.asked.purpose) == (5000, PURPOSE)
    first = world.size()
    index = world.run(
        answering.grant(world.store, world.platform.recorder, request, "Welcome.", world.clock())
    )
    assert index == first
    assert world.run(asked.open_requests(world.store)) == ()
    assert "Welcome." in world.get("ana", address).text
    register = world.get(None, "/register/marquee").text
    assert hashlib.sha256(AGREEMENT).hexdigest() in register
    assert world.operate("withdrawals", {"partner": "marquee", "scope": READ}).status_code == 201


def test_the_operators_no_is_read_with_its_reason_and_puts_nothing_in_the_log(world: World) -> None:
    address = asked_for(world)
    world.post("ana", address, signed=json.dumps(signature()))
    request = the_one(world, address)
    size = world.committed()
    with pytest.raises(RegisterError, match="tells the partner why"):
        world.run(answering.decline(world.store, request, " ", world.clock()))
    world.run(answering.decline(world.store, request, "Too <wide> a purpose.", world.clock()))
    assert "Too &lt;wide&gt; a purpose." in world.get("ana", address).text
    with pytest.raises(RegisterError, match="expected one that is open, got one declined"):
        world.run(answering.grant(world.store, world.platform.recorder, request, "", world.clock()))
    assert world.committed() == size


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"purpose": "To read everything."}, "purpose: expected"),
        ({"scope": "messages.send"}, "scope: expected"),
        ({"until_day": 30_000}, "until_day: expected 20999"),
        ({"agreement": "ab" * 32}, "agreement: expected"),
        ({"partner": "jukebox"}, "partner: expected"),
        ({"key_id": "marquee:9"}, "has no key"),
        ({"key_id": "jukebox:1"}, "has no key"),
        ({"key_id": 7}, "key_id: expected all that"),
        ({"signature": base64.b64encode(bytes(64)).decode()}, "signature: not"),
        ({"signature": "?"}, "signature: expected base64"),
        ({"signature": None}, "signature: expected base64"),
    ],
)
def test_a_signature_over_anything_else_hands_nothing_to_the_operator(
    world: World, changed: dict[str, Any], said: str
) -> None:
    address = asked_for(world)
    answer = world.post("ana", address, signed=json.dumps(signature() | changed))
    assert answer.status_code == 422
    assert said in answer.text.replace("&#39;", "'")
    assert the_one(world, address).state == asked.UNSIGNED
    assert world.post("ana", f"{address}/take-back").status_code == 303


@pytest.mark.parametrize("said", ["", "{", "[]", "null", "7", '"x"'])
def test_what_is_no_output_of_the_command_is_refused(world: World, said: str) -> None:
    address = asked_for(world)
    answer = world.post("ana", address, signed=said)
    assert answer.status_code == 422
    assert "expected all that `vestibule ask` printed" in answer.text
    assert world.post("ana", f"{address}/take-back").status_code == 303


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"agreement": b""}, "agreement: choose the file"),
        ({"scope": "all"}, "scope: expected one of"),
        ({"purpose": ""}, "purpose"),
        ({"purpose": "a\u202eb"}, "purpose: expected no control characters"),
        ({"until": "soon"}, "until: expected a day"),
        ({"until": "2020-01-01"}, "until_day: expected today"),
        ({"ceiling": "many"}, "ceiling: expected a number"),
        ({"ceiling": "0" * 30 + "9" * 5000}, "ceiling: expected a number"),
        ({"ceiling": "0"}, "ceiling: expected 1 person or more"),
        ({"pictures": [("app.exe", b"MZ")]}, "pictures: expected JPEG"),
        ({"pictures": [("app.png", png())] * 5}, "pictures: expected at most 4, got 5"),
        ({"pictures": [("app.png", b"")]}, "expected a file with something in it"),
    ],
)
def test_a_form_that_could_not_be_granted_is_shown_again_with_what_is_wrong(
    world: World, changed: dict[str, Any], said: str
) -> None:
    before = len(world.run(asked.of_partner(world.store, "marquee")))
    answer = ask(world, **changed)
    assert answer.status_code == 422
    assert said in answer.text
    if "purpose" not in changed:
        assert PURPOSE in answer.text
    assert len(world.run(asked.of_partner(world.store, "marquee"))) == before


def test_pictures_and_agreement_come_back_as_what_cannot_run(world: World) -> None:
    address = asked_for(world, pictures=[("one.png", png()), ("two.png", png())], agreement=b"<script>")
    picture = world.get("ana", f"{address}/pictures/1")
    assert (picture.content, picture.headers["content-type"]) == (png(), "image/png")
    agreement = world.get("ana", f"{address}/agreement")
    assert agreement.headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in agreement.headers["content-security-policy"]
    assert world.get("ana", f"{address}/pictures/2").status_code == 404


def test_the_command_is_one_command_whatever_the_purpose(world: World) -> None:
    address = asked_for(world, purpose="Songs'; rm -rf ~ #")
    page = world.get("ana", address).text
    command = re.search(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)
    assert command is not None
    assert "--purpose &#39;Songs&#39;&#34;&#39;&#34;&#39;; rm -rf ~ #&#39;" in command[1]


def test_only_so_many_requests_wait_and_taking_one_back_makes_room(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_for(world)
    waiting = [one for one in world.run(asked.of_partner(world.store, "marquee")) if one.decided_at == 0]
    monkeypatch.setattr(asking, "MOST_WAITING", len(waiting))
    answer = ask(world)
    assert answer.status_code == 422
    assert f"expected at most {len(waiting)} requests that wait" in answer.text
    found = [one for one in world.run(asked.of_partner(world.store, "marquee")) if one.state == "unsigned"]
    for one in found:
        address = f"/console/marquee/privileges/{encode(one.request_id)}"
        assert world.post("ana", f"{address}/take-back").status_code == 303
        assert world.get("ana", address).status_code == 404
    asked_for(world)


def test_taking_back_needs_a_fresh_proof(world: World) -> None:
    address = asked_for(world)
    before = world.now
    world.now += 6 * 60 * SECOND
    answer = world.post("ana", f"{address}/take-back")
    world.now = before
    assert answer.headers["location"].startswith("/account/prove?next=")
    assert the_one(world, address).state == asked.UNSIGNED
