"""Changing what a connection permits: the person agrees to another grant, and the token goes on."""

import dataclasses
from collections.abc import Callable
from typing import Any

from tests.gate.a_platform import ORIGIN, PURPOSE, TODAY, Connected, World
from vestibule.connections import granting, listing, proposing
from vestibule.connections.grants import Grant, Permission, Scope
from vestibule.ledger.agreement import Password
from vestibule.partners import register


def change(world: World, who: str, changed: Callable[[Grant], Grant]) -> None:
    """Let a person agree to something else than she has agreed to with Jukebox."""
    person, platform = world.people[who].account, world.platform
    connection = world.run(listing.connection_with(world.store, person.user_id, "jukebox"))
    proposed = proposing.propose(
        world.store,
        platform.recorder,
        secret=platform.gate.secret,
        origin=ORIGIN,
        person=person,
        grant=changed(connection.grant),
        privilege_until=TODAY + 1000,
        now=world.clock(),
    )
    agreeing = granting.connect(
        world.store,
        platform.outbox,
        platform.recorder,
        person=person,
        proposal=world.run(proposed),
        agreement=Password(),
        now=world.clock(),
    )
    world.run(agreeing)


def reselect(world: World, who: str, **fields: Any) -> None:
    """Change what a person's connection reaches."""
    change(
        world,
        who,
        lambda grant: dataclasses.replace(grant, selection=dataclasses.replace(grant.selection, **fields)),
    )


def permit(world: World, who: str, *scopes: Scope) -> None:
    """Change what a person's connection permits."""
    permissions = []
    for scope in scopes:
        held = world.run(register.privilege(world.store, "jukebox", scope))
        if held is None or held.state != "held":
            assert world.allow("jukebox", scope=scope.value).status_code == 201
            held = world.run(register.privilege(world.store, "jukebox", scope))
        permissions.append(Permission(scope, PURPOSE, held.leaf_index))
    change(world, who, lambda grant: dataclasses.replace(grant, permissions=tuple(permissions)))


def connected_with(world: World, who: str, conversation: int, *scopes: Scope) -> Connected:
    """Connect a person with Jukebox, for exactly these scopes in one conversation."""
    connected = world.connect(who, conversation)
    permit(world, who, *scopes)
    return connected
