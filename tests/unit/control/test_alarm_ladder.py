"""HI and HIHI of one point: the graver one speaks for both, and each keeps its own occurrences.

Source: V13, RFC 8632, leaf notify-severity-level: what rises is told, and so is the first step down.
"""

import pytest

from coldport.messages.alarm import AlarmState, Annunciation, Priority
from control.alarms.conduct import RE_ALARMS
from control.alarms.definition import Kind
from control.entries import Acknowledged, Acted, Action


@pytest.fixture
def judge(judged, definition):
    hi = definition()
    hihi = definition(id="hihi", kind=Kind.HIHI, limit=12.0, priority=Priority.CRITICAL)
    return judged(hi, hihi)


def newest(judge, name="hi"):
    return judge.engine.occurrences.state.newest[f"{name}.p"]


def test_the_lesser_falls_silent_when_the_graver_occurs_and_keeps_its_state(judge):
    judge.observe(0, 9.0)
    judge.observe(1, 13.0)

    assert (newest(judge).state, newest(judge).annunciation) == (AlarmState.UNACKNOWLEDGED, Annunciation.SILENCED)
    assert newest(judge).superseded_by == "hihi.p.1"
    assert newest(judge, "hihi").annunciation is Annunciation.SOUNDING


def test_the_lesser_that_comes_after_or_with_the_graver_is_never_told(judge):
    judge.observe(0, 13.0)

    [hihi, hi] = sorted(judge.engine.occurrences.active(), key=lambda alarm: alarm.definition, reverse=True)
    assert (hi.superseded_by, hi.annunciation) == (hihi.id, Annunciation.SILENCED)


def test_v13_the_first_step_down_is_told_when_nobody_has_answered(judge, at):
    judge.observe(0, 9.0)
    judge.observe(1, 13.0)
    judge.observe(2, 10.0)

    assert (newest(judge).superseded_by, newest(judge).annunciation) == (None, Annunciation.SOUNDING)
    assert newest(judge).annunciated_at == at(2)


def test_v13_the_step_down_to_what_was_acknowledged_asks_for_no_new_answer(judge, at):
    judge.observe(0, 9.0)
    judge.take(Acknowledged(alarm="hi.p.1", at=at(0), by="Li"), 0)
    judge.observe(1, 13.0)
    judge.observe(2, 10.0)

    assert (newest(judge).state, newest(judge).annunciation) == (AlarmState.ACKNOWLEDGED, Annunciation.SILENT)
    assert newest(judge).superseded_by is None


def test_the_lesser_is_not_told_again_while_the_graver_speaks_for_it(judge):
    judge.observe(0, 9.0)
    judge.observe(1, 13.0)
    judge.tick(RE_ALARMS[Priority.HIGH].total_seconds() + 2)

    assert newest(judge).re_alarms == 0
    assert newest(judge, "hihi").re_alarms == 1


def test_a_graver_alarm_on_a_shelf_speaks_for_nobody(judge, at):
    judge.observe(0, 9.0)
    judge.observe(1, 13.0)
    until = at(600)
    shelve = Acted(
        action=Action.SHELVE, alarm="hihi.p.1", at=at(2), by="Li", approved_by="Wang", text="repair", until=until
    )
    judge.take(shelve, 2)
    assert (newest(judge).superseded_by, newest(judge).annunciation) == (None, Annunciation.SOUNDING)

    judge.take(Acted(action=Action.UNSHELVE, alarm="hihi.p.1", at=at(3), by="Li"), 3)
    assert (newest(judge).superseded_by, newest(judge).annunciation) == ("hihi.p.1", Annunciation.SILENCED)


def test_a_lesser_alarm_that_comes_off_its_shelf_stays_silent_under_a_graver_one(judge, at):
    judge.observe(0, 9.0)
    judge.take(Acted(action=Action.SHELVE, alarm="hi.p.1", at=at(0), by="Li", text="repair", until=at(60)), 0)
    judge.observe(1, 13.0)
    judge.tick(61)

    assert newest(judge).suppressed is None
    assert (newest(judge).superseded_by, newest(judge).annunciation) == ("hihi.p.1", Annunciation.SILENCED)


def test_a_graver_kind_of_lower_priority_speaks_for_nobody(judged, definition):
    hihi = definition(id="hihi", kind=Kind.HIHI, limit=12.0, priority=Priority.LOW)
    judge = judged(definition(), hihi)
    judge.observe(0, 13.0)

    assert newest(judge).superseded_by is None


def test_both_return_each_by_itself(judge):
    judge.observe(0, 13.0)
    judge.observe(1, 5.0)

    assert judge.engine.occurrences.active() == []
    judge.observe(2, 9.0)
    assert (newest(judge).id, newest(judge).superseded_by) == ("hi.p.2", None)


def test_the_low_side_has_the_same_ladder(judged, definition):
    judge = judged(
        definition(id="lo", kind=Kind.LO, limit=2.0),
        definition(id="lolo", kind=Kind.LOLO, limit=0.0, priority=Priority.CRITICAL),
    )
    judge.observe(0, -1.0)

    assert newest(judge, "lo").superseded_by == "lolo.p.1"
