"""Mistakes of an authorization server: the FAPI 2.0 Security Profile, RFC by RFC."""

from typing import Final

from tools.mutants.mutant import Mutant

ROOM: Final = "src/vestibule/oauth/"
AUTHORIZE: Final = ROOM + "rfc6749_authorize.py"
CODES: Final = ROOM + "rfc6749_token.py"
ASSERTIONS: Final = ROOM + "rfc7523.py"
PROOFS: Final = ROOM + "rfc9449.py"
ATTACKS: Final = "tests/oauth/test_attacks.py::"
AUTHORIZING: Final = "tests/oauth/test_authorize.py::"
EXCHANGING: Final = "tests/oauth/test_token.py::"
A_PROOF: Final = ATTACKS + "test_a_proof_of_anything_else_is_none"
AN_ASSERTION: Final = ATTACKS + "test_an_assertion_of_anything_else_is_none"

MUTANTS: Final = (
    Mutant(
        "does not check PKCE",
        ROOM + "rfc7636.py",
        "    if not _VERIFIER.fullmatch(verifier) or not hmac.compare_digest(s256(verifier), challenge):",
        "    if False:",
        EXCHANGING + "test_whatever_does_not_fit_the_authorization_request_is_refused",
    ),
    Mutant(
        "takes the PKCE method plain",
        ROOM + "rfc7636.py",
        '    if parameters.get("code_challenge_method") != METHOD or not _CHALLENGE.fullmatch(challenge):',
        "    if not _CHALLENGE.fullmatch(challenge):",
        AUTHORIZING + "test_what_is_wrong_with_a_request_is_told_to_whoever_pushed_it",
    ),
    Mutant(
        "takes any redirect URI that is pushed",
        ROOM + "rfc9126.py",
        '    if need(parameters, "redirect_uri") not in client.redirect_uris:',
        '    if not need(parameters, "redirect_uri"):',
        AUTHORIZING + "test_what_is_wrong_with_a_request_is_told_to_whoever_pushed_it",
    ),
    Mutant(
        "does not compare the redirect URI at the token endpoint",
        CODES,
        '    if parameters.get("redirect_uri") != redirect_uri:',
        "    if False:",
        EXCHANGING + "test_whatever_does_not_fit_the_authorization_request_is_refused",
    ),
    Mutant(
        "redirects to an address that was taken off the register",
        AUTHORIZE,
        "    if redirect_uri != HERE and redirect_uri not in partner.redirect_uris:",
        "    if False:",
        AUTHORIZING + "test_a_redirect_uri_that_was_taken_off_the_register_meanwhile_is_not_redirected_to",
    ),
    Mutant(
        "lets a request_uri be decided on twice",
        AUTHORIZE,
        "    if decided:\n        raise _decided_already()\n",
        "",
        AUTHORIZING + "test_a_request_is_decided_once",
    ),
    Mutant(
        "lets one person decide on a request_uri of another",
        AUTHORIZE,
        "    if owner not in (None, user_id):",
        "    if False:",
        AUTHORIZING + "test_a_request_that_one_person_opened_is_nobody_elses",
    ),
    Mutant(
        "lets a request_uri live for ever",
        AUTHORIZE,
        "    if owner is None or now >= expires_at:",
        "    if owner is None:",
        AUTHORIZING + "test_whoever_opened_it_has_half_an_hour",
    ),
    Mutant(
        "takes a request_uri with another client_id",
        AUTHORIZE,
        "    if row is None or partner is None or row[0] != client_id:",
        "    if row is None or partner is None:",
        AUTHORIZING + "test_an_address_that_was_tampered_with_opens_nothing_and_redirects_nowhere",
    ),
    Mutant(
        "leaves iss out of its answers",
        ROOM + "rfc9207.py",
        '**({"state": state} if state else {}), "iss": issuer}',
        '**({"state": state} if state else {})}',
        AUTHORIZING + "test_a_code_comes_with_state_and_issuer_to_nobody_but_the_client",
    ),
    Mutant(
        "leaves iss out of its errors",
        ROOM + "rfc9207.py",
        '**({"state": state} if state else {}), "iss": issuer}',
        '**({"state": state} if state else {}), **({} if "error" in fields else {"iss": issuer})}',
        AUTHORIZING + "test_declining_tells_the_client_with_state_and_issuer_and_connects_nothing",
    ),
    Mutant(
        "lets a code be used twice",
        CODES,
        "update authorization_code set uses = uses + 1",
        "update authorization_code set uses = 1",
        EXCHANGING + "test_a_code_used_twice_gives_nothing_the_second_time",
    ),
    Mutant(
        "leaves tokens alone whose code is used a second time",
        CODES,
        "    if uses > 1:\n        await tokens.revoke_issued_for(store, code_hash)\n",
        "",
        ATTACKS + "test_a_code_used_twice_takes_along_what_was_issued_for_it",
    ),
    Mutant(
        "lets a code live for ever",
        CODES,
        "    if uses > 1 or owner != client_id or now >= expires_at:",
        "    if uses > 1 or owner != client_id:",
        EXCHANGING + "test_a_code_expires_after_a_minute",
    ),
    Mutant(
        "takes another partner's code",
        CODES,
        "    if uses > 1 or owner != client_id or now >= expires_at:",
        "    if uses > 1 or now >= expires_at:",
        EXCHANGING + "test_another_partner_gets_nothing_for_a_stolen_code_and_burns_it",
    ),
    Mutant(
        "takes a code with another key than was named for it",
        CODES,
        "    if bound_to not in (None, jkt):",
        "    if False:",
        ATTACKS + "test_a_code_is_bound_to_the_key_that_was_named_when_it_was_asked_for",
    ),
    Mutant(
        "gives tokens for a connection that has ended",
        ROOM + "living.py",
        "    if connection is None or connection.state != Status.ACTIVE:",
        "    if connection is None:",
        EXCHANGING + "test_a_connection_that_she_ended_meanwhile_gives_no_token",
    ),
    Mutant(
        "refreshes with another key",
        CODES,
        "    if found.jkt != jkt:",
        "    if False:",
        ATTACKS + "test_a_refresh_token_works_with_its_own_key_alone_and_keeps_what_was_granted",
    ),
    Mutant(
        "loses the authorization details on refresh",
        "src/vestibule/web/oauth/clients.py",
        "    refresh = {} if issued.refresh_token is None else {",
        '    refresh = {"authorization_details": []} if issued.refresh_token is None else {',
        ATTACKS + "test_a_refresh_token_works_with_its_own_key_alone_and_keeps_what_was_granted",
    ),
    Mutant(
        "takes another partner's refresh token",
        CODES,
        "    if found is None or found.partner_id != client_id or now >= found.expires_at:",
        "    if found is None or now >= found.expires_at:",
        ATTACKS + "test_a_refresh_token_is_of_no_use_to_another_partner",
    ),
    Mutant(
        "takes its tokens as bearer tokens",
        "src/vestibule/partners/authentication.py",
        '        return token if scheme.lower() == "dpop" and token else None',
        "        return token if token else None",
        ATTACKS + "test_a_token_is_not_taken_as_a_bearer_token",
    ),
    Mutant(
        "does not compare the DPoP key with the token's",
        "src/vestibule/gate/standing.py",
        "(token.partner_id, token.jkt) != (signed.partner_id, signed.jkt)",
        "token.partner_id != signed.partner_id",
        ATTACKS + "test_a_token_is_of_no_use_to_whoever_has_another_key",
    ),
    Mutant(
        "does not check a proof's signature",
        PROOFS,
        "    jwt.verify(key, ERROR)\n",
        "",
        A_PROOF + "[signature]",
    ),
    Mutant(
        "ignores htm",
        PROOFS,
        '    if jwt.text("htm", ERROR) != asked.method:',
        "    if False:",
        A_PROOF + "[htm]",
    ),
    Mutant(
        "ignores htu",
        PROOFS,
        '    if normalized(jwt.text("htu", ERROR)) != normalized(asked.uri):',
        "    if False:",
        A_PROOF + "[htu]",
    ),
    Mutant("ignores ath", PROOFS, "    if asked.token is not None:", "    if False:", A_PROOF + "[ath]"),
    Mutant(
        "takes a proof of any time",
        PROOFS,
        "    if abs(now - iat) > WINDOW_SECONDS:",
        "    if False:",
        ATTACKS + "test_a_proof_of_another_time_is_none",
    ),
    Mutant(
        "takes a proof without its own nonce",
        PROOFS,
        '    if "nonce" not in jwt.claims or not nonces.accepts(jwt.text("nonce", ERROR), now):',
        "    if False:",
        A_PROOF + "[nonce]",
    ),
    Mutant(
        "takes a jti a second time",
        PROOFS,
        '    if not once.use("proof", jkt, jti, until=iat + WINDOW_SECONDS, now=now):',
        "    if False:",
        ATTACKS + "test_a_proof_is_good_once",
    ),
    Mutant(
        "does not check a client assertion's signature",
        ASSERTIONS,
        "    assertion.verify(await _key_of(store, client_id, assertion, now), ERROR)\n",
        "    await _key_of(store, client_id, assertion, now)\n",
        AN_ASSERTION + "[signature]",
    ),
    Mutant(
        "takes a client assertion for another server",
        ASSERTIONS,
        '    if assertion.claims.get("aud") != issuer:',
        "    if False:",
        AN_ASSERTION + "[aud]",
    ),
    Mutant(
        "takes a client assertion that is over, or over never",
        ASSERTIONS,
        "    if not now < exp <= now + LONGEST_SECONDS + SKEW_SECONDS:",
        "    if False:",
        AN_ASSERTION + "[exp]",
    ),
    Mutant(
        "takes a client assertion a second time",
        ASSERTIONS,
        '    if not once.use("assertion", client_id, assertion.text("jti", ERROR), until=until, now=now):',
        "    if False:",
        ATTACKS + "test_an_assertion_is_good_once",
    ),
    Mutant(
        "takes a client assertion by a key that was withdrawn",
        ASSERTIONS,
        "        if key.key_id == kid and key.in_force(now // SECONDS_A_DAY):",
        "        if key.key_id == kid:",
        ATTACKS + "test_an_assertion_by_a_key_that_is_no_longer_in_force_is_none",
    ),
    Mutant(
        "refreshes a token whose privileges are all gone",
        ROOM + "living.py",
        "    if not held:",
        "    if False:",
        "tests/gate/test_withdrawal.py::"
        "test_with_the_last_privilege_its_tokens_are_dead_and_cannot_be_refreshed",
    ),
    Mutant(
        "tells of another partner's token",
        ROOM + "rfc7662.py",
        "    if found is None or found.partner_id != client_id or now >= found.expires_at:",
        "    if found is None or now >= found.expires_at:",
        ATTACKS + "test_of_anothers_token_introspection_says_only_that_it_is_not_active",
    ),
    Mutant(
        "revokes another partner's token",
        ROOM + "rfc7009.py",
        "    if access is not None and access.partner_id == client_id:",
        "    if access is not None:",
        ATTACKS + "test_revoking_anothers_token_changes_nothing",
    ),
)
