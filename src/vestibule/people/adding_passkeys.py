"""Adding and removing passkeys (WebAuthn Level 3, section 7.1). Touches passkey and passkey_claim.

A credential id belongs to one person: it is claimed under its own key first, as handles are.
"""

import webauthn
from webauthn.helpers import parse_registration_credential_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from vestibule.people import challenges, passkeys, sessions
from vestibule.people.accounts import Account, checked_name
from vestibule.people.errors import PasskeyRefused, TooManyPasskeys
from vestibule.people.passkeys import (
    ALGORITHMS,
    LONGEST_ANSWER,
    MOST,
    TIMEOUT,
    Passkey,
    challenge_in,
    refuse_framed,
)
from vestibule.people.relying_party import NAME, RelyingParty
from vestibule.store import Store, Tx

_CLAIM = """
insert into passkey_claim (credential_id, user_id) values (:credential_id, :user_id) on conflict do nothing
"""
_CLAIMED = "select user_id from passkey_claim where credential_id = :credential_id"
_UNCLAIM = "delete from passkey_claim where credential_id = :credential_id and user_id = :user_id"
_COUNT = "select count(*) from passkey where user_id = :user_id"
_INSERT = """
insert into passkey (user_id, credential_id, user_handle, public_key, sign_count, name, created_at)
values (:user_id, :credential_id, :user_handle, :public_key, :sign_count, :name, :created_at)
on conflict do nothing
"""
_DELETE = "delete from passkey where user_id = :user_id and credential_id = :credential_id"


async def creation_options(store: Store, party: RelyingParty, person: Account, asker: bytes, now: int) -> str:
    """Write the JSON for `navigator.credentials.create` with which this person adds a passkey.

    Args:
        store: where her passkeys are.
        party: who asks.
        person: whose passkey it will be.
        asker: the digest of the session that adds it.
        now: microseconds since 1970.
    """
    held = await passkeys.credentials_of(store, person.user_id)
    options = webauthn.generate_registration_options(
        rp_id=party.rp_id,
        rp_name=NAME,
        user_id=party.user_handle(person.user_id),
        user_name=person.handle,
        user_display_name=person.name,
        challenge=challenges.issue(party, "add", asker, now),
        timeout=TIMEOUT,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=passkey.credential_id) for passkey in held],
        supported_pub_key_algs=list(ALGORITHMS),
    )
    return webauthn.options_to_json(options)


async def add(
    store: Store, party: RelyingParty, person: Account, *, answer: str, name: str, asker: bytes, now: int
) -> None:
    """Keep a new passkey.

    Args:
        store: where it is kept.
        party: who asked.
        person: whose it will be.
        answer: what the browser answered (`PublicKeyCredential.toJSON`).
        name: what she calls it.
        asker: the digest of the session that adds it.
        now: microseconds since 1970.

    Raises:
        PasskeyRefused: the answer does not hold, or the session is over; says why.
        TooManyPasskeys: she has as many as one may have.
        BadName: the name breaks the rules.
    """
    name = checked_name(name)
    credential = _read(answer)
    client_data = credential.response.client_data_json
    challenge = challenge_in(client_data)
    challenges.check(party, challenge, "add", asker, now)
    refuse_framed(client_data)
    found = _verified(party, credential, challenge)
    await challenges.spend(store, challenge)
    await _claim(store, found.credential_id, person.user_id)
    passkey = Passkey(
        found.credential_id,
        party.user_handle(person.user_id),
        found.credential_public_key,
        found.sign_count,
        name,
        now,
        None,
    )
    await store.write(lambda tx: _insert(tx, person.user_id, passkey, asker))


async def claimed_by(store: Store, credential_id: bytes) -> int | None:
    """Return whose passkey a credential is, None if nobody has it."""
    row = await store.read(lambda tx: tx.one(_CLAIMED, credential_id=credential_id))
    return None if row is None else int(row[0])


async def remove(store: Store, person: Account, credential_id: bytes) -> None:
    """Remove a passkey, at once; removing one that is not hers changes nothing."""
    await store.write(lambda tx: tx.run(_DELETE, user_id=person.user_id, credential_id=credential_id))
    await store.write(lambda tx: tx.run(_UNCLAIM, user_id=person.user_id, credential_id=credential_id))


def _read(answer: str) -> RegistrationCredential:
    if len(answer) > LONGEST_ANSWER:
        raise PasskeyRefused(f"expected an answer of at most {LONGEST_ANSWER} characters")
    try:
        return parse_registration_credential_json(answer)
    except Exception as error:
        raise PasskeyRefused("what arrived is not a new passkey") from error


def _verified(
    party: RelyingParty, credential: RegistrationCredential, challenge: bytes
) -> VerifiedRegistration:
    try:
        return webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=party.rp_id,
            expected_origin=party.origin,
            require_user_verification=True,
            supported_pub_key_algs=list(ALGORITHMS),
        )
    except Exception as error:
        raise PasskeyRefused(f"the new passkey does not hold: {error}") from error


async def _claim(store: Store, credential_id: bytes, user_id: int) -> None:
    async def claim(tx: Tx) -> int:
        await tx.run(_CLAIM, credential_id=credential_id, user_id=user_id)
        row = await tx.one(_CLAIMED, credential_id=credential_id)
        owner: int = row[0] if row else user_id
        return owner

    if await store.write(claim) != user_id:
        raise PasskeyRefused("this passkey is somebody's already")


async def _insert(tx: Tx, user_id: int, passkey: Passkey, asker: bytes) -> None:
    if not await sessions.is_open_in(tx, user_id, asker):
        # It was ended while this was looked at, perhaps to shut out who asks.
        raise PasskeyRefused("the session that asked is over")
    row = await tx.one(_COUNT, user_id=user_id)
    if row is not None and row[0] >= MOST:
        raise TooManyPasskeys(f"expected at most {MOST} passkeys")
    await tx.run(
        _INSERT,
        user_id=user_id,
        credential_id=passkey.credential_id,
        user_handle=passkey.user_handle,
        public_key=passkey.public_key,
        sign_count=passkey.sign_count,
        name=passkey.name,
        created_at=passkey.created_at,
    )
