"""The page of a dispute bundle that a judge can read. It says what the other files prove, itself nothing."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from vestibule.verdict import wording
from vestibule.verdict.bundle_html import element, listed, page, table, verbatim

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vestibule.verdict.bundle_events import DayLine, PersonLine
    from vestibule.verdict.company import Company
    from vestibule.verdict.log_view import LogView
    from vestibule.verdict.verdict import Verdict

PRIVATE = (
    "Private. This bundle holds what one person knows about her own data: when, what, how much, in which "
    "conversation. It is for those to whom she decides to show it."
)
PUBLIC = (
    "Nothing in this bundle is private: it was made of what everybody can fetch, without anybody's own file."
)
MOST_TILES = 40
"""Files of the log in the table; where there are more, SHA256SUMS alone has their digests."""


def render(
    view: LogView,
    company: Company,
    verdicts: Mapping[str, Verdict],
    *,
    private: bool,
    tokens: str = "",
    agreed: Sequence[str] = (),
    days: Sequence[DayLine],
    lines: Sequence[PersonLine] | None,
    note: str,
    digests: Mapping[str, str],
) -> bytes:
    """Write the page; the same bytes for the same input.

    Args:
        view: the verified log.
        company: whom it is about.
        verdicts: the answers.
        private: whether anything in the bundle is not public.
        tokens: the warning about access tokens in it; empty if there are none.
        agreed: the part about what a person agreed to, if she shows it.
        days: what the public log counts of the company.
        lines: what it holds of one person; None where no person shows her file.
        note: the checkpoint with all signatures.
        digests: hex SHA-256 of the bundle's other files by name.
    """
    body = (
        *_opening(view, company, private=private, tokens=tokens),
        *_answers(verdicts),
        *agreed,
        *_found(company, days, lines),
        *_foundation(verdicts),
        *_checkpoint(view, note),
        *_keys(view, company),
        *_files(digests),
    )
    return page(f"What the log of {view.origin} says about {company.name}", body)


def _opening(view: LogView, company: Company, *, private: bool, tokens: str) -> Iterator[str]:
    yield element("p", PRIVATE, "private") if private else element("p", PUBLIC, "quiet")
    if tokens:
        yield element("p", tokens, "private")
    yield element("h1", f"What the log of {view.origin} says about {company.name}")
    ids = ", ".join(company.partners)
    yield element(
        "p",
        f"This is about {company.legal_entity}, on the platform's register as {company.name} "
        f"(partner id: {ids}). The platform says that it writes every access of a partner into a public log "
        "before any data leave; the log's numbered entries are called leaves. The answers are computed from "
        "that log as it stood at the checkpoint below, and from the other files of this bundle.",
    )
    yield element(
        "p",
        "Whoever believes this page believes whoever made it. To check it, run vestibule verify bundle.zip, "
        "on a machine without a network; README.txt says how to check it with other tools.",
    )


def _answers(verdicts: Mapping[str, Verdict]) -> Iterator[str]:
    yield element("h2", "Questions and answers")
    common = shared_ground(verdicts)
    for verdict in verdicts.values():
        yield element("h3", verdict.question)
        yield element("p", str(verdict.answer).capitalize(), "answer")
        if verdict.summary:
            yield element("p", f"({verdict.summary})")
        yield element("p", verdict.meaning)
        yield listed(verdict.findings)
        own = [line for line in verdict.rests_on if line not in common]
        if own:
            yield element("p", "This answer rests on what all of them rest on (below), and on:", "quiet")
            yield listed(own)


def shared_ground(verdicts: Mapping[str, Verdict]) -> list[str]:
    """List what all answers rest on."""
    first, *others = verdicts.values()
    return [line for line in first.rests_on if all(line in other.rests_on for other in others)]


def _found(company: Company, days: Sequence[DayLine], lines: Sequence[PersonLine] | None) -> Iterator[str]:
    yield element("h2", "What was found in the log")
    if lines is not None:
        yield _person_table(company, lines)
    rows = [(wording.day(one.day), one.partner, one.what, one.basis, one.events, one.items) for one in days]
    if rows:
        yield table(
            f"About everybody: what the public log counts of {company.name}. Days are in UTC.",
            ("Day", "Partner", "Kind", "Basis", "Events", "Items"),
            rows,
        )
    else:
        yield element("p", f"The public log holds no event of {company.name} at all.")


def _person_table(company: Company, lines: Sequence[PersonLine]) -> str:
    if not lines:
        return element("p", f"About this person: the log holds no event of {company.name}.")
    return table(
        f"About this person: every entry of {company.name}. Times (UTC) and signatures are from her own "
        "file, which was checked against the log.",
        (
            "Leaf",
            "Day",
            "Time",
            "Kind",
            "Partner",
            "Items",
            "In plain words",
            "Asked for, signed with",
        ),
        [_person_row(line) for line in lines],
    )


def _person_row(line: PersonLine) -> tuple[object, ...]:
    day = wording.day(line.event.day)
    return (
        line.index,
        day,
        line.at.removeprefix(f"{day} ") or "not in her file",
        f"{line.event.kind} {line.event.op}",
        line.event.partner,
        line.items,
        line.what,
        line.signed_with or "-",
    )


def _foundation(verdicts: Mapping[str, Verdict]) -> Iterator[str]:
    yield element("h2", "What all answers rest on, and what is not provable")
    yield listed(shared_ground(verdicts))


def _checkpoint(view: LogView, note: str) -> Iterator[str]:
    checkpoint = view.verified.checkpoint
    yield element("h2", "Checkpoint")
    yield element(
        "p",
        f"The state of the log that every answer is about: {checkpoint.size} entries under one hash. Name, "
        "size and hash; then the signatures of the log and of those who cosigned it:",
    )
    yield verbatim(note)


def _keys(view: LogView, company: Company) -> Iterator[str]:
    yield element("h2", "Keys")
    rows = [
        ("The log", view.origin, str(view.trust.policy.log.key)),
        ("The log, for its lanes (VRF)", view.origin, _base64(view.vrf)),
        *(
            (f"Witness, run by: {view.trust.run_by(witness.name)}", witness.name, str(witness.key))
            for witness in view.trust.policy.witnesses
        ),
        *(
            (f"{company.name}, {_span(key.leaf.from_day, key.leaf.until_day)}", key_id, _base64(key.leaf.key))
            for (partner, key_id), keys in sorted(view.history.keys.items())
            if partner in company.partners
            for key in keys
        ),
    ]
    yield table(
        f"Whose signatures were checked, chosen by {view.trust.source}.", ("Whose", "Name", "Key"), rows
    )


def _span(first: int, last: int | None) -> str:
    return f"from {wording.day(first)}" + ("" if last is None else f" to {wording.day(last)}")


def _base64(key: bytes) -> str:
    return base64.b64encode(key).decode()


def _files(digests: Mapping[str, str]) -> Iterator[str]:
    yield element("h2", "Files")
    tiles = [name for name in digests if name.startswith("log/tile/")]
    shown = {
        name: digest for name, digest in digests.items() if len(tiles) <= MOST_TILES or name not in tiles
    }
    yield table(
        "SHA-256 of every other file in this bundle. SHA256SUMS has them too, and this page's own.",
        ("File", "SHA-256"),
        list(shown.items()),
    )
    if len(shown) < len(digests):
        yield element(
            "p",
            f"And {len(tiles)} files of the log under log/tile/: their digests are in SHA256SUMS, and their "
            "content is bound by the checkpoint's hash.",
        )
