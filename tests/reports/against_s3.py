"""`make s3`: engagement events in a bucket of moto's server, a process on loopback, beside a folder.

Exits 1 unless both hold the same and give the same tables, and a bucket that is away loses nothing.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

from pyarrow import fs

from tests.ports import free_ports
from tests.reports.a_story import FORTNIGHT, TV, WEB, Story
from vestibule.reports.events import Events, FolderEvents
from vestibule.reports.recomputing import table_of, wide_table_of
from vestibule.reports.s3 import S3Events
from vestibule.store import open_store

SERVER = Path(".cache/s3/bin/moto_server")
OPTIONS = "region=us-east-1&scheme=http&allow_bucket_creation=true&endpoint_override=127.0.0.1"
OTHER = "of-another-prefix"


def main() -> int:
    """Try; 0 if all is as it should be."""
    os.environ |= {"AWS_ACCESS_KEY_ID": "nobody", "AWS_SECRET_ACCESS_KEY": "nothing"}
    port = free_ports()
    with (
        tempfile.TemporaryDirectory(prefix="vestibule-s3-") as folder,
        subprocess.Popen(
            [str(SERVER), "-H", "127.0.0.1", "-p", str(port)], stderr=subprocess.DEVNULL
        ) as server,
        asyncio.Runner() as runner,
    ):
        try:
            _until_up(f"http://127.0.0.1:{port}/", server)
            return _try(Path(folder), runner, f"{OPTIONS}:{port}")
        finally:
            server.terminate()


def _try(folder: Path, runner: asyncio.Runner, options: str) -> int:
    filesystem, _ = fs.FileSystem.from_uri(f"s3://kept?{options}")
    bucket, kept = S3Events(f"s3://kept/events/?{options}"), FolderEvents(folder / "events")
    story = Story(runner, runner.run(open_store(folder / "data")), bucket)
    try:
        _tell(story)
        away = _ends_in_an_error(story)
        filesystem.create_dir("kept")
        story.events = bucket
        taken = story.flush()
        S3Events(f"s3://kept/{OTHER}?{options}").put(FORTNIGHT.first, 1, b"")
        _copy(filesystem, folder / "events")
        right = {
            "a bucket that is away is an error, and all stays staged": away and taken == 8,
            "the same batch again takes its place": _again(filesystem, bucket),
            "the table is that of a folder": _same(bucket, kept),
            "days without events have none": bucket.read(None, range(FORTNIGHT.first - 3, FORTNIGHT.first))
            is None,
        }
    finally:
        runner.run(story.store.close())
    for what, is_so in right.items():
        print(f"{'ok' if is_so else 'NOT SO':<8}{what}")
    return 0 if all(right.values()) else 1


def _tell(story: Story) -> None:
    for day in (FORTNIGHT.first, FORTNIGHT.last):
        story.tell("dialog", day, WEB)
        story.tell("send", day, WEB, recipient_kind="friend", person=bytes(16))
        story.tell("click", day, WEB, recipient_kind="friend", person=bytes(16))
        story.tell("dialog", day, TV)


def _ends_in_an_error(story: Story) -> bool:
    try:
        story.flush()
    except OSError:
        return True
    return False


def _objects(filesystem: fs.FileSystem) -> list[str]:
    looked = fs.FileSelector("kept/events", recursive=True)
    return sorted(info.path for info in filesystem.get_file_info(looked) if info.is_file)


def _copy(filesystem: fs.FileSystem, folder: Path) -> None:
    for path in _objects(filesystem):
        _, _, day, name = path.split("/")
        (folder / day).mkdir(parents=True)
        with filesystem.open_input_stream(path) as stream:
            (folder / day / name).write_bytes(stream.read())


def _again(filesystem: fs.FileSystem, bucket: S3Events) -> bool:
    before = _objects(filesystem)
    with filesystem.open_input_stream(before[0]) as stream:
        bucket.put(FORTNIGHT.first, int(before[0].split("/")[-1].split(".")[0]), stream.read())
    return len(before) == 2 and _objects(filesystem) == before


def _same(bucket: Events, kept: Events) -> bool:
    tables = [table_of(events, "marquee", FORTNIGHT) for events in (bucket, kept)]
    wide = [wide_table_of(events, "marquee", FORTNIGHT) for events in (bucket, kept)]
    return tables[0] == tables[1] and wide[0] == wide[1] and (len(tables[0]), len(wide[0])) == (4, 6)


def _until_up(address: str, server: "subprocess.Popen[bytes]") -> None:
    while server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=60).close()  # noqa: S310  (http on loopback)
        except OSError:
            continue
        return
    raise SystemExit(f"moto's server ended with {server.returncode}")


if __name__ == "__main__":
    sys.exit(main())
