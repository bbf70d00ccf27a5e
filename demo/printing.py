"""How the story looks in a terminal: acts, lines, a bar where something takes long, verdicts, a table."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

COLOURS = {
    "Ana": "magenta",
    "Bob": "blue",
    "Cleo": "green",
    "Dan": "yellow",
    "Eva": "cyan",
    "Marquee": "bright_red",
    "Jukebox": "bright_blue",
    "Vestibule": "bold",
    "Gazette": "bright_cyan",
    "Union": "bright_cyan",
}
ANSWERS = {"proven yes": "bold yellow", "proven no": "bold green", "not provable": "bold magenta"}
NAME_WIDTH = 10
QUESTION_WIDTH = 52
ANSWER_WIDTH = 14


class Printer:
    """Prints the story."""

    def __init__(self) -> None:
        plain = Console()
        # Piped output has no width of its own; lines would otherwise break at 80 columns.
        self.console = plain if plain.is_terminal else Console(width=max(plain.width, 160))
        self._acts = 0

    def act(self, title: str) -> None:
        """Begin an act."""
        self._acts += 1
        self.console.print()
        self.console.print(Text.assemble((f"{self._acts}. ", "dim"), (title, "bold")))

    def line(self, who: str, what: str) -> None:
        """Say what somebody does."""
        self.console.print(Text.assemble(("  " + who.ljust(NAME_WIDTH), COLOURS.get(who, "")), what))

    def quote(self, who: str, what: str) -> None:
        """Say what somebody writes."""
        self.line(who, f"“{what}”")

    def refusal(self, who: str, what: str) -> None:
        """Say that somebody is refused."""
        self.console.print(
            Text.assemble(
                ("  " + who.ljust(NAME_WIDTH), COLOURS.get(who, "")), what, ("  refused", "bold red")
            )
        )

    def warn(self, what: str) -> None:
        """Say what is not as usual."""
        self.console.print(Text(what, "yellow"))

    def error(self, what: str) -> None:
        """Say what went wrong."""
        self.console.print(Text(what, "bold red"))

    def verdict(self, question: str, answer: str, summary: str) -> None:
        """Print one verdict in one line, aligned with the others."""
        brackets = f"({summary})" if summary else ""
        self.console.print(
            Text.assemble(
                question.ljust(QUESTION_WIDTH),
                " ",
                (answer.ljust(ANSWER_WIDTH), ANSWERS.get(answer, "")),
                brackets,
            ),
            soft_wrap=True,
        )

    def plain(self, what: str, style: str = "") -> None:
        """Print a line that may be copied, unbroken."""
        self.console.print(Text(what, style), soft_wrap=True)

    def table(self, title: str, columns: Iterable[str], rows: Iterable[tuple[str, ...]]) -> None:
        """Print a table."""
        table = Table(title=title, title_justify="left", title_style="bold")
        for column in columns:
            table.add_column(column, no_wrap=True)
        for row in rows:
            table.add_row(*row)
        self.console.print()
        self.console.print(table)

    @contextmanager
    def bar(self, what: str, total: int) -> Iterator[Callable[[int], None]]:
        """Show how far something of so many bytes has come; gives what is told of each step."""
        columns = (SpinnerColumn(), TextColumn("  {task.description}"), BarColumn(), DownloadColumn())
        with Progress(
            *columns, console=self.console, transient=True, disable=not self.console.is_terminal
        ) as progress:
            task = progress.add_task(what, total=total)
            yield lambda done: progress.advance(task, done)
