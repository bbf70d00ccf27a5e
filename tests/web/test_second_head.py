"""What `--second-head` is for: a platform on an old copy of its data folder does not start."""

import asyncio
import shutil
from pathlib import Path

import pytest

from vestibule.ledger import tags
from vestibule.recorder.drafts import Append, Draft
from vestibule.recorder.errors import LogRefusesToStart
from vestibule.web.platform import close_platform, open_platform
from vestibule.web.settings import Settings

REFUSAL = Draft("refusal", "messages.read", "jukebox", tags.SHARED, tags.NOBODY, 0)


async def run_and_record(settings: Settings) -> None:
    platform = await open_platform(settings)
    try:
        await platform.recorder.append(Append((REFUSAL,)))
    finally:
        await close_platform(platform)


def test_a_platform_on_an_old_data_folder_is_refused_by_its_second_head(tmp_path: Path) -> None:
    head = tmp_path / "another volume" / "head"
    head.parent.mkdir()
    settings = Settings(
        tmp_path / "data", "http://vestibule.example", "vestibule.example/log", second_head=head
    )
    asyncio.run(run_and_record(settings))
    assert head.read_bytes() == (settings.data / "log" / "checkpoint").read_bytes()
    shutil.copytree(settings.data, tmp_path / "backup")
    asyncio.run(run_and_record(settings))
    shutil.rmtree(settings.data)
    (tmp_path / "backup").rename(settings.data)
    with pytest.raises(LogRefusesToStart, match=r"expected the second head .* was an old backup restored"):
        asyncio.run(run_and_record(settings))
