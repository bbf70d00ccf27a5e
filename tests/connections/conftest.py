"""One platform for each module: its tests use connections and conversations of their own."""

from collections.abc import Iterator

import pytest

from tests.gate.a_platform import World, opened


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("platform")) as platform:
        yield platform


@pytest.fixture(scope="module")
def group(world: World) -> int:
    conversation = world.conversation("ana", "bob", "cleo")
    world.says("ana", conversation, "hello again")
    return conversation
