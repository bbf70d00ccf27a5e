"""`vestibule report` from a partner's counters to the log, and what can be checked of it afterwards."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.web.conftest import TODAY, App, House, Person, befriend, recommend, register_app, serving
from vestibule.cli.main import main
from vestibule.ledger.fortnight import Fortnight
from vestibule.sdk.engagement import Engagement
from vestibule.web.platform import system_clock

Printed = pytest.CaptureFixture[str]

OVER = Fortnight.of(Fortnight.of(TODAY).first - 1)
"""The fortnight before the one that today is in."""
BACK = (TODAY - OVER.first) * 86_400


@dataclass
class Story:
    """A platform, a partner's folder, and how far the platform's clock is behind, in seconds."""

    folder: Path
    behind: int = 0
    house: House = field(init=False)
    app: App = field(init=False)

    def clock(self) -> int:
        return system_clock() - self.behind * 1_000_000

    def report(self, act: str, *more: str) -> int:
        words = ["--partner", "marquee", "--platform", self.house.origin, "--period", OVER.label]
        key = ["--seed", "app.seed", "--key-id", self.app.key_id] if act != "build" else []
        policy = ["--policy", "policy.txt"] if act == "file" else []
        return main(["report", act, "report.csv", *words, *key, *policy, *more])

    def operator(self, *words: str) -> int:
        return main(["operator", *words, "--data", str(self.house.data), "--platform", self.house.origin])


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """A fortnight ago, Ana sent two recommendations of Marquee's; now that fortnight is over."""
    story = Story(tmp_path_factory.mktemp("partner"), BACK)
    with serving(tmp_path_factory.mktemp("house"), "127.0.0.1", story.clock) as story.house:
        story.app = register_app(story.house, "marquee", "Marquee")
        ana, bob = (Person(name.lower(), name, story.house.browser()) for name in ("Ana", "Bob"))
        for person in (ana, bob):
            person.does("/signup", handle=person.handle, name=person.name, password="a door with a fanlight")
        befriend(ana, bob)
        for note in ("for Sunday", "or Monday"):
            recommend(story.house, story.app, ana, to=bob, note=note)
        (story.folder / "app.seed").write_bytes(story.app.seed)
        (story.folder / "policy.txt").write_bytes(ana.browser.get("/log/policy").content)
        with Engagement(story.folder / "counts.jsonl", clock=lambda: story.clock() / 1e6) as counts:
            counts.sent("one")
        story.behind = 0
        yield story
        for person in (ana, bob):
            person.browser.close()


def test_a_report_goes_from_the_partners_counters_into_the_log(
    story: Story, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    monkeypatch.chdir(story.folder)
    assert story.report("build", "--counts", "counts.jsonl") == 0
    assert story.report("sign") == 0
    capsys.readouterr()
    assert story.report("file") == 0
    said = capsys.readouterr().out
    assert f"edition 1 of {OVER.label} differs" in said
    assert "sends 1 (platform 2)" in said
    with Engagement(Path("counts.jsonl"), clock=lambda: story.clock() / 1e6 - BACK) as counts:
        counts.sent("the one that was forgotten")
    for act, *more in (("build", "--counts", "counts.jsonl"), ("sign",), ("file",)):
        assert story.report(act, *more, "--edition", "2") == 0
    assert f"edition 2 of {OVER.label} agrees" in capsys.readouterr().out
    assert main(["verify", "receipt", "report.csv.tlog-proof", "--policy", "policy.txt"]) == 0
    assert "agrees with what the platform counted" in capsys.readouterr().out
    held_to_the_log(story, capsys)


def held_to_the_log(story: Story, capsys: Printed) -> None:
    """An auditor gets both tables with their keys, and needs nobody to check them."""
    assert story.operator("report-keys", "marquee", OVER.label) == 0
    first, second = json.loads(capsys.readouterr().out)["editions"]
    assert first["ours"]["table"] == second["theirs"]["table"] == second["ours"]["table"]
    for side, whose in ((first["ours"], "the platform's own count"), (first["theirs"], "what marquee filed")):
        Path("shown.csv").write_text(side["table"])
        assert verify(story, side["key"]) == 0
        assert f"holds it as {whose}" in capsys.readouterr().out
    assert verify(story, first["ours"]["key"]) == 1
    assert "holds this table under this key" in capsys.readouterr().out
    assert verify(story, "AAAA") == 2


def verify(story: Story, key: str) -> int:
    words = ["--partner", "marquee", "--period", OVER.label, "--table", "shown.csv", "--key", key]
    log = ["--log", str(story.house.data / "log"), "--policy", "policy.txt"]
    return main(["verify", "report", *words, *log])


def test_what_is_wrong_is_said_and_nothing_is_filed(
    story: Story, monkeypatch: pytest.MonkeyPatch, capsys: Printed
) -> None:
    monkeypatch.chdir(story.folder)
    Path("report.csv").write_text("day,interface,surface,variant,sends,clicks\n2026-01-01,,,,-1,0\n")
    assert story.report("sign", "--edition", "9") == 0
    assert story.report("file", "--edition", "9") == 2
    assert "row 2, column day: expected a day of the period" in capsys.readouterr().err
    Path("report.csv").write_text("day,interface,surface,variant,sends,clicks\n")
    assert story.report("file", "--edition", "9") == 1
    assert "signature: expected one by the key" in capsys.readouterr().err
    Path("report.csv.jws").unlink()
    assert story.report("file") == 2
    assert "report.csv.jws: no such file" in capsys.readouterr().err


def test_the_operator_sets_by_how_much_reports_may_differ(story: Story, capsys: Printed) -> None:
    assert story.operator("report-tolerance", "marquee", "5") == 0
    assert "may differ by 5 % from now on" in capsys.readouterr().out
    assert story.operator("report-tolerance", "marquee", "101") == 1
    assert "Not for a report: tolerance: expected 0 to 100 percent" in capsys.readouterr().err
    assert story.operator("report-keys", "nobody", OVER.label) == 1
    assert story.operator("report-keys", "marquee", "2026-W02") == 1
    assert "the first week of a fortnight" in capsys.readouterr().err
