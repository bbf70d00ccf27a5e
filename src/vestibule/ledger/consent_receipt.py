"""What a consent receipt says: fields named after ISO/IEC TS 27560 and Kantara 1.1, and what proves them.

All that the standards' fields say follows from the canonical grant and the partner's entry in the register. A
reader makes them again and compares, so that no receipt can say one thing and prove another.
"""

from dataclasses import dataclass
from typing import Any, Final, Self

from vestibule.ledger import agreement as agreements
from vestibule.ledger import canonical
from vestibule.ledger.agreement import RANDOM_LENGTH, Agreement, Passkey
from vestibule.ledger.consent import PICKED, Allowed, Consent
from vestibule.ledger.errors import ConsentError, LedgerError
from vestibule.ledger.fields import Reader, b64, need_bytes
from vestibule.ledger.picked import Picked

TYP: Final = "consent-receipt+jwt"
"""The `typ` of its JWS."""

SCHEMA: Final = "vestibule-consent-receipt/v1"

PII: Final = {
    "messages.read": "private messages, and who wrote them",
    "messages.send": "private messages, written in her name",
    "messages.delete": "private messages, deleted in her name",
    "friends.list": "the list of her friends",
    "recommendations.receive": "what is recommended to her, without who recommends it",
}
"""What data each scope is about."""


@dataclass(frozen=True, slots=True)
class ConsentReceipt:
    """What is signed.

    Attributes:
        consent: to what she agreed.
        agreement: how.
        random: 32 bytes that open the commitment in the grants' openings; empty for a password.
        picked: the messages she picked by hand, to which `consent` commits; None for another reach.
        legal_entity: who answers for the partner, as the register names it.
        home: the partner's web origin, as the register names it.
        partner: receipt of the partner's leaf (docs/log.md, receipts).
        privileges: receipts of the privileges' leaves, in the order of `consent.allowed`.
        grants: receipts of the grant leaves with their openings, in the order of `consent.allowed`.
    """

    consent: Consent
    agreement: Agreement
    random: bytes
    picked: Picked | None
    legal_entity: str
    home: str
    partner: str
    privileges: tuple[str, ...]
    grants: tuple[str, ...]

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        consent = self.consent
        return canonical.encode(
            {
                "schema_version": SCHEMA,
                "record_id": consent.challenge().hex(),
                "pii_principal_id": consent.person,
                "event": {"event_type": "consent given", "event_time": consent.issued},
                "pii_controllers": [
                    {"party_id": consent.partner, "party_name": self.legal_entity, "party_url": self.home}
                ],
                "purposes": [_purpose(one) for one in consent.allowed],
                "collection_method": f"consent page of {consent.origin}",
                "validity": {"from": consent.issued, "until_day": consent.until_day},
                "withdrawal_method": withdrawal(consent),
                **self._evidence(),
            }
        )

    def _evidence(self) -> dict[str, Any]:
        opened: dict[str, Any] = {"random": b64(self.random)} if isinstance(self.agreement, Passkey) else {}
        if self.picked is not None:
            opened["picked"] = self.picked.fields()
        return {
            "consent": self.consent.encode().decode(),
            "agreement": self.agreement.encode().decode(),
            **opened,
            "partner": self.partner,
            "privileges": self.privileges,
            "grants": self.grants,
        }

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a receipt from its canonical bytes.

        Raises:
            ConsentError: if `data` is anything else, or a field says something else than the canonical grant.
        """
        try:
            value = canonical.decode(data)
            found = cls._read(Reader(value))
            made = canonical.decode(found.encode())
        except ConsentError:
            raise
        except LedgerError as error:
            raise ConsentError(str(error)) from None
        for name in sorted(made.keys() | value.keys()):
            if value.get(name) != made.get(name):
                raise ConsentError(
                    f"{name}: expected {made.get(name)!r:.200} by the canonical grant, "
                    f"got {value.get(name)!r:.200}"
                )
        return found

    @classmethod
    def _read(cls, reader: Reader) -> Self:
        if (schema := reader.text("schema_version")) != SCHEMA:
            raise ConsentError(f"expected schema version {SCHEMA}, got {schema[:80]!r}")
        controllers = reader.mappings("pii_controllers")
        if len(controllers) != 1:
            raise ConsentError(f"expected one pii controller, got {len(controllers)}")
        controller = Reader(controllers[0])
        agreement = agreements.parse(reader.text("agreement").encode())
        consent = Consent.parse(reader.text("consent").encode())
        return cls(
            consent=consent,
            agreement=agreement,
            random=_read_random(reader, agreement),
            picked=_read_picked(reader, consent),
            legal_entity=controller.text("party_name"),
            home=controller.text("party_url"),
            partner=reader.text("partner"),
            privileges=reader.strings("privileges"),
            grants=reader.strings("grants"),
        )


def withdrawal(consent: Consent) -> str:
    """Say how she ends it."""
    return f"{consent.origin}/apps/{consent.partner}: end the connection there, at any time and at once"


def _purpose(allowed: Allowed) -> dict[str, str]:
    return {
        "purpose": allowed.purpose,
        "service": allowed.scope,
        "pii_type": PII.get(allowed.scope, f"data under {allowed.scope}"),
        "lawful_basis": "consent",
    }


def _read_random(reader: Reader, agreement: Agreement) -> bytes:
    if not isinstance(agreement, Passkey):
        return b""
    random = reader.binary("random")
    need_bytes("random bytes", random, RANDOM_LENGTH)
    return random


def _read_picked(reader: Reader, consent: Consent) -> Picked | None:
    if consent.chosen.reach != PICKED:
        return None
    picked = Picked.read(Reader(reader.mapping("picked")))
    if picked.committed() != consent.chosen.picked:
        raise ConsentError("picked: expected the messages that the canonical grant commits to, got others")
    return picked
