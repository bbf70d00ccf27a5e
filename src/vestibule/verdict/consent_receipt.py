"""A person's consent receipt, checked offline: what she agreed to, how, and that the log says the same.

The JWS shows that the platform stands by it. What matters more it cannot make up afterwards: each grant leaf
is in the log and commits to the very text she agreed to and to how she did, and her passkey signed that text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vestibule.ledger import ed25519, tags
from vestibule.ledger.agreement import AGREED, Passkey
from vestibule.ledger.consent import CONSENT
from vestibule.ledger.consent_receipt import TYP, ConsentReceipt
from vestibule.ledger.errors import LedgerError
from vestibule.ledger.jws import Jws
from vestibule.ledger.leaf import Event, PartnerLeaf, PrivilegeLeaf
from vestibule.verdict import assertion
from vestibule.verdict.errors import BadAgreement, BadConsentReceipt, BadReceipt
from vestibule.verdict.receipt import open_receipt

if TYPE_CHECKING:
    from vestibule.ledger.consent import Allowed, Consent
    from vestibule.verdict.receipt import Receipt
    from vestibule.verdict.trust import Trust
    from vestibule.verdict.vouched import Vouched


@dataclass(frozen=True, slots=True)
class Agreed:
    """A consent receipt that holds.

    Attributes:
        receipt: what it says.
        partner: the partner's entry in the register.
        grants: the grant leaves, in the order of what is allowed.
        lane_key: key of the person's shared lane with the partner.
        trust: the policy.
        verified: the checkpoint that every proof leads to, and who vouches for it.
    """

    receipt: ConsentReceipt
    partner: PartnerLeaf
    grants: tuple[Receipt, ...]
    lane_key: bytes
    trust: Trust
    verified: Vouched

    @property
    def consent(self) -> Consent:
        """The canonical grant."""
        return self.receipt.consent

    @property
    def by_passkey(self) -> bool:
        """Whether her passkey signed it."""
        return isinstance(self.receipt.agreement, Passkey)


def is_one(text: bytes) -> bool:
    """Tell a consent receipt from the receipt of one leaf: a JWS begins with an encoded brace."""
    return text.startswith(b"eyJ")


def open_consent_receipt(text: bytes, trust: Trust) -> Agreed:
    """Check a consent receipt against the policy: the log's signature, every proof and commitment, and hers.

    Raises:
        BadConsentReceipt: naming the part, what was expected and what was got.
    """
    try:
        said = _signed_by_log(text, trust)
        partner = open_receipt(said.partner, trust)
        privileges = _one_each("privileges", said.privileges, said.consent, trust)
        grants = _one_each("grants", said.grants, said.consent, trust)
        verified = _one_checkpoint((partner, *privileges, *grants))
        registered = _registered(said, partner)
        for allowed, privilege, grant in zip(said.consent.allowed, privileges, grants, strict=True):
            _check_privilege(said.consent, allowed, privilege)
            _check_grant(said, allowed, grant)
        if isinstance(said.agreement, Passkey):
            assertion.check(said.agreement, said.consent)
    except BadAgreement as error:
        raise BadConsentReceipt(f"consent receipt, her assertion, {error}") from None
    except (LedgerError, BadReceipt) as error:
        raise BadConsentReceipt(f"consent receipt: {error}") from None
    return Agreed(said, registered, grants, _lane_key(grants), trust, verified)


def _signed_by_log(text: bytes, trust: Trust) -> ConsentReceipt:
    jws, key = Jws.parse(text.rstrip(b"\n")), trust.policy.log.key
    for what, expected, got in (("typ", TYP, jws.typ), ("kid", key.name, jws.kid)):
        if got != expected:
            raise BadConsentReceipt(f"consent receipt, {what}: expected {expected}, got {got!r:.120}")
    if not ed25519.is_valid(key.public, jws.signing_input, jws.signature):
        raise BadConsentReceipt(
            f"consent receipt: expected a signature by {key.name} of the policy, got none"
        )
    return ConsentReceipt.parse(jws.payload)


def _registered(said: ConsentReceipt, receipt: Receipt) -> PartnerLeaf:
    leaf, expected = receipt.leaf, (said.consent.partner, said.legal_entity, said.home)
    if not isinstance(leaf, PartnerLeaf):
        raise BadConsentReceipt(
            f"{_where(receipt)}: expected the partner's entry, got a {_kind(receipt)} leaf"
        )
    if (got := (leaf.partner, leaf.legal_entity, leaf.home_origin)) != expected:
        raise BadConsentReceipt(
            f"{_where(receipt)}: expected the entry of {expected!r:.200}, got {got!r:.200}"
        )
    return leaf


def _one_each(what: str, receipts: tuple[str, ...], consent: Consent, trust: Trust) -> tuple[Receipt, ...]:
    if len(receipts) != (scopes := len(consent.allowed)):
        raise BadConsentReceipt(
            f"consent receipt, {what}: expected {scopes}, one for each scope, got {len(receipts)}"
        )
    return tuple(open_receipt(receipt, trust) for receipt in receipts)


def _check_privilege(consent: Consent, allowed: Allowed, receipt: Receipt) -> None:
    leaf, where = receipt.leaf, _where(receipt)
    if receipt.index != allowed.privilege:
        raise BadConsentReceipt(f"{where}: expected the privilege of leaf {allowed.privilege}")
    if not isinstance(leaf, PrivilegeLeaf):
        raise BadConsentReceipt(f"{where}: expected a privilege, got a {_kind(receipt)} leaf")
    expected = (consent.partner, allowed.scope, allowed.purpose)
    if (got := (leaf.partner, leaf.scope, leaf.purpose)) != expected:
        raise BadConsentReceipt(f"{where}: expected the privilege of {expected!r:.200}, got {got!r:.200}")


def _check_grant(said: ConsentReceipt, allowed: Allowed, receipt: Receipt) -> None:
    """Check that a leaf is this person's grant of one scope to this partner, of this text, agreed to so."""
    leaf, private, where = receipt.leaf, receipt.private, _where(receipt)
    if not isinstance(leaf, Event) or private is None or receipt.lane_key is None:
        raise BadConsentReceipt(f"{where}: expected a grant with opening and lane key, got less")
    consent = said.consent
    for what, expected, got in (
        ("kind", "grant", leaf.kind),
        ("operation", allowed.scope, leaf.op),
        ("partner", consent.partner, leaf.partner),
        ("lane", tags.SHARED, private.lane),
        ("person", consent.person, private.person),
        (CONSENT, consent.encode().decode(), private.extra.get(CONSENT)),
        (AGREED, said.agreement.committed(said.random), private.extra.get(AGREED)),
    ):
        if got != expected:
            raise BadConsentReceipt(f"{where}, {what}: expected {expected!r:.200}, got {got!r:.200}")


def _lane_key(grants: tuple[Receipt, ...]) -> bytes:
    # One person's id comes from one key: where the ids are the same, the keys are.
    return grants[0].lane_key or b""


def _one_checkpoint(receipts: tuple[Receipt, ...]) -> Vouched:
    first, *others = receipts
    for other in others:
        if other.verified.note != first.verified.note:
            raise BadConsentReceipt(f"{_where(other)}: expected the checkpoint of the others, got another")
    return first.verified


def _where(receipt: Receipt) -> str:
    return f"consent receipt, leaf {receipt.index}"


def _kind(receipt: Receipt) -> str:
    return type(receipt.leaf).__name__
