"""The partner API's description says what the API does."""

from typing import Any

import pytest

from vestibule.web import api_docs, hot_docs
from vestibule.web.app import build
from vestibule.web.settings import Settings

SIGNED = {"content-digest", "signature-input", "signature"}


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("described")
    application: Any = build(Settings(folder, "http://127.0.0.1:1", "described.test/log"))
    hot = application._app
    return api_docs.described(hot._app)


def test_it_is_openapi_3_1_and_names_the_hot_routes(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert set(hot_docs.HOT_PATHS) <= set(document["paths"])


def test_every_operation_of_version_1_says_how_it_is_signed_and_what_can_go_wrong(
    document: dict[str, Any],
) -> None:
    operations = [
        operation
        for path, item in document["paths"].items()
        if path.startswith("/v1/")
        for operation in item.values()
    ]

    assert len(operations) >= 9
    for operation in operations:
        assert {"400", "401", "429", "503"} <= set(operation["responses"])
        headers = {given["name"].lower() for given in operation["parameters"] if given["in"] == "header"}
        assert headers >= SIGNED


def test_what_needs_a_token_needs_its_proof_too_and_says_how_a_dead_one_is_answered(
    document: dict[str, Any],
) -> None:
    operations = [
        operation
        for path, item in document["paths"].items()
        if path.startswith("/v1/")
        for operation in item.values()
    ]
    for operation in operations:
        proof = [given for given in operation["parameters"] if given["name"] == "DPoP"]
        assert [given["required"] for given in proof] == [True] * ("security" in operation)
        content = operation["responses"]["401"]["content"]["application/problem+json"]
        body = document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
        assert {"code", "receipts"} <= set(body["properties"])
        assert not {"code", "receipts"} & set(body["required"])


def test_no_operation_is_described_by_a_phrase_of_http(document: dict[str, Any]) -> None:
    assert "Request fulfilled, document follows" not in str(document)
