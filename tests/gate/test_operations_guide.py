"""The operations in docs/partners.md, asked for as they stand there, are answered as it says."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.gate.a_grant import permit
from tests.gate.a_platform import Connected, World, opened
from tests.gate.test_attachments import attach, bob_decides
from tests.gate.test_receiving import lets_know
from tests.gate.test_writing import write
from tests.sdk.guide import GUIDE
from tests.web.test_dialog import opened_form, press
from vestibule.connections.grants import Scope

EXAMPLE = re.compile(r"^```http\n(.*?)^```\n```json\n(.*?)^```$", re.MULTILINE | re.DOTALL)
EXAMPLES = EXAMPLE.findall(GUIDE.read_text())
GRANTED = (Scope.MESSAGES_READ, Scope.MESSAGES_SEND, Scope.MESSAGES_DELETE, Scope.FRIENDS_LIST)

Stage = tuple[World, dict[str, str], dict[str, Connected]]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Give everything that the examples speak of, the names for it, and who asks for what."""
    with opened(tmp_path_factory.mktemp("platform")) as world:
        assert world.allow("marquee", scope="recommendations.receive").status_code == 201
        group = world.conversation("ana", "bob", "cleo")
        bob_decides(world, 1)
        world.connect("bob", world.conversation("bob", "ana"))
        ana = world.connect("ana", group)
        permit(world, "ana", *GRANTED)
        first = world.read(ana).json()["messages"][0]["id"]
        attach(world, "bob", group)
        [file] = world.read(ana, f"?after={first}").json()["messages"][0]["attachments"]
        given = {"conversation": ana.refs[0], "message": first, "attachment": file["id"]}
        given["written"] = write(world, ana).json()["message"]["id"]
        bob = lets_know(world, "bob")
        press(world, opened_form(world), "bob")
        yield world, given, {"jukebox": ana, "marquee": bob}


def asked(stage: Stage, example: str) -> Any:
    """Send a request as it stands in the guide, with what its placeholders stand for."""
    world, given, who = stage
    for name, value in given.items():
        example = example.replace(f"{{{name}}}", value)
    head, _, body = example.partition("\n\n")
    (method, path), *fields = [line.split(" ", 1) for line in head.strip().splitlines()]
    partner = "marquee" if "recommendations" in path else "jukebox"
    token = None if path.startswith(("/v1/receipts", "/v1/counters")) else who[partner].token
    sent = body.strip().encode()
    headers = world.headers(partner, method, path, sent, token)
    more = {name.rstrip(":").lower(): value for name, value in fields}
    return world.send(method, path, {**headers, **more}, sent, "application/json")


def shape(value: Any) -> Any:
    """Return what kind of value it is, and of all that is in it; a list by its first."""
    if isinstance(value, dict):
        return {name: shape(one) for name, one in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else type(value).__name__


def agrees(said: Any, shown: Any) -> bool:
    """Say whether an answer is as an example shows; names of counts and what may be there differ."""
    if isinstance(said, dict) and isinstance(shown, dict):
        return said.keys() >= shown.keys() and all(agrees(said[name], shown[name]) for name in shown)
    if isinstance(said, list) and isinstance(shown, list):
        return bool(said) and agrees(said[0], shown[0])
    return said == shown or "NoneType" in (said, shown)


@pytest.mark.parametrize(("request_", "answer"), EXAMPLES, ids=[one.split("\n")[0] for one, _ in EXAMPLES])
def test_an_operation_is_answered_as_the_guide_shows(stage: Stage, request_: str, answer: str) -> None:
    given = asked(stage, request_)

    assert given.status_code in {200, 201}, given.text
    said = given.json()
    assert agrees(shape(said), shape(json.loads(answer))), (said, answer)


def test_every_operation_of_the_api_is_in_the_guide(stage: Stage) -> None:
    docs = "".join(page.read_text() for page in GUIDE.parent.glob("*.md"))
    paths = stage[0].get(None, "/openapi.json").json()["paths"]
    shown = {(line.split()[0], line.split()[1].partition("?")[0]) for line, _ in EXAMPLES}

    for path, item in paths.items():
        for method in item if path.startswith("/v1/") else ():
            named = path.replace("messages/{message}", "messages/{written}")
            assert (method.upper(), named) in shown or f"{method.upper()} {path}" in docs, (method, path)
