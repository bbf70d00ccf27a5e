"""Consent receipts: what a person takes away of what she agreed to, to be checked by anybody offline."""

from dataclasses import dataclass

from vestibule.connections import records
from vestibule.connections.records import Record
from vestibule.ledger.agreement import Passkey
from vestibule.ledger.consent_receipt import TYP, ConsentReceipt
from vestibule.ledger.opening import Private
from vestibule.people.accounts import Account
from vestibule.recorder.recorder import Recorder
from vestibule.store import Store


@dataclass(frozen=True, slots=True)
class Controller:
    """Who answers for a partner, as its entry in the register says.

    Attributes:
        home: its web origin.
        leaf_index: where the entry stands in the log.
    """

    partner_id: str
    legal_entity: str
    home: str
    leaf_index: int


async def consent_receipt(
    store: Store,
    recorder: Recorder,
    *,
    person: Account,
    controller: Controller,
    connection_id: int,
    issued: int,
) -> str | None:
    """Make the receipt of one time that a person agreed, to the newest checkpoint.

    Args:
        store: where the record of it is.
        recorder: makes the proofs, and signs.
        person: who agreed.
        controller: with whom.
        connection_id: in which connection.
        issued: when she was shown what she agreed to, microseconds since 1970.

    Returns:
        the JWS; None if there is no such record of hers with this partner, or its grants are not published.

    Raises:
        LogUnavailable: if releases wait for witnesses, and none has covered its leaves yet.
    """
    record = await records.one(store, person.user_id, connection_id, issued)
    if record is None or record.consent.partner != controller.partner_id:
        return None
    indexes = await recorder.recorded_under(record.event_id)
    if not indexes:
        return None
    said = await _said(recorder, person, controller, record, indexes)
    return recorder.sign_jws(TYP, said.encode())


async def _said(
    recorder: Recorder, person: Account, controller: Controller, record: Record, indexes: tuple[int, ...]
) -> ConsentReceipt:
    allowed = record.consent.allowed
    registered = (controller.leaf_index, *(one.privilege for one in allowed))
    found = await recorder.leading_to_one(person.subject, indexes, registered)
    grants, others = found[: len(indexes)], [leaf.receipt() for leaf in found[len(indexes) :]]
    by_scope = {Private.parse(grant.private).op: grant.receipt() for grant in grants}
    return ConsentReceipt(
        consent=record.consent,
        agreement=record.agreement,
        random=record.random if isinstance(record.agreement, Passkey) else b"",
        picked=record.picked,
        legal_entity=controller.legal_entity,
        home=controller.home,
        partner=others[0],
        privileges=tuple(others[1:]),
        grants=tuple(by_scope[one.scope] for one in allowed),
    )
