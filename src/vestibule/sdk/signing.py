"""What a partner signs besides its requests: cards, privileges and its own counts. Pure functions."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from nacl.signing import SigningKey

from vestibule.ledger import canonical
from vestibule.ledger.leaf import privilege_text, reconcile_text

if TYPE_CHECKING:
    from collections.abc import Mapping

CARD = b"vestibule/card/v1\n"


def sign_privilege(
    *, partner: str, scope: str, purpose: str, agreement: str, until_day: int, key_id: str, seed: bytes
) -> str:
    """Sign what the operator may then put on the register; base64.

    Args:
        partner: the signer's own id.
        scope: such as `messages.read`.
        purpose: the sentence people will read.
        agreement: hex SHA-256 of the agreement with the operator.
        until_day: last UTC day, days since 1970.
        key_id: the registered key's id.
        seed: its 32 secret bytes.
    """
    text = privilege_text(
        partner=partner, scope=scope, purpose=purpose, agreement=agreement, until_day=until_day, key_id=key_id
    )
    return base64.b64encode(_sign(seed, text)).decode()


def sign_counts(
    *, partner: str, size: int, counts: Mapping[str, tuple[int, int]], key_id: str, seed: bytes
) -> str:
    """Sign one's own counts over the first `size` leaves; base64."""
    text = reconcile_text(partner=partner, size=size, counts=counts, key_id=key_id)
    return base64.b64encode(_sign(seed, text)).decode()


def dialog_url(
    platform: str,
    *,
    partner: str,
    card: Mapping[str, str | int],
    return_uri: str,
    state: str,
    key_id: str,
    seed: bytes,
) -> str:
    """Write the address of the send dialog for one card.

    Args:
        platform: the platform's origin, such as `https://example.com`.
        partner: the signer's own id.
        card: `kind`, `title`, `picture`, `link` and `expires` (seconds since 1970); `v` is added.
        return_uri: where the dialog goes back to, registered exactly like this.
        state: comes back unchanged.
        key_id: the registered key's id.
        seed: its 32 secret bytes.
    """
    data = canonical.encode({"v": 1, **card})
    query = {
        "partner": partner,
        "card": _b64url(data),
        "key_id": key_id,
        "signature": _b64url(_sign(seed, CARD + data)),
        "return_uri": return_uri,
        "state": state,
    }
    return f"{platform.rstrip('/')}/dialog?{urlencode(query)}"


def _sign(seed: bytes, text: bytes) -> bytes:
    return SigningKey(seed).sign(text).signature


def _b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
