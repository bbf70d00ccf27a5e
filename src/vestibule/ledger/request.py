"""The signed request: a strict profile of HTTP Message Signatures (RFC 9421) with Ed25519.

Covered, in this order: "@method", "@target-uri", "content-digest", and "authorization" if and only if the
request has that field. Parameters, each once and in any order: created, keyid, nonce, alg="ed25519".
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from vestibule.ledger import ed25519
from vestibule.ledger.errors import LeafError, RequestError
from vestibule.ledger.fields import KEY_ID, b64, unb64

LABEL: Final = "sig"
"""The label our own signatures carry; any other is read too."""

_METHOD = re.compile(r"[A-Z]{1,20}")
_TARGET = re.compile(r"https?://[!-~]{1,8000}")
_NONCE = re.compile(r"[A-Za-z0-9+/=_.:-]{1,128}")
_CREATED = re.compile(r"0|[1-9][0-9]{0,14}")
_FIELD_VALUE = re.compile(r"[!-~](?:[ -~]{0,8000}[!-~])?")

_MEMBER = re.compile(r"([a-z*][a-z0-9_.*-]{0,63})=(\([^()]*\))((?:;[a-z]+=(?:[0-9]+|\"[ !#-\[\]-~]*\"))*)")
_PARAMETER = re.compile(r';([a-z]+)=([0-9]+|"[^"]*")')
_SIGNATURE = re.compile(r"([a-z*][a-z0-9_.*-]{0,63})=:([A-Za-z0-9+/=]*):")
_DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):")

_BARE: Final = '("@method" "@target-uri" "content-digest")'
_FULL: Final = '("@method" "@target-uri" "content-digest" "authorization")'

_BASE = re.compile(
    r'"@method": (?P<method>[^\n]*)\n'
    r'"@target-uri": (?P<target>[^\n]*)\n'
    r'"content-digest": (?P<digest>[^\n]*)\n'
    r'(?:"authorization": (?P<authorization>[^\n]*)\n)?'
    r'"@signature-params": (?P<list>\([^()\n]*\))(?P<rest>[^\n]*)'
)


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request whose covered parts were found present and in agreement with what was received.

    The signature itself is not checked yet: `verify` does that, with the key the register names.

    Attributes:
        base: the signature base, what the signature is over (RFC 9421 section 2.5).
        signature: 64 bytes.
        key_id: the `keyid` parameter.
        created: seconds since 1970; how old is too old is the caller's to say.
        nonce: refuse it if the same key used it before.
        method: the covered method.
        target_uri: the covered target URI.
        authorization: the covered field, None if the request has none. It stands in `base` verbatim.
    """

    base: str
    signature: bytes
    key_id: str
    created: int
    nonce: str
    method: str
    target_uri: str
    authorization: str | None


def content_digest(body: bytes) -> str:
    """Give the Content-Digest field of a body (RFC 9530), of an empty one too."""
    return f"sha-256=:{b64(hashlib.sha256(body).digest())}:"


def sign(
    *,
    method: str,
    target_uri: str,
    body: bytes,
    authorization: str | None,
    key_id: str,
    seed: bytes,
    created: int,
    nonce: str,
) -> dict[str, str]:
    """Sign a request.

    Args:
        method: in upper case.
        target_uri: absolute, as the server will see it (RFC 9421 section 2.2.2).
        body: the bytes sent, empty if there are none.
        authorization: the field as it will be sent, None if it will not.
        key_id: the registered key's id.
        seed: the key's 32 secret bytes.
        created: seconds since 1970.
        nonce: at least 128 random bits, as text.

    Returns:
        The fields content-digest, signature-input and signature.

    Raises:
        RequestError: if a part cannot stand in a signature base.
    """
    digest = content_digest(body)
    listed = _BARE if authorization is None else _FULL
    params = f'{listed};created={created};keyid="{key_id}";nonce="{nonce}";alg="ed25519"'
    _read_params(listed, params[len(listed) :], has_token=authorization is not None)
    base = _base(method, target_uri, digest, authorization, params)
    signature = ed25519.sign(seed, base.encode())
    return {
        "content-digest": digest,
        "signature-input": f"{LABEL}={params}",
        "signature": f"{LABEL}=:{b64(signature)}:",
    }


def parse(*, method: str, target_uri: str, headers: Mapping[str, str], body: bytes) -> SignedRequest:
    """Rebuild the signature base of a received request from what was received.

    Args:
        method: the method received.
        target_uri: the absolute URI under which the server was reached.
        headers: field values by name, in any case; fields sent twice must be joined with ", ".
        body: the bytes received.

    Raises:
        RequestError: if a field or component is missing, malformed or not of this profile, or if the
            content-digest is not that of `body`.
    """
    fields = _lower(headers)
    digest = _need(fields, "content-digest")
    if digest != content_digest(body):
        raise RequestError(f"expected content-digest {content_digest(body)}, got {digest!r:.100}")
    member = _MEMBER.fullmatch(_need(fields, "signature-input"))
    if member is None:
        raise RequestError(f"expected one signature-input member, got {fields['signature-input']!r:.200}")
    label, listed, rest = member.group(1, 2, 3)
    authorization = fields.get("authorization")
    created, key_id, nonce = _read_params(listed, rest, has_token=authorization is not None)
    signature = _read_signature(label, _need(fields, "signature"))
    return SignedRequest(
        base=_base(method, target_uri, digest, authorization, listed + rest),
        signature=signature,
        key_id=key_id,
        created=created,
        nonce=nonce,
        method=method,
        target_uri=target_uri,
        authorization=authorization,
    )


def from_opening(base: str, signature: bytes) -> SignedRequest:
    """Read a signature base back, to check a request offline from an opening.

    Raises:
        RequestError: if `base` is not a base of this profile.
    """
    found = _BASE.fullmatch(base)
    if found is None:
        raise RequestError(f"expected a signature base of this profile, got {base!r:.200}")
    authorization: str | None = found["authorization"]
    created, key_id, nonce = _read_params(found["list"], found["rest"], has_token=authorization is not None)
    if _DIGEST.fullmatch(found["digest"]) is None:
        raise RequestError(f"expected a sha-256 content-digest, got {found['digest']!r:.100}")
    params = found["list"] + found["rest"]
    if _base(found["method"], found["target"], found["digest"], authorization, params) != base:
        raise RequestError("expected the base its own parts give, got another")
    _check_length(signature)
    return SignedRequest(
        base=base,
        signature=signature,
        key_id=key_id,
        created=created,
        nonce=nonce,
        method=found["method"],
        target_uri=found["target"],
        authorization=authorization,
    )


def verify(signed: SignedRequest, public: bytes) -> None:
    """Check the signature with the key the register has under `signed.key_id`.

    Raises:
        RequestError: if it is by another key or over another base.
    """
    verify_base(signed.base, signed.signature, public)


def verify_base(base: str, signature: bytes, public: bytes) -> None:
    """Check an Ed25519 signature over a signature base (RFC 9421 section 3.3.6).

    Raises:
        RequestError: if it does not verify.
    """
    if not ed25519.is_valid(public, base.encode(), signature):
        raise RequestError("expected a signature by the named key over this request, got another")


def _base(method: str, target_uri: str, digest: str, authorization: str | None, params: str) -> str:
    """Write the signature base (RFC 9421 section 2.5); no part can contain a line break."""
    _check("a method in upper case", _METHOD, method)
    _check("an absolute target uri", _TARGET, target_uri)
    lines = [f'"@method": {method}', f'"@target-uri": {target_uri}', f'"content-digest": {digest}']
    if authorization is not None:
        _check("a visible authorization", _FIELD_VALUE, authorization)
        lines.append(f'"authorization": {authorization}')
    lines.append(f'"@signature-params": {params}')
    return "\n".join(lines)


def _read_params(listed: str, rest: str, *, has_token: bool) -> tuple[int, str, str]:
    """Check the component list and the parameters; give created, keyid and nonce."""
    expected = _FULL if has_token else _BARE
    if listed != expected:
        raise RequestError(f"expected the components {expected}, got {listed!r:.200}")
    pairs = _PARAMETER.findall(rest)
    if "".join(f";{name}={value}" for name, value in pairs) != rest:
        raise RequestError(f"expected plain parameters, got {rest!r:.200}")
    names = sorted(name for name, _ in pairs)
    if names != ["alg", "created", "keyid", "nonce"]:
        raise RequestError(f"expected alg, created, keyid and nonce once each, got {', '.join(names):.200}")
    values = dict(pairs)
    if values["alg"] != '"ed25519"':
        raise RequestError(f'expected alg="ed25519", got {values["alg"]!r:.100}')
    key_id, nonce = _unquote(values["keyid"]), _unquote(values["nonce"])
    _check("created in whole seconds", _CREATED, values["created"])
    _check("a key id", KEY_ID, key_id)
    _check("a nonce", _NONCE, nonce)
    return int(values["created"]), key_id, nonce


def _read_signature(label: str, field: str) -> bytes:
    found = _SIGNATURE.fullmatch(field)
    if found is None or found[1] != label:
        raise RequestError(f"expected one signature labelled {label!r}, got {field!r:.200}")
    try:
        signature = unb64(found[2])
    except LeafError as error:
        raise RequestError(f"expected a base64 signature: {error}") from None
    _check_length(signature)
    return signature


def _check_length(signature: bytes) -> None:
    if len(signature) != ed25519.SIGNATURE_LENGTH:
        raise RequestError(f"expected a signature of {ed25519.SIGNATURE_LENGTH} bytes, got {len(signature)}")


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    fields = {name.lower(): value.strip(" \t") for name, value in headers.items()}
    if len(fields) != len(headers):
        raise RequestError("expected every field once, got one under two spellings")
    return fields


def _need(fields: Mapping[str, str], name: str) -> str:
    try:
        return fields[name]
    except KeyError:
        raise RequestError(f"expected the field {name}, got none") from None


def _check(what: str, pattern: re.Pattern[str], value: str) -> None:
    if pattern.fullmatch(value) is None:
        raise RequestError(f"expected {what}, got {value!r:.100}")


def _unquote(value: str) -> str:
    if len(value) < 2 or value[0] != '"':  # noqa: PLR2004  # two quotes
        raise RequestError(f"expected a quoted string, got {value[:100]}")
    return value[1:-1]
