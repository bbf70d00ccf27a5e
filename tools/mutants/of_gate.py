"""Mistakes between a partner's request and what leaves the house."""

from typing import Final

from tools.mutants.mutant import Mutant

DECIDE: Final = "src/vestibule/gate/decide.py"
READING: Final = "src/vestibule/gate/operations/reading.py"
RELEASE: Final = "src/vestibule/gate/release.py"
RELEASING: Final = "tests/gate/test_release.py::"
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
        '    if connection.state != "active":',
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
        "takes another partner's token",
        "src/vestibule/gate/standing.py",
        "    if token is not None and (token.partner_id, token.jkt) != (signed.partner_id, signed.jkt):",
        "    if False:",
        REFUSING + "test_a_refusal_without_a_live_token_of_ones_own_is_nobodys",
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
        "            privilege and (privilege.version, privilege.state),\n",
        "",
        RELEASING + "test_a_privilege_withdrawn_while_the_read_is_recorded_releases_nothing",
    ),
    Mutant(
        "does not look whether the token is gone before release",
        DECIDE,
        "            self.token_expires_at,\n        )",
        "        )",
        RELEASING + "test_a_token_that_is_gone_while_the_read_is_recorded_releases_nothing",
    ),
    Mutant(
        "does not look whether an agreement was withdrawn before release",
        READING,
        "return found.agreed <= agreed and again.versions == ground.versions",
        "return again.versions == ground.versions",
        RELEASING + "test_an_agreement_withdrawn_while_the_read_is_recorded_releases_nothing",
    ),
    Mutant(
        "records only the first event of an answer",
        RELEASE,
        "        recorded = await recorder.append(Append(drafts))\n",
        "        recorded = await recorder.append(Append(drafts[:1]))\n",
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
        "    senders = (connection.user_id, *agreed)",
        "    senders = (connection.user_id, *others)",
        RELEASING + "test_who_has_not_agreed_is_in_no_answer_and_no_event",
    ),
    Mutant(
        "takes an agreement with one partner for one with all",
        "src/vestibule/connections/agreements.py",
        'where user_id = :user_id and partner_id = :partner_id"',
        "where user_id = :user_id and :partner_id <> ''\"",
        RELEASING + "test_an_agreement_with_another_partner_counts_for_nothing",
    ),
    Mutant(
        "says of withheld messages only when there are some",
        READING,
        "    withheld = not agreed.issuperset(others) or await _has_strangers(gate, conversation_id)",
        "    withheld = bool(shown) and not agreed.issuperset(others)",
        RELEASING + "test_asking_again_does_not_show_when_somebody_who_has_not_agreed_writes",
    ),
    Mutant(
        "releases messages from before the chosen start",
        READING,
        "    since = connection.grant.selection.since\n",
        "    since = 0\n",
        RELEASING + "test_messages_from_before_the_chosen_start_are_out_of_reach",
    ),
    Mutant(
        "records no refusal",
        RELEASE,
        "return Refused(refusal.code, refusal.sentence, await recorder.append(Append((draft,))))",
        "return Refused(refusal.code, refusal.sentence, () if draft else ())",
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
)
