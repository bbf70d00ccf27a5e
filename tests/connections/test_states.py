"""What moves a connection: as a table, and at random against a model that counts as the log does."""

from itertools import count

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from vestibule.connections import states
from vestibule.connections.errors import ConnectionRefused
from vestibule.connections.states import By, State, Status, Step, Why

PEOPLE = (By.PERSON, By.PARTNER, By.OPERATOR)
WAITING = states.begin(1)
ACTIVE = states.granted(WAITING, 1).state
ENDED = states.end(ACTIVE).state


def suspended(*by: By) -> State:
    return State(Status.SUSPENDED, frozenset(by))


def test_a_connection_waits_for_its_leaves_and_is_active_with_them() -> None:
    assert State(Status.WAITING, pending=1) == WAITING
    assert states.granted(WAITING, 1) == Step(State(Status.ACTIVE, standing=1), None, Why.CHANGED)


def test_leaves_that_nobody_awaits_any_more_get_their_end() -> None:
    assert states.granted(ENDED, 7) == Step(ENDED, 7, Why.OVERTAKEN)
    assert states.granted(states.suspend(WAITING, By.PERSON).state, 1).ends == 1
    assert states.granted(states.change(ACTIVE, 3), 2) == Step(states.change(ACTIVE, 3), 2, Why.OVERTAKEN)


def test_a_change_lets_the_old_grant_go_on_until_the_new_one_stands_and_then_ends_it() -> None:
    changing = states.change(ACTIVE, 2)

    assert (changing.status, changing.standing) == (Status.ACTIVE, 1)
    assert states.granted(changing, 2) == Step(State(Status.ACTIVE, standing=2), 1, Why.CHANGED)


def test_a_change_while_a_change_waits_overtakes_it() -> None:
    assert states.change(states.change(ACTIVE, 2), 3).pending == 3


@pytest.mark.parametrize("by", list(By))
def test_a_suspension_ends_the_leaves_and_overtakes_what_is_awaited(by: By) -> None:
    step = states.suspend(states.change(ACTIVE, 2), by)

    assert step == Step(State(Status.SUSPENDED, frozenset({by})), 1, states.SUSPENDING[by])


@pytest.mark.parametrize("by", PEOPLE)
@pytest.mark.parametrize("whose", list(By))
def test_each_suspension_is_undone_only_by_whoever_did_it_and_the_unused_one_by_the_person(
    by: By, whose: By
) -> None:
    allowed = by == whose or (by, whose) == (By.PERSON, By.UNUSED)

    if allowed:
        assert states.resume(suspended(whose), by, 5).pending == 5
    else:
        with pytest.raises(ConnectionRefused, match="only they can undo that"):
            states.resume(suspended(whose), by, 5)


def test_undoing_ones_own_leaves_the_others_suspension() -> None:
    assert states.resume(suspended(By.PERSON, By.OPERATOR), By.PERSON, 5) == suspended(By.OPERATOR)


def test_what_cannot_resume_ends_with_the_last_suspension_that_is_lifted() -> None:
    both = State(Status.SUSPENDED, frozenset({By.PARTNER, By.OPERATOR}))

    lifted = states.lift(both, By.PARTNER).state
    assert lifted == State(Status.SUSPENDED, frozenset({By.OPERATOR}))
    assert states.lift(lifted, By.OPERATOR).state == State(Status.ENDED)
    with pytest.raises(ConnectionRefused, match="only they can undo that"):
        states.lift(lifted, By.PARTNER)


def test_what_is_forgone_never_stands_and_what_stood_goes_on() -> None:
    assert states.forgo(WAITING).state.status is Status.ENDED
    assert states.granted(states.forgo(WAITING).state, 1).ends == 1
    assert states.forgo(states.change(ACTIVE, 2)) == Step(ACTIVE)
    assert states.forgo(ACTIVE) == Step(ACTIVE)


def test_what_is_not_suspended_cannot_be_resumed() -> None:
    with pytest.raises(ConnectionRefused, match="expected a suspended connection, got one that is active"):
        states.resume(ACTIVE, By.PERSON, 5)


def test_a_new_consent_undoes_her_own_suspension_and_nobody_elses() -> None:
    resumed = states.granted(states.change(suspended(By.PERSON, By.UNUSED), 5), 5).state

    assert resumed == State(Status.ACTIVE, standing=5)
    for by in (By.PARTNER, By.OPERATOR):
        with pytest.raises(ConnectionRefused, match="only they can undo that"):
            states.change(suspended(By.PERSON, by), 5)


def test_an_end_is_for_good_and_keeps_nothing_but_the_operators_word() -> None:
    assert states.end(ENDED) == Step(ENDED)
    assert states.end(suspended(*By)).state == State(Status.ENDED, frozenset({By.OPERATOR}))
    for move in (lambda: states.suspend(ENDED, By.PERSON), lambda: states.change(ENDED, 9)):
        with pytest.raises(ConnectionRefused, match="the connection has ended"):
            move()


def test_the_operator_can_lift_her_word_from_an_ended_connection_which_stays_ended() -> None:
    held = states.end(suspended(By.OPERATOR)).state

    assert states.resume(held, By.OPERATOR, 9) == ENDED


class Connections(RuleBasedStateMachine):
    """A connection, and beside it a model: who has said no, and what the log would count."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = count(2)
        self.state = states.begin(1)
        self.asked = {1}
        self.written: set[int] = set()
        self.over: set[int] = set()
        self.noes: set[By] = set()
        self.ended = False

    def take(self, step: Step) -> None:
        if step.ends is not None:
            assert step.ends in self.written - self.over, "an end without a live grant"
            self.over.add(step.ends)
        self.state = step.state

    @rule(by=st.sampled_from(By))
    def suspend(self, by: By) -> None:
        try:
            self.take(states.suspend(self.state, by))
            self.noes.add(by)
        except ConnectionRefused:
            assert self.ended

    @rule(by=st.sampled_from(By))
    def resume(self, by: By) -> None:
        grant_id = next(self.numbers)
        try:
            self.state = states.resume(self.state, by, grant_id)
        except ConnectionRefused:
            assert not self.noes & states.UNDOES[by]
        else:
            assert self.noes & states.UNDOES[by]
            if self.state.pending == grant_id:
                self.asked.add(grant_id)
            else:
                self.noes -= states.UNDOES[by]

    @rule()
    def change(self) -> None:
        grant_id = next(self.numbers)
        try:
            self.state = states.change(self.state, grant_id)
            self.asked.add(grant_id)
        except ConnectionRefused:
            assert self.ended or self.noes & {By.PARTNER, By.OPERATOR}

    @rule()
    def forgo(self) -> None:
        self.take(states.forgo(self.state))
        self.ended = self.ended or self.state.status is Status.ENDED

    @precondition(lambda self: self.asked)
    @rule(data=st.data())
    def leaves_are_written(self, data: st.DataObject) -> None:
        grant_id = data.draw(st.sampled_from(sorted(self.asked)))
        first = grant_id not in self.written
        awaited = grant_id == self.state.pending
        self.written.add(grant_id)
        if not first and not awaited and grant_id in self.over:
            return  # told again: its end is known, and is not written twice
        self.take(states.granted(self.state, grant_id))
        if awaited:
            self.noes.clear()

    @rule()
    def end(self) -> None:
        self.take(states.end(self.state))
        self.ended = True
        self.noes &= {By.OPERATOR}

    @invariant()
    def the_log_counts_exactly_the_active_ones(self) -> None:
        live = self.written - self.over
        assert live == ({self.state.standing} if self.state.status is Status.ACTIVE else set())

    @invariant()
    def nobodys_no_is_forgotten(self) -> None:
        assert self.state.suspended_by == self.noes
        assert (self.state.status is Status.ENDED) == self.ended
        if self.noes and not self.ended:
            assert self.state.status is Status.SUSPENDED

    @invariant()
    def it_is_active_exactly_with_a_standing_grant(self) -> None:
        assert (self.state.standing is not None) == (self.state.status is Status.ACTIVE)


TestConnections = Connections.TestCase
TestConnections.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
