"""Whatever people do, and whenever the process falls: from the journal it goes on as if nothing had been.

`COLDPORT_ALARM_EXAMPLES=10000` for a longer search: `make test-simulation`.
"""

import os
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldport.errors import ColdportError
from coldport.messages.alarm import Disposition, Priority
from coldport.site import Point, Quantity
from control.alarms.definition import AlarmFile, Kind
from control.alarms.engine import Engine
from control.alarms.suppression import Reach, SuppressionRule
from control.entries import Acknowledged, Acted, Action, Started, Ticked, Transitioned

EXAMPLES = int(os.environ.get("COLDPORT_ALARM_EXAMPLES", "500"))

SAID = {"text": "done", "disposition": Disposition.RELEASE, "assignee": "Li", "reference": "T-1", "approved_by": "Zhou"}

steps = st.lists(
    st.one_of(
        st.tuples(st.just("read"), st.sampled_from([9.0, 5.0, None])),
        st.tuples(st.just("read"), st.just(9.0)),
        st.tuples(st.just("tick"), st.just(None)),
        st.tuples(st.just("start"), st.just(None)),
        st.tuples(st.just("acknowledge"), st.integers(1, 2)),
        st.tuples(st.sampled_from(Action), st.integers(0, 2)),
    ),
    max_size=30,
)
waits = st.lists(st.sampled_from([1, 2, 70, 400, 2_000]), min_size=30, max_size=30)


@pytest.fixture(scope="session")
def alarm_file(definition):
    stale = definition(id="silent", kind=Kind.STALE, limit=60.0, unit="s")
    grave = definition(id="grave", limit=8.5, priority=Priority.CRITICAL, latch=True, ccp=True)
    rule = SuppressionRule(id="r", cause="hi", suppresses=("silent",), within=Reach.POINT)
    return AlarmFile(settle_s=0, suppressions=(rule,), alarms=(definition(on_delay_s=1.0), grave, stale))


@pytest.fixture(scope="session")
def content(observed, at):
    """What happens at a second, as the journal holds it."""

    def make(what, detail, second):
        if what == "read":
            return observed(second, detail)
        if what == "tick":
            return Ticked(at=at(second))
        if what == "start":
            return Started(at=at(second))
        if what == "acknowledge":
            return Acknowledged(alarm=f"grave.p.{detail}", at=at(second), by="Wang", comment="seen")
        name = f"grave.p.{detail}" if detail else "grave.p"
        until = at(second) + timedelta(seconds=90)
        return Acted(action=what, alarm=name, at=at(second), by="Wang", until=until, **SAID)

    return make


def apply(engine, content, recorded_at, number):
    try:
        return engine.apply(content, recorded_at, number)
    except ColdportError as error:
        return str(error)


@settings(max_examples=EXAMPLES, deadline=None)
@given(steps=steps, waits=waits)
def test_an_engine_made_anew_from_the_journal_before_every_step_does_what_one_that_never_fell_does(
    one_room, alarm_file, content, at, steps, waits
):
    site = one_room(Point(id="p", quantity=Quantity.TEMPERATURE, every_s=20))
    steady = Engine(site, alarm_file)
    journal, second = [], 0
    for (what, detail), wait in zip(steps, waits, strict=False):
        second += wait
        again = Engine(site, alarm_file)
        for entry, recorded_at in journal:
            again.recall(entry, recorded_at)
        happened, now = content(what, detail, second), at(second)
        kept = steady.occurrences.suppressions()
        moved = apply(steady, happened, now, len(journal) + 2)
        assert apply(again, happened, now, len(journal) + 2) == moved
        if isinstance(moved, list) and (
            moved or what in ("read", "start") or kept != steady.occurrences.suppressions()
        ):
            journal += [(entry, now) for entry in (happened, *(Transitioned(alarm=alarm) for alarm in moved))]


@settings(max_examples=EXAMPLES, deadline=None)
@given(steps=steps, waits=waits)
def test_each_alarm_has_at_most_one_occurrence_whose_condition_is_true(one_room, alarm_file, content, at, steps, waits):
    site = one_room(Point(id="p", quantity=Quantity.TEMPERATURE, every_s=20))
    engine, second, told = Engine(site, alarm_file), 0, 1
    for (what, detail), wait in zip(steps, waits, strict=False):
        second += wait
        moved = apply(engine, content(what, detail, second), at(second), told)
        if isinstance(moved, list):
            assert [alarm.transition for alarm in moved] == list(range(told, told + len(moved)))
            told += len(moved)
        for key, newest in engine.occurrences.state.newest.items():
            older = [alarm for alarm in engine.occurrences.of(key) if alarm.id != newest.id]
            assert not any(alarm.is_active for alarm in older)
            assert all(alarm.suppressed == newest.suppressed for alarm in older)
