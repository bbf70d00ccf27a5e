"""Mistakes between a partner's request and what leaves the house."""

from typing import Final

from tools.mutants.mutant import Mutant

DECIDE: Final = "src/vestibule/gate/decide.py"
READING: Final = "src/vestibule/gate/operations/reading.py"
RELEASE: Final = "src/vestibule/gate/release.py"
RELEASING: Final = "tests/gate/test_release.py::"
SELECTING: Final = "tests/gate/test_selection.py::"
REFUSING: Final = "tests/gate/test_refusals.py::"
DECIDING: Final = "tests/gate/test_decide.py::"

MUTANTS: Final = (
    Mutant(
        "does not ask for a privilege",
        DECIDE,
        "    if privilege is None or not privilege.in_force(ask.day):",
        "    if privilege is None:",
        DECIDING + "test_privilege_and_grant_last_to_the_end_of_their_day_and_no_longer",
    ),
    Mutant(
        "lets a token live for ever",
        DECIDE,
        "    if connection is None or now >= ground.token_expires_at:",
        "    if connection is None:",
        REFUSING + "test_an_expired_token_is_refused",
    ),
    Mutant(
        "releases to a connection that is not active",
        DECIDE,
        "    if connection.state != Status.ACTIVE:",
        "    if False:",
        "tests/connections/test_granting.py::test_an_end_kills_the_token_at_once_and_its_leaf_stands_beside_the_grants",
    ),
    Mutant(
        "lets a grant live on under a privilege for another purpose",
        DECIDE,
        "granted.privilege_index != privilege.leaf_index:",
        "False:",
        RELEASING + "test_a_connection_does_not_live_on_under_a_new_privilege",
    ),
    Mutant(
        "tells a partner whether another's token lives",
        "src/vestibule/gate/standing.py",
        "    if token is not None and (token.partner_id, token.jkt) != (signed.partner_id, signed.jkt):",
        "    if False:",
        REFUSING + "test_anothers_token_is_answered_as_one_that_never_was",
    ),
    Mutant(
        "does not read the connection again before release",
        RELEASE,
        "    if not await unchanged():",
        "    if False:",
        RELEASING + "test_a_connection_that_ends_while_the_read_is_recorded_gets_no_data",
    ),
    Mutant(
        "does not look whether the privilege changed before release",
        DECIDE,
        "            privilege and (privilege.version, privilege.state, privilege.suspended_by),\n",
        "",
        RELEASING + "test_a_privilege_withdrawn_while_the_read_is_recorded_releases_nothing",
    ),
    Mutant(
        "does not mind that the token is gone before release",
        "src/vestibule/gate/admitting.py",
        "        return unchanged and await person_of(gate.store, again) is not None",
        "        return unchanged or again.connection is None",
        RELEASING + "test_a_token_that_is_gone_while_the_read_is_recorded_releases_nothing",
    ),
    Mutant(
        "does not look whether an agreement was withdrawn before release",
        READING,
        "return found.agreed <= agreed and await admitted.still(gate)",
        "return await admitted.still(gate)",
        RELEASING + "test_an_agreement_withdrawn_while_the_read_is_recorded_releases_nothing",
    ),
    Mutant(
        "records only the first event of an answer",
        RELEASE,
        "    recorded = await record(recorder, caller, Append(drafts))\n",
        "    recorded = await record(recorder, caller, Append(drafts[:1]))\n",
        RELEASING + "test_someone_else_who_agreed_is_shown_with_an_exposure_of_her_own",
    ),
    Mutant(
        "records no exposure of those whose words are in the answer",
        READING,
        "    return (access, *exposures)",
        "    return (access,)",
        RELEASING + "test_someone_else_who_agreed_is_shown_with_an_exposure_of_her_own",
    ),
    Mutant(
        "shows words of members who have not agreed",
        READING,
        "conversation_id, (connection.user_id, *agreed))",
        "conversation_id, (connection.user_id, *others))",
        RELEASING + "test_who_has_not_agreed_is_in_no_answer_and_no_event",
    ),
    Mutant(
        "takes an agreement with one partner for one with all",
        "src/vestibule/connections/words.py",
        "words.who is Who.CHOSEN and words.partners.get(partner_id, False)",
        "words.who is Who.CHOSEN and any(words.partners.values())",
        RELEASING + "test_an_agreement_with_another_partner_counts_for_nothing",
    ),
    Mutant(
        "says of withheld messages only when there are some",
        READING,
        "    withheld = not agreed.issuperset(others) or await has_strangers(gate, conversation_id)",
        "    withheld = bool(shown) and not agreed.issuperset(others)",
        RELEASING + "test_asking_again_does_not_show_when_somebody_who_has_not_agreed_writes",
    ),
    Mutant(
        "says to which withheld message a shown one replies",
        READING,
        "    return known[seq] if seq is not None and seq in answerable else None",
        "    return known.get(seq, str(seq)) if seq is not None else None",
        SELECTING + "test_a_reply_to_words_that_are_withheld_does_not_say_to_which",
    ),
    Mutant(
        "moves a cursor because of what was not chosen",
        READING,
        'rendered[-1]["id"] if more else None, writers',
        'rendered[-1]["id"] if more or withheld else None, writers',
        SELECTING + "test_what_is_withheld_moves_nothing_where_all_is_chosen",
    ),
    Mutant(
        "lets a suspended connection read",
        DECIDE,
        "    if connection.state == Status.SUSPENDED:\n        return Refusal(",
        "    if connection.state == Status.SUSPENDED:\n        return None and Refusal(",
        "tests/connections/test_suspending.py::"
        "test_every_way_out_works_at_once_while_the_log_is_down_and_its_leaf_follows",
    ),
    Mutant(
        "carries out an effect on a connection that has changed",
        "src/vestibule/gate/pinning.py",
        '(connection.state, connection.version) == ("active", pin["connection_version"])',
        'connection.partner_id == pin["partner_id"]',
        "tests/gate/test_writing.py::test_a_connection_that_ends_while_it_is_recorded_writes_nothing",
    ),
    Mutant(
        "carries out an effect under a privilege that was withdrawn",
        "src/vestibule/gate/pinning.py",
        '(privilege.state, privilege.version) == ("held", pin["privilege_version"])',
        "privilege.leaf_index >= 0",
        "tests/gate/test_writing.py::test_a_privilege_withdrawn_while_it_is_recorded_writes_nothing",
    ),
    Mutant(
        "deletes what this partner did not write",
        "src/vestibule/gate/operations/deleting.py",
        "    return found if wrote == (admitted.connection.partner_id, admitted.person.user_id, None)",
        "    return found if wrote",
        "tests/gate/test_deleting.py::test_nothing_but_what_this_partner_wrote_can_be_deleted",
    ),
    Mutant(
        "records no refusal",
        RELEASE,
        "    recorded = await recorder.append(Append((draft,)))\n    return Refused(",
        "    recorded = () if draft else ()\n    return Refused(",
        REFUSING + "test_a_partner_without_the_privilege_is_refused_on_record",
    ),
    Mutant(
        "records refusals of a dead token in its person's lane",
        "src/vestibule/gate/standing.py",
        "return person.subject if person and dead(ground, now) is None else tags.NOBODY",
        "return person.subject if person else tags.NOBODY",
        REFUSING + "test_a_token_of_an_ended_connection_fills_nobodys_lane_with_refusals_but_not_hers",
    ),
    Mutant(
        "does not hold a partner to its rate",
        "src/vestibule/gate/rate.py",
        "        if bucket.level < 1:",
        "        if False:",
        REFUSING + "test_over_its_rate_a_partner_is_told_when_to_come_back_and_no_leaf_is_written",
    ),
    Mutant(
        "gives two partners the same ids for one person's things",
        "src/vestibule/connections/opaque.py",
        'f"{what}/{self.partner_id}/{self.user_id}"',
        'f"{what}/{self.user_id}"',
        RELEASING + "test_two_partners_know_the_same_person_and_conversation_by_different_ids",
    ),
    Mutant(
        "delivers what an app sent before it was suspended",
        "src/vestibule/gate/operations/delivering.py",
        '        if await is_stopped(store, body["partner"]):',
        "        if False:",
        "tests/web/test_dialog_suspended.py::test_what_is_recorded_and_not_delivered_yet_is_not_delivered",
    ),
    Mutant(
        "takes the key of one deletion for another",
        "src/vestibule/gate/operations/deleting.py",
        "    if first.extra and _place(first.request) != _place(admitted.signed.request):",
        "    if False:",
        "tests/gate/test_deleting.py::"
        "test_a_key_that_stands_for_another_deletion_is_refused_and_nothing_is_deleted",
    ),
    Mutant(
        "lets anybody withdraw an invitation",
        "src/vestibule/sharing/invitations.py",
        "    where invitation_hash = :invitation_hash and sender_id = :sender_id and expires_at > :now",
        "    where invitation_hash = :invitation_hash and :sender_id > 0 and expires_at > :now",
        "tests/web/test_inviting.py::test_only_its_sender_withdraws_one_and_only_while_nobody_has_taken_it",
    ),
)
