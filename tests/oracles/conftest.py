"""One big log for all of these tests, and the strangers that read it."""

import json
import os
from pathlib import Path

import pytest

from tests import npm
from tests.oracles.a_log import PublishedLog, publish

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="session")
def big(tmp_path_factory: pytest.TempPathFactory) -> PublishedLog:
    """Publish 70,000 entries once."""
    return publish(tmp_path_factory.mktemp("log"))


@pytest.fixture(scope="session")
def sigstore() -> Path:
    """Fetch the pinned npm packages, unless an earlier run did; without npm skip, but in CI fail."""
    version: str = json.loads((HERE / "package.json").read_text())["dependencies"]["@sigstore/verify"]
    home = npm.CACHE / "oracles" / version
    if not home.is_dir():
        try:
            with npm.folder_that_becomes(home) as unfinished:
                npm.install(HERE, unfinished / "npm")
        except npm.CommandFailedError as error:
            if os.environ.get("CI") == "true":
                pytest.fail(f"no @sigstore/verify: {error}")
            pytest.skip(f"no @sigstore/verify: {error}")
    return home / "npm" / "node_modules"
