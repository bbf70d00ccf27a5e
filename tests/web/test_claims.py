"""The claim page answers what `vestibule verify` answers, and hands out what shows it."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zipfile import ZipFile

import pytest

from tests.gate.a_platform import DAY, READ, TODAY, World, opened
from tests.web.conftest import text_of
from vestibule.cli import main
from vestibule.verdict.log_view import LogView
from vestibule.verdict.receipt import open_receipt
from vestibule.verdict.trust import trust
from vestibule.web import replaying
from vestibule.web.replaying import Replays

QUESTIONS = [
    {"partner": "jukebox", "question": "could"},
    {"partner": "marquee", "question": "could", "scope": READ},
    {"partner": "jukebox", "question": "could", "scope": "friends.list"},
    {"partner": "jukebox", "question": "was-served"},
    {"partner": "marquee", "question": "was-served"},
    {"partner": "jukebox", "question": "afterwards"},
    {"partner": "jukebox", "question": "could", "from": "2026-11-23", "to": "2026-11-23"},
    {"partner": "jukebox", "question": "was-served", "from": "2026-11-23", "to": "2026-12-31"},
    {"partner": "marquee", "question": "was-served", "from": "2001-01-01", "to": "2001-01-01"},
]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with opened(tmp_path_factory.mktemp("platform")) as world:
        talk = world.conversation("ana", "bob")
        assert world.read(world.connect("ana", talk)).status_code == 200
        world.now += DAY
        assert world.register("later").status_code == 201
        yield world


def asked(question: dict[str, str], path: str = "/claims") -> str:
    return f"{path}?{urlencode(question)}"


def proof_of(world: World, question: dict[str, str]) -> dict[str, bytes]:
    answer = world.get(None, asked(question, "/claims/proof"))
    assert answer.headers["content-type"] == "application/zip"
    with ZipFile(BytesIO(answer.content)) as archive:
        return {name.removeprefix("proof/"): archive.read(name) for name in archive.namelist()}


def command_on(page: str) -> list[str]:
    found = re.search(r"^vestibule (verify .*?)</pre>", page, re.DOTALL | re.MULTILINE)
    assert found is not None
    return unescape(found[1]).split()


def run_here(world: World, words: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path) -> str:
    """Run a command of the page over the folder that is served, with the policy that is served."""
    policy = tmp_path / "policy"
    policy.write_bytes(world.get(None, "/log/policy").content)
    here = {"http://platform.test/log": str(world.data / "log"), "policy": str(policy)}
    capsys.readouterr()
    main.main([here.get(word, word) for word in words])
    return capsys.readouterr().out


@pytest.mark.parametrize("question", QUESTIONS)
def test_page_proof_and_command_give_one_answer(
    world: World, question: dict[str, str], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page = world.get(None, asked(question)).text
    printed = run_here(world, [*command_on(page), "--json"], capsys, tmp_path)
    verdict = json.loads(printed)

    assert proof_of(world, question)["verdict.json"].decode() == printed
    shown = " ".join(unescape(re.sub(r"<[^>]*>", "", page)).split())
    for said in (
        verdict["trusts"],
        verdict["question"],
        verdict["answer"],
        *verdict["findings"],
        *verdict["rests_on"],
    ):
        assert " ".join(said.split()) in shown
    assert world.get(None, "/log/checkpoint").text.split("\n")[2] in page


def test_the_proof_has_the_checkpoint_and_a_receipt_of_every_leaf_that_is_named(world: World) -> None:
    files = proof_of(world, QUESTIONS[0])
    named = re.findall(r"leaf (\d+):", json.loads(files["verdict.json"])["findings"][0])
    assert files["checkpoint"] == world.get(None, "/log/checkpoint").content
    assert sorted(name for name in files if name.startswith("receipts/")) == [
        f"receipts/leaf-{index}.tlog-proof" for index in named
    ]
    receipt = open_receipt(files[f"receipts/leaf-{named[0]}.tlog-proof"], trust(files["policy"]))
    assert receipt.index == int(named[0])
    assert '"k":"privilege"' in receipt.text


def test_a_recorded_answer_comes_with_receipts_of_the_reads_it_counts(world: World) -> None:
    files = proof_of(world, QUESTIONS[3])
    assert json.loads(files["verdict.json"])["answer"] == "recorded"
    receipts = [text for name, text in files.items() if name.startswith("receipts/")]
    shown = [open_receipt(text, trust(files["policy"])).text for text in receipts]
    assert shown
    assert all('"k":"access"' in text and '"p":"jukebox"' in text for text in shown)
    assert b"vestibule verify receipt receipts/" in files["README.txt"]


@pytest.mark.parametrize("question", [QUESTIONS[4], QUESTIONS[5]])
def test_a_proof_without_receipts_promises_none(world: World, question: dict[str, str]) -> None:
    files = proof_of(world, question)
    assert not [name for name in files if name.startswith("receipts/")]
    assert b"receipt" not in files["README.txt"]


def test_a_proof_is_not_taken_for_a_dispute_bundle(
    world: World, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "claim-proof.zip"
    path.write_bytes(world.get(None, asked(QUESTIONS[3], "/claims/proof")).content)
    assert main.main(["verify", str(path)]) == 4
    said = "this is a claim page's proof, not a dispute bundle; its README.txt says how to check it"
    assert capsys.readouterr().err == f"vestibule verify: {said}\n"


def test_the_same_proof_is_the_same_bytes(world: World) -> None:
    address = asked(QUESTIONS[3], "/claims/proof")
    assert world.get(None, address).content == world.get(None, address).content


def test_without_a_question_there_is_the_form_and_no_answer(world: World) -> None:
    page = world.get(None, "/claims?partner=marquee").text
    assert '<option value="marquee" selected>' in page
    assert "Rests on" not in page
    assert '<datalist id="scope-choices"><option value="messages.read">' in page


def test_a_question_about_a_person_leads_to_her_own_file(world: World) -> None:
    page = world.get(None, asked({"partner": "jukebox", "question": "history"})).text
    assert "needs your own file" in text_of(page)
    assert "verify history --partner jukebox --person FILE --log http://platform.test/log" in page
    assert "Rests on" not in page


@pytest.mark.parametrize(
    ("changed", "status", "sentence"),
    [
        ({"partner": "nobody"}, 404, "No partner “nobody” is on the register."),
        ({"partner": "<b>"}, 400, "Choose a partner from the list."),
        ({"partner": ""}, 400, "Choose a partner from the list."),
        ({"question": "everything"}, 400, "Choose one of the four questions."),
        ({"scope": "messages.read; rm -rf /"}, 400, "A scope is written in small letters"),
        (
            {"scope": "message.read"},
            404,
            "no scope 'message.read' in this log's vocabulary; known: messages.read, ",
        ),
        ({"scope": "x" * 65}, 400, "A scope is written in small letters"),
        ({"from": "yesterday", "to": "2026-11-23"}, 400, "“yesterday” is no date"),
        ({"from": "2026-11-23", "to": "2026-13-01"}, 400, "“2026-13-01” is no date"),
        ({"from": "2026-11-24", "to": "2026-11-23"}, 400, "The last day lies before the first."),
        ({"from": "2026-11-24"}, 400, "Give both days, or neither."),
        ({"to": "2026-11-24"}, 400, "Give both days, or neither."),
        ({"from": "1969-12-31", "to": "1969-12-31"}, 400, "is no date"),
    ],
)
def test_bad_input_is_answered_by_a_sentence(
    world: World, changed: dict[str, str], status: int, sentence: str
) -> None:
    question = {"partner": "jukebox", "question": "could", **changed}
    answer = world.get(None, asked(question))
    assert answer.status_code == status
    assert sentence in unescape(text_of(answer.text))
    assert "<b>" not in answer.text
    assert "Rests on" not in answer.text
    assert world.get(None, asked(question, "/claims/proof")).status_code == 303


class Watched:
    """The log's files, and how often each was asked for."""

    def __init__(self, blobs: Any) -> None:
        self.blobs = blobs
        self.asked: Counter[str] = Counter()

    def put(self, path: str, data: bytes) -> None:
        self.blobs.put(path, data)

    def replace(self, path: str, data: bytes) -> None:
        self.blobs.replace(path, data)

    def get(self, path: str) -> bytes | None:
        self.asked[path] += 1
        data: bytes | None = self.blobs.get(path)
        return data


def test_a_hundred_visitors_cost_one_replay(world: World) -> None:
    blobs = Watched(world.platform.log_blobs)
    replays = Replays(blobs, world.platform.recorder)

    async def crowd() -> list[LogView]:
        return await asyncio.gather(*(replays.newest() for _ in range(100)))

    first, *others = world.run(crowd())
    assert all(other is first for other in others)
    replays._fresh_until = 0
    assert world.run(replays.newest()).history is first.history
    assert blobs.asked[f"tile/entries/000.p/{world.size()}"] == 1


def test_a_visitor_who_leaves_does_not_end_the_replay_of_the_others(world: World) -> None:
    replays = Replays(world.platform.log_blobs, world.platform.recorder)

    async def one_leaves() -> LogView:
        impatient, patient = (asyncio.ensure_future(replays.newest()) for _ in range(2))
        await asyncio.sleep(0)
        impatient.cancel()
        return await patient

    assert world.run(one_leaves()).size == world.size()


def test_a_log_that_grew_is_replayed_again(world: World) -> None:
    replays = Replays(world.platform.log_blobs, world.platform.recorder)
    before = world.run(replays.newest()).size
    world.signed("jukebox", "GET", "/v1/connection", token="no such token")
    replays._fresh_until = 0
    grown = world.run(replays.newest())
    assert len(grown.entries) == grown.history.size == before + 1 == world.size()


def test_a_partner_that_is_newer_than_the_replay_is_asked_about_again_later(world: World) -> None:
    world.get(None, asked(QUESTIONS[0]))
    replays = world.platform.replays
    replays._fresh_until = float("inf")
    try:
        assert world.register("newest").status_code == 201
        question = {"partner": "newest", "question": "could"}
        answer = world.get(None, asked(question))
        assert answer.status_code == 503
        assert "“newest” has just come onto the register" in unescape(text_of(answer.text))
    finally:
        replays._fresh_until = 0
    assert "proven no" in text_of(world.get(None, asked(question)).text)


def test_a_log_too_long_for_the_page_is_left_to_the_command(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "MOST_LEAVES", 3)
    monkeypatch.setattr(world.platform.replays, "_newest", None)
    monkeypatch.setattr(world.platform.replays, "_fresh_until", 0)
    answer = world.get(None, asked(QUESTIONS[0]))
    assert answer.status_code == 200
    assert "Not on this page" in answer.text
    assert "vestibule verify could --partner jukebox" in answer.text
    assert world.get(None, asked(QUESTIONS[0], "/claims/proof")).status_code == 303


def test_a_published_log_that_does_not_hold_has_no_answer(world: World) -> None:
    replays = world.platform.replays
    tile = world.data / "log" / "tile" / "entries" / f"000.p/{world.size()}"
    good = tile.read_bytes()
    tile.chmod(0o600)
    tile.write_bytes(good.replace(b"Marquee", b"Mraquee"))
    replays._newest, replays._fresh_until = None, 0
    try:
        answer = world.get(None, asked(QUESTIONS[0]))
        replays._fresh_until = float("inf")
        assert world.get(None, asked(QUESTIONS[3])).status_code == 503
    finally:
        tile.write_bytes(good)
        replays._fresh_until = 0
    assert answer.status_code == 503
    assert "the published log does not pass the check: tile/entries/" in text_of(answer.text)
    assert "Rests on" not in answer.text


def test_the_day_that_is_open_is_not_provable(world: World) -> None:
    today = {"partner": "marquee", "question": "was-served", "from": "2026-11-24", "to": "2026-11-24"}
    assert (TODAY + 1) * 86_400 == 1795478400
    page = text_of(world.get(None, asked(today)).text)
    assert "not provable" in page
    assert "the period is not closed" in page
