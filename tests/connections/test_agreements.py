"""A person's word about her own words."""

from tests.gate.a_platform import World
from vestibule.connections import agreements


def test_who_said_nothing_has_not_agreed(world: World) -> None:
    assert world.run(agreements.agreed_of(world.store, 1)) == {}
    assert world.run(agreements.agreed_among(world.store, [1, 2], "jukebox")) == frozenset()


def test_the_last_word_counts_for_its_own_partner(world: World) -> None:
    for agreed in (1, 0, 1):
        world.run(agreements.set_agreed(world.store, 3, "jukebox", agreed, world.now))
    world.run(agreements.set_agreed(world.store, 4, "jukebox", 1, world.now))
    world.run(agreements.set_agreed(world.store, 4, "jukebox", 0, world.now))
    world.run(agreements.set_agreed(world.store, 5, "echo", 1, world.now))

    assert world.run(agreements.agreed_among(world.store, [3, 4, 5], "jukebox")) == {3}
    assert world.run(agreements.agreed_of(world.store, 4)) == {"jukebox": False}
