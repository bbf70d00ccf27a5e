"""Spectral, a linter that is not ours, has nothing to say about our OpenAPI document."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests import npm
from vestibule.web import api_docs
from vestibule.web.app import build
from vestibule.web.settings import Settings

HERE = Path(__file__).resolve().parent
NAME = "@stoplight/spectral-cli"
RULES = 'extends: ["spectral:oas"]\n'


@pytest.fixture(scope="module")
def spectral() -> Path:
    """Fetch the pinned npm packages, unless an earlier run did; without npm skip, but in CI fail."""
    version: str = json.loads((HERE / "package.json").read_text())["dependencies"][NAME]
    home = npm.CACHE / "openapi" / version
    if not home.is_dir():
        try:
            with npm.folder_that_becomes(home) as unfinished:
                npm.install(HERE, unfinished / "npm")
        except npm.CommandFailedError as error:
            if os.environ.get("CI") == "true":
                pytest.fail(f"no {NAME}: {error}")
            pytest.skip(f"no {NAME}: {error}")
    return home / "npm" / "node_modules" / NAME / "dist" / "index.js"


def said_of(spectral: Path, document: dict[str, Any], folder: Path) -> list[dict[str, Any]]:
    """Lint a document; returns the findings, warnings and hints too."""
    (folder / "openapi.json").write_text(json.dumps(document))
    (folder / "rules.yaml").write_text(RULES)
    found = folder / "found.json"
    options = ["-r", "rules.yaml", "-f", "json", "-o", str(found)]
    command = [str(npm.NODE), str(spectral), "lint", "openapi.json", *options]
    npm.run(command, cwd=folder, timeout=120)
    told: list[dict[str, Any]] = json.loads(found.read_text())
    return told


@pytest.mark.slow
def test_spectral_finds_nothing_in_the_document_and_something_in_a_worse_one(
    spectral: Path, tmp_path: Path
) -> None:
    application: Any = build(
        Settings(tmp_path / "data", "https://vestibule.example", "vestibule.example/log")
    )
    document = api_docs.described(application._app._app)

    assert said_of(spectral, document, tmp_path) == []

    del document["paths"]["/v1/friends"]["get"]["description"]
    assert [one["code"] for one in said_of(spectral, document, tmp_path)] == ["operation-description"]
