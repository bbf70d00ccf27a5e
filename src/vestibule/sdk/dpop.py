"""DPoP (RFC 9449): a token works only together with a key that never leaves its owner.

The caller keeps the key, as long as its tokens; every request carries a fresh proof that it has it.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from vestibule.sdk import base64url
from vestibule.sdk.errors import BadKey

if TYPE_CHECKING:
    from collections.abc import Mapping

ALGORITHM: Final = "ES256"
CURVE: Final = "P-256"
TYPE: Final = "dpop+jwt"
NONCE_FIELD: Final = "DPoP-Nonce"
WANTS_NONCE: Final = "use_dpop_nonce"
JTI_BYTES = 18


@dataclass(frozen=True, slots=True)
class DpopKey:
    """A private key on P-256. Whoever loses it loses the tokens that are bound to it, too."""

    _key: ECKey = field(repr=False)

    @classmethod
    def new(cls) -> DpopKey:
        """Make a key; keep its `to_json()`."""
        return cls(ECKey.generate_key(CURVE))

    @classmethod
    def from_json(cls, text: str) -> DpopKey:
        """Read what `to_json` wrote, or any other private JWK on P-256.

        Raises:
            BadKey: if it is something else.
        """
        try:
            key = ECKey.import_key(json.loads(text))
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise BadKey(f"dpop key: expected a private JWK on {CURVE}: {error}") from error
        if key.curve_name != CURVE or not key.is_private:
            raise BadKey(f"dpop key: expected a private JWK on {CURVE}, got another key")
        return cls(key)

    def to_json(self) -> str:
        """Write the key for keeping, as secretly as the registered one."""
        return json.dumps(self._key.as_dict(private=True))

    @property
    def jkt(self) -> str:
        """Its JWK thumbprint (RFC 7638), by which tokens name it (section 6.1)."""
        return self._key.thumbprint()

    def proof(
        self, *, method: str, uri: str, now: int, nonce: str | None = None, token: str | None = None
    ) -> str:
        """Write the DPoP field of one request (section 4.2).

        Args:
            method: of the request.
            uri: of the request; its query and fragment are left out.
            now: seconds since 1970.
            nonce: the newest the platform gave, None if it gave none.
            token: the access token in the request, None if there is none.
        """
        claims: dict[str, Any] = {"jti": secrets.token_urlsafe(JTI_BYTES), "htm": method, "htu": htu(uri)}
        claims |= {"iat": now}
        claims |= {} if token is None else {"ath": ath(token)}
        claims |= {} if nonce is None else {"nonce": nonce}
        header = {"typ": TYPE, "alg": ALGORITHM, "jwk": self._key.as_dict(private=False)}
        return jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])


def htu(uri: str) -> str:
    """Return a target URI without query and fragment (section 4.2)."""
    return urlsplit(uri)._replace(query="", fragment="").geturl()


def ath(token: str) -> str:
    """Return the hash that ties a proof to its access token (section 4.2)."""
    return base64url.encode(sha256(token.encode("ascii")).digest())


def wants_nonce(status: int, headers: Mapping[str, str], body: Mapping[str, Any]) -> bool:
    """Tell whether an answer only asks for its nonce in a new proof (sections 8 and 9).

    Args:
        status: HTTP status.
        headers: fields by lower-case name.
        body: the JSON object in it, empty if there is none.
    """
    if NONCE_FIELD.lower() not in headers:
        return False
    if status == 400:  # noqa: PLR2004  (RFC 6749 section 5.2: an error of the token endpoint)
        return body.get("error") == WANTS_NONCE
    challenge = headers.get("www-authenticate", "")
    return status == 401 and f'error="{WANTS_NONCE}"' in challenge  # noqa: PLR2004  (RFC 9110: unauthorized)
