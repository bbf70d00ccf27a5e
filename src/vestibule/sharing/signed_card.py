"""A card as it travels: a compact JWS (RFC 7515) by one of the partner's registered keys. Pure.

The header has `alg`, `kid` and `typ` and nothing else: no member of it names or carries a key to trust, and
no extension is known. Its members may stand in any order, so that every JOSE library can make one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from vestibule.ledger import ed25519, jws
from vestibule.ledger.errors import JsonError, LedgerError
from vestibule.ledger.fields import KEY_ID, NAME
from vestibule.ledger.given_json import object_of
from vestibule.sharing.card import Card, text_of
from vestibule.sharing.errors import BadCard

TYP = "vestibule-card+jwt"
ALGORITHMS = ("EdDSA", "Ed25519")
"""Two names of one algorithm: RFC 8037 section 3.1 and RFC 9864."""
HEADER = frozenset({"alg", "kid", "typ"})
LONGEST = 8000
"""Characters of the whole; it stands in an address."""


@dataclass(frozen=True, slots=True)
class SignedCard:
    """A card as it was read; nothing in it counts before `verify`.

    Attributes:
        partner_id: whose it says it is (`iss`).
        audience: the origin of the platform it is made for (`aud`).
        key_id: the key it says it is signed by (`kid`).
    """

    partner_id: str
    audience: str
    key_id: str
    card: Card
    _signed: bytes
    _signature: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the compact serialization.

        Raises:
            BadCard: naming the part and the claim, expected against got.
        """
        if len(text) > LONGEST or not text.isascii():
            raise BadCard(f"card: expected a JWS of at most {LONGEST} ASCII characters, got {len(text)}")
        try:
            header, payload, signature = jws.split(text.encode())
        except LedgerError as error:
            raise BadCard(f"card: expected a compact JWS: {error}") from error
        key_id = _key_id(_object("card header", header))
        claims = _object("card", payload)
        partner_id, audience = (text_of(claims, name) for name in ("iss", "aud"))
        _match("card.iss", NAME, partner_id)
        card = Card.of({name: value for name, value in claims.items() if name not in ("iss", "aud")})
        return cls(partner_id, audience, key_id, card, text.rpartition(".")[0].encode(), signature)

    def verify(self, public: bytes) -> None:
        """Check the signature by the key that the header names.

        Raises:
            BadCard: if it is another's, or over something else.
        """
        if not ed25519.is_valid(public, self._signed, self._signature):
            raise BadCard(
                f"card signature: expected one by the key {self.key_id} of {self.partner_id} over this "
                "header and these claims, got another"
            )


def _key_id(header: Mapping[str, Any]) -> str:
    if header.keys() != HEADER:
        raise BadCard(f"card header: expected alg, kid and typ, got {', '.join(sorted(header))[:200]}")
    if header["alg"] not in ALGORITHMS:
        raise BadCard(f"card header.alg: expected {ALGORITHMS[0]}, got {header['alg']!r:.80}")
    if header["typ"] != TYP:
        raise BadCard(f"card header.typ: expected {TYP}, got {header['typ']!r:.80}")
    _match("card header.kid", KEY_ID, header["kid"])
    return str(header["kid"])


def _match(what: str, pattern: re.Pattern[str], value: object) -> None:
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        raise BadCard(f"{what}: expected an id like {pattern.pattern}, got {value!r:.80}")


def _object(what: str, data: bytes) -> dict[str, Any]:
    try:
        return object_of(data)
    except JsonError as error:
        raise BadCard(f"{what}: {error}") from error
