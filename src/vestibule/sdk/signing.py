"""What a partner signs besides its requests: cards, privileges, its own counts, reports. Pure functions."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from nacl.signing import SigningKey

from vestibule.ledger import canonical, jws
from vestibule.ledger import report_file as reports
from vestibule.ledger.fortnight import Fortnight
from vestibule.ledger.leaf import privilege_text, reconcile_text
from vestibule.ledger.report_file import Title

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vestibule.ledger.engagement import Table

CARD = "vestibule-card+jwt"
"""What kind of thing a card's signature is over (`typ`)."""


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


def sign_card(platform: str, *, partner: str, card: Mapping[str, str | int], key_id: str, seed: bytes) -> str:
    """Sign a card; returns the compact JWS that stands in a dialog's address and in a button.

    Args:
        platform: the origin of the platform it is for, such as `https://example.com`.
        partner: the signer's own id.
        card: `kind`, `title`, `link` and `exp` (seconds since 1970, at most 400 days ahead), and if wanted
            `picture` and `campaign`.
        key_id: the registered key's id.
        seed: its 32 secret bytes.
    """
    claims = canonical.encode({"iss": partner, "aud": platform.rstrip("/"), **card})
    return jws.sign(CARD, key_id, claims, lambda text: _sign(seed, text))


def report_file(
    platform: str, *, partner: str, period: str, edition: int, table: Table, media_type: str
) -> bytes:
    """Write the file of an engagement report.

    Args:
        platform: the origin of the platform it is for.
        partner: whose report.
        period: the fortnight's label, such as 2026-W01.
        edition: 1 for the first filing, one more for each correction.
        table: what was counted, such as `sdk.engagement.Engagement.table` gives it.
        media_type: `text/csv` or `application/json`.

    Raises:
        FortnightError: no fortnight has the label.
    """
    title = Title(partner, platform.rstrip("/"), Fortnight.parse(period), edition)
    return reports.write(title, table, media_type)


def sign_report(
    platform: str, *, partner: str, period: str, edition: int, data: bytes, key_id: str, seed: bytes
) -> str:
    """Sign the file of an engagement report; the detached JWS, which says which report it is.

    Raises:
        FortnightError: no fortnight has the label.
    """
    title = Title(partner, platform.rstrip("/"), Fortnight.parse(period), edition)
    return reports.sign(title, key_id, data, lambda text: _sign(seed, text))


def dialog_url(
    platform: str,
    *,
    card: str,
    return_uri: str,
    state: str,
    surface: str = "",
    interface: str = "",
    variant: str = "",
) -> str:
    """Write the address of the send dialog for one card.

    Args:
        platform: the platform's origin, such as `https://example.com`.
        card: a signed card, as `sign_card` makes it.
        return_uri: where the dialog goes back to, registered exactly like this.
        state: comes back unchanged.
        surface: the page that the person pressed Recommend on, in up to 64 of a-z 0-9 . _ -
        interface: what she pressed there.
        variant: which variant of it she saw.
    """
    placement = {"surface": surface, "interface": interface, "variant": variant}
    query = {"card": card, "return_uri": return_uri, "state": state}
    query |= {name: word for name, word in placement.items() if word}
    return f"{platform.rstrip('/')}/dialog?{urlencode(query)}"


def _sign(seed: bytes, text: bytes) -> bytes:
    return SigningKey(seed).sign(text).signature
