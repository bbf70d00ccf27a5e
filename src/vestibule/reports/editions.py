"""The editions of a report: kept first, on record once their leaf is published. Touches the table `report`.

An edition that is kept is meant: its leaf is tried again until it stands (`reports.closing`), and editions
of a fortnight come into the log in their order.
"""

import hashlib
import secrets
from dataclasses import dataclass
from typing import Final

from vestibule.ledger import leaf as leaves
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.ledger.engagement import Table, authenticate, canonical, read_csv
from vestibule.ledger.fortnight import Fortnight
from vestibule.ledger.report import MISSING, ReportLeaf
from vestibule.recorder.drafts import Append, Recorded, Registration
from vestibule.reports.parts import Reports
from vestibule.store import Row, Store, Tx, Value

KEY_BYTES: Final = 32
MOST: Final = 1000

COLUMNS = """partner_id, first_day, edition, filed_at, media_type, verdict, tolerance, our_key, their_key,
    our_code, their_code, leaf_index, leaf_day"""
ALL = f"""
    select {COLUMNS} from report where partner_id = :partner_id
    order by first_day desc, edition desc limit 1000
"""
OF = f"""
    select {COLUMNS} from report where partner_id = :partner_id and first_day = :first_day
    order by edition limit 1000
"""
ADMIN_ALL = f"select {COLUMNS} from report order by first_day desc, partner_id, edition desc limit 10000"
RECOVER_PENDING = f"""
    select {COLUMNS} from report where leaf_index is null order by partner_id, first_day, edition limit 1000
"""
TABLES = """
    select ours, theirs from report
    where partner_id = :partner_id and first_day = :first_day and edition = :edition
"""
FILE = """
    select media_type, signature, file from report
    where partner_id = :partner_id and first_day = :first_day and edition = :edition
"""
LAST = "select max(edition) from report where partner_id = :partner_id and first_day = :first_day"
ADD = """
    insert into report (partner_id, first_day, edition, filed_at, media_type, signature, file, verdict,
        tolerance, ours, theirs, our_key, their_key, our_code, their_code, leaf_index, leaf_day)
    values (:partner_id, :first_day, :edition, :filed_at, :media_type, :signature, :file, :verdict,
        :tolerance, :ours, :theirs, :our_key, :their_key, :our_code, :their_code, null, null)
"""
ON_RECORD = """
    update report set leaf_index = :leaf_index, leaf_day = :leaf_day
    where partner_id = :partner_id and first_day = :first_day and edition = :edition
"""


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of a partner's report of a fortnight, as it is kept.

    Attributes:
        fortnight: of which fortnight.
        number: 1 for the first filing, one more for each correction; 0: none came in time.
        filed_at: microseconds since 1970.
        media_type: of its file; empty where there is none.
        verdict: `agrees`, `differs` or `missing`.
        tolerance: in percent.
        our_key: the 32 random bytes under which the leaf holds the platform's table.
        their_key: the same for the partner's; nothing in edition 0.
        our_code: what the leaf holds of the platform's table.
        their_code: the same for the partner's; nothing in edition 0.
        leaf_index: where its leaf stands, None until it is on record.
        leaf_day: the leaf's own UTC day, likewise.
    """

    partner_id: str
    fortnight: Fortnight
    number: int
    filed_at: int
    media_type: str
    verdict: str
    tolerance: int
    our_key: bytes
    their_key: bytes
    our_code: bytes
    their_code: bytes
    leaf_index: int | None
    leaf_day: int | None

    @property
    def is_late(self) -> bool:
        """Whether it is a first filing after its time, by the leaf's own day."""
        day = self.filed_at // MICROSECONDS_A_DAY if self.leaf_day is None else self.leaf_day
        return self.number == 1 and day >= self.fortnight.due


@dataclass(frozen=True, slots=True)
class Tables:
    """What both sides counted; `theirs` is empty in edition 0."""

    ours: Table
    theirs: Table


@dataclass(frozen=True, slots=True)
class File:
    """What a partner filed: the very bytes, of a media type, and the detached JWS over them."""

    media_type: str
    signature: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a report, and within which tolerance in percent."""

    word: str
    tolerance: int


NO_FILE: Final = File("", "", b"")


async def all_of(store: Store, partner_id: str) -> tuple[Edition, ...]:
    """List a partner's editions, newest fortnight and edition first."""
    return tuple(map(_edition, await store.read(lambda tx: tx.all(ALL, partner_id=partner_id))))


async def of(store: Store, partner_id: str, fortnight: Fortnight) -> tuple[Edition, ...]:
    """List the editions of one fortnight in their order."""
    first = fortnight.first
    rows = await store.read(lambda tx: tx.all(OF, partner_id=partner_id, first_day=first))
    return tuple(map(_edition, rows))


async def everybodys(store: Store) -> tuple[Edition, ...]:
    """List the newest 10,000 editions of all partners, newest fortnight first."""
    return tuple(map(_edition, await store.read(lambda tx: tx.all(ADMIN_ALL))))


async def pending(store: Store) -> tuple[Edition, ...]:
    """List what is kept and not on record yet, in the order in which it has to come into the log."""
    return tuple(map(_edition, await store.read(lambda tx: tx.all(RECOVER_PENDING))))


async def tables(store: Store, edition: Edition) -> Tables:
    """Read both tables of an edition."""
    ours, theirs = await _one(store, TABLES, edition)
    fortnight = edition.fortnight
    return Tables(read_csv(ours, fortnight), read_csv(theirs, fortnight) if theirs else {})


async def file(store: Store, edition: Edition) -> File:
    """Read what was filed; `NO_FILE` for edition 0."""
    media_type, signature, data = await _one(store, FILE, edition)
    return File(media_type, signature, data)


async def keep(
    store: Store,
    partner_id: str,
    fortnight: Fortnight,
    number: int,
    *,
    filed: File,
    verdict: Verdict,
    ours: Table,
    theirs: Table | None,
    now: int,
) -> bool:
    """Keep an edition with new random keys, if its number is the next one; `theirs` is None in edition 0.

    Returns:
        False if another edition came first; nothing has changed then.
    """
    our_key = secrets.token_bytes(KEY_BYTES)
    their_key = b"" if theirs is None else secrets.token_bytes(KEY_BYTES)
    which: dict[str, Value] = {"partner_id": partner_id, "first_day": fortnight.first}
    told: dict[str, Value] = {
        "media_type": filed.media_type,
        "signature": filed.signature,
        "file": filed.data,
        "verdict": verdict.word,
        "tolerance": verdict.tolerance,
        "ours": canonical(ours),
        "theirs": b"" if theirs is None else canonical(theirs),
        "our_key": our_key,
        "their_key": their_key,
        "our_code": authenticate(our_key, ours),
        "their_code": b"" if theirs is None else authenticate(their_key, theirs),
    }

    async def work(tx: Tx) -> bool:
        row = await tx.one(LAST, **which)
        last = None if row is None else row[0]
        if number != (last or 0) + 1 and not (number == 0 and last is None):
            return False
        await tx.run(ADD, **which, **told, edition=number, filed_at=now)
        return True

    return await store.write(work)


async def record(reports: Reports, edition: Edition) -> Recorded:
    """Write an edition's leaf, behind those of the editions before it; once, however often it is tried.

    Raises:
        LogUnavailable: if the log cannot write; the edition stays kept.
    """
    for earlier in await of(reports.store, edition.partner_id, edition.fortnight):
        if earlier.number < edition.number and earlier.leaf_index is None:
            await _record(reports, earlier)
    return await _record(reports, edition)


async def _record(reports: Reports, edition: Edition) -> Recorded:
    theirs = None if edition.verdict == MISSING else edition.their_code
    first, number = edition.fortnight.first, edition.number

    def leaf(day: int) -> ReportLeaf:
        return ReportLeaf(
            partner=edition.partner_id,
            first=first,
            edition=number,
            verdict=edition.verdict,
            tolerance=edition.tolerance,
            ours=edition.our_code,
            theirs=theirs,
            day=day,
        )

    said = f"vestibule/report/v1\n{edition.partner_id}\n{first}\n{number}"
    event_id = hashlib.sha256(said.encode()).digest()[:16]
    (recorded,) = await reports.recorder.append(Append((Registration(leaf),), event_id=event_id))
    if edition.leaf_index is None:
        await _on_record(reports.store, edition, recorded)
    return recorded


async def _on_record(store: Store, edition: Edition, recorded: Recorded) -> None:
    leaf = leaves.parse(recorded.leaf)
    told: dict[str, Value] = {
        "partner_id": edition.partner_id,
        "first_day": edition.fortnight.first,
        "edition": edition.number,
        "leaf_index": recorded.index,
        "leaf_day": leaf.day if isinstance(leaf, ReportLeaf) else None,
    }
    await store.write(lambda tx: tx.run(ON_RECORD, **told))


async def _one(store: Store, sql: str, edition: Edition) -> Row:
    partner_id, first, number = edition.partner_id, edition.fortnight.first, edition.number
    row = await store.read(lambda tx: tx.one(sql, partner_id=partner_id, first_day=first, edition=number))
    if row is None:
        raise LookupError(f"expected edition {number} of {partner_id}'s {edition.fortnight.label}, got none")
    return row


def _edition(row: Row) -> Edition:
    partner_id, first, *rest = row
    return Edition(partner_id, Fortnight(first), *rest)
