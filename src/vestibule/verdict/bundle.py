"""The dispute bundle: everything an answer about a partner rests on, as files that go into one zip. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Self

from vestibule.tlog.checkpoint import open_checkpoint
from vestibule.tlog.errors import TlogError
from vestibule.tlog.growing import MIN_WINDOW, GrowingTree
from vestibule.tlog.layout import CHECKPOINT, WITNESSED, bundle_files, tile_files
from vestibule.tlog.merkle import leaf_hash, root
from vestibule.verdict import (
    bundle_consents,
    bundle_events,
    bundle_readme,
    bundle_receipts,
    bundle_summary,
    bundle_tokens,
    person_file,
    wording,
)
from vestibule.verdict.about_me import SOMEBODY, about_me
from vestibule.verdict.afterwards import afterwards
from vestibule.verdict.company import company_of
from vestibule.verdict.could import could
from vestibule.verdict.errors import BadBundle, BadLog, BadPeriod
from vestibule.verdict.period import Period
from vestibule.verdict.served import was_served
from vestibule.verdict.wording import OPERATOR

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vestibule.verdict.log_view import LogView
    from vestibule.verdict.person_file import PersonFile
    from vestibule.verdict.verdict import Verdict

FORMAT = "vestibule-bundle/v1"
ASKED, POLICY, PERSON, VERDICTS = "bundle.json", "policy.txt", "person.json", "verdicts.json"
README, SUMMARY, SUMS = "README.txt", "summary.html", "SHA256SUMS"
LOG, RECEIPTS, CONSENTS = "log/", "receipts/", "consents/"
DERIVED = (VERDICTS, SUMMARY, README)
"""Files that say what the others prove. Nobody needs to believe them."""
HISTORY = "history"
_WORDS = ("partner", "scope", "called", "policy_source")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a bundle is made to answer.

    Attributes:
        partner: the partner id asked about; the answers cover every id of its company.
        scope: such as `messages.read`.
        called: the person's name in the answers.
        policy_source: who chose the policy, as whoever made the bundle says.
        period: the days asked about; the whole log if None.
    """

    partner: str
    scope: str
    called: str = SOMEBODY
    policy_source: str = OPERATOR
    period: Period | None = None

    def render(self) -> bytes:
        """Write `bundle.json`."""
        value = {
            "called": self.called,
            "format": FORMAT,
            "partner": self.partner,
            "policy_source": self.policy_source,
            "scope": self.scope,
        }
        return _json(value | self._days())

    def _days(self) -> dict[str, str]:
        if self.period is None:
            return {}
        first, last = map(wording.day, (self.period.first_day, self.period.last_day))
        return {"from": first, "to": last}

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read `bundle.json`, which has one spelling.

        Raises:
            BadBundle: it is anything else.
        """
        try:
            value = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise BadBundle(f"{ASKED}: expected JSON, got {error}") from None
        words = [value.get(name) for name in _WORDS] if isinstance(value, dict) else []
        texts = [word for word in words if isinstance(word, str)]
        if len(texts) != len(_WORDS):
            raise BadBundle(f"{ASKED}: expected text in {', '.join(_WORDS)}, got {data[:80]!r}")
        partner, scope, called, policy_source = texts
        asked = cls(partner, scope, called, policy_source, _period(value))
        if asked.render() != data:
            raise BadBundle(f"{ASKED}: expected the one spelling of a {FORMAT}, got another")
        return asked


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a bundle is made of, beside the entries of the log.

    Attributes:
        asked: the questions.
        policy: the policy file.
        checkpoint: the signed note that the policy accepts, with its cosignatures.
        witnessed: an older or equal note with a quorum by the platform's own policy, if it had one.
        person: her own file; None where no person shows hers.
        receipts: what was handed out, as tlog-proofs.
        consents: consent receipts of one person.
    """

    asked: Asked
    policy: bytes
    checkpoint: bytes
    witnessed: bytes | None = None
    person: PersonFile | None = None
    receipts: tuple[bytes, ...] = ()
    consents: tuple[bytes, ...] = ()

    @property
    def private(self) -> bool:
        """Whether anything in it is not public."""
        shown = self.person is not None or bool(self.consents)
        return shown or any(map(bundle_receipts.shows_private_half, self.receipts))


def answers(
    view: LogView, asked: Asked, person: PersonFile | None, consents: Sequence[bytes] = ()
) -> dict[str, Verdict]:
    """Answer every question that a bundle is for, by the name of the question.

    Raises:
        BadConsentReceipt: if one does not hold, or is of another log, company or person.
        UnknownPartner: if the register has no such partner.
        UnknownScope: if no log knows the scope.
        BadPersonFile: if the file contradicts the log.
    """
    found = {
        "could": could(view, asked.partner, asked.scope, asked.period),
        "was-served": was_served(view, asked.partner, asked.scope, person, asked.period),
    }
    if person is not None:
        found[HISTORY] = about_me(view, asked.partner, person, asked.called, asked.period)
    company = company_of(view.history, asked.partner)
    found |= bundle_consents.verdicts(bundle_consents.shown(view, company, consents, person))
    return found | {"afterwards": afterwards(view, asked.partner)}


def files(view: LogView, evidence: Evidence) -> dict[str, bytes]:
    """Plan a bundle: the content of every file by its path, in order; the same for the same input.

    Args:
        view: the verified log.
        evidence: what else goes in.

    Raises:
        VerdictError: something in it does not hold, so that there is nothing to bundle.
    """
    asked, person = evidence.asked, _about(view, evidence)
    company, tree = company_of(view.history, asked.partner), _tree(view)
    consents = bundle_consents.shown(view, company, evidence.consents, person)
    content = {
        ASKED: asked.render(),
        POLICY: evidence.policy,
        **_log_files(view, tree, evidence),
        **_receipts(view, tree, evidence, person),
        **{CONSENTS + name: text for name, text in bundle_consents.named(consents).items()},
    }
    if person is not None:
        content[PERSON] = person_file.render(person)
    verdicts = answers(view, asked, person, evidence.consents)
    content[VERDICTS] = _json({name: verdict.as_json() for name, verdict in verdicts.items()})
    warned = _token_warning(view, evidence)
    content[README] = bundle_readme.render(view, asked.partner, private=evidence.private, tokens=warned)
    content[SUMMARY] = bundle_summary.render(
        view,
        company,
        verdicts,
        private=evidence.private,
        tokens=warned,
        agreed=tuple(bundle_consents.section(consents)),
        days=bundle_events.by_day(view, company, asked.period),
        lines=None if person is None else bundle_events.of_person(view, company, person, asked.period),
        note=evidence.checkpoint.decode(),
        digests={name: digest(content[name]) for name in sorted(content)},
    )
    content[SUMS] = sums({name: digest(data) for name, data in content.items()})
    return dict(sorted(content.items()))


def tokens_until(view: LogView, evidence: Evidence) -> int | None:
    """Say until when the newest access token in a bundle may work: seconds since 1970, None without one."""
    person = _about(view, evidence)
    lanes = () if person is None else [lane for held in person.partners.values() for lane in held.values()]
    shown = map(bundle_receipts.private_half, evidence.receipts)
    return bundle_tokens.work_until(
        [
            *(opening.private for lane in lanes for opening in lane.openings),
            *(private for private in shown if private is not None),
        ]
    )


def digest(data: bytes) -> str:
    """Give hex SHA-256."""
    return sha256(data).hexdigest()


def sums(digests: Mapping[str, str]) -> bytes:
    """Write `SHA256SUMS`, as `sha256sum -c` reads it."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items())).encode()


def _token_warning(view: LogView, evidence: Evidence) -> str:
    until = tokens_until(view, evidence)
    return "" if until is None else bundle_tokens.warning(until)


def _about(view: LogView, evidence: Evidence) -> PersonFile | None:
    """Leave out of a person's file what is between her and other companies: no answer here needs it."""
    person = evidence.person
    if person is None:
        return None
    company = company_of(view.history, evidence.asked.partner)
    hers = {partner: person.partners[partner] for partner in company.partners if partner in person.partners}
    return replace(person, partners=hers)


def _tree(view: LogView) -> GrowingTree:
    tree = GrowingTree(max(MIN_WINDOW, view.size))
    for entry in view.entries:
        tree.append(leaf_hash(entry))
    return tree


def _log_files(view: LogView, tree: GrowingTree, evidence: Evidence) -> dict[str, bytes]:
    """Lay the log out as it is published: exactly what the checkpoint covers, made again of the entries."""
    if not evidence.checkpoint.decode().startswith(f"{view.verified.checkpoint.text}\n"):
        raise BadLog(
            f"{CHECKPOINT}: expected the one that the policy accepts, of size {view.size}, got another"
        )
    found = {CHECKPOINT: evidence.checkpoint}
    if evidence.witnessed is not None:
        _check_witnessed(view, tree, evidence.witnessed)
        found[WITNESSED] = evidence.witnessed
    found |= dict(tile_files(0, view.size, tree.node))
    found |= dict(bundle_files(0, view.entries))
    return {LOG + path: data for path, data in found.items()}


def _check_witnessed(view: LogView, tree: GrowingTree, note: bytes) -> None:
    """Check that an older checkpoint is the same log's, and that this one grew out of it."""
    try:
        checkpoint = open_checkpoint(note, view.trust.policy.log.key)
        if checkpoint.size > view.size:
            raise BadLog(f"{WITNESSED}: expected a size up to {view.size}, got {checkpoint.size}")
        expected = root(checkpoint.size, tree.node)
    except TlogError as error:
        raise BadLog(f"{WITNESSED}: {error}") from error
    if expected != checkpoint.root:
        raise BadLog(
            f"{WITNESSED}: expected root {expected.hex()} at size {checkpoint.size}, "
            f"got {checkpoint.root.hex()}: the log has shown two histories"
        )


def _receipts(
    view: LogView, tree: GrowingTree, evidence: Evidence, person: PersonFile | None
) -> dict[str, bytes]:
    company = company_of(view.history, evidence.asked.partner)
    note = evidence.checkpoint.decode()
    made = () if person is None else bundle_receipts.of_grants(view, tree.node, note, company, person)
    named = bundle_receipts.named(view, tree.node, (*evidence.receipts, *made))
    return {RECEIPTS + name: text for name, text in named.items()}


def _period(value: dict[str, Any]) -> Period | None:
    days = [value.get(name) for name in ("from", "to")]
    match days:
        case [None, None]:
            return None
        case [str(first), str(last)]:
            try:
                return Period.parse(first, last)
            except BadPeriod as error:
                raise BadBundle(f"{ASKED}: {error}") from error
        case _:
            raise BadBundle(f"{ASKED}: expected two days or none, got {days!r:.80}")


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, indent=1, sort_keys=True).encode() + b"\n"
