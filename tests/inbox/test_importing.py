import asyncio
import hashlib
import json
import secrets
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.inbox import sample_export as sample
from tests.inbox.conftest import NOW, Opened, Place
from vestibule.inbox import conversations, facebook, imported_threads, importing, messages, projection
from vestibule.inbox.errors import BadExport
from vestibule.inbox.extra import Reaction, extra_of
from vestibule.inbox.importing import ImportReport, Problem, import_export
from vestibule.inbox.memory import memory_of
from vestibule.inbox.message import Message
from vestibule.store import Tx


def ignore(_done: int, _total: int) -> None:
    pass


async def imported(place: Place, user_id: int, source: Path) -> ImportReport:
    return await import_export(
        place.store,
        place.blobs,
        user_id=user_id,
        own_name=sample.ME,
        source=source,
        now=NOW,
        progress=ignore,
    )


async def threads_of(place: Place, user_id: int) -> dict[str, tuple[Message, ...]]:
    lines = await conversations.inbox_of(place.store, user_id)
    return {line.title: await messages.page(place.store, line.conversation_id, limit=200) for line in lines}


def test_a_zip_in_the_old_layout_is_taken_over_with_texts_repaired_and_in_order(
    place: Opened, tmp_path: Path
) -> None:
    source = sample.write_zip(tmp_path / "facebook-zoe.zip", sample.two_threads())

    async def story() -> None:
        async with place() as here:
            zoe = await here.person("zoe")
            report = await imported(here, zoe, source)
            assert (report.threads, report.messages, report.photos) == (2, 15, 1)
            threads = await threads_of(here, zoe)
            assert list(threads) == [sample.BOB, "Band 🎸"]
            with_bob = threads[sample.BOB]
            assert [message.seq for message in with_bob] == list(range(1, 14))
            assert [message.body for message in with_bob[:2]] == ["Größe? 😀 naïve", "42 ❤️"]
            assert with_bob[-1].body == "last"
            assert (with_bob[0].sender_id, with_bob[0].sender_name) == (0, sample.BOB)
            assert (with_bob[1].sender_id, with_bob[1].sender_name) == (zoe, sample.ME)
            assert with_bob[1].sent_at == (sample.START_MS + 1) * 1000
            assert [message.body for message in with_bob[10:12]] == ["same moment"] * 2

    asyncio.run(story())


def test_what_a_message_carries_besides_text_is_kept(place: Opened, tmp_path: Path) -> None:
    source = sample.write_folder(tmp_path / "export", sample.two_threads("your_facebook_activity/"))

    async def story() -> None:
        async with place() as here:
            zoe = await here.person("zoe")
            report = await imported(here, zoe, source)
            extras = [extra_of(message) for message in (await threads_of(here, zoe))[sample.BOB]]
            digest = hashlib.sha256(sample.JPEG).hexdigest()
            assert extras[1].reactions == (Reaction("❤", sample.BOB),)
            assert [(photo.sha256, photo.type) for photo in extras[2].photos] == [(digest, "image/jpeg")]
            assert here.blobs.get(f"attachments/{digest}") == sample.JPEG
            assert (extras[3].missing[0].kind, extras[3].missing[0].name) == ("photo", "gone.jpg")
            assert (extras[4].link, extras[4].link_text) == ("https://films.example/1", "Ein schöner Film")
            assert extras[5].unsent
            assert extras[6].call_seconds == 93
            assert [part.kind for extra in extras[7:10] for part in extra.missing] == [
                "video",
                "sticker",
                "audio",
                "gif",
            ]
            assert [problem.reason for problem in report.problems] == ["not in the export"]

    asyncio.run(story())


def test_importing_the_same_export_twice_adds_nothing(place: Opened, tmp_path: Path) -> None:
    source = sample.write_zip(tmp_path / "export.zip", sample.two_threads())

    async def story() -> None:
        async with place() as here:
            zoe = await here.person("zoe")
            await imported(here, zoe, source)
            before = await threads_of(here, zoe)
            report = await imported(here, zoe, source)
            assert (report.threads, report.messages, report.photos) == (0, 0, 0)
            assert await threads_of(here, zoe) == before

    asyncio.run(story())


def test_a_person_imports_once_at_a_time(place: Opened, tmp_path: Path) -> None:
    source = sample.write_zip(tmp_path / "export.zip", sample.two_threads())

    async def story() -> None:
        async with place() as here:
            zoe = await here.person("zoe")
            both = await asyncio.gather(
                *(imported(here, zoe, source) for _ in range(2)), return_exceptions=True
            )
            refused = [one for one in both if isinstance(one, BadExport)]
            assert [str(one) for one in refused] == [
                "expected one import at a time, another one of yours is still running"
            ]
            assert [len(thread) for thread in (await threads_of(here, zoe)).values()] == [13, 2]
            assert (await imported(here, zoe, source)).messages == 0

    asyncio.run(story())


def test_imports_of_several_persons_take_turns(
    place: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = sample.write_zip(tmp_path / "export.zip", sample.two_threads())
    running: list[int] = []
    most = 0
    original = importing._import_all

    async def counted(importer: importing._Importer, *rest: Any) -> ImportReport:
        nonlocal most
        running.append(importer.user_id)
        most = max(most, len(running))
        report = await original(importer, *rest)
        running.remove(importer.user_id)
        return report

    async def story() -> None:
        async with place() as here:
            persons = [await here.person(name) for name in ("anna", "bob", "zoe")]
            monkeypatch.setattr(importing, "_import_all", counted)
            reports = await asyncio.gather(*(imported(here, person, source) for person in persons))
            assert [report.messages for report in reports] == [15, 15, 15]
            assert most == 1

    asyncio.run(story())


def test_a_thread_that_grew_gets_only_what_is_new(place: Opened, tmp_path: Path) -> None:
    folder = "messages/inbox/bob_1"
    old = [sample.text(sample.BOB, at, f"no {at}") for at in range(5)]
    new = [*old, sample.text(sample.ME, 7, "new"), sample.text(sample.BOB, 4, "same sender and moment")]
    new.sort(key=lambda message: int(message["timestamp_ms"]))

    async def story() -> None:
        async with place() as here:
            zoe = await here.person("zoe")
            await imported(here, zoe, sample.write_zip(tmp_path / "1.zip", sample.thread_files(folder, old)))
            grown = sample.write_zip(tmp_path / "2.zip", sample.thread_files(folder, new, per_file=3))
            report = await imported(here, zoe, grown)
            assert (report.threads, report.messages) == (1, 2)
            bodies = [message.body for message in (await threads_of(here, zoe))[sample.BOB]]
            assert bodies == [*[f"no {at}" for at in range(5)], "same sender and moment", "new"]

    asyncio.run(story())


def test_a_malformed_file_is_named_and_nothing_of_its_thread_is_taken(place: Opened, tmp_path: Path) -> None:
    files = sample.two_threads()
    bad = "messages/inbox/bobdvorak_5tq2wabc/message_2.json"
    files[bad] = files[bad][:-40]

    async def story() -> None:
        async with place() as here:
            zoe = await here.person("zoe")
            report = await imported(here, zoe, sample.write_zip(tmp_path / "export.zip", files))
            assert [problem.file for problem in report.problems] == [bad]
            assert "truncated" in report.problems[0].reason
            assert list(await threads_of(here, zoe)) == ["Band 🎸"]

    asyncio.run(story())


def test_an_import_that_broke_off_shows_nothing_of_the_thread_and_is_finished_by_the_next(
    place: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [sample.text(sample.BOB, at, f"no {at}") for at in range(700)]
    source = sample.write_zip(
        tmp_path / "export.zip", sample.thread_files("messages/inbox/b_1", many, per_file=300)
    )
    original, calls = importing._append, 0

    async def breaking(*args: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise OSError("the power went")
        await original(*args)  # type: ignore[arg-type]  # the arguments of the original

    async def story() -> None:
        async with place() as here:
            zoe = await here.person("zoe")
            monkeypatch.setattr(importing, "_append", breaking)
            with pytest.raises(OSError, match="power"):
                await imported(here, zoe, source)
            assert await threads_of(here, zoe) == {}
            await projection.recover_projection(here.store)
            assert await threads_of(here, zoe) == {}
            monkeypatch.undo()
            assert (await imported(here, zoe, source)).messages == 400
            line = (await conversations.inbox_of(here.store, zoe))[0]
            assert (line.last_seq, line.unread) == (700, 0)
            newest = await messages.page(here.store, line.conversation_id, limit=2)
            assert [message.body for message in newest] == ["no 698", "no 699"]

    asyncio.run(story())


def test_a_thread_whose_inbox_row_was_lost_in_a_crash_is_shown_as_read_at_the_next_start(
    place: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages_of_bob = [sample.text(sample.BOB, at, "hé") for at in range(3)]
    source = sample.write_zip(tmp_path / "e.zip", sample.thread_files("messages/inbox/b_1", messages_of_bob))

    class Crashed:
        @staticmethod
        async def drain(_store: object) -> None:
            raise OSError("the power went")

    async def story() -> None:
        async with place() as here:
            zoe = await here.person("zoe")
            monkeypatch.setattr(imported_threads, "projection", Crashed)
            with pytest.raises(OSError, match="power"):
                await imported(here, zoe, source)
            monkeypatch.undo()
        async with place() as here:
            assert await conversations.inbox_of(here.store, zoe) == ()
            await projection.recover_projection(here.store)
            (line,) = await conversations.inbox_of(here.store, zoe)
            assert (line.title, line.last_seq, line.unread) == (sample.BOB, 3, 0)

    asyncio.run(story())


def test_an_import_never_lands_in_a_conversation_whose_id_it_happens_to_draw(
    place: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = sample.write_zip(tmp_path / "export.zip", sample.two_threads())

    async def story() -> None:
        async with place() as here:
            conversation, anna, bob = await here.pair()
            await here.send(conversation, anna, "k", "between us")
            zoe = await here.person("zoe")
            taken = conversation % (1 << 22)
            drawn = iter([taken, taken, taken - 1, taken - 1, *range(1000)])
            monkeypatch.setattr(secrets, "randbits", lambda _: next(drawn))
            assert (await imported(here, zoe, source)).threads == 2
            assert await conversations.members(here.store, conversation) == tuple(sorted((anna, bob)))
            assert [message.body for message in await messages.page(here.store, conversation)] == [
                "between us"
            ]
            threads = await threads_of(here, zoe)
            assert [len(threads[title]) for title in (sample.BOB, "Band 🎸")] == [13, 2]

    asyncio.run(story())


@pytest.mark.parametrize("whose", ["a pair's", "another's import", "nobody's"])
def test_a_claim_that_names_no_thread_of_ones_own_is_refused(
    place: Opened, tmp_path: Path, whose: str
) -> None:
    source = sample.write_zip(tmp_path / "export.zip", sample.two_threads())

    async def story() -> None:
        async with place() as here:
            pair, anna, _ = await here.pair()
            await imported(here, anna, source)
            lines = await conversations.inbox_of(here.store, anna)
            theirs = next(line.conversation_id for line in lines if line.kind == "imported")
            named = {"a pair's": pair, "another's import": theirs, "nobody's": 5}[whose]
            before = await conversations.members(here.store, named)
            zoe = await here.person("zoe")

            async def claim_it(tx: Tx) -> None:
                band = "facebook:archived_threads/band_77"
                await tx.run(imported_threads._CLAIM, user_id=zoe, source=band, conversation_id=named)

            await here.store.write(claim_it)
            report = await imported(here, zoe, source)
            assert "no such imported conversation" in report.problems[0].reason
            assert list(await threads_of(here, zoe)) == [sample.BOB]
            memory_of(here.store).conversations.forget(named)
            assert await conversations.members(here.store, named) == before

    asyncio.run(story())


def test_nobody_else_is_a_member_of_an_imported_thread(place: Opened, tmp_path: Path) -> None:
    source = sample.write_zip(tmp_path / "export.zip", sample.two_threads())

    async def story() -> None:
        async with place() as here:
            zoe = await here.person("zoe")
            await imported(here, zoe, source)
            for line in await conversations.inbox_of(here.store, zoe):
                assert line.kind == "imported"
                assert await conversations.members(here.store, line.conversation_id) == (zoe,)

    asyncio.run(story())


def test_progress_is_told_after_each_thread(place: Opened, tmp_path: Path) -> None:
    source = sample.write_zip(tmp_path / "export.zip", sample.two_threads())
    told: list[tuple[int, int]] = []

    async def story() -> None:
        async with place() as here:
            await import_export(
                here.store,
                here.blobs,
                user_id=await here.person("zoe"),
                own_name=sample.ME,
                source=source,
                now=NOW,
                progress=lambda done, total: told.append((done, total)),
            )

    asyncio.run(story())
    assert told == [(1, 2), (2, 2)]


def test_a_name_that_nobody_has_is_said(place: Opened, tmp_path: Path) -> None:
    source = sample.write_zip(tmp_path / "export.zip", sample.two_threads())

    async def story() -> tuple[Problem, ...]:
        async with place() as here:
            report = await import_export(
                here.store,
                here.blobs,
                user_id=await here.person("zoe"),
                own_name="Somebody",
                source=source,
                now=NOW,
                progress=ignore,
            )
            return report.problems

    assert any("nobody in it is called 'Somebody'" in problem.reason for problem in asyncio.run(story()))


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"readme.txt": b"hi"}, "found none"),
        ({"messages/inbox/bob_1/message_1.html": b"<html>"}, "got HTML"),
    ],
)
def test_what_holds_no_threads_is_refused(
    place: Opened, tmp_path: Path, files: Mapping[str, bytes], reason: str
) -> None:
    source = sample.write_zip(tmp_path / "export.zip", files)

    async def story() -> None:
        async with place() as here:
            with pytest.raises(BadExport, match=reason):
                await imported(here, await here.person("zoe"), source)

    asyncio.run(story())


def test_a_picture_that_is_no_picture_is_left_out(place: Opened, tmp_path: Path) -> None:
    files = sample.two_threads()
    path = "messages/inbox/bobdvorak_5tq2wabc/photos/beach.jpg"
    files[path] = b"<script>alert(1)</script>"

    async def story() -> None:
        async with place() as here:
            zoe = await here.person("zoe")
            report = await imported(here, zoe, sample.write_zip(tmp_path / "export.zip", files))
            assert report.photos == 0
            assert path in [problem.file for problem in report.problems]

    asyncio.run(story())


def test_a_picture_outside_the_export_is_never_read(place: Opened, tmp_path: Path) -> None:
    (tmp_path / "secret.jpg").write_bytes(sample.JPEG)
    folder = "messages/inbox/bob_1"
    photos = [{"uri": uri} for uri in ("../secret.jpg", str(tmp_path / "secret.jpg"), "link.jpg")]
    files = sample.thread_files(folder, [sample.bare(sample.BOB, 1, photos=photos)])
    source = sample.write_folder(tmp_path / "export", files)
    (source / "link.jpg").symlink_to(tmp_path / "secret.jpg")

    async def story() -> None:
        async with place() as here:
            report = await imported(here, await here.person("zoe"), source)
            assert report.photos == 0
            assert [problem.reason for problem in report.problems] == ["not in the export"] * 3

    asyncio.run(story())


def test_a_file_that_is_too_large_is_refused(
    place: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = sample.two_threads()
    monkeypatch.setattr(importing, "MOST_FILE_BYTES", 1000)

    async def story() -> None:
        async with place() as here:
            report = await imported(
                here, await here.person("zoe"), sample.write_zip(tmp_path / "e.zip", files)
            )
            assert "expected at most 1000 bytes, got more" in report.problems[0].reason

    asyncio.run(story())


def test_a_zip_that_is_none_is_refused(place: Opened, tmp_path: Path) -> None:
    (tmp_path / "export.zip").write_bytes(b"PK\x03\x04 not really")

    async def story() -> None:
        async with place() as here:
            with pytest.raises(BadExport, match="expected a zip or a folder"):
                await imported(here, await here.person("zoe"), tmp_path / "export.zip")

    asyncio.run(story())


def test_a_broken_member_of_a_zip_costs_its_thread_only(place: Opened, tmp_path: Path) -> None:
    source = sample.write_zip(tmp_path / "export.zip", sample.two_threads())
    with zipfile.ZipFile(source) as archive:
        info = archive.getinfo("messages/archived_threads/band_77/message_1.json")
    data = bytearray(source.read_bytes())
    data[info.header_offset + 30 + len(info.filename) + 5] ^= 0xFF
    source.write_bytes(data)

    async def story() -> None:
        async with place() as here:
            zoe = await here.person("zoe")
            report = await imported(here, zoe, source)
            assert report.problems[0].file == info.filename
            assert list(await threads_of(here, zoe)) == [sample.BOB]

    asyncio.run(story())


def test_the_sample_is_garbled_as_the_real_export_is() -> None:
    data = sample.two_threads()["messages/archived_threads/band_77/message_1.json"]
    assert b"h\\u00c3\\u00a9" in data
    assert json.loads(data)["messages"][0]["sender_name"] == sample.ME.encode().decode("latin-1")
    assert facebook.repaired("h\u00c3\u00a9") == "hé"
