"""JSON Web Tokens (RFC 7519) as clients send them: ES256 and Ed25519, and nothing else.

The algorithm is held against the key's type and curve, never the other way round. Ed25519 signatures come
under the name `EdDSA` (RFC 8037) or under `Ed25519` (RFC 9864).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey
from joserfc.jws import CompactSignature, JWSRegistry

from vestibule.oauth.errors import OAuthError

ED25519 = ("EdDSA", "Ed25519")
ALGORITHMS = ("ES256", *ED25519)
LONGEST = 4096
"""Characters of a token."""
_HALF = re.compile("[\ud800-\udfff]")


class _Registry(JWSRegistry):
    max_header_length = 2048

    def get_alg(self, name: str) -> Any:
        """Take `EdDSA` as what RFC 9864 names `Ed25519`, which fits keys on that curve alone."""
        return super().get_alg("Ed25519" if name in ED25519 else name)


_REGISTRY = _Registry(algorithms=("ES256", "Ed25519"), strict_check_header=False)


@dataclass(frozen=True, slots=True)
class Jwt:
    """A token as it was read; nothing in it counts before `verify`."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]
    _signed: CompactSignature

    @classmethod
    def parse(cls, text: str, error: str) -> "Jwt":
        """Read a token, its signature unchecked.

        Args:
            text: the compact serialization.
            error: the OAuth error code that a malformed one has.
        """
        if len(text) > LONGEST:
            raise OAuthError(error, f"expected a JWT of at most {LONGEST} characters, got {len(text)}")
        try:
            signed = jws.extract_compact(text.encode("ascii"), registry=_REGISTRY)
            claims = json.loads(signed.payload)
        except (JoseError, ValueError, TypeError, RecursionError) as cause:
            raise OAuthError(error, f"expected a signed JWT: {cause}") from cause
        if not isinstance(claims, dict):
            raise OAuthError(error, "expected the claims of a JWT, got another value")
        return cls(signed.headers(), claims, signed)

    def verify(self, key: ECKey | OKPKey, error: str) -> None:
        """Check the signature with a key; raises OAuthError with the code `error`."""
        try:
            # No extension is known here, so that each one named as critical is refused (RFC 7515 4.1.11).
            valid = "crit" not in self.header and jws.validate_compact(self._signed, key, registry=_REGISTRY)
        except (JoseError, ValueError, TypeError) as cause:
            raise OAuthError(error, f"expected a valid signature: {cause}") from cause
        if not valid:
            raise OAuthError(error, "expected a signature by the key that is named, got another")

    def text(self, claim: str, error: str) -> str:
        """Return a claim that has to be a text of 1 to 500 characters."""
        value = self.claims.get(claim)
        # JSON can escape half a character, which is no text: it can be neither stored nor hashed.
        if not isinstance(value, str) or not 0 < len(value) <= 500 or _HALF.search(value):  # noqa: PLR2004
            raise OAuthError(error, f"{claim}: expected a text, got {value!r:.60}")
        return value

    def seconds(self, claim: str, error: str) -> int:
        """Return a claim that has to be a time (NumericDate), in whole seconds since 1970."""
        value = self.claims.get(claim)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e15:  # noqa: PLR2004
            raise OAuthError(error, f"{claim}: expected seconds since 1970, got {value!r:.60}")
        return int(value)
