"""A grant written out in every word, before the person agrees to it; nothing is stored."""

import json
import secrets
from dataclasses import dataclass
from typing import Any, Self

from vestibule.connections import listing, states
from vestibule.connections.errors import ConnectionRefused
from vestibule.connections.grants import IN_CONVERSATIONS, LONGEST_DAYS, Grant, Reach
from vestibule.connections.language import marked
from vestibule.connections.listing import Connection
from vestibule.connections.opaque import PartnersIds
from vestibule.connections.states import By, Status
from vestibule.ledger import tags
from vestibule.ledger.consent import Allowed, Chosen, Consent
from vestibule.ledger.days import MICROSECONDS_A_DAY
from vestibule.ledger.picked import RANDOM_LENGTH, Picked
from vestibule.people.accounts import Account
from vestibule.recorder.recorder import Recorder
from vestibule.store import Store, ids


@dataclass(frozen=True, slots=True)
class Proposal:
    """A grant as it will be agreed to: what is shown, signed, recorded and enforced is made from this value.

    Attributes:
        connection_id: which connection it begins or changes.
        grant_id: by which its connection will know it; agreeing twice to one proposal is agreeing once.
        grant: what will be permitted.
        consent: the same in the partner's ids, as she agrees to it.
        picked: what `consent` commits to where she picked messages by hand, else None.
        privilege_until: the last UTC day of the privileges it stands on.
    """

    connection_id: int
    grant_id: int
    grant: Grant
    consent: Consent
    picked: Picked | None
    privilege_until: int

    def to_json(self) -> str:
        """Render for storage."""
        fields = {"connection_id": self.connection_id, "grant_id": self.grant_id}
        kept = {"grant": self.grant.to_json(), "consent": self.consent.encode().decode()}
        picked = self.picked and self.picked.to_json()
        return json.dumps({**fields, **kept, "picked": picked, "privilege_until": self.privilege_until})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        fields: dict[str, Any] = json.loads(text)
        grant, consent = Grant.from_json(fields["grant"]), Consent.parse(fields["consent"].encode())
        picked = fields["picked"] and Picked.from_json(fields["picked"])
        place = fields["connection_id"], fields["grant_id"]
        return cls(*place, grant, consent, picked, fields["privilege_until"])


def check(grant: Grant, day: int) -> None:
    """Refuse a grant that permits nothing, or for too long.

    Raises:
        ConnectionRefused: saying what to choose instead.
    """
    if not grant.permissions:
        raise ConnectionRefused("nothing is ticked: tick what the app may do, or decline")
    if IN_CONVERSATIONS.intersection(grant.scopes):
        if not grant.selection.conversations:
            raise ConnectionRefused("no conversation is chosen: choose at least one, or decline")
        if grant.selection.reach is Reach.PICKED and not grant.selection.picked:
            raise ConnectionRefused("no message is picked: pick at least one, or decline")
    if not day <= grant.until_day <= day + LONGEST_DAYS:
        raise ConnectionRefused(
            f"the end must lie between today and {LONGEST_DAYS} days from now, got UTC day {grant.until_day}"
        )


async def propose(
    store: Store,
    recorder: Recorder,
    *,
    secret: bytes,
    origin: str,
    person: Account,
    grant: Grant,
    privilege_until: int,
    now: int,
) -> Proposal:
    """Write out a grant in every word before the person agrees to it; nothing is stored.

    Args:
        store: where a connection may stand that this would change.
        recorder: knows by which id the partner knows the person.
        secret: the platform's 32 bytes that seal ids.
        origin: the platform's web origin.
        person: who is asked.
        grant: what she would permit.
        privilege_until: the last UTC day of the privileges it stands on.
        now: microseconds since 1970.

    Raises:
        ConnectionRefused: if the grant is not acceptable, or someone's suspension is in its way.
    """
    check(grant, now // MICROSECONDS_A_DAY)
    grant_id = ids.new_id(now)
    found = await store.read(lambda tx: listing.with_partner_in(tx, person.user_id, grant.partner))
    live = changed_by(found, grant_id)
    connection_id = grant_id if live is None else live.connection_id
    known_as = tags.partner_person_id(await recorder.lane_key(grant.partner, person.subject))
    theirs = PartnersIds(secret, grant.partner, person.user_id)
    picked = _picked(grant, theirs)
    consent = Consent(
        origin=origin,
        partner=grant.partner,
        person=known_as,
        connection=theirs.connection(connection_id),
        allowed=tuple(
            Allowed(granted.scope.value, granted.purpose, granted.privilege_index)
            for granted in sorted(grant.permissions, key=lambda granted: granted.scope)
        ),
        chosen=_chosen(grant, theirs, picked),
        until_day=grant.until_day,
        issued=now,
    )
    return Proposal(connection_id, grant_id, grant, consent, picked, privilege_until)


def _picked(grant: Grant, theirs: PartnersIds) -> Picked | None:
    selection = grant.selection
    if selection.reach is not Reach.PICKED:
        return None
    messages = tuple(sorted(theirs.message(*message) for message in selection.picked))
    return Picked(messages, secrets.token_bytes(RANDOM_LENGTH))


def _chosen(grant: Grant, theirs: PartnersIds, picked: Picked | None) -> Chosen:
    selection = grant.selection
    return Chosen(
        reach=selection.reach.value,
        conversations=tuple(sorted(theirs.conversation(chosen) for chosen in selection.conversations)),
        picked="" if picked is None else picked.committed(),
        since=selection.since,
    )


def changed_by(found: tuple[Connection, ...], grant_id: int) -> Connection | None:
    """Return which connection another grant changes, None where it begins one.

    Raises:
        ConnectionRefused: if someone's suspension is not hers to undo.
    """
    for connection in found:
        if connection.state != Status.ENDED:
            states.change(connection.where, grant_id)
            return connection
    if any(By.OPERATOR in connection.suspended_by for connection in found):
        raise ConnectionRefused(
            marked("The operator has suspended your connection with this app: only they can undo that.")
        )
    return None
