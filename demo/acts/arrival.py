"""The operator registers two partners; five people sign up and become friends."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from demo.operator import Operator

if TYPE_CHECKING:
    from demo.cast import Cast

FRIENDS = (("Ana", "Bob"), ("Ana", "Cleo"), ("Cleo", "Bob"), ("Dan", "Cleo"), ("Eva", "Ana"))


def register(cast: Cast) -> None:
    """Put both partners on the register; only Jukebox gets a privilege."""
    cast.printer.act("Two companies go onto the public register")
    with closing(Operator(cast.stage)) as operator:
        for partner in ("marquee", "jukebox"):
            cast.printer.line(partner.title(), operator.register(partner))
        cast.printer.line("Jukebox", operator.grant_reading("jukebox"))
    cast.printer.line("Marquee", "has no privilege: it may ask nobody for anything")


def sign_up(cast: Cast) -> None:
    """Sign up everybody, and make friends."""
    cast.printer.act("Five people sign up and become friends")
    for person in cast.people.values():
        cast.printer.line(person.name, person.arrive())
    for asking, asked in FRIENDS:
        new = cast[asking].befriend(cast[asked])
        cast.printer.line(
            asking, f"asks {asked}, who accepts" if new else f"and {asked} are friends from before"
        )
    with closing(Operator(cast.stage)) as operator:
        cast.printer.line("Eva", operator.add_member("jukebox", cast["Eva"].handle))
