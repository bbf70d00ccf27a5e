"""schemathesis makes requests out of our own OpenAPI: no 5xx, and no answer that it does not tell of."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.gate.a_platform import ORIGIN, Connected, World

CHECKS: Any = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
ENDLESS = "/api/events"
LAST = ("/v1/own-suspension", "/v1/redirect-uris")
"""After these, everything would be refused; for the same reason what is in order comes after what is not."""
EXAMPLES = 25
KEPT = ("method", "url", "params", "data", "json", "headers")

Signs = Callable[[World, Connected, requests.PreparedRequest], dict[str, str]]


def as_jukebox(world: World, ana: Connected, request: requests.PreparedRequest) -> dict[str, str]:
    return signed(world, request, ana.token)


def without_a_token(world: World, _ana: Connected, request: requests.PreparedRequest) -> dict[str, str]:
    return signed(world, request, None)


def with_a_token_that_never_was(
    world: World, _ana: Connected, request: requests.PreparedRequest
) -> dict[str, str]:
    return signed(world, request, "vst_never")


def unsigned(_world: World, _ana: Connected, request: requests.PreparedRequest) -> dict[str, str]:
    return {name: str(value) for name, value in request.headers.items() if name.lower() != "content-length"}


def signed(world: World, request: requests.PreparedRequest, token: str | None) -> dict[str, str]:
    """Put a partner's own signature and proof in the place of what was made up."""
    target = str(request.url).removeprefix(ORIGIN)
    headers = world.headers("jukebox", str(request.method), target, body_of(request), token=token)
    return {**headers, "idempotency-key": f'"{next(world.numbers)}"'} if request.method in KEYED else headers


def body_of(request: requests.PreparedRequest) -> bytes:
    body: Any = request.body or b""
    return body.encode() if isinstance(body, str) else bytes(body)


KEYED = ("POST", "DELETE")
SIGNED = (as_jukebox, as_jukebox, without_a_token, with_a_token_that_never_was, unsigned)
"""Half of the requests are in order."""


@pytest.mark.parametrize("mode", [GenerationMode.NEGATIVE, GenerationMode.POSITIVE])
def test_every_answer_is_one_that_the_document_tells_of(
    world: World, ana: Connected, mode: GenerationMode
) -> None:
    schema: Any = schemathesis.openapi.from_dict(without_signatures(world.get(None, "/openapi.json").json()))
    seen: set[int] = set()
    operations = [found.ok() for found in schema.get_all_operations()]
    for operation in sorted(operations, key=lambda one: one.path in LAST):
        can_be_wrong = operation.body or operation.query or operation.definition.raw.get("security")
        if operation.path != ENDLESS and (can_be_wrong or mode is GenerationMode.POSITIVE):
            seen |= try_out(world, ana, operation.as_strategy(generation_mode=mode))
    assert seen >= {200, 400, 401, 403, 404}


def without_signatures(document: dict[str, Any]) -> dict[str, Any]:
    """Leave out the fields that a signature is made of: they are made here, and not made up."""
    for item in document["paths"].values():
        for operation in item.values():
            given = operation.get("parameters", [])
            operation["parameters"] = [one for one in given if one["in"] != "header"]
    return document


def try_out(world: World, ana: Connected, cases: Any) -> set[int]:
    """Ask as the cases say; returns the statuses of the answers, all of which the document tells of."""
    seen: set[int] = set()

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )
    @given(cases, st.booleans(), st.sampled_from(SIGNED))
    def ask(case: Any, known: bool, signs: Signs) -> None:  # noqa: FBT001  (drawn)
        if known and "conversation" in case.path_parameters:
            case.path_parameters["conversation"] = ana.refs[0]
        answer = answer_to(world, ana, signs, case)
        seen.add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    ask()
    return seen


def answer_to(world: World, ana: Connected, signs: Signs, case: Any) -> httpx2.Response:
    """Send a case to the application, its path and body just as schemathesis would have sent them."""
    made = case.as_transport_kwargs(base_url=ORIGIN)
    kept = {name: value for name, value in made.items() if name in KEPT}
    request = requests.Request(**kept).prepare()
    headers = signs(world, ana, request)
    if "content-type" in request.headers:
        headers["content-type"] = str(request.headers["content-type"])
    client = world.people["ana"].client if case.path.startswith("/api/") else world.nobody
    target = httpx2.URL(ORIGIN, raw_path=str(request.url).removeprefix(ORIGIN).encode())
    answer: httpx2.Response = world.run(
        client.request(str(request.method), target, content=body_of(request), headers=headers)
    )
    return answer
