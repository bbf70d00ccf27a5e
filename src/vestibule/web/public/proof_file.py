"""The proof behind an answer, to take along: one zip of verdict, checkpoint, policy and receipts."""

import heapq
import re
from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from vestibule.ledger.leaf import Event
from vestibule.recorder.drafts import Recorded
from vestibule.recorder.receipts import prove
from vestibule.store import Blobs
from vestibule.verdict.company import Company
from vestibule.verdict.log_view import LogView
from vestibule.verdict.stated import as_json
from vestibule.verdict.verdict import Verdict
from vestibule.web.public.question import SERVED, Question

MOST_RECEIPTS = 100
LEAF = re.compile(r"\bleaf (\d{1,15})\b")
BEGINNING = (1980, 1, 1, 0, 0, 0)
"""The time of every file: the same proof is the same bytes."""
README = """\
A question about a partner, and what answers it
===============================================

{headline}

verdict.json   the answer, what was found, and everything it rests on
checkpoint     the state of the log that it is about, signed
policy         whose keys were trusted; these are the operator's own choice
{receipts}
The answer itself is about all {size} leaves, most of which are not in here. This asks the
published log again, and trusts no answer of ours:

    {command}

The log grows. A newer checkpoint can add to the answer; a leaf that is in the log stays there.
"""
RECEIPTS = """\
receipts/      for each leaf that the verdict names, and each read that it counts, a proof that it is
               in the log{cut}

A receipt is checked without any network:

    vestibule verify receipt receipts/leaf-N.tlog-proof --policy policy
"""


def named_leaves(verdict: Verdict, size: int) -> tuple[int, ...]:
    """List the leaves that a verdict names, each once, in order; not more than `MOST_RECEIPTS`."""
    said = "\n".join((*verdict.findings, *verdict.rests_on))
    named = sorted({int(index) for index in LEAF.findall(said)})
    return tuple(index for index in named if index < size)[:MOST_RECEIPTS]


def counted_reads(view: LogView, company: Company, question: Question) -> Iterator[int]:
    """List the reads that an answer on what was served counts, in the order of the log; none for others."""
    if question.kind != SERVED:
        return
    of_company = (view.history.events_by_partner.get(partner, ()) for partner in company.partners)
    for index in heapq.merge(*of_company):
        leaf = view.leaf(index)
        of_scope = isinstance(leaf, Event) and leaf.kind == "access" and leaf.op == question.scope
        if of_scope and (question.period is None or leaf.day in question.period):
            yield index


def proven_leaves(view: LogView, verdict: Verdict, question: Question) -> tuple[int, ...]:
    """List the leaves to prove: those named before those counted, `MOST_RECEIPTS` of them at most."""
    counted = islice(counted_reads(view, verdict.company, question), MOST_RECEIPTS)
    chosen = dict.fromkeys((*named_leaves(verdict, view.size), *counted))
    return tuple(sorted(islice(chosen, MOST_RECEIPTS)))


def proof_file(blobs: Blobs, view: LogView, policy: str, question: Question, log: str) -> bytes:
    """Answer a question and pack what it stands on; reads tiles, so call it from a thread.

    Args:
        blobs: the log's public files.
        view: the log the answer is about.
        policy: the policy it was read under.
        question: what is asked.
        log: where others read the log.

    Raises:
        UnknownPartner: if the log's register has no such partner.
    """
    verdict = question.ask(view)
    proven = proven_leaves(view, verdict, question)
    readme = README.format(
        headline=verdict.headline,
        receipts=_about_receipts(len(proven)),
        size=view.size,
        command=question.command(log),
    )
    files = {
        "README.txt": readme,
        "verdict.json": as_json(verdict, view) + "\n",
        "checkpoint": view.verified.note.decode(),
        "policy": policy,
    }
    files |= {f"receipts/leaf-{index}.tlog-proof": _receipt(blobs, view, index) for index in proven}
    return _zipped(files)


def _about_receipts(count: int) -> str:
    if not count:
        return ""
    return RECEIPTS.format(cut=f" (the first {MOST_RECEIPTS})" if count == MOST_RECEIPTS else "")


def _receipt(blobs: Blobs, view: LogView, index: int) -> str:
    note = view.verified.note.decode()
    hashes = prove(blobs, note, index)
    return Recorded(index, view.entries[index], b"", b"", b"", hashes, note).receipt()


def _zipped(files: dict[str, str]) -> bytes:
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(ZipInfo(f"proof/{name}", BEGINNING), text.encode(), ZIP_DEFLATED)
    return buffer.getvalue()
