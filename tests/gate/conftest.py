"""One platform for each module: its tests use connections and conversations of their own."""

from collections.abc import Iterator

import pytest

from tests.gate.a_platform import SECRET, Connected, World, opened


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("platform")) as platform:
        yield platform


@pytest.fixture
def ana(world: World) -> Connected:
    """Ana's connection to a new group with Bob and Cleo, in which everybody wrote."""
    group = world.conversation("ana", "bob", "cleo")
    world.says("ana", group, SECRET)
    world.says("bob", group, "Bob's own words")
    world.says("ana", group, "and another")
    return world.connect("ana", group)
