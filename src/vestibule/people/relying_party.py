"""Who asks for a passkey: the relying party of Web Authentication (WebAuthn Level 3, section 4)."""

import hmac
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

NAME = "Vestibule"
_ADDRESS = re.compile(r"[0-9.]+|.*:.*")


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The platform as an authenticator knows it.

    Attributes:
        origin: scheme, host and port from the configuration, never from a request's Host header. What the
            browser has signed (`clientDataJSON`) has to name the very same.
        secret: 32 bytes that every process of the platform has, and nobody else.
    """

    origin: str
    secret: bytes = field(repr=False)

    @property
    def rp_id(self) -> str:
        """The host of the origin: passkeys are bound to it for ever."""
        return urlsplit(self.origin).hostname or ""

    @property
    def usable(self) -> bool:
        """Whether browsers have passkeys here: a domain, over TLS or on this machine (section 5.1.3)."""
        secure = self.origin.startswith("https://") or self.rp_id == "localhost"
        return secure and bool(self.rp_id) and not _ADDRESS.fullmatch(self.rp_id)

    def user_handle(self, user_id: int) -> bytes:
        """What authenticators call a person here: one for all her passkeys, and no id that says anything."""
        return self.seal(b"user handle", user_id.to_bytes(8, "big"))

    def seal(self, label: bytes, text: bytes) -> bytes:
        """Return HMAC-SHA256 of a text under the secret; no label is the beginning of another."""
        return hmac.digest(self.secret, b"vestibule/passkeys/v1\n" + label + b"\n" + text, "sha256")
