"""Consent receipts in a dispute bundle: what a person agreed to, checked against the log under it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from vestibule.ledger import tags
from vestibule.tlog.policy import NONE
from vestibule.verdict import consent_words
from vestibule.verdict.bundle_html import element, table
from vestibule.verdict.bundle_receipts import bounded
from vestibule.verdict.consent_receipt import open_consent_receipt
from vestibule.verdict.consent_since import since
from vestibule.verdict.errors import BadConsentReceipt
from vestibule.verdict.lane import check_lane

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vestibule.verdict.company import Company
    from vestibule.verdict.consent_receipt import Agreed
    from vestibule.verdict.consent_since import Since
    from vestibule.verdict.log_view import LogView
    from vestibule.verdict.person_file import PersonFile
    from vestibule.verdict.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Shown:
    """One consent receipt, and what became of it up to the bundle's checkpoint.

    Attributes:
        text: the receipt as it came.
        agreed: what it says; it rests on the bundle's checkpoint, which its own grew into.
        since: what the log says of each scope since.
    """

    text: bytes
    agreed: Agreed
    since: tuple[Since, ...]

    @property
    def leaf(self) -> int:
        """The first of its grants in the log, by which it is called."""
        return self.agreed.grants[0].index

    @property
    def verdict(self) -> Verdict:
        """What it answers."""
        return consent_words.verdict(self.agreed, self.since)


def shown(
    view: LogView, company: Company, receipts: Sequence[bytes], person: PersonFile | None
) -> tuple[Shown, ...]:
    """Check consent receipts, in the order of the log; the same one twice is there once.

    Cosignatures under a receipt do not count: the log under the view has been through the policy.

    Raises:
        BadReceipt: they are too large.
        BadConsentReceipt: one does not hold, is of another log, company or person.
        BadPersonFile: the file contradicts the log.
    """
    numbered = enumerate(sorted(set(receipts)), start=1)
    texts = bounded((f"consent receipt {number}", text) for number, text in numbered)
    found = [_shown(view, company, text, person) for text in texts]
    return tuple(sorted(found, key=lambda one: (one.leaf, one.text)))


def named(found: Sequence[Shown]) -> dict[str, bytes]:
    """Name each after its first grant."""
    files: dict[str, bytes] = {}
    for one in found:
        number = sum(name.startswith((f"leaf-{one.leaf}.", f"leaf-{one.leaf}-")) for name in files)
        files[f"leaf-{one.leaf}-{number + 1}.jwt" if number else f"leaf-{one.leaf}.jwt"] = one.text
    return files


def verdicts(found: Sequence[Shown]) -> dict[str, Verdict]:
    """Answer of each whether she agreed, by a name with its first grant."""
    return {f"agreed-{one.leaf}": one.verdict for one in found}


def section(found: Sequence[Shown]) -> Iterator[str]:
    """Write the part of the summary about what a person agreed to; nothing where no receipt is shown."""
    if not found:
        return
    yield element("h2", "What this person agreed to")
    yield element(
        "p",
        "Each is a consent receipt: the text that she was shown, signed by her passkey where it says so, and "
        "written into the log before the partner could use it. The answers above say what each rests on.",
    )
    yield table(
        "Times are in UTC.",
        (
            "Grant in leaf",
            "Shown to her at",
            "Lets the partner",
            "Where",
            "Until",
            "She agreed",
            "Since then",
        ),
        [_row(one, number) for one in found for number in range(len(one.since))],
    )


def _row(one: Shown, number: int) -> tuple[object, ...]:
    said, allowed = one.agreed, one.agreed.consent.allowed[number]
    return (
        said.grants[number].index,
        consent_words.shown_at(said),
        f"{consent_words.DOES.get(allowed.scope, allowed.scope)}, for: {allowed.purpose}",
        consent_words.where(said) or "not in conversations",
        consent_words.until(said),
        "by passkey" if said.by_passkey else "by password, on the platform's word",
        consent_words.since_words(one.since[number]),
    )


def _shown(view: LogView, company: Company, text: bytes, person: PersonFile | None) -> Shown:
    unwitnessed = replace(view.trust.policy, witnesses=(), groups=(), quorum=NONE)
    agreed = open_consent_receipt(text, replace(view.trust, policy=unwitnessed))
    if (partner := agreed.consent.partner) not in company.partners:
        raise BadConsentReceipt(
            f"consent receipt: expected one about {' or '.join(company.partners)}, got {partner}"
        )
    events = since(agreed, view, _opening_all(view, partner, person))
    return Shown(text, replace(agreed, trust=view.trust, verified=view.verified), events)


def _opening_all(view: LogView, partner: str, person: PersonFile | None) -> PersonFile | None:
    """Return a person's file if it opens every event with the partner: an older one says too little."""
    if person is None or partner not in person.partners:
        return None
    return None if check_lane(view, person, partner, tags.SHARED).unopened else person
