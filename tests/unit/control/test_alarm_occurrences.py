"""What becomes of occurrences: numbering, acknowledgement, limits."""

import pytest

from coldport.errors import NotFoundError, RefusedError
from coldport.messages.alarm import AlarmState, Priority
from control.alarms.detector import Move
from control.alarms.lifecycle import Stimulus
from control.alarms.occurrence import SYSTEM, Moved
from control.alarms.occurrences import WAITING_LIMIT
from control.alarms.register import RECENT_LIMIT
from control.entries import Acknowledged


@pytest.fixture
def judge(judged, definition):
    return judged(definition())


def acknowledge(judge, alarm, at, by="Wang"):
    judge.take(Acknowledged(alarm=alarm, at=at, by=by, comment="seen"), 0)


def bump(judge, second):
    """Raise and clear once."""
    judge.observe(second, 9.0)
    judge.observe(second + 1, 7.0)


def test_a_condition_that_comes_back_unseen_is_a_new_occurrence_and_the_old_one_stays(judge):
    bump(judge, 0)
    judge.observe(2, 9.0)
    assert [(alarm.id, alarm.state) for alarm in judge.engine.occurrences.listed()] == [
        ("hi.p.1", AlarmState.RETURNED_UNACKNOWLEDGED),
        ("hi.p.2", AlarmState.UNACKNOWLEDGED),
    ]


def test_an_old_occurrence_is_acknowledged_without_touching_the_new_one(judge, at):
    bump(judge, 0)
    judge.observe(2, 9.0)
    acknowledge(judge, "hi.p.1", at(3))
    assert [(alarm.id, alarm.state) for alarm in judge.engine.occurrences.listed()] == [
        ("hi.p.1", AlarmState.NORMAL),
        ("hi.p.2", AlarmState.UNACKNOWLEDGED),
    ]
    assert [alarm.id for alarm in judge.engine.occurrences.newest_since(0)] == ["hi.p.2"]


def test_an_acknowledgement_keeps_who_and_when_and_a_second_one_changes_nothing(judge, at):
    judge.observe(0, 9.0)
    acknowledge(judge, "hi.p.1", at(3))
    acknowledge(judge, "hi.p.1", at(9), by="Li")
    (alarm,) = judge.engine.occurrences.listed()
    assert (alarm.acknowledged_by, alarm.acknowledged_at, alarm.comment) == ("Wang", at(3), "seen")
    assert len(judge.moved) == 2


def test_an_occurrence_that_does_not_exist_cannot_be_acknowledged(judge, at):
    with pytest.raises(NotFoundError, match=r"hi\.p\.1"):
        acknowledge(judge, "hi.p.1", at(0))


def test_past_the_limit_the_oldest_waiting_occurrence_is_acknowledged_by_the_system(judge):
    for index in range(WAITING_LIMIT):
        bump(judge, 2 * index)
    assert len(judge.engine.occurrences.listed()) == WAITING_LIMIT
    bump(judge, 2 * WAITING_LIMIT)
    waiting = [a for a in judge.engine.occurrences.listed() if a.state is not AlarmState.NORMAL]
    assert len(waiting) == WAITING_LIMIT
    oldest = judge.engine.occurrences.find("hi.p.1")
    assert (oldest.state, oldest.acknowledged_by) == (AlarmState.NORMAL, SYSTEM)


def test_a_normal_alarm_that_no_person_acknowledged_cannot_be_acknowledged_any_more(judge, at):
    for index in range(WAITING_LIMIT + 1):
        bump(judge, 2 * index)
    with pytest.raises(RefusedError, match="nothing to acknowledge"):
        acknowledge(judge, "hi.p.1", at(999))


def test_no_more_than_fifty_normal_occurrences_are_remembered(judge, at):
    for index in range(RECENT_LIMIT + 1):
        bump(judge, 2 * index)
        acknowledge(judge, f"hi.p.{index + 1}", at(2 * index + 1))
    assert len(judge.engine.occurrences.listed()) == RECENT_LIMIT
    with pytest.raises(NotFoundError):
        judge.engine.occurrences.find("hi.p.1")


def test_transitions_are_numbered_as_the_journal_will_number_them(judge):
    bump(judge, 0)
    bump(judge, 2)
    assert [alarm.transition for alarm in judge.moved] == [1, 2, 3, 4]


def test_an_edge_that_tells_nothing_new_moves_nothing(judge, at):
    out = Moved(1)
    judge.engine.occurrences.move(Move("hi", "p", Stimulus.RETURN, at(0), None), out)
    judge.observe(0, 9.0)
    judge.engine.occurrences.move(Move("hi", "p", Stimulus.OCCUR, at(1), 9.0), out)
    assert out.alarms == []


def test_what_moved_since_is_told_newest_of_each_alarm_and_in_order(judge):
    bump(judge, 0)
    assert [alarm.transition for alarm in judge.engine.occurrences.newest_since(1)] == [2]
    assert judge.engine.occurrences.newest_since(2) == []


def test_an_alarm_that_the_site_has_no_definition_of_is_a_low_one(judge, at):
    out = Moved(1)
    judge.engine.occurrences.move(Move("gone", "p", Stimulus.OCCUR, at(0), 9.0), out)
    (alarm,) = out.alarms
    assert (alarm.priority, alarm.must_confirm, alarm.latched) == (Priority.LOW, False, False)
