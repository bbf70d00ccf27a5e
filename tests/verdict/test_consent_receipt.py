"""A consent receipt shows what she agreed to and how; whatever is changed in it, it shows nothing."""

import base64
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws as joserfc_jws
from joserfc.jwk import OKPKey

from tests.verdict.consents import PURPOSE, RANDOM, SEND, Granted, grant, granted, signed
from tests.verdict.log_builder import ALICE, BOB, READ, LogBuilder, like, seed, witnessed
from tests.verdict.passkeys import SCALAR, Authenticator
from vestibule.ledger import canonical
from vestibule.ledger.agreement import Passkey, Password
from vestibule.ledger.consent import Allowed, Chosen
from vestibule.ledger.picked import Picked
from vestibule.tlog.errors import NoteError
from vestibule.tlog.keys import SigningKey
from vestibule.verdict import consent_receipt, consent_since, consent_words
from vestibule.verdict.consent_receipt import Agreed, open_consent_receipt
from vestibule.verdict.errors import BadConsentReceipt
from vestibule.verdict.log_view import LogView, read_log
from vestibule.verdict.trust import trust
from vestibule.verdict.verdict import Answer

HERS = granted(READ, SEND)
TRUST = trust(HERS.log.policy())
TEXT = HERS.receipt()


def opened(text: bytes = TEXT, log: LogBuilder = HERS.log) -> Agreed:
    return open_consent_receipt(text, trust(log.policy()))


def refused(text: bytes, message: str, log: LogBuilder = HERS.log) -> None:
    with pytest.raises(BadConsentReceipt, match=message):
        opened(text, log)


def view_of(log: LogBuilder) -> LogView:
    files = log.files()
    return read_log(files.__getitem__, trust(log.policy()))


def test_a_receipt_shows_that_she_agreed_to_the_very_text_by_her_passkey() -> None:
    agreed = opened()
    assert agreed.consent == HERS.consent
    assert [one.index for one in agreed.grants] == HERS.grants
    assert agreed.partner.name == "Jukebox"

    verdict = consent_words.verdict(agreed)

    assert verdict.headline == (
        "Did this person agree to what Jukebox may do?   proven yes   (she agreed: signed by her passkey)"
    )
    assert verdict.findings == (
        "with Jukebox Ltd, on the register as Jukebox (jukebox)",
        f"read messages (messages.read), for: {PURPOSE}; privilege in leaf 3, grant in leaf 5",
        f"send messages in her name (messages.send), for: {PURPOSE}; privilege in leaf 4, grant in leaf 6",
        "with all messages in 2 conversations, since 1970-01-01 00:00:00 UTC",
        "shown at 2026-11-23 01:00:00 UTC on https://vestibule.example",
        "until 2027-02-21, or until she ends it",
        f"Jukebox knows this person as {agreed.consent.person}, and the connection as {'aa' * 16}",
        consent_words.NOT_LOOKED,
    )
    assert any("that it is hers is the platform's word" in line for line in verdict.rests_on)
    assert any(line.startswith("policy: SHA-256") for line in verdict.rests_on)


def test_with_a_password_her_agreement_rests_on_the_platform_s_word() -> None:
    found = granted(READ, agreement=Password())
    verdict = consent_words.verdict(opened(found.receipt(), found.log))

    assert verdict.answer is Answer.RECORDED
    assert verdict.summary == "her agreement rests on the platform's word"
    assert "agreement: her agreement rests on the platform's word" in verdict.rests_on


def test_an_ed25519_passkey_is_as_good() -> None:
    found = granted(READ, by=Authenticator(of_eddsa=True))
    assert opened(found.receipt(), found.log).by_passkey


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated via RFC 9864")
def test_another_library_reads_it_as_the_jws_that_it_is() -> None:
    public = base64.urlsafe_b64encode(HERS.log.signing.verifier.public).rstrip(b"=").decode()
    key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": public})
    found = joserfc_jws.deserialize_compact(TEXT, key, algorithms=["EdDSA"])

    assert found.headers() == {"alg": "EdDSA", "typ": "consent-receipt+jwt", "kid": HERS.log.origin}
    said = json.loads(found.payload)
    assert said["record_id"] == HERS.consent.challenge().hex()
    assert said["pii_controllers"] == [
        {"party_id": "jukebox", "party_name": "Jukebox Ltd", "party_url": "https://jukebox.example"}
    ]
    assert [purpose["service"] for purpose in said["purposes"]] == [READ, SEND]
    assert said["withdrawal_method"].startswith("https://vestibule.example/apps/jukebox: end")


def test_a_witnessed_receipt_names_its_witness() -> None:
    found = granted(READ, log=witnessed())
    rests_on = consent_words.verdict(opened(found.receipt(), found.log)).rests_on
    assert any(line.startswith("witness: w1, run by:") for line in rests_on)


def test_no_note_of_the_log_can_pass_for_a_receipt_nor_the_other_way_round() -> None:
    # What the log signs under a note ends in a newline, and a JWS signing input has none.
    with pytest.raises(NoteError, match="end in a newline"):
        HERS.log.signing.sign(TEXT.rpartition(b".")[0].decode())
    text, _, signatures = HERS.log.note().partition("\n\n")
    signature = base64.b64decode(signatures.split(" ")[2])[4:]
    HERS.log.signing.verifier.verify_bytes(f"{text}\n".encode(), signature)
    header, payload, _ = TEXT.split(b".")
    forged = b".".join([header, payload, base64.urlsafe_b64encode(signature).rstrip(b"=")])
    refused(forged, "expected a signature by vestibule.example/log of the policy, got none")


# Attacks: each has exactly one thing wrong


def test_another_log_s_signature_is_refused() -> None:
    mallory = like(HERS.log, signing=SigningKey.from_seed(HERS.log.origin, seed("mallory")))
    refused(
        signed(mallory, HERS.said().encode()), "expected a signature by vestibule.example/log of the policy"
    )


def test_another_typ_or_kid_is_refused() -> None:
    payload = HERS.said().encode()
    refused(signed(HERS.log, payload, typ="JWT"), "typ: expected consent-receipt.jwt, got 'JWT'")
    refused(signed(HERS.log, payload, kid="other"), "kid: expected vestibule.example/log, got 'other'")


def test_an_assertion_by_another_passkey_than_the_log_committed_to_is_refused() -> None:
    other = Authenticator(scalar=SCALAR + 1).agree(HERS.consent)
    refused(HERS.receipt(agreement=other), "leaf 5, agreed: expected '[0-9a-f]{64}', got '[0-9a-f]{64}'")


def test_a_password_put_in_place_of_her_passkey_and_the_other_way_round_are_refused() -> None:
    refused(HERS.receipt(agreement=Password(), random=b""), "agreed: expected 'password', got '[0-9a-f]{64}'")
    by_password = granted(READ, agreement=Password())
    passkey = Authenticator().agree(by_password.consent)
    text = by_password.receipt(agreement=passkey, random=RANDOM)
    refused(text, "agreed: expected '[0-9a-f]{64}', got 'password'", by_password.log)


def test_other_random_bytes_than_the_log_committed_to_are_refused() -> None:
    refused(HERS.receipt(random=bytes(32)), "leaf 5, agreed: expected")


def test_an_assertion_that_the_log_committed_to_and_that_does_not_hold_is_refused() -> None:
    hers = Authenticator().agree(HERS.consent)
    forged = Passkey(hers.authenticator_data, hers.client_data_json, b"0" + hers.signature, hers.public_key)
    found = granted(READ, SEND, agreement=forged)
    refused(found.receipt(), "her assertion, signature: expected one by this public key", found.log)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"origin": "https://evil.example"}, "her assertion, client data, origin: expected https://vestib"),
        ({"rp_id": "evil.example"}, "her assertion, authenticator data: expected the hash of rp id"),
        ({"flags": 0x01}, "her assertion, authenticator data: expected a user that was verified"),
    ],
)
def test_an_assertion_made_elsewhere_or_without_her_is_refused(wrong: dict[str, Any], message: str) -> None:
    found = granted(READ, SEND, agreement=Authenticator().agree(HERS.consent, **wrong))
    refused(found.receipt(), message, found.log)


@pytest.mark.parametrize(
    "changes",
    [
        {"until_day": HERS.consent.until_day + 365},
        {"connection": "bb" * 16},
        {"issued": HERS.consent.issued + 1},
        {"chosen": replace(HERS.consent.chosen, conversations=("1c" * 16, "2c" * 16, "3c" * 16))},
        {"origin": "https://evil.example"},
    ],
)
def test_a_text_that_the_log_did_not_commit_to_is_refused(changes: dict[str, Any]) -> None:
    consent = replace(HERS.consent, **changes)
    text = HERS.receipt(consent=consent, agreement=Authenticator().agree(consent))
    refused(text, "leaf 5, consent: expected")


def test_swapped_receipts_are_refused() -> None:
    proofs = HERS.proofs()
    refused(HERS.receipt(grants=proofs["grants"][::-1]), "leaf 6, operation: expected 'messages.read'")
    refused(HERS.receipt(privileges=proofs["privileges"][::-1]), "leaf 4: expected the privilege of leaf 3")
    refused(HERS.receipt(partner=proofs["privileges"][0]), "leaf 3: expected the partner's entry, got a Priv")
    refused(
        HERS.receipt(grants=(proofs["partner"],) * 2), "leaf 1: expected a grant with opening and lane key"
    )


def test_a_missing_and_a_spare_receipt_are_refused() -> None:
    proofs = HERS.proofs()
    refused(HERS.receipt(grants=proofs["grants"][:1]), "grants: expected 2, one for each scope, got 1")
    refused(HERS.receipt(privileges=()), "privileges: expected 2, one for each scope, got 0")
    refused(HERS.receipt(grants=proofs["grants"] * 2), "grants: expected 2, one for each scope, got 4")


def test_a_grant_without_its_lane_s_key_is_refused() -> None:
    [opening, _] = HERS.log.openings["jukebox", "shared", ALICE]
    bare = HERS.log.receipt(5, opening)
    refused(
        HERS.receipt(grants=(bare, HERS.proofs()["grants"][1])), "expected a grant with opening and lane key"
    )


def test_another_person_s_grant_of_the_same_text_is_refused() -> None:
    found = granted(READ)
    found.subject, found.grants = BOB, [grant(found, READ, subject=BOB)]
    refused(found.receipt(), "person: expected '[A-Z2-7]{32}', got", found.log)


def test_a_grant_to_another_partner_under_the_same_lane_s_key_is_refused() -> None:
    found = granted(READ)
    mixed = like(found.log, lane=lambda _, lane, subject: found.log.lane("jukebox", lane, subject))
    said = {"consent": found.consent.encode().decode(), "agreed": found.agreement.committed(RANDOM)}
    found.grants = [mixed.event("grant", "marquee", ALICE, counter=1, extra=said)]
    found.log.openings["jukebox", "shared", ALICE] += found.log.openings["marquee", "shared", ALICE]
    refused(found.receipt(), "partner: expected 'jukebox', got 'marquee'", found.log)


def test_an_end_or_a_read_in_place_of_a_grant_is_refused() -> None:
    found = granted(READ)
    said = {"consent": found.consent.encode().decode(), "agreed": found.agreement.committed(RANDOM)}
    found.grants = [found.log.event("end", "jukebox", ALICE, extra=said)]
    refused(found.receipt(), "kind: expected 'grant', got 'end'", found.log)


def test_a_grant_in_the_lane_that_no_partner_sees_is_refused() -> None:
    found = granted(READ)
    said = {"consent": found.consent.encode().decode(), "agreed": found.agreement.committed(RANDOM)}
    key, _ = found.log.lane("jukebox", "own", ALICE)
    index = found.log.event("grant", "jukebox", ALICE, lane="own", extra=said)
    receipt = found.log.receipt(index, found.log.openings["jukebox", "own", ALICE][0], key)
    refused(found.receipt(**found.proofs() | {"grants": (receipt,)}), "lane: expected 'shared'", found.log)


def test_a_purpose_that_the_partner_did_not_sign_is_refused() -> None:
    found = granted(READ, allowed=(Allowed(READ, "to sell them", 3),))
    refused(found.receipt(), "leaf 3: expected the privilege of .*to sell them.*, got", found.log)


def test_another_company_in_the_partner_s_place_is_refused() -> None:
    refused(
        HERS.receipt(legal_entity="Other Ltd"), "leaf 1: expected the entry of .*Other Ltd.*got .*Jukebox Ltd"
    )
    refused(HERS.receipt(home="https://other.example"), "leaf 1: expected the entry of .*other.example")


def test_a_privilege_of_another_scope_at_the_place_named_is_refused() -> None:
    found = granted(READ, SEND)
    wrong = tuple(replace(one, privilege=at) for one, at in zip(found.consent.allowed, (4, 3), strict=True))
    swapped = granted(READ, SEND, allowed=wrong)
    refused(swapped.receipt(), "leaf 4: expected the privilege of", swapped.log)


def test_proofs_that_lead_to_different_states_of_the_log_are_refused() -> None:
    found = granted(READ)
    before = found.proofs()
    found.log.event("grant", "jukebox", BOB)
    text = found.receipt(partner=before["partner"])
    refused(text, "leaf 3: expected the checkpoint of the others, got another", found.log)


def test_fields_that_say_something_else_than_the_canonical_grant_are_refused() -> None:
    said = canonical.decode(HERS.said().encode())
    for changes, message in (
        ({"record_id": "00" * 32}, "record_id: expected"),
        ({"pii_principal_id": "A" * 32}, "pii_principal_id: expected"),
        ({"withdrawal_method": "by letter"}, "withdrawal_method: expected"),
        ({"validity": {"from": 0, "until_day": 99_999}}, "validity: expected"),
        ({"purposes": []}, "purposes: expected"),
        ({"jurisdiction": "DE"}, "jurisdiction: expected None by the canonical grant, got 'DE'"),
        ({"schema_version": "other/v9"}, "expected schema version vestibule-consent-receipt/v1"),
        ({"pii_controllers": []}, "expected one pii controller, got 0"),
        ({"consent": "{}"}, "expected the canonical grant"),
        ({"agreement": "{}"}, "expected an agreement"),
        ({"random": "AAAA"}, "expected random bytes of 32 bytes, got 3"),
    ):
        refused(signed(HERS.log, canonical.encode(said | changes)), message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"eyJ", "three parts with a dot between, got 1"),
        (b"eyJ.eyJ.!", "expected base64url"),
        (b"eyJh.e30.AA", "header: "),
        (b"e30.e30.AA", "header: expected the field 'alg', got none"),
        (b"eyJ=.e30.AA", "base64url in its one spelling"),
    ],
)
def test_what_is_no_receipt_is_refused_and_says_why(text: bytes, message: str) -> None:
    refused(text, message)


def test_a_jws_without_a_signature_is_refused() -> None:
    header = base64.urlsafe_b64encode(
        b'{"alg":"none","kid":"vestibule.example/log","typ":"consent-receipt+jwt"}'
    )
    refused(b".".join([header.rstrip(b"="), TEXT.split(b".")[1], b""]), "expected alg EdDSA, got 'none'")


@settings(max_examples=60)
@given(st.data())
def test_no_byte_of_a_receipt_can_be_changed(data: st.DataObject) -> None:
    octets = bytearray(TEXT)
    octets[data.draw(st.integers(0, len(octets) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(BadConsentReceipt):
        opened(bytes(octets))


def test_a_line_end_behind_it_does_not_matter() -> None:
    assert opened(TEXT + b"\n").consent == HERS.consent
    assert consent_receipt.is_one(TEXT)
    assert not consent_receipt.is_one(HERS.proofs()["partner"].encode())


# Since then

GOES_ON = "since then, to checkpoint 7: messages.read goes on"


def since_of(found: Granted, text: bytes, *, with_her_file: bool = False) -> list[str]:
    agreed = opened(text, found.log)
    person = found.log.person(ALICE, "jukebox") if with_her_file else None
    verdict = consent_words.verdict(agreed, consent_since.since(agreed, view_of(found.log), person))
    return [verdict.summary, *(line for line in verdict.findings if line.startswith("since then"))]


def test_a_later_log_says_that_it_goes_on() -> None:
    found = granted(READ)
    text = found.receipt()
    found.log.event("grant", "jukebox", BOB)
    assert since_of(found, text) == [
        "she agreed: signed by her passkey",
        "since then, to checkpoint 6: messages.read goes on",
    ]


def test_a_later_log_says_that_it_has_ended_and_when() -> None:
    found = granted(READ, SEND)
    text = found.receipt()
    found.log.event("end", "jukebox", ALICE)
    ended = "messages.read has ended, with leaf 7 on 2026-11-23"
    assert since_of(found, text) == [
        "she agreed: signed by her passkey",
        f"since then, to checkpoint 8: {ended}",
        "since then, to checkpoint 8: messages.send goes on",
    ]
    found.log.event("end", "jukebox", ALICE, op=SEND)
    assert since_of(found, text)[:2] == [
        "she agreed: signed by her passkey; it has ended since",
        f"since then, to checkpoint 9: {ended}",
    ]


def test_a_newer_agreement_is_not_taken_for_this_one() -> None:
    found = granted(READ)
    text = found.receipt()
    newer = found.log.event("grant", "jukebox", ALICE, extra={"consent": "{}", "agreed": "password"})
    found.log.event("end", "jukebox", ALICE, grant=found.grants[0])
    newer_than_this = "messages.read goes on; something newer was agreed to with leaf 5 on 2026-11-23."
    assert since_of(found, text)[1:] == [
        f"since then, to checkpoint 7: {newer_than_this} {consent_words.HER_FILE}"
    ]
    assert newer == 5
    assert since_of(found, text, with_her_file=True) == [
        "she agreed: signed by her passkey; it has ended since",
        f"{GOES_ON} under a newer agreement, with leaf 5 on 2026-11-23; under this one it has ended",
    ]


def test_a_change_that_was_overtaken_leaves_this_agreement_in_force() -> None:
    found = granted(READ)
    text = found.receipt()
    newer = found.log.event("grant", "jukebox", ALICE, extra={"consent": "{}", "agreed": "password"})
    found.log.event("end", "jukebox", ALICE, grant=newer)
    assert since_of(found, text, with_her_file=True) == [
        "she agreed: signed by her passkey",
        GOES_ON,
    ]


def test_a_resumption_is_no_newer_agreement() -> None:
    found = granted(READ)
    text = found.receipt()
    found.log.event("end", "jukebox", ALICE, grant=found.grants[0])
    grant(found, READ)
    assert since_of(found, text)[1:] == [
        f"{GOES_ON}; it was granted again with leaf 6 on 2026-11-23, after it had ended or rested. "
        + consent_words.HER_FILE
    ]
    assert since_of(found, text, with_her_file=True) == [
        "she agreed: signed by her passkey",
        f"{GOES_ON} under this agreement, newly granted with leaf 6 on 2026-11-23",
    ]


def test_a_file_of_somebody_else_or_of_before_is_refused() -> None:
    found = granted(READ)
    agreed = opened(found.receipt(), found.log)
    before = found.log.person(ALICE, "jukebox")
    found.log.event("end", "jukebox", ALICE)
    view = view_of(found.log)
    for person, message in (
        (before, "expected one that opens leaf 5, got an older one"),
        (found.log.person(BOB, "jukebox"), "got another person's"),
        (found.log.person(ALICE), "expected the partner jukebox in it"),
    ):
        with pytest.raises(BadConsentReceipt, match=message):
            consent_since.since(agreed, view, person)


def test_an_older_log_and_one_with_another_history_are_refused() -> None:
    found = granted(READ)
    text = found.receipt()
    agreed = opened(text, found.log)
    older = like(found.log, entries=found.log.entries[:-1])
    with pytest.raises(BadConsentReceipt, match="a log of at least 5 leaves, got 4; an older one"):
        consent_since.since(agreed, view_of(older))
    other = like(found.log, entries=found.log.entries[:-1], openings={})
    other.event("grant", "jukebox", BOB)
    with pytest.raises(BadConsentReceipt, match=r"at size 5, got .*: the log has shown two histories"):
        consent_since.since(agreed, view_of(other))


PICKED = Picked(("1e" * 16, "2e" * 16), RANDOM)


def picking() -> Granted:
    return granted(READ, chosen=Chosen("picked", ("1c" * 16,), PICKED.committed(), since=0))


def test_of_picked_messages_she_alone_can_show_which_they_were() -> None:
    hers = picking()
    agreed = opened(hers.receipt(picked=PICKED), hers.log)
    assert agreed.receipt.picked == PICKED
    assert any("2 messages" in finding for finding in consent_words.verdict(agreed).findings)


@pytest.mark.parametrize(
    "others",
    [Picked(("1e" * 16,), RANDOM), Picked(PICKED.messages, bytes(32))],
    ids=["messages", "random bytes"],
)
def test_other_messages_than_the_grant_commits_to_are_refused(others: Picked) -> None:
    hers = picking()
    refused(hers.receipt(picked=others), "expected the messages that the canonical grant commits", hers.log)


def test_a_receipt_of_a_pick_without_the_messages_is_refused() -> None:
    hers = picking()
    refused(hers.receipt(), "expected the field 'picked'", hers.log)
