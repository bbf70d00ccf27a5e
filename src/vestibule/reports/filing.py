"""Filing a report: read, checked, compared with what the platform counted, kept, and put on record.

Whatever is wrong with it, nothing is filed. Once an edition is kept, it stays: a correction is the next one.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.ledger.errors import LedgerError
from vestibule.ledger.fortnight import Fortnight, write_day
from vestibule.ledger.report_file import SignedReport, Title
from vestibule.partners import register
from vestibule.recorder.drafts import Recorded
from vestibule.reports import editions, terms
from vestibule.reports.comparing import compare, verdict
from vestibule.reports.editions import Edition, File, Verdict
from vestibule.reports.errors import EditionTaken, ReportRefused
from vestibule.reports.parts import Reports

LARGEST: Final = 4 * 1024 * 1024
"""Bytes of a report's file."""


@dataclass(frozen=True, slots=True)
class Filed:
    """An edition that is on record, and its leaf."""

    edition: Edition
    recorded: Recorded


async def file(reports: Reports, partner_id: str, label: str, filed: File, now: int) -> Filed:
    """File a report; the same bytes under the same number again are answered by the same edition.

    Args:
        reports: what it works with.
        partner_id: who files.
        label: the fortnight that it is said to be of.
        filed: the file and its signature.
        now: microseconds since 1970.

    Raises:
        ReportRefused: naming row and column, or the part of the signature; nothing is filed.
        EditionTaken: if the number is not the next one.
        LogUnavailable: if the log cannot write now; the report is kept then, and put on record later.
    """
    day = now // MICROSECONDS_A_DAY
    if len(filed.data) > LARGEST:
        raise ReportRefused(f"file: expected at most {LARGEST} bytes, got {len(filed.data)}")
    try:
        fortnight = Fortnight.parse(label)
        signed = SignedReport.parse(filed.signature, filed.data)
        await _check_period(reports, partner_id, fortnight, day)
        _check_title(signed.title, partner_id, reports.origin, fortnight)
        signed.verify(await _public_key(reports, partner_id, signed.key_id, day))
        theirs = await asyncio.to_thread(signed.table, filed.media_type)
    except LedgerError as error:
        raise ReportRefused(str(error)) from error
    number = signed.title.edition
    await _check_next(reports, partner_id, fortnight, number)
    tolerance = await terms.tolerance_of(reports.store, partner_id)
    ours = await reports.count(partner_id, fortnight)
    came_to = Verdict(verdict(compare(ours, theirs), tolerance), tolerance)
    await editions.keep(
        reports.store,
        partner_id,
        fortnight,
        number,
        filed=filed,
        verdict=came_to,
        ours=ours,
        theirs=theirs,
        now=now,
    )
    return await _on_record(reports, partner_id, fortnight, number, filed)


async def _on_record(
    reports: Reports, partner_id: str, fortnight: Fortnight, number: int, filed: File
) -> Filed:
    """Put on record what is kept under a number, if it is this very file: somebody may have come first."""
    kept = await _kept(reports, partner_id, fortnight, number)
    if kept is None:
        raise EditionTaken(await _expected(reports, partner_id, fortnight, number))
    there = await editions.file(reports.store, kept)
    if (there.media_type, there.data) != (filed.media_type, filed.data):
        expected = f"another number than {number}, which has another file: a correction is the next edition"
        raise EditionTaken(f"edition: expected {expected}")
    recorded = await editions.record(reports, kept)
    again = await _kept(reports, partner_id, fortnight, number)
    return Filed(again or kept, recorded)


async def _check_next(reports: Reports, partner_id: str, fortnight: Fortnight, number: int) -> None:
    """Refuse a number before anything is counted for it; what is kept already is looked at later."""
    known = [one.number for one in await editions.of(reports.store, partner_id, fortnight)]
    if number > max(known, default=0) + 1:
        raise EditionTaken(await _expected(reports, partner_id, fortnight, number))


async def _expected(reports: Reports, partner_id: str, fortnight: Fortnight, number: int) -> str:
    known = [one.number for one in await editions.of(reports.store, partner_id, fortnight)]
    return f"edition: expected {max(known, default=0) + 1}, the next one of {fortnight.label}, got {number}"


async def _kept(reports: Reports, partner_id: str, fortnight: Fortnight, number: int) -> Edition | None:
    found = await editions.of(reports.store, partner_id, fortnight)
    return next((one for one in found if one.number == number), None)


async def _check_period(reports: Reports, partner_id: str, fortnight: Fortnight, day: int) -> None:
    if day < fortnight.over_on:
        over = f"{fortnight.label} ends with {write_day(fortnight.last)}"
        raise ReportRefused(f"period: expected one that is over, {over}, and today is {write_day(day)}")
    first = await terms.first_of(reports.store, partner_id, reports.since)
    if fortnight < first:
        expected = f"{first.label} or later, from when on everything is counted for {partner_id}"
        raise ReportRefused(f"period: expected {expected}, got {fortnight.label}")


def _check_title(title: Title, partner_id: str, origin: str, fortnight: Fortnight) -> None:
    for name, expected, got in (
        ("iss", partner_id, title.partner_id),
        ("aud", origin, title.audience),
        ("period", fortnight.label, title.fortnight.label),
    ):
        if got != expected:
            raise ReportRefused(f"signature header, {name}: expected {expected}, got {got}")


async def _public_key(reports: Reports, partner_id: str, key_id: str, day: int) -> bytes:
    """Find a key that may sign today: one that was rotated away signs no report any more."""
    in_force = [key for key in await register.keys_of(reports.store, partner_id) if key.in_force(day)]
    for key in in_force:
        if key.key_id == key_id:
            return key.public
    ids = ", ".join(key.key_id for key in in_force) or "none"
    expected = f"a key of {partner_id} in force today, one of {ids}"
    raise ReportRefused(f"signature header, kid: expected {expected}; got {key_id[:80]}")
