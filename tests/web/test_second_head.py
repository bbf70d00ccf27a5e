"""A platform on an old copy of its data folder does not start, nor without those who can tell."""

import asyncio
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.recorder.a_witness import AWitness
from vestibule.ledger import tags
from vestibule.recorder.drafts import Append, Draft
from vestibule.recorder.errors import LogRefusesToStart
from vestibule.recorder.keys import load_keys
from vestibule.web.platform import close_platform, open_platform
from vestibule.web.settings import Settings

REFUSAL = Draft("refusal", "messages.read", "jukebox", tags.SHARED, tags.NOBODY, 0)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(tmp_path / "data", "http://vestibule.example", "vestibule.example/log")


@pytest.fixture
def guarded(settings: Settings, tmp_path: Path) -> Settings:
    head = tmp_path / "another volume" / "head"
    head.parent.mkdir()
    return replace(settings, second_head=head)


async def run_and_record(settings: Settings) -> None:
    platform = await open_platform(settings)
    try:
        await platform.recorder.append(Append((REFUSAL,)))
    finally:
        await close_platform(platform)


async def run_witnessed(settings: Settings) -> None:
    """Run with a witness that has forgotten what it saw before."""
    witness = AWitness("w", load_keys(settings.data / "keys", settings.log_origin).signing.verifier)
    await witness.start()
    file = settings.data.with_name("witnesses.txt")
    file.write_text(f"{witness.line}quorum w\n")
    try:
        await run_and_record(replace(settings, witnesses=file, witnessing="synchronous"))
    finally:
        await witness.stop()


def backup(data: Path) -> Callable[[], None]:
    """Copy the data folder; what is returned puts the copy back."""
    copy = data.with_name("backup")
    shutil.copytree(data, copy)

    def restore() -> None:
        shutil.rmtree(data)
        copy.rename(data)

    return restore


def test_a_platform_on_an_old_data_folder_is_refused_by_its_second_head(guarded: Settings) -> None:
    asyncio.run(run_and_record(guarded))
    assert guarded.second_head is not None
    assert guarded.second_head.read_bytes() == (guarded.data / "log" / "checkpoint").read_bytes()
    restore = backup(guarded.data)
    asyncio.run(run_and_record(guarded))
    restore()

    with pytest.raises(LogRefusesToStart, match=r"expected the second head .* was an old backup restored"):
        asyncio.run(run_and_record(guarded))


def test_an_old_data_folder_does_not_start_with_its_second_head_left_out(guarded: Settings) -> None:
    asyncio.run(run_and_record(guarded))
    restore = backup(guarded.data)
    asyncio.run(run_and_record(guarded))
    restore()
    shown = (guarded.data / "log" / "checkpoint").read_bytes()
    head, mark = guarded.second_head, guarded.data / "log.second-head"

    message = f"second head at {head}; add --second-head {head}, or remove {mark} if it is given up"
    with pytest.raises(LogRefusesToStart, match=re.escape(message)):
        asyncio.run(run_and_record(replace(guarded, second_head=None)))

    assert (guarded.data / "log" / "checkpoint").read_bytes() == shown


def test_a_second_head_can_be_given_up(guarded: Settings) -> None:
    asyncio.run(run_and_record(guarded))
    (guarded.data / "log.second-head").unlink()

    asyncio.run(run_and_record(replace(guarded, second_head=None)))


def test_a_second_head_given_by_a_relative_path_is_named_by_a_whole_one(
    guarded: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    asyncio.run(run_and_record(replace(guarded, second_head=Path("another volume/head"))))

    assert (guarded.data / "log.second-head").read_text() == f"{guarded.second_head}\n"


def test_an_old_data_folder_does_not_start_with_its_witnesses_left_out(settings: Settings) -> None:
    asyncio.run(run_witnessed(settings))
    restore = backup(settings.data)
    asyncio.run(run_witnessed(settings))
    restore()

    message = f"add --witnesses FILE, or remove {settings.data / 'log.witnesses'} to go on without them"
    with pytest.raises(LogRefusesToStart, match=re.escape(message)):
        asyncio.run(run_and_record(settings))


def test_a_log_starts_again_with_its_witnesses_and_can_give_them_up(settings: Settings) -> None:
    asyncio.run(run_witnessed(settings))
    asyncio.run(run_witnessed(settings))
    (settings.data / "log.witnesses").unlink()

    asyncio.run(run_and_record(settings))


def test_a_start_that_is_refused_leaves_no_mark(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "witnesses.txt"
    file.write_text("witness a\n")

    with pytest.raises(LogRefusesToStart, match="line 1"):
        asyncio.run(run_and_record(replace(settings, witnesses=file, witnessing="synchronous")))

    assert not (settings.data / "log.witnesses").exists()
