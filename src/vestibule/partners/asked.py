"""Privileges that partners ask for, as they stand. Reads the table `privilege_request`.

A request is signed by the partner's own key, over the very text that its leaf will carry (`ledger.register`),
before the operator sees it: granting it needs nothing more from the partner. Pictures and agreement are for
the operator; of the agreement the digest goes public.
"""

import json
from dataclasses import dataclass
from typing import Any

from vestibule.ledger import leaf as leaves
from vestibule.partners.errors import RegisterError
from vestibule.store import Store

UNSIGNED, OPEN, GRANTED, DECLINED = "unsigned", "open", "granted", "declined"

COLUMNS = """partner_id, request_id, asked_by, asked_at, scope, purpose, ceiling, until_day, agreement,
    agreement_name, agreement_size, pictures, key_id, signature, state, words, decided_at, leaf_index"""
OF_PARTNER = f"""
    select {COLUMNS} from privilege_request where partner_id = :partner_id
    order by request_id desc limit 200
"""
ONE = f"""
    select {COLUMNS} from privilege_request where partner_id = :partner_id and request_id = :request_id
"""
ADMIN_OPEN = f"""
    select {COLUMNS} from privilege_request where state = 'open'
    order by asked_at, partner_id, request_id limit 200
"""


@dataclass(frozen=True, slots=True)
class Handed:
    """A file that was handed in, in the blobs under `attachments/<sha256>`."""

    sha256: str
    type: str
    name: str
    size: int

    @property
    def path(self) -> str:
        """Where it is in the blobs."""
        return f"attachments/{self.sha256}"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a partner asks for.

    Attributes:
        purpose: the sentence that people will read.
        ceiling: how many people it expects to connect at most; None where it does not say.
        until_day: last UTC day, days since 1970.
        pictures: of the app, for the operator.
    """

    scope: str
    purpose: str
    until_day: int
    agreement: Handed
    ceiling: int | None = None
    pictures: tuple[Handed, ...] = ()


@dataclass(frozen=True, slots=True)
class PrivilegeRequest:
    """A request as it stands.

    Attributes:
        asked_by: the member's account.
        asked_at: microseconds since 1970.
        key_id: the key that signed it, empty while it is `unsigned`.
        signature: base64, likewise.
        state: `unsigned`, `open`, `granted` or `declined`.
        words: what the operator answered.
        leaf_index: where the privilege stands in the log, None unless it is granted.
    """

    partner_id: str
    request_id: int
    asked_by: int
    asked_at: int
    asked: Asked
    key_id: str
    signature: str
    state: str
    words: str
    decided_at: int
    leaf_index: int | None

    def signed_text(self, key_id: str) -> bytes:
        """Return what a key of the partner's signs."""
        return leaves.privilege_text(**self.fields(key_id))

    def fields(self, key_id: str) -> dict[str, Any]:
        """Return the fields of the privilege, as `vestibule ask` prints them."""
        return {
            "partner": self.partner_id,
            "scope": self.asked.scope,
            "purpose": self.asked.purpose,
            "agreement": self.asked.agreement.sha256,
            "until_day": self.asked.until_day,
            "key_id": key_id,
        }


async def of_partner(store: Store, partner_id: str) -> tuple[PrivilegeRequest, ...]:
    """List a partner's newest 200 requests, the newest first."""
    rows = await store.read(lambda tx: tx.all(OF_PARTNER, partner_id=partner_id))
    return tuple(_from_row(row) for row in rows)


async def open_requests(store: Store) -> tuple[PrivilegeRequest, ...]:
    """List the oldest 200 requests that wait for the operator."""
    return tuple(_from_row(row) for row in await store.read(lambda tx: tx.all(ADMIN_OPEN)))


async def one(store: Store, partner_id: str, request_id: int) -> PrivilegeRequest | None:
    """Find a request; None if there is none such, or it was taken back."""
    row = await store.read(lambda tx: tx.one(ONE, partner_id=partner_id, request_id=request_id))
    return None if row is None else _from_row(row)


async def in_state(store: Store, partner_id: str, request_id: int, state: str) -> PrivilegeRequest:
    """Find a request that has to be in a state.

    Raises:
        RegisterError: if it is not.
    """
    found = await one(store, partner_id, request_id)
    if found is None or found.state != state:
        raise RegisterError(
            f"request: expected one that is {state}, got one {'taken back' if found is None else found.state}"
        )
    return found


def _from_row(row: tuple[Any, ...]) -> PrivilegeRequest:
    partner_id, request_id, asked_by, asked_at, scope, purpose, ceiling, until_day, *rest = row
    agreement, agreement_name, agreement_size, pictures, *state = rest
    file = Handed(agreement, "application/octet-stream", agreement_name, agreement_size)
    shown = tuple(Handed(*picture) for picture in json.loads(pictures))
    asked = Asked(scope, purpose, until_day, file, ceiling, shown)
    return PrivilegeRequest(partner_id, request_id, asked_by, asked_at, asked, *state)
