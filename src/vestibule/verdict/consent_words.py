"""What a consent receipt answers, in words: that she agreed, to what, and whose word that rests on."""

from __future__ import annotations

import base64
from hashlib import sha256
from typing import TYPE_CHECKING

from vestibule.ledger.agreement import Passkey
from vestibule.verdict import wording
from vestibule.verdict.company import Company
from vestibule.verdict.rests import who_vouches
from vestibule.verdict.verdict import Answer, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vestibule.verdict.consent_receipt import Agreed
    from vestibule.verdict.consent_since import Since

BY_PASSKEY = "she agreed: signed by her passkey"
BY_PASSWORD = "her agreement rests on the platform's word"  # noqa: S105  (words of a verdict)
MEANING = {
    Answer.PROVEN_YES: "A passkey signed the very text below, on the platform's own page and after it had "
    "verified its person, and the log recorded text and signature before {name} could use them.",
    Answer.RECORDED: "The platform wrote down that she agreed, with her password, to the text below. Nobody "
    "else signed anything, so that this is the platform's word; it can change the text no more.",
}
WHOSE_KEY = (
    "her passkey: that it is hers is the platform's word, until she signs with it again; SHA-256 of its key "
    "{digest}"
)
RECEIPT = (
    "receipt: signed by the log's key; the grants in the log commit to the very text, and to how she agreed"
)
IN_FORCE = (
    "privileges: that each was in force then is for a replay of the log to say (vestibule verify could)"
)
HER_FILE = "Whether it stands on this agreement or another, her own file says (--person)"
NOT_LOOKED = "since then: not looked at, because no log was given (--log)"
DOES = {
    "messages.read": "read messages",
    "messages.send": "send messages in her name",
    "messages.delete": "delete messages in her name",
    "friends.list": "list her friends",
    "recommendations.receive": "see what is recommended to her",
}
REACHES = {
    "conversations": "all messages in {conversations}",
    "through_partner": "what came through {partner}, and replies to it, in {conversations}",
    "picked": "{messages}, picked one by one, in {conversations}",
}


def verdict(agreed: Agreed, since: Sequence[Since] | None = None) -> Verdict:
    """Answer whether she agreed.

    Args:
        agreed: her receipt, checked.
        since: what a later log says of it; None where none was looked at.
    """
    partner, answer = agreed.partner, Answer.PROVEN_YES if agreed.by_passkey else Answer.RECORDED
    said = BY_PASSKEY if agreed.by_passkey else BY_PASSWORD
    over = since is not None and all(scope.by_this is False for scope in since)
    return Verdict(
        question=f"Did this person agree to what {partner.name} may do?",
        answer=answer,
        summary=f"{said}; it has ended since" if over else said,
        meaning=MEANING[answer].format(name=partner.name),
        company=Company(partner.name, "", (partner.partner,)),
        findings=(*_text(agreed), *([NOT_LOOKED] if since is None else map(_since, since))),
        rests_on=tuple(_rests_on(agreed)),
    )


def _text(agreed: Agreed) -> Iterator[str]:
    consent, partner = agreed.consent, agreed.partner
    yield f"with {partner.legal_entity}, on the register as {partner.name} ({partner.partner})"
    for allowed, grant in zip(consent.allowed, agreed.grants, strict=True):
        yield (
            f"{DOES.get(allowed.scope, 'use')} ({allowed.scope}), for: {allowed.purpose}; privilege in leaf "
            f"{allowed.privilege}, grant in leaf {grant.index}"
        )
    if consent.chosen.conversations:
        yield f"with {where(agreed)}"
    yield f"shown at {shown_at(agreed)} UTC on {consent.origin}"
    yield f"until {until(agreed)}, or until she ends it"
    yield f"{partner.name} knows this person as {consent.person}, and the connection as {consent.connection}"


def shown_at(agreed: Agreed) -> str:
    """Say when she was shown it (UTC)."""
    return wording.moment(agreed.consent.issued)


def until(agreed: Agreed) -> str:
    """Say the last day of it."""
    return wording.day(agreed.consent.until_day)


def where(agreed: Agreed) -> str:
    """Say which messages it is about; "" if none."""
    receipt, consent, chosen = agreed.receipt, agreed.consent, agreed.consent.chosen
    if not chosen.conversations:
        return ""
    said = REACHES[chosen.reach].format(
        conversations=wording.count(len(chosen.conversations), "conversation"),
        messages=wording.count(len(receipt.picked.messages) if receipt.picked else 0, "message"),
        partner=consent.partner,
    )
    return f"{said}, since {wording.moment(chosen.since)} UTC"


def _since(found: Since) -> str:
    return f"since then, to checkpoint {found.size}: {found.scope} {since_words(found)}"


def since_words(found: Since) -> str:
    """Say whether she still lets it, and by which agreement."""
    again = "" if found.again is None else _leaf(found.again.index, found.again.day)
    ended = "" if found.ended is None else _leaf(*found.ended)
    if not found.live:
        return f"has ended, {ended}" if ended else "has ended"
    match found.by_this:
        case True:
            return f"goes on under this agreement, newly granted {again}" if again else "goes on"
        case False:
            return f"goes on under a newer agreement, {again}; under this one it has ended"
        case None if found.again and found.again.while_live:
            return f"goes on; something newer was agreed to {again}. {HER_FILE}"
        case None:
            return f"goes on; it was granted again {again}, after it had ended or rested. {HER_FILE}"


def _leaf(index: int, day: int) -> str:
    return f"with leaf {index} on {wording.day(day)}"


def _rests_on(agreed: Agreed) -> Iterator[str]:
    checkpoint = agreed.verified.checkpoint
    root = base64.b64encode(checkpoint.root).decode()
    yield f"checkpoint: {checkpoint.origin}, size {checkpoint.size}, root {root}"
    yield from who_vouches(agreed.verified, agreed.trust)
    yield RECEIPT
    if isinstance(agreed.receipt.agreement, Passkey):
        yield WHOSE_KEY.format(digest=sha256(agreed.receipt.agreement.public_key).hexdigest())
    else:
        yield f"agreement: {BY_PASSWORD}"
    yield IN_FORCE
    yield from (line.format(name=agreed.partner.name) for line in wording.ALWAYS)
