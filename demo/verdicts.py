"""Asks `vestibule verify`, each question in a process of its own, and holds it to what the story expects."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from demo.errors import DemoError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from demo.printing import Printer

TIMEOUT = 60
EXIT_USAGE = 2
EXIT_BAD = 4


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and what has to come out.

    Attributes:
        arguments: of `vestibule verify`.
        answer: proven yes, proven no or not provable.
        summary: how the brackets begin.
    """

    arguments: tuple[str, ...]
    answer: str
    summary: str

    @property
    def command(self) -> str:
        """What a reader types to see the whole explanation."""
        return shlex.join((".venv/bin/vestibule", "verify", *self.arguments))


def ask(questions: Sequence[Question], printer: Printer) -> None:
    """Ask all at once, and print a line each."""
    running = [(question, _start(question)) for question in questions]
    wrong = []
    for question, process in running:
        out, complaint = process.communicate(timeout=TIMEOUT)
        if process.returncode == EXIT_BAD or not out:
            raise DemoError(f"{question.command}: exit {process.returncode}, {complaint.strip()}")
        verdict = json.loads(out)
        printer.verdict(verdict["question"], verdict["answer"], verdict["summary"])
        if verdict["answer"] != question.answer or not verdict["summary"].startswith(question.summary):
            wrong.append(f"{verdict['question']} expected {question.answer} ({question.summary})")
    if wrong:
        raise DemoError("; ".join(wrong))


def run(*arguments: str) -> str:
    """Run another command to its end and return what it says; raises DemoError if something does not hold."""
    command = [sys.executable, "-m", "vestibule.cli.main", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    if done.returncode in {EXIT_USAGE, EXIT_BAD} or not done.stdout:
        raise DemoError(f"vestibule {shlex.join(arguments)}: exit {done.returncode}, {done.stderr.strip()}")
    return done.stdout


def show_commands(questions: Sequence[Question], printer: Printer) -> None:
    """Say how to see each verdict in full."""
    printer.console.print()
    printer.plain("The verdicts in full, with what each rests on:", "bold")
    for question in questions:
        printer.plain(question.command)


def _start(question: Question) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "vestibule.cli.main", "verify", *question.arguments, "--json"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
