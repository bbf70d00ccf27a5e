"""Mistakes in signing in, proving oneself, and leaving."""

from typing import Final

from tools.mutants.mutant import Mutant

PASSKEYS: Final = "src/vestibule/people/passkeys.py"
CHALLENGES: Final = "src/vestibule/people/challenges.py"
LEAVING: Final = "src/vestibule/web/leaving.py"
OF_PASSKEYS: Final = "tests/people/test_passkeys.py::"
OF_SIGNING_IN: Final = "tests/people/test_signing_in.py::"
OF_SESSIONS: Final = "tests/people/test_open_sessions.py::"
OF_ACCOUNT: Final = "tests/web/test_account.py::"
OF_LEAVING: Final = "tests/web/test_leaving.py::"
ENDING: Final = "src/vestibule/people/ending_all.py"
OF_ENDING: Final = "tests/people/test_ending_all.py::"

MUTANTS: Final = (
    Mutant(
        "takes a passkey's answer without the person behind it",
        PASSKEYS,
        "            require_user_verification=True,",
        "            require_user_verification=False,",
        OF_PASSKEYS + "test_an_assertion_from_elsewhere_or_without_the_person_is_refused",
    ),
    Mutant(
        "takes a passkey's answer from inside another site's page",
        PASSKEYS,
        "    refuse_framed(answer.response.client_data_json)\n",
        "",
        OF_PASSKEYS + "test_an_assertion_from_elsewhere_or_without_the_person_is_refused",
    ),
    Mutant(
        "does not look at the authenticator's counter",
        PASSKEYS,
        "            credential_current_sign_count=passkey.sign_count,",
        "            credential_current_sign_count=0,",
        OF_PASSKEYS + "test_a_cloned_authenticator_is_refused_by_its_counter",
    ),
    Mutant(
        "lets one count of an authenticator be used twice at once",
        PASSKEYS,
        " and sign_count = :before",
        "",
        OF_PASSKEYS + "test_of_two_uses_at_once_with_one_count_one_is_refused",
    ),
    Mutant(
        "takes a challenge however old",
        CHALLENGES,
        "    if _expires_at(challenge) <= now:",
        "    if False:",
        OF_PASSKEYS + "test_a_passkey_is_added_once_by_the_session_that_asked_and_in_time",
    ),
    Mutant(
        "takes a challenge for any purpose",
        CHALLENGES,
        'party.seal(b"challenge " + purpose.encode(), asker + body)',
        'party.seal(b"challenge ", asker + body)',
        OF_PASSKEYS + "test_a_challenge_is_for_one_purpose_and_its_expiry_cannot_be_moved",
    ),
    Mutant(
        "takes another session's challenge",
        CHALLENGES,
        "purpose.encode(), asker + body)",
        "purpose.encode(), body)",
        OF_SESSIONS + "test_a_session_is_proved_by_a_passkey_of_its_person_for_itself_alone",
    ),
    Mutant(
        "gives somebody's credential to another person",
        "src/vestibule/people/adding_passkeys.py",
        "    if await store.write(claim) != user_id:",
        "    if await store.write(claim) < 0:",
        OF_PASSKEYS + "test_a_credential_of_another_person_cannot_be_added",
    ),
    Mutant(
        "signs in twice by one answer of a passkey",
        "src/vestibule/people/passkey_sign_in.py",
        "    await challenges.spend(store, challenge)\n",
        "",
        OF_SIGNING_IN + "test_an_answer_signs_in_once",
    ),
    Mutant(
        "proves twice by one answer of a passkey",
        "src/vestibule/people/stepping_up.py",
        "    await challenges.spend(store, challenge)\n",
        "",
        OF_SESSIONS + "test_a_session_is_proved_by_a_passkey_of_its_person_for_itself_alone",
    ),
    Mutant(
        "signs in twice by one recovery code used at once",
        "src/vestibule/people/recovery.py",
        "        if not await tx.run(_DELETE, user_id=user_id, code_hash=code_hash):",
        "        if await tx.run(_DELETE, user_id=user_id, code_hash=code_hash) < 0:",
        OF_SIGNING_IN + "test_of_two_uses_of_a_recovery_code_at_once_one_succeeds",
    ),
    Mutant(
        "signs in by a password that changed meanwhile",
        "src/vestibule/people/sessions.py",
        "        if password_hash is not None and (row is None or row[0] != password_hash):",
        "        if password_hash is None and row is None:",
        OF_SIGNING_IN + "test_a_sign_in_that_is_looked_at_while_the_password_changes_opens_nothing",
    ),
    Mutant(
        "signs somebody in whose account is deleted",
        "src/vestibule/people/sessions.py",
        "    if row is None or row[1] is not None:\n",
        "    if row is None:\n",
        OF_LEAVING + "test_a_session_that_begins_while_the_account_is_deleted_does_not",
    ),
    Mutant(
        "keeps an ended session in memory",
        "src/vestibule/people/open_sessions.py",
        "        memory_of(store).sessions.forget(session_hash)\n",
        "        memory_of(store)\n",
        OF_SESSIONS + "test_all_others_are_ended_at_once",
    ),
    Mutant(
        "lets guesses from elsewhere shut out known browsers",
        "src/vestibule/people/sessions.py",
        "(memory.devices, device) if known else",
        "(memory.devices, device) if known is None else",
        OF_SIGNING_IN + "test_a_known_browser_signs_in_while_others_guess_and_has_a_budget_of_its_own",
    ),
    Mutant(
        "asks for no fresh proof",
        "src/vestibule/web/app.py",
        "    if not stepping_up.is_proved(session, platform.clock()):",
        "    if session.proved_at < 0:",
        OF_ACCOUNT + "test_after_five_minutes_a_session_has_to_be_proved_again",
    ),
    Mutant(
        "hands out a person's file without a fresh proof",
        "src/vestibule/web/person/apps.py",
        "    if not stepping_up.is_proved(await session_of(request, platform), platform.clock()):",
        "    if await session_of(request, platform) is None:",
        OF_ACCOUNT + "test_after_five_minutes_a_session_has_to_be_proved_again",
    ),
    Mutant(
        "lets a stolen session's token gain from her proof",
        "src/vestibule/people/open_sessions.py",
        "update session set session_hash = :fresh,",
        "update session set session_hash = coalesce(nullif(:fresh, :fresh), :session_hash),",
        OF_SESSIONS + "test_a_session_is_proved_for_five_minutes_and_then_by_a_new_proof_under_a_new_token",
    ),
    Mutant(
        "leaves a deleted person's connections as they are",
        LEAVING,
        "    await ending.end_all(store, outbox, user_id, now)\n",
        "",
        OF_LEAVING + "test_sessions_connections_and_every_way_in_are_over_at_once",
    ),
    Mutant(
        "shows apps a deleted person's words",
        LEAVING,
        "    await agreements.withhold_all(store, user_id, now)\n",
        "",
        OF_LEAVING + "test_her_words_are_withheld_from_apps_that_friends_let_in",
    ),
    Mutant(
        "destroys a subject while an end still needs it",
        LEAVING,
        "        if person is None or await end_leaves.any_left(store, user_id):",
        "        if person is None:",
        OF_LEAVING + "test_her_subject_and_openings_are_destroyed_once_every_end_is_recorded",
    ),
    Mutant(
        "leaves a thief's passkey when everything ends",
        ENDING,
        "        removed = [one for one in held if one not in kept.passkeys]\n",
        "        removed = [one for one in held if one in kept.passkeys]\n",
        OF_ENDING + "test_a_passkey_that_a_thief_has_added_opens_nothing_any_more",
    ),
    Mutant(
        "leaves recovery codes when everything ends",
        ENDING,
        "        await tx.run(_CODES, user_id=user_id)\n",
        "",
        OF_ENDING + "test_recovery_codes_from_before_are_void",
    ),
    Mutant(
        "lets a session that has ended add a passkey",
        "src/vestibule/people/adding_passkeys.py",
        "    if not await sessions.is_open_in(tx, user_id, asker):",
        "    if False:",
        OF_ENDING + "test_a_way_in_that_is_being_made_while_everything_ends_is_not_made",
    ),
    Mutant(
        "lets a session that has ended make recovery codes",
        "src/vestibule/people/recovery.py",
        "        if not await sessions.is_open_in(tx, person.user_id, asker):",
        "        if False:",
        OF_ENDING + "test_a_way_in_that_is_being_made_while_everything_ends_is_not_made",
    ),
)
