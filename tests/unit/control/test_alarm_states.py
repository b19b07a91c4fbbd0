"""Every state an occurrence can be in, times everything that can happen to it."""

import itertools
from collections import deque

import pytest

from coldport.messages.alarm import AlarmState, Annunciation, Suppression
from control.alarms.lifecycle import (
    RULES,
    Answer,
    Condition,
    Data,
    Duty,
    Effect,
    Latch,
    Regions,
    Stimulus,
    holds,
    is_over,
    step,
    word,
)

BORN = [Regions(latch=latch, duty=duty) for latch in (Latch.NONE, Latch.ARMED) for duty in Duty]


def reachable():
    seen, queue = set(BORN), deque(BORN)
    while queue:
        state = queue.popleft()
        for stimulus in Stimulus:
            after, _ = step(state, stimulus)
            if after not in seen:
                seen.add(after)
                queue.append(after)
    return seen


STATES = reachable()
STEPS = [(state, stimulus, *step(state, stimulus)) for state in STATES for stimulus in Stimulus]


EVERY = [
    Regions(*state) for state in itertools.product(Condition, Data, Answer, Latch, Suppression, Annunciation, Duty)
]
"""The whole product, states that cannot be reached too."""


def is_quiet(state):
    return is_over(state) and state.suppression is Suppression.NONE and state.data is Data.OK


def test_the_table_was_explored_and_every_row_is_used():
    assert len(STATES) > 300
    used = {index for index, rule in enumerate(RULES) for state in STATES if holds(rule, state)}
    assert used == set(range(len(RULES)))


def test_no_two_rows_want_different_things_of_one_region():
    for state, stimulus in itertools.product(EVERY, Stimulus):
        rows = [rule.then for rule in RULES if rule.stimulus is stimulus and holds(rule, state)]
        for one, other in itertools.combinations(rows, 2):
            assert all(one[region] is other[region] for region in one.keys() & other.keys()), (state, stimulus)


def test_every_state_can_reach_normal():
    before = {state: set() for state in EVERY}
    for state, stimulus in itertools.product(EVERY, Stimulus):
        before[step(state, stimulus)[0]].add(state)
    homeward = {state for state in EVERY if is_quiet(state)}
    queue = deque(homeward)
    while queue:
        new = before[queue.popleft()] - homeward
        homeward |= new
        queue.extend(new)
    assert homeward == set(EVERY)


def test_what_changed_is_recorded_and_nothing_else():
    for state, _, after, effects in STEPS:
        assert (Effect.RECORD in effects) is (after != state)


def test_the_duty_given_at_birth_never_moves():
    assert all(after.duty is state.duty for state, _, after, _ in STEPS)


def test_nobody_is_left_untold_of_what_becomes_unacknowledged():
    def is_shown(state):
        return word(state) is AlarmState.UNACKNOWLEDGED and state.suppression is Suppression.NONE

    for state, stimulus, after, effects in STEPS:
        if is_shown(after) and not is_shown(state):
            assert Effect.ANNUNCIATE in effects, (state, stimulus)
            assert after.annunciation is Annunciation.SOUNDING


def test_only_what_is_unacknowledged_and_not_suppressed_sounds():
    for state in STATES:
        if state.annunciation is not Annunciation.SILENT:
            assert state.answer is Answer.WANTED
            assert state.suppression is Suppression.NONE


def test_a_suppressed_alarm_goes_on_being_judged_and_tells_nobody():
    for state, stimulus, after, effects in STEPS:
        if stimulus in (Stimulus.OCCUR, Stimulus.RETURN):
            assert after.condition is (Condition.ACTIVE if stimulus is Stimulus.OCCUR else Condition.NORMAL)
        if after.suppression is not Suppression.NONE:
            assert Effect.ANNUNCIATE not in effects, (state, stimulus)


def test_an_active_alarm_asks_for_an_answer_or_has_one():
    assert all(state.answer is not Answer.NONE for state in STATES if state.condition is Condition.ACTIVE)


def test_without_data_an_alarm_stands_as_it_was():
    for state, stimulus, after, _ in STEPS:
        if stimulus in (Stimulus.LOSE_DATA, Stimulus.FIND_DATA):
            assert after == state._replace(data=after.data)
            assert word(after) is word(state)


def test_normal_means_no_condition_no_latch_and_the_answer_that_was_due():
    for state in STATES:
        if word(state) is AlarmState.NORMAL:
            assert (state.condition, state.latch) in {(Condition.NORMAL, latch) for latch in (Latch.NONE, Latch.ARMED)}
            due = Answer.CONFIRMED if state.duty is Duty.CONFIRM else Answer.ACKNOWLEDGED
            assert state.answer in (Answer.NONE, due, Answer.CONFIRMED)


def test_only_a_confirmation_ends_an_alarm_of_a_critical_control_point():
    for state, stimulus, after, _ in STEPS:
        if state.duty is Duty.CONFIRM and not is_over(state) and is_over(after):
            assert after.answer is Answer.CONFIRMED
            assert stimulus in (Stimulus.CONFIRM, Stimulus.RETURN, Stimulus.RESET)


def test_a_latch_is_left_by_a_reset_alone():
    for state, stimulus, after, _ in STEPS:
        if state.latch is Latch.LATCHED and after.latch is not Latch.LATCHED:
            assert stimulus is Stimulus.RESET


def test_an_occurrence_before_one_that_is_not_over_is_kept_as_a_branch():
    for state, stimulus, after, effects in STEPS:
        branches = stimulus is Stimulus.OCCUR and state.condition is Condition.NORMAL and not is_over(state)
        assert (Effect.OPEN_BRANCH in effects) is branches, (state, after)


A = Regions()
B = A._replace(condition=Condition.ACTIVE, answer=Answer.WANTED, annunciation=Annunciation.SOUNDING)
C = B._replace(answer=Answer.ACKNOWLEDGED, annunciation=Annunciation.SILENT)
D = B._replace(condition=Condition.NORMAL, annunciation=Annunciation.SILENT)
A_DONE = A._replace(answer=Answer.ACKNOWLEDGED)
B_LATCHED = B._replace(latch=Latch.LATCHED)
C_LATCHED = C._replace(latch=Latch.LATCHED)


def kept(state, suppression):
    return state._replace(suppression=suppression, annunciation=Annunciation.SILENT)


E, F, G = Suppression.SHELVED, Suppression.BY_DESIGN, Suppression.OUT_OF_SERVICE


@pytest.mark.parametrize(
    ("state", "stimulus", "after"),
    [
        (A, "occur", B),
        (D, "occur", B),
        (C, "severity-up", B),
        (B, "severity-down", B),
        (C, "severity-down", C),
        (B, "return", D),
        (B_LATCHED, "return", B_LATCHED._replace(condition=Condition.NORMAL)),
        (C, "return", A_DONE),
        (C_LATCHED, "return", C_LATCHED._replace(condition=Condition.NORMAL)),
        (B, "acknowledge", C),
        (D, "acknowledge", A_DONE),
        (C, "unacknowledge", B),
        (C_LATCHED._replace(condition=Condition.NORMAL), "reset", A_DONE._replace(latch=Latch.ARMED)),
        (C_LATCHED, "reset", C_LATCHED),
        *((one, "shelve", kept(one, E)) for one in (A, B, C, D)),
        (kept(B, E), "unshelve", C),
        (kept(C, E), "unshelve", C),
        (kept(A, E), "unshelve", A),
        (kept(D, E), "unshelve", A_DONE),
        (kept(B, E), "shelf-ends", B),
        (kept(C, E), "shelf-ends", B),
        (kept(A, E), "shelf-ends", A),
        (kept(D, E), "shelf-ends", A_DONE),
        *((kept(one, kind), "suppress", kept(one, F)) for one in (A, B, C, D) for kind in (Suppression.NONE, E)),
        (kept(B, G), "suppress", kept(B, G)),
        (kept(C, F), "unsuppress", B),
        (kept(A, F), "unsuppress", A),
        *((kept(one, kind), "take-out-of-service", kept(one, G)) for one in (A, B, C, D) for kind in (E, F)),
        (kept(C, G), "return-to-service", B),
        (kept(A, G), "return-to-service", A),
        (kept(B, Suppression.ONE_SHOT), "return", A_DONE),
        (kept(A, Suppression.ONE_SHOT), "occur", kept(B, Suppression.ONE_SHOT)),
        (B, "silence", B._replace(annunciation=Annunciation.SILENCED)),
        (B._replace(annunciation=Annunciation.SILENCED), "re-alarm", B),
        (C, "re-alarm", C),
    ],
    ids=str,
)
def test_the_transitions_of_isa_18_2(state, stimulus, after):
    assert step(state, Stimulus(stimulus))[0] == after


def test_only_a_condition_that_comes_true_opens_a_branch():
    assert {stimulus for _, stimulus, _, effects in STEPS if Effect.OPEN_BRANCH in effects} == {Stimulus.OCCUR}
