"""How a person agreed to a canonical grant: by her passkey's assertion over it, or with her password.

Her assertion and key stand nowhere but in her own consent receipt. The opening of a grant leaf, which the
partner holds too, has a commitment to them: one key seen by two partners would tell them that they mean one
person.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self, TypeAlias

from vestibule.ledger import canonical
from vestibule.ledger.errors import ConsentError, LedgerError
from vestibule.ledger.fields import Reader, b64

AGREED: Final = "agreed"
"""The name, in the `extra` of a grant leaf's opening, under which `committed` stands."""

BY_PASSWORD: Final = "password"  # noqa: S105  (a word of the format)
"""What stands there if she agreed with a password: there is nothing to show."""

RANDOM_LENGTH: Final = 32
LONGEST: Final = 4096
"""Bytes of any part of an assertion; browsers and authenticators make some hundred."""

_BY_PASSKEY: Final = "passkey"
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Passkey:
    """A WebAuthn assertion over a canonical grant, as the browser gave it, with what verifies it.

    Attributes:
        authenticator_data: WebAuthn section 6.1.
        client_data_json: WebAuthn section 5.8.1.
        signature: over both.
        public_key: the credential's COSE key (RFC 9052).

    Raises:
        ConsentError: if a part is empty, or longer than any authenticator makes it.
    """

    authenticator_data: bytes
    client_data_json: bytes
    signature: bytes
    public_key: bytes

    def __post_init__(self) -> None:
        for name, data in self._parts():
            if not 0 < len(data) <= LONGEST:
                raise ConsentError(f"expected {name} of 1 to {LONGEST} bytes, got {len(data)}")

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        parts = {name: b64(data) for name, data in self._parts()}
        return canonical.encode({"v": _VERSION, "how": _BY_PASSKEY, **parts})

    def committed(self, random: bytes) -> str:
        """Give what stands in the opening: hex SHA-256(random || canonical bytes).

        Args:
            random: 32 fresh bytes; without them whoever knows her key could tell that it signed this.

        Raises:
            ConsentError: if there are more or fewer, because then the bytes could be cut in two ways.
        """
        if len(random) != RANDOM_LENGTH:
            raise ConsentError(f"expected {RANDOM_LENGTH} random bytes, got {len(random)}")
        return sha256(random + self.encode()).hexdigest()

    def _parts(self) -> tuple[tuple[str, bytes], ...]:
        return (
            ("authenticator_data", self.authenticator_data),
            ("client_data_json", self.client_data_json),
            ("signature", self.signature),
            ("public_key", self.public_key),
        )

    @classmethod
    def _read(cls, reader: Reader) -> Self:
        return cls(
            reader.binary("authenticator_data"),
            reader.binary("client_data_json"),
            reader.binary("signature"),
            reader.binary("public_key"),
        )


@dataclass(frozen=True, slots=True)
class Password:
    """She gave her password; that she did is the platform's word."""

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return canonical.encode({"v": _VERSION, "how": BY_PASSWORD})

    def committed(self, random: bytes) -> str:  # noqa: ARG002  (as a passkey's)
        """Give what stands in the opening."""
        return BY_PASSWORD


Agreement: TypeAlias = Passkey | Password


def parse(data: bytes) -> Agreement:
    """Read an agreement from its canonical bytes.

    Raises:
        ConsentError: if `data` is anything else.
    """
    try:
        reader = Reader(canonical.decode(data))
        found = _read(reader)
        reader.done()
    except ConsentError:
        raise
    except LedgerError as error:
        raise ConsentError(f"expected an agreement: {error}") from None
    return found


def _read(reader: Reader) -> Agreement:
    version = reader.number("v")
    if version != _VERSION:
        raise ConsentError(f"expected version {_VERSION}, got {version}")
    match reader.text("how"):
        case "passkey":
            return Passkey._read(reader)  # noqa: SLF001  (the same module)
        case "password":
            return Password()
        case how:
            raise ConsentError(f"expected an agreement by passkey or password, got {how[:80]!r}")
