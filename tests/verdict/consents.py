"""Consent receipts over the small log in memory, true ones and with whatever a test would have different."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.verdict.log_builder import ALICE, NOW, LogBuilder
from tests.verdict.passkeys import Authenticator
from vestibule.ledger import jws, tags
from vestibule.ledger.agreement import Agreement, Password
from vestibule.ledger.consent import Allowed, Chosen, Consent
from vestibule.ledger.consent_receipt import TYP, ConsentReceipt

SEND = "messages.send"
PLATFORM = "https://vestibule.example"
PURPOSE = "to suggest songs"
RANDOM = bytes(range(32))


@dataclass
class Granted:
    """A log in which a person agreed to something.

    Attributes:
        log: with partner, privileges and her grants.
        partner_at: index of the partner's leaf.
        consent: the canonical grant.
        agreement: how she agreed.
        grants: indexes of her grant leaves.
        subject: in whose lane they are.
    """

    log: LogBuilder
    partner_at: int
    consent: Consent
    agreement: Agreement
    grants: list[int] = field(default_factory=list)

    subject: bytes = ALICE

    def proofs(self) -> dict[str, Any]:
        """Make every proof, to the log as it is now."""
        key, _ = self.log.lane("jukebox", tags.SHARED, self.subject)
        openings = {one.index: one for one in self.log.openings["jukebox", tags.SHARED, self.subject]}
        return {
            "partner": self.log.receipt(self.partner_at),
            "privileges": tuple(self.log.receipt(one.privilege) for one in self.consent.allowed),
            "grants": tuple(self.log.receipt(index, openings[index], key) for index in self.grants),
        }

    def said(self, **changes: Any) -> ConsentReceipt:
        """Make what the receipt says; `changes` replace what it says truly."""
        fields: dict[str, Any] = {
            "consent": self.consent,
            "agreement": self.agreement,
            "random": b"" if isinstance(self.agreement, Password) else RANDOM,
            "picked": None,
            "legal_entity": "Jukebox Ltd",
            "home": "https://jukebox.example",
        }
        return ConsentReceipt(**fields | self.proofs() | changes)

    def receipt(self, **changes: Any) -> bytes:
        """Make the receipt, signed by the log."""
        return signed(self.log, self.said(**changes).encode())


def signed(log: LogBuilder, payload: bytes, *, typ: str = TYP, kid: str = "") -> bytes:
    return jws.sign(typ, kid or log.origin, payload, log.signing.sign_bytes).encode()


def granted(
    *scopes: str,
    agreement: Agreement | None = None,
    by: Authenticator | None = None,
    extra: Mapping[str, str] | None = None,
    subject: bytes = ALICE,
    log: LogBuilder | None = None,
    **changes: Any,
) -> Granted:
    """Let a person agree, by passkey unless told otherwise; `changes` replace fields of the grant."""
    scopes = scopes or ("messages.read",)
    log = log or LogBuilder()
    log.partner("jukebox")
    partner_at = len(log.entries) - 2  # the leaf of its key follows
    consent = a_consent(log, [(scope, log.privilege("jukebox", scope=scope)) for scope in scopes], subject)
    consent = Consent(**{name: getattr(consent, name) for name in consent.__slots__} | changes)
    agreement = agreement or (by or Authenticator()).agree(consent)
    found = Granted(log, partner_at, consent, agreement)
    for scope in scopes:
        found.grants.append(grant(found, scope, subject=subject, extra=extra))
    return found


def grant(
    found: Granted,
    scope: str,
    *,
    subject: bytes = ALICE,
    extra: Mapping[str, str] | None = None,
    **event: Any,
) -> int:
    """Record a grant of one scope, with the openings' two texts."""
    said = {
        "consent": found.consent.encode().decode(),
        "agreed": found.agreement.committed(RANDOM),
        **(extra or {}),
    }
    return found.log.event("grant", "jukebox", subject, op=scope, conversation="", extra=said, **event)


def a_consent(log: LogBuilder, scopes: Sequence[tuple[str, int]], subject: bytes = ALICE) -> Consent:
    key, _ = log.lane("jukebox", tags.SHARED, subject)
    return Consent(
        origin=PLATFORM,
        partner="jukebox",
        person=tags.partner_person_id(key),
        connection="aa" * 16,
        allowed=tuple(Allowed(scope, PURPOSE, index) for scope, index in scopes),
        chosen=Chosen("conversations", ("1c" * 16, "2c" * 16), "", since=0),
        until_day=NOW // 86_400 + 90,
        issued=NOW * 1_000_000,
    )
