"""Ana and Bob take their files, somebody copies the log, and the four questions are asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx2

from demo import verdicts
from demo.errors import DemoError
from demo.verdicts import Question
from vestibule.tlog.layout import new_tiles
from vestibule.tlog.policy import Policy
from vestibule.tlog.tiles import read_entries

if TYPE_CHECKING:
    from pathlib import Path

    from demo.cast import Cast


def ask(cast: Cast) -> tuple[Question, ...]:
    """Ask four processes that know nothing but published files; returns what was asked."""
    cast.printer.act("What can be proven about the two, from the public log alone")
    work = cast.stage.work
    log = f"{cast.stage.platform}/log"
    policy = work / "policy"
    policy.write_bytes(httpx2.get(f"{log}/policy").raise_for_status().content)
    files = {name: _take_file(cast, name) for name in ("Ana", "Bob")}
    copy, size = _copy_log(log, policy.read_text(), work / "log")
    cast.printer.line("Ana", "and Bob download their own files; Bob copies the log as well")
    cast.printer.line(
        "Vestibule", f"has {size} leaves in its log; the policy that names its key is the operator's"
    )
    cast.printer.line("Gazette", "has cosigned every one of them, before anything went out")
    cast.printer.line("Union", "too, each time after it had replayed the log")
    cast.printer.console.print()
    public = ("--log", log, "--policy", str(policy))
    offline = ("--log", str(copy), "--policy", str(policy))
    questions = (
        Question(("could", "--partner", "marquee", *public), "proven no", "no privilege, 0 connections"),
        Question(
            ("was-served", "--partner", "jukebox", "--opening", str(files["Ana"]), *public),
            "proven yes",
            _served(cast),
        ),
        Question(
            (
                "history",
                "--partner",
                "jukebox",
                "--person",
                str(files["Bob"]),
                "--called",
                "Bob",
                *offline,
            ),
            "proven no",
            "0 of Bob's 0 events; rests on an honest gate or an honest Jukebox",
        ),
        Question(("afterwards", "--partner", "jukebox", *public), "not provable", ""),
    )
    verdicts.ask(questions, cast.printer)
    _bundle(cast, log, policy, files["Ana"])
    return questions


def _bundle(cast: Cast, log: str, policy: Path, person: Path) -> None:
    """Let Ana put everything into one zip, and answer the questions from it alone."""
    bundle = cast.stage.work / "bundle.zip"
    bundle.unlink(missing_ok=True)
    about = ("--partner", "jukebox", "--log", log, "--policy", str(policy), "--person", str(person))
    verdicts.run("bundle", *about, "--called", "Ana", "-o", str(bundle))
    answered = json.loads(verdicts.run("verify", str(bundle), "--json"))
    answer = answered["verdicts"]["history"]["answer"]
    if answer != "proven yes" or answered["differing"]:
        raise DemoError(f"expected the bundle to prove Ana's history, got {answer}: {answered}")
    cast.printer.console.print()
    cast.printer.line(
        "Ana", f"puts log, policy, receipts and her file into one zip, {bundle.stat().st_size} bytes"
    )
    cast.printer.line("", "It answers the same without a network, and has a page that a judge can read")


def _served(cast: Cast) -> str:
    reads, messages = cast.served
    if reads == 1:
        return f"1 read, {messages} messages, signed by Jukebox; at most 1 connected person"
    return f"{reads} reads, {messages} messages, signed by Jukebox; at most "


def _take_file(cast: Cast, name: str) -> Path:
    person = cast[name]
    file = cast.stage.work / f"vestibule-{person.handle}.json"
    file.write_bytes(person.browser.download(f"{person.platform}/apps/person-file"))
    return file


def _copy_log(log: str, policy: str, to: Path) -> tuple[Path, int]:
    """Copy the checkpoint and every tile and entry bundle below it; returns where to, and how many leaves."""
    with httpx2.Client() as http:

        def fetch(path: str, name: str = "") -> bytes:
            answer = http.get(f"{log}/{path}")
            if not answer.is_success:
                raise FileNotFoundError(path)
            file = to / (name or path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(answer.content)
            return answer.content

        note = fetch("checkpoint.witnessed", "checkpoint").decode()
        checkpoint = Policy.parse(policy).verify(note).checkpoint
        for tile in new_tiles(0, checkpoint.size):
            fetch(tile.path)
        return to, sum(1 for _ in read_entries(fetch, checkpoint))
