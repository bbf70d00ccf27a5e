"""How much each person has attached, so that nobody fills the disk. Touches attached and attached_file."""

from collections.abc import Iterable

from vestibule.inbox.errors import BadFiles
from vestibule.inbox.extra import File
from vestibule.store import Store, Tx

MOST_BYTES = 500 * 1024 * 1024
"""Of all files of one person; the same file again costs nothing."""

ADD_FILE = """
    insert into attached_file (user_id, sha256) values (:user_id, :sha256)
    on conflict (user_id, sha256) do nothing
"""
BYTES = "select bytes from attached where user_id = :user_id"
ADD_BYTES = """
    insert into attached (user_id, bytes) values (:user_id, :bytes)
    on conflict (user_id) do update set bytes = attached.bytes + excluded.bytes
"""
FORGET_FILES = "delete from attached_file where user_id = :user_id"
FORGET = "delete from attached where user_id = :user_id"


async def count(store: Store, user_id: int, files: Iterable[File]) -> None:
    """Count files for a person before they are kept. They stay counted if their message is never written.

    Raises:
        BadFiles: if it would be too much; nothing is counted then.
    """
    sizes = {bytes.fromhex(file.sha256): file.size for file in files}

    async def work(tx: Tx) -> None:
        new = 0
        for sha256, size in sizes.items():
            new += size if await tx.run(ADD_FILE, user_id=user_id, sha256=sha256) else 0
        row = await tx.one(BYTES, user_id=user_id)
        left = MOST_BYTES - (0 if row is None else row[0])
        if new > left:
            raise BadFiles(
                f"all files that you have ever sent may have {MOST_BYTES:,} bytes together; "
                f"expected at most {max(left, 0):,} more, got {new:,}"
            )
        await tx.run(ADD_BYTES, user_id=user_id, bytes=new)

    await store.write(work)


async def forget(store: Store, user_id: int) -> None:
    """Forget what a deleted person attached; her messages keep their files."""

    async def work(tx: Tx) -> None:
        await tx.run(FORGET_FILES, user_id=user_id)
        await tx.run(FORGET, user_id=user_id)

    await store.write(work)
