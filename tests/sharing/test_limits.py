"""What a person may send through one partner counts at its largest, however often a dialog is sent."""

import asyncio
from pathlib import Path

import pytest

from vestibule.sharing import limits
from vestibule.sharing.errors import TooManySent
from vestibule.sharing.limits import HOUR, Limits
from vestibule.store.sqlite import open_store

LIMITS = Limits(dialogs_an_hour=3, recipients_a_day=25)


def test_the_same_dialog_sent_again_to_fewer_frees_no_room(tmp_path: Path) -> None:
    async def work() -> None:
        store = await open_store(tmp_path)

        async def take(dialog: bytes, recipients: int, partner: str = "marquee", now: int = 9 * HOUR) -> None:
            await limits.take(
                store,
                LIMITS,
                user_id=1,
                partner_id=partner,
                dialog_hash=dialog,
                recipients=recipients,
                now=now,
            )

        await take(b"one", 20)
        await take(b"one", 1)
        with pytest.raises(TooManySent, match="25 recipients in 24 hours"):
            await take(b"two", 6)
        await take(b"two", 5)
        await take(b"another app", 20, "echo")
        with pytest.raises(TooManySent, match="through apps"):
            await take(b"a third app", 6, "jukebox")
        await store.close()

    asyncio.run(work())


def test_an_hour_holds_so_many_and_the_next_hour_more(tmp_path: Path) -> None:
    async def work() -> None:
        store = await open_store(tmp_path)

        async def take(number: int, now: int) -> None:
            await limits.take(
                store,
                LIMITS,
                user_id=1,
                partner_id="marquee",
                dialog_hash=bytes([number]),
                recipients=1,
                now=now,
            )

        for number in range(3):
            await take(number, 9 * HOUR)
        with pytest.raises(TooManySent, match="3 recommendations an hour"):
            await take(3, 9 * HOUR + 1)
        await take(3, 10 * HOUR + 1)
        await store.close()

    asyncio.run(work())
