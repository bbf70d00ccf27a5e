"""Mistakes in what a person agrees to, and in how it ends."""

from typing import Final

from tools.mutants.mutant import Mutant

GRANTS: Final = "src/vestibule/connections/grants.py"
DECIDING: Final = "tests/gate/test_decide.py::"
REACHING: Final = "tests/connections/test_grants.py::test_only_what_the_person_chose_is_reached"
STATES: Final = "src/vestibule/connections/states.py"
STEPPING: Final = "tests/connections/test_states.py::"
GRANTING: Final = "tests/connections/test_granting.py::"

MUTANTS: Final = (
    Mutant(
        "permits a scope that was not granted",
        GRANTS,
        "    if grant.permission(ask.scope) is None:",
        "    if not grant.permissions:",
        DECIDING + "test_whatever_is_missing_is_what_the_refusal_names",
    ),
    Mutant(
        "lets a grant go on after its last day",
        GRANTS,
        "    if ask.day > grant.until_day:",
        "    if ask.day > grant.until_day + 1:",
        DECIDING + "test_privilege_and_grant_last_to_the_end_of_their_day_and_no_longer",
    ),
    Mutant(
        "reaches conversations that were not chosen",
        GRANTS,
        "    if ask.scope in IN_CONVERSATIONS and ask.conversation not in grant.selection.conversations:",
        "    if ask.scope in IN_CONVERSATIONS and ask.conversation is None:",
        DECIDING + "test_no_conversation_and_another_conversation_are_not_selected",
    ),
    Mutant(
        "reaches messages that were not picked",
        GRANTS,
        "        return (seen.conversation, seen.seq) in selection.picked",
        "        return bool(selection.picked)",
        REACHING,
    ),
    Mutant(
        "reaches messages that did not come through the partner",
        GRANTS,
        "        return grant.partner in (seen.via_partner, seen.answers_via)",
        "        return True",
        REACHING,
    ),
    Mutant(
        "reaches messages sent before the chosen start",
        GRANTS,
        " or seen.sent_at < selection.since:",
        ":",
        REACHING,
    ),
    Mutant(
        "begins a connection before its leaf is published",
        STATES,
        "    return State(Status.WAITING, pending=grant_id)",
        "    return State(Status.ACTIVE, pending=grant_id)",
        GRANTING + "test_without_its_leaf_a_grant_stays_waiting_and_no_code_is_issued",
    ),
    Mutant(
        "lets a change take effect before its leaves are published",
        STATES,
        "    return replace(state, pending=grant_id)\n\n\ndef suspend",
        "    return replace(state, standing=grant_id)\n\n\ndef suspend",
        STEPPING + "test_a_change_lets_the_old_grant_go_on_until_the_new_one_stands_and_then_ends_it",
    ),
    Mutant(
        "lets anybody undo anybody's suspension",
        STATES,
        "    By.PARTNER: frozenset({By.PARTNER}),",
        "    By.PARTNER: frozenset(By),",
        STEPPING + "test_each_suspension_is_undone_only_by_whoever_did_it_and_the_unused_one_by_the_person",
    ),
    Mutant(
        "forgets the operator's suspension when a connection ends",
        STATES,
        "    return Step(State(Status.ENDED, state.suspended_by & {By.OPERATOR}), state.standing, why)",
        "    return Step(State(Status.ENDED), state.standing, why)",
        STEPPING + "test_an_end_is_for_good_and_keeps_nothing_but_the_operators_word",
    ),
    Mutant(
        "writes no end to the log",
        STATES,
        "    return Step(State(Status.ENDED, state.suspended_by & {By.OPERATOR}), state.standing, why)",
        "    return Step(State(Status.ENDED, state.suspended_by & {By.OPERATOR}))",
        GRANTING + "test_an_end_kills_the_token_at_once_and_its_leaf_stands_beside_the_grants",
    ),
    Mutant(
        "forgets after a restart which ends lack their leaf",
        "src/vestibule/connections/end_leaves.py",
        "                due.people |= await people_left(store)\n",
        "",
        GRANTING + "test_an_end_that_an_earlier_process_left_gets_its_leaf_at_the_next_start",
    ),
    Mutant(
        "stores tokens as they are",
        "src/vestibule/connections/tokens.py",
        "    return hashlib.sha256(token.encode()).digest()",
        "    return token.encode()",
        "tests/oauth/test_token.py::test_the_token_itself_is_nowhere_in_the_store",
    ),
)
