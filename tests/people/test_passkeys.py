"""Passkeys, against an authenticator of our own that can lie; a real browser's is in tests/browser."""

import asyncio
import dataclasses
import hashlib
import json

import pytest
from webauthn.helpers import decode_credential_public_key
from webauthn.helpers.decoded_public_key_to_cryptography import decoded_public_key_to_cryptography
from webauthn.helpers.verify_signature import verify_signature

from tests.people.a_world import CHALLENGE, ORIGIN, PARTY, SESSION, World
from tests.people.an_authenticator import PRESENT, Authenticator, b64
from tests.people.conftest import NOW, PASSWORD
from vestibule.people import adding_passkeys, challenges, passkeys, stepping_up
from vestibule.people.accounts import Account
from vestibule.people.errors import BadName, PasskeyRefused, TooManyAttempts, TooManyPasskeys, WrongLogin
from vestibule.people.relying_party import RelyingParty


def test_a_passkey_that_was_added_is_listed_and_asked_for(world: World, carl: Account) -> None:
    authenticator = world.with_passkey(carl)
    [kept] = world.held(carl)
    assert (kept.credential_id, kept.name, kept.used_at) == (
        authenticator.kept[0].credential_id,
        "Key",
        None,
    )
    asked = json.loads(world.asked(carl))
    assert asked["rpId"] == "chat.example"
    assert asked["userVerification"] == "required"
    assert asked["challenge"] == b64(CHALLENGE)
    assert [one["id"] for one in asked["allowCredentials"]] == [b64(kept.credential_id)]


def test_a_new_passkey_is_discoverable_and_names_nobody(world: World) -> None:
    asked = json.loads(world.options(world.anna))
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["authenticatorSelection"]["userVerification"] == "required"
    assert asked["attestation"] == "none"
    assert [one["alg"] for one in asked["pubKeyCredParams"]] == [-7, -8]
    handle = asked["user"]["id"]
    assert handle == json.loads(world.options(world.anna))["user"]["id"]
    assert handle != json.loads(world.options(world.bob))["user"]["id"]
    assert handle not in {b64(world.anna.subject), b64(world.anna.user_id.to_bytes(8, "big"))}


def test_an_assertion_comes_back_whole_so_that_anybody_can_check_it(world: World, carl: Account) -> None:
    authenticator = world.with_passkey(carl)
    assertion = world.check(carl, authenticator.get(world.asked(carl)))
    key = decode_credential_public_key(assertion.public_key)
    verify_signature(
        public_key=decoded_public_key_to_cryptography(key),
        signature_alg=key.alg,
        signature=assertion.signature,
        data=assertion.authenticator_data + hashlib.sha256(assertion.client_data_json).digest(),
    )
    assert json.loads(assertion.client_data_json)["challenge"] == b64(CHALLENGE)
    [kept] = world.held(carl)
    assert (assertion.sign_count, kept.sign_count, kept.used_at) == (1, 1, NOW)


@pytest.mark.parametrize(
    ("lie", "said"),
    [
        ({"origin": "https://chat.example.evil"}, "origin"),
        ({"origin": "http://chat.example"}, "origin"),
        ({"rp_id": "evil.example"}, "RP ID"),
        ({"flags": PRESENT}, "verification"),
        ({"flags": 0}, "present"),
        ({"cross_origin": True}, "another site's page"),
    ],
)
def test_an_assertion_from_elsewhere_or_without_the_person_is_refused(
    world: World, lie: dict[str, str | int | bool], said: str
) -> None:
    honest = world.with_passkey(world.anna)
    liar = dataclasses.replace(honest, **lie)  # type: ignore[arg-type]  # one field each
    with pytest.raises(PasskeyRefused, match=said):
        world.check(world.anna, liar.get(world.asked(world.anna)))
    world.check(world.anna, honest.get(world.asked(world.anna)))


def test_an_assertion_of_another_challenge_is_refused(world: World) -> None:
    answer = world.with_passkey(world.anna).get(world.asked(world.anna, hashlib.sha256(b"another").digest()))
    with pytest.raises(PasskeyRefused, match="challenge"):
        world.check(world.anna, answer)


def test_an_assertion_cannot_be_used_twice_where_the_authenticator_counts(world: World) -> None:
    answer = world.with_passkey(world.anna).get(world.asked(world.anna))
    world.check(world.anna, answer)
    with pytest.raises(PasskeyRefused, match="sign count"):
        world.check(world.anna, answer)


def test_a_cloned_authenticator_is_refused_by_its_counter(world: World) -> None:
    authenticator = world.with_passkey(world.anna)
    clone = Authenticator(ORIGIN, kept=[dataclasses.replace(authenticator.kept[0])])
    for _ in range(2):
        world.check(world.anna, authenticator.get(world.asked(world.anna)))
    with pytest.raises(PasskeyRefused, match="sign count"):
        world.check(world.anna, clone.get(world.asked(world.anna)))


def test_an_authenticator_without_a_counter_works_again_and_again(world: World) -> None:
    authenticator = dataclasses.replace(world.with_passkey(world.anna), count=0)
    for _ in range(2):
        assert world.check(world.anna, authenticator.get(world.asked(world.anna))).sign_count == 0


def test_of_two_uses_at_once_with_one_count_one_is_refused(world: World) -> None:
    authenticator = world.with_passkey(world.anna)
    answer = authenticator.get(world.asked(world.anna))

    async def both() -> list[object]:
        tries = (
            passkeys.check_assertion(
                world.store, PARTY, world.anna, challenge=CHALLENGE, credential_json=answer, now=NOW
            )
            for _ in range(2)
        )
        return list(await asyncio.gather(*tries, return_exceptions=True))

    kinds = sorted(type(result).__name__ for result in world.run(both()))
    assert kinds == ["Assertion", "PasskeyRefused"]


def test_another_persons_passkey_proves_nothing(world: World) -> None:
    bobs = world.with_passkey(world.bob)
    with pytest.raises(PasskeyRefused, match="not hers"):
        world.check(world.anna, bobs.get(world.asked(world.bob)))


def test_an_answer_that_names_somebody_else_is_refused(world: World) -> None:
    authenticator = world.with_passkey(world.anna)
    answer = authenticator.get(world.asked(world.anna), userHandle=b64(PARTY.user_handle(world.bob.user_id)))
    with pytest.raises(PasskeyRefused, match="somebody else"):
        world.check(world.anna, answer)


def test_another_signature_is_refused(world: World) -> None:
    authenticator = world.with_passkey(world.anna)
    asked = world.asked(world.anna)
    other = json.loads(authenticator.get(asked))["response"]["signature"]
    with pytest.raises(PasskeyRefused, match="signature"):
        world.check(world.anna, authenticator.get(asked, signature=other))


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "null",
        "[]",
        "{}",
        "\ud800",
        '{"id":"a","rawId":"a","type":"public-key","response":{}}',
        "1" * 20_000,
    ],
)
def test_what_is_no_answer_is_refused(world: World, answer: str) -> None:
    with pytest.raises(PasskeyRefused):
        world.check(world.anna, answer)
    with pytest.raises(PasskeyRefused):
        world.add(world.anna, answer)


def test_a_removed_passkey_proves_nothing_and_may_be_added_again(world: World) -> None:
    authenticator = world.with_passkey(world.anna)
    first = authenticator.kept[0]
    world.run(adding_passkeys.remove(world.store, world.bob, first.credential_id))
    world.check(world.anna, authenticator.get(world.asked(world.anna)))
    world.run(adding_passkeys.remove(world.store, world.anna, first.credential_id))
    with pytest.raises(PasskeyRefused, match="not hers"):
        world.check(world.anna, authenticator.get(world.asked(world.anna)))
    world.add(world.anna, authenticator.create(world.options(world.anna), twin_of=first))


def test_a_credential_of_another_person_cannot_be_added(world: World) -> None:
    bobs = world.with_passkey(world.bob).kept[0]
    answer = Authenticator(ORIGIN).create(world.options(world.anna), twin_of=bobs)
    before = world.held(world.anna)
    with pytest.raises(PasskeyRefused, match="somebody's already"):
        world.add(world.anna, answer)
    assert world.held(world.anna) == before


@pytest.mark.parametrize(
    ("lie", "said"),
    [
        ({"origin": "https://evil.example"}, "origin"),
        ({"rp_id": "evil.example"}, "RP ID"),
        ({"flags": PRESENT}, "verification"),
        ({"cross_origin": True}, "another site's page"),
    ],
)
def test_a_passkey_made_elsewhere_or_without_the_person_is_not_added(
    world: World, lie: dict[str, str | int | bool], said: str
) -> None:
    liar = dataclasses.replace(Authenticator(ORIGIN), **lie)  # type: ignore[arg-type]  # one field each
    with pytest.raises(PasskeyRefused, match=said):
        world.add(world.anna, liar.create(world.options(world.anna)))


def test_a_key_of_another_algorithm_is_not_added(world: World) -> None:
    with pytest.raises(PasskeyRefused, match="alg"):
        world.add(world.anna, Authenticator(ORIGIN).create(world.options(world.anna), algorithm=-35))


def test_a_passkey_is_added_once_by_the_session_that_asked_and_in_time(world: World) -> None:
    answer = Authenticator(ORIGIN).create(world.options(world.anna))
    with pytest.raises(PasskeyRefused, match="not for this"):
        world.add(world.anna, answer, session=b"another session")
    with pytest.raises(PasskeyRefused, match="too old"):
        world.add(world.anna, answer, now=NOW + challenges.LIFETIME)
    world.add(world.anna, answer, now=NOW + challenges.LIFETIME - 1)
    with pytest.raises(PasskeyRefused, match="used before"):
        world.add(world.anna, answer)


def test_a_challenge_that_we_did_not_make_is_refused(world: World) -> None:
    options = json.loads(world.options(world.anna))
    for forged in (b"", b"x" * 56, b"x" * 300):
        answer = Authenticator(ORIGIN).create(json.dumps({**options, "challenge": b64(forged)}))
        with pytest.raises(PasskeyRefused, match="challenge"):
            world.add(world.anna, answer)


def test_a_challenge_is_for_one_purpose_and_its_expiry_cannot_be_moved() -> None:
    made = challenges.issue(PARTY, "add", SESSION, NOW)
    challenges.check(PARTY, made, "add", SESSION, NOW)
    later = made[:16] + (NOW * 2).to_bytes(8, "big") + made[24:]
    for challenge, party in ((made, RelyingParty(ORIGIN, b"t" * 32)), (later, PARTY)):
        with pytest.raises(PasskeyRefused, match="not for this"):
            challenges.check(party, challenge, "add", SESSION, NOW)
    with pytest.raises(PasskeyRefused, match="not for this"):
        challenges.check(PARTY, made, "step up", SESSION, NOW)


def test_spent_challenges_are_forgotten_when_they_are_too_old_anyway(world: World) -> None:
    made = challenges.issue(PARTY, "sign in", b"", NOW)
    world.run(challenges.spend(world.store, made))
    while world.run(challenges.forget_expired(world.store, NOW + challenges.LIFETIME - 1)):
        pass
    with pytest.raises(PasskeyRefused, match="used before"):
        world.run(challenges.spend(world.store, made))
    assert world.run(challenges.forget_expired(world.store, NOW + challenges.LIFETIME)) > 0
    world.run(challenges.spend(world.store, made))


def test_a_person_has_so_many_passkeys_and_each_has_a_name(world: World, carl: Account) -> None:
    with pytest.raises(BadName):
        world.add(carl, Authenticator(ORIGIN).create(world.options(carl)), name=" ")
    for _ in range(passkeys.MOST):
        world.with_passkey(carl)
    with pytest.raises(TooManyPasskeys):
        world.with_passkey(carl)


@pytest.mark.parametrize(
    ("origin", "usable"),
    [
        ("https://chat.example", True),
        ("https://chat.example:8443", True),
        ("http://localhost:8000", True),
        ("http://chat.example", False),
        ("http://127.0.0.1:8000", False),
        ("https://127.0.0.1", False),
        ("https://[::1]", False),
    ],
)
def test_passkeys_need_a_domain_and_a_secure_page(origin: str, usable: bool) -> None:  # noqa: FBT001  (a table)
    assert RelyingParty(origin, b"").usable is usable


def test_a_signed_in_person_proves_herself_by_her_password_with_a_budget_of_her_own(
    world: World, carl: Account
) -> None:
    world.run(stepping_up.prove_password(world.store, carl, PASSWORD, NOW))
    for _ in range(10):
        with pytest.raises(WrongLogin):
            world.run(stepping_up.prove_password(world.store, carl, "a wrong password", NOW))
    with pytest.raises(TooManyAttempts):
        world.run(stepping_up.prove_password(world.store, carl, PASSWORD, NOW))
    world.run(stepping_up.prove_password(world.store, world.bob, PASSWORD, NOW))
