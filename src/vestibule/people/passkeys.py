"""Passkeys: what is known of them, and whether an assertion holds. Touches passkey and passkey_claim.

Web Authentication Level 3. A passkey is asked for with user verification always, so that it stands for a
password and not for a second factor beside one. Who may begin a session with one is in `passkey_sign_in`, how
one is added in `adding_passkeys`.
"""

from dataclasses import dataclass

import webauthn
from webauthn.helpers import parse_authentication_credential_json, parse_client_data_json
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AuthenticationCredential,
    CollectedClientData,
    PublicKeyCredentialDescriptor,
    UserVerificationRequirement,
)

from vestibule.people.accounts import Account
from vestibule.people.errors import PasskeyRefused
from vestibule.people.relying_party import RelyingParty
from vestibule.store import Store, Tx

ALGORITHMS = (COSEAlgorithmIdentifier.ECDSA_SHA_256, COSEAlgorithmIdentifier.EDDSA)
"""What our receipts can be checked by; no RSA."""
TIMEOUT = 5 * 60 * 1000
"""Milliseconds that a browser may wait for the person."""
MOST = 20
"""Passkeys of one person."""
LONGEST_ANSWER = 16_384

_COLUMNS = "credential_id, user_handle, public_key, sign_count, name, created_at, used_at"
_OF = f"select {_COLUMNS} from passkey where user_id = :user_id order by created_at, credential_id limit 100"
_ONE = f"select {_COLUMNS} from passkey where user_id = :user_id and credential_id = :credential_id"
_USED = """
update passkey set sign_count = :sign_count, used_at = :now
where user_id = :user_id and credential_id = :credential_id and sign_count = :before
"""


@dataclass(frozen=True, slots=True)
class Passkey:
    """A credential of a person.

    Attributes:
        credential_id: what her authenticator calls it.
        user_handle: what her authenticator calls her here; random, the same for all her passkeys.
        public_key: COSE_Key bytes (RFC 9052).
        sign_count: the authenticator's counter when it was last used; 0 for ever for those without one.
        name: what she called it.
        created_at: microseconds since 1970. used_at: the same, None before it was used.
    """

    credential_id: bytes
    user_handle: bytes
    public_key: bytes
    sign_count: int
    name: str
    created_at: int
    used_at: int | None


@dataclass(frozen=True, slots=True)
class Assertion:
    """What an authenticator signed, as it came: enough for anybody to check it again (section 7.2).

    Attributes:
        public_key: COSE_Key bytes of the credential.
        authenticator_data: signed together with the SHA-256 of `client_data_json`.
        sign_count: the authenticator's counter.
    """

    credential_id: bytes
    public_key: bytes
    authenticator_data: bytes
    client_data_json: bytes
    signature: bytes
    sign_count: int


async def credentials_of(store: Store, user_id: int) -> tuple[Passkey, ...]:
    """List a person's passkeys, the oldest first."""
    return await store.read(lambda tx: credentials_in(tx, user_id))


async def credentials_in(tx: Tx, user_id: int) -> tuple[Passkey, ...]:
    """List a person's passkeys inside a transaction."""
    return tuple(Passkey(*row) for row in await tx.all(_OF, user_id=user_id))


async def request_options(store: Store, party: RelyingParty, person: Account, challenge: bytes) -> str:
    """Write the JSON for `navigator.credentials.get` with which this person proves herself.

    Args:
        store: where her passkeys are.
        party: who asks.
        person: whose passkeys may answer.
        challenge: what is to be signed; the caller sees to it that it is accepted once.
    """
    held = await credentials_of(store, person.user_id)
    return options(party, challenge, [passkey.credential_id for passkey in held])


def options(party: RelyingParty, challenge: bytes, allowed: list[bytes]) -> str:
    """Write the JSON for `navigator.credentials.get`; without `allowed` the authenticator knows who it is."""
    return webauthn.options_to_json(
        webauthn.generate_authentication_options(
            rp_id=party.rp_id,
            challenge=challenge,
            timeout=TIMEOUT,
            allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in allowed],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
    )


async def check_assertion(
    store: Store, party: RelyingParty, person: Account, *, challenge: bytes, credential_json: str, now: int
) -> Assertion:
    """Check that this person's authenticator signed the challenge, here and now, and count it as used.

    Args:
        store: where her passkeys are.
        party: who asked.
        person: whose passkey it has to be.
        challenge: what was to be signed.
        credential_json: the browser's answer (`PublicKeyCredential.toJSON`).
        now: microseconds since 1970.

    Raises:
        PasskeyRefused: it holds not; says why. Nothing has changed then.
    """
    answer = read(credential_json)
    passkey, assertion = await verified(store, party, person.user_id, challenge, answer)

    async def write(tx: Tx) -> None:
        await use(tx, person.user_id, passkey, assertion, now)

    await store.write(write)
    return assertion


async def verified(
    store: Store, party: RelyingParty, user_id: int, challenge: bytes, answer: AuthenticationCredential
) -> tuple[Passkey, Assertion]:
    """Verify an answer by the passkey that it names (WebAuthn section 7.2); writes nothing.

    Raises:
        PasskeyRefused: says why.
    """
    row = await store.read(lambda tx: tx.one(_ONE, user_id=user_id, credential_id=answer.raw_id))
    if row is None:
        raise PasskeyRefused("this passkey is not hers")
    passkey = Passkey(*row)
    if answer.response.user_handle not in (None, passkey.user_handle):
        raise PasskeyRefused("the authenticator answered for somebody else")
    refuse_framed(answer.response.client_data_json)
    try:
        found = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=party.rp_id,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    except Exception as error:
        raise PasskeyRefused(f"the passkey's answer does not hold: {error}") from error
    response = answer.response
    return passkey, Assertion(
        credential_id=passkey.credential_id,
        public_key=passkey.public_key,
        authenticator_data=response.authenticator_data,
        client_data_json=response.client_data_json,
        signature=response.signature,
        sign_count=found.new_sign_count,
    )


async def use(tx: Tx, user_id: int, passkey: Passkey, assertion: Assertion, now: int) -> None:
    """Keep the counter of a verified assertion, in a transaction.

    Raises:
        PasskeyRefused: the passkey was removed or used meanwhile.
    """
    kept = await tx.run(
        _USED,
        user_id=user_id,
        credential_id=passkey.credential_id,
        sign_count=assertion.sign_count,
        before=passkey.sign_count,
        now=now,
    )
    if not kept:
        raise PasskeyRefused("the passkey was used elsewhere or removed meanwhile")


def read(credential_json: str) -> AuthenticationCredential:
    """Read what a browser answered.

    Raises:
        PasskeyRefused: it is not an answer.
    """
    if len(credential_json) > LONGEST_ANSWER:
        raise PasskeyRefused(f"expected an answer of at most {LONGEST_ANSWER} characters")
    try:
        return parse_authentication_credential_json(credential_json)
    except Exception as error:
        raise PasskeyRefused("what arrived is not a passkey's answer") from error


def refuse_framed(client_data_json: bytes) -> None:
    """Refuse what was signed inside another site's page (section 7.2, step on `crossOrigin`).

    Raises:
        PasskeyRefused: it was.
    """
    if _client_data(client_data_json).cross_origin:
        raise PasskeyRefused("the answer was given inside another site's page")


def challenge_in(client_data_json: bytes) -> bytes:
    """Return the challenge that an answer claims to be to.

    Raises:
        PasskeyRefused: there is none.
    """
    return _client_data(client_data_json).challenge


def _client_data(client_data_json: bytes) -> CollectedClientData:
    try:
        return parse_client_data_json(client_data_json)
    except Exception as error:
        raise PasskeyRefused("what arrived names no challenge") from error
