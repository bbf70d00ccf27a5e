"""The proof behind an answer, to take along: one zip of verdict, checkpoint, policy and receipts."""

import re
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from vestibule.recorder.drafts import Recorded
from vestibule.recorder.receipts import prove
from vestibule.store import Blobs
from vestibule.verdict.log_view import LogView
from vestibule.verdict.stated import as_json
from vestibule.verdict.verdict import Verdict
from vestibule.web.public.question import Question

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
receipts/      for each leaf that the verdict names, a proof that it is in the log{cut}

A receipt is checked without any network:

    vestibule verify receipt receipts/leaf-N.tlog-proof --policy policy

The answer itself is about all {size} leaves, most of which are not in here. This asks the
published log again, and trusts no answer of ours:

    {command}

The log grows. A newer checkpoint can add to the answer; a leaf that is in the log stays there.
"""


def named_leaves(verdict: Verdict, size: int) -> tuple[int, ...]:
    """List the leaves that a verdict names, each once, in order; not more than `MOST_RECEIPTS`."""
    said = "\n".join((*verdict.findings, *verdict.rests_on))
    named = sorted({int(index) for index in LEAF.findall(said)})
    return tuple(index for index in named if index < size)[:MOST_RECEIPTS]


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
    named = named_leaves(verdict, view.size)
    readme = README.format(
        headline=verdict.headline,
        cut=f" (the first {MOST_RECEIPTS})" if len(named) == MOST_RECEIPTS else "",
        size=view.size,
        command=question.command(log),
    )
    files = {
        "README.txt": readme,
        "verdict.json": as_json(verdict, view) + "\n",
        "checkpoint": view.verified.note.decode(),
        "policy": policy,
    }
    files |= {f"receipts/leaf-{index}.tlog-proof": _receipt(blobs, view, index) for index in named}
    return _zipped(files)


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
