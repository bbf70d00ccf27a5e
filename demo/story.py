"""The story, act by act, and the table of who is where afterwards."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from demo.acts import arrival, checking, reading, recommending, writing
from demo.cast import Cast
from demo.people import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from demo.printing import Printer
    from demo.stage import Stage
    from demo.verdicts import Question


def play(stage: Stage, printer: Printer) -> tuple[Question, ...]:
    """Play it and return what was asked of the log; raises DemoError where it goes otherwise."""
    with _assembled(stage, printer) as cast:
        arrival.register(cast)
        arrival.sign_up(cast)
        writing.between_two(cast)
        writing.in_group(cast)
        writing.bring_along(cast)
        recommending.send(cast)
        recommending.click(cast)
        reading.connect(cast)
        reading.overreach(cast)
        reading.file_counts(cast)
        return checking.ask(cast)


@contextmanager
def _assembled(stage: Stage, printer: Printer) -> Iterator[Cast]:
    cast = Cast(stage, printer)
    cast.assemble()
    try:
        yield cast
    finally:
        for person in cast.people.values():
            person.browser.close()


def show_doors(stage: Stage, printer: Printer) -> None:
    """Print where everything is, and who may sign in."""
    printer.table(
        "Addresses",
        ("what", "where"),
        (
            ("Vestibule", stage.platform),
            ("Register of partners", f"{stage.platform}/register"),
            ("The log", f"{stage.platform}/log"),
            ("Marquee (films)", f"{stage.homes['marquee']}/films/{recommending.FILM}"),
            ("Jukebox (music)", stage.homes["jukebox"]),
            ("Jukebox's console (as eva)", f"{stage.platform}/console/jukebox"),
            ("For developers", f"{stage.platform}/docs/api"),
        ),
    )
    notes = {
        "ana": "let Jukebox into one conversation",
        "bob": "his words were withheld",
        "cleo": "recommended a film",
        "dan": "clicked on it",
        "eva": "imported her old messages; acts for Jukebox",
    }
    rows = tuple((handle, PASSWORD, note) for handle, note in notes.items())
    printer.table("Sign in as", ("handle", "password", "who"), rows)
