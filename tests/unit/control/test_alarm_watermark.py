"""Whatever the order in which readings come inside the watermark, the alarms at its end are those of the sorted ones.

`COLDPORT_ALARM_EXAMPLES=10000` for a longer search: `make test-simulation`.
"""

import os

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coldport.site import Point, Quantity
from control.alarms.definition import AlarmFile, Kind
from control.alarms.detector import Move
from control.alarms.engine import Engine
from control.alarms.lifecycle import Stimulus
from control.alarms.mask import Cause, MaskRule
from control.alarms.occurrence import Moved
from control.alarms.recent import HEARD_LIMIT
from control.alarms.sensors import Sensor
from control.entries import Observed, Ticked, Transitioned

EXAMPLES = int(os.environ.get("COLDPORT_ALARM_EXAMPLES", "1000"))
INTERVAL_S = 2
WATERMARK_S = 2 * INTERVAL_S

values = st.sampled_from([None, 5.0, 7.5, 8.0, 8.5, 9.0, 11.0, 60.0, 327.67])
readings = st.lists(
    st.tuples(st.integers(1, 5), values, st.integers(0, WATERMARK_S), st.integers(0, 2)), min_size=1, max_size=30
)
delays = st.tuples(st.integers(0, 6), st.integers(0, 6))
indices = st.integers(0, 30)
LAST_S = 400


def deliveries(history):
    """Give (second of arrival, second, value): each reading late by at most the watermark, and perhaps again."""
    second, found = 0, []
    for step, value, late_s, again in history:
        second += step
        found += [(second + late_s + repeat, second, value) for repeat in range(again + 1)]
    return sorted(found, key=lambda one: one[0])


def kinds(definition, delays):
    on_delay_s, off_delay_s = delays
    timed = {"on_delay_s": float(on_delay_s), "off_delay_s": float(off_delay_s)}
    return (
        definition(deadband=1.0, **timed),
        definition(id="far", kind=Kind.HIHI, limit=10.0),
        definition(id="cold", kind=Kind.LO, limit=6.0, **timed),
        definition(id="wild", kind=Kind.RANGE, sensor=Sensor.PT100, limit=None, unit=None, quantity=None, **timed),
        definition(id="stuck", kind=Kind.STUCK, limit=0.1, **timed),
        definition(id="sum", kind=Kind.CUMULATIVE_HI, window_s=60.0, allowed_s=5.0),
    )


def spells(judge):
    """The occurrences that lasted, by definition: what began and ended at once never was."""
    newest = {alarm.id: alarm for alarm in judge.moved}
    found = [alarm for alarm in newest.values() if alarm.returned_at != alarm.occurred_at]
    return sorted((a.definition, a.occurred_at, None if a.definition == "sum" else a.returned_at) for a in found)


def standing(judge):
    watch = msgspec.structs.replace(judge.engine.state.watches["p"], memories={}, live=False)
    return watch, {alarm.definition for alarm in judge.engine.occurrences.active()}


@settings(max_examples=EXAMPLES, deadline=None)
@given(history=readings, delays=delays, ticking=st.booleans())
def test_any_order_delay_or_repetition_inside_the_watermark_gives_the_alarms_of_the_sorted_readings(
    judged, definition, history, delays, ticking
):
    some = kinds(definition, delays)
    plain, shaken = (judged(*some, every_s=INTERVAL_S) for _ in range(2))
    for at, value in sorted({(at, value) for _, at, value in deliveries(history)}, key=lambda one: one[0]):
        plain.observe(at, value)
    last = 0
    for arrival, at, value in deliveries(history):
        if ticking:
            for now in range(last, arrival):
                shaken.tick(now + 0.4)
            last = arrival
        shaken.observe(at, value, recorded_s=arrival)
    assert standing(shaken)[0] == standing(plain)[0] or ticking
    for judge in (plain, shaken):
        judge.tick(LAST_S)
    assert standing(shaken) == standing(plain)
    assert spells(shaken) == spells(plain)


@settings(max_examples=EXAMPLES // 4, deadline=None)
@given(history=readings, delays=delays, falls=st.tuples(indices, st.sets(indices, max_size=3)))
def test_a_fall_anywhere_among_late_readings_changes_nothing(judged, definition, observed, at, history, delays, falls):
    snapshot, crashes = falls
    some = kinds(definition, delays)
    steady, fallen = (judged(*some, every_s=INTERVAL_S) for _ in range(2))
    kept, journal = msgspec.msgpack.encode(fallen.engine.state), []
    for index, (arrival, second, value) in enumerate(deliveries(history)):
        for content in (Ticked(at=at(arrival - 0.6)), observed(second, value)):
            known = len(fallen.moved)
            steady.take(content, arrival)
            fallen.take(content, arrival)
            if len(fallen.moved) > known or not isinstance(content, Ticked):
                journal += [(arrival, one) for one in (content, *map(as_entry, fallen.moved[known:]))]
        if index == snapshot:
            kept, journal = msgspec.msgpack.encode(fallen.engine.state), []
        if index in crashes:
            fallen.restart(kept, journal)
    for judge in (steady, fallen):
        judge.tick(LAST_S)
    assert standing(fallen) == standing(steady)
    assert spells(fallen) == spells(steady)


def as_entry(alarm):
    return Transitioned(alarm=alarm)


def test_an_alarm_that_a_late_reading_shows_never_was_returned_when_it_occurred(judged, definition, at):
    judge = judged(definition(on_delay_s=4.0), every_s=2)
    for second in (0, 2, 4):
        judge.observe(second, 9.0)
    judge.observe(3, 5.0, recorded_s=5)

    occurred, returned = judge.moved
    assert (occurred.id, occurred.occurred_at, returned.id) == ("hi.p.1", at(4), "hi.p.1")
    assert (returned.occurred_at, returned.returned_at) == (at(4), at(4))
    judge.observe(8, 9.0)
    assert judge.edges[2:] == [("raise", 8)]


def test_an_onset_that_a_late_reading_shows_was_earlier_is_moved_back(judged, definition, at):
    judge = judged(definition(), every_s=2)
    for second, value in ((0, 5.0), (3, 9.0), (2, 9.0)):
        judge.observe(second, value, recorded_s=3)

    assert [(alarm.id, alarm.occurred_at, alarm.revised_from) for alarm in judge.moved] == [
        ("hi.p.1", at(3), None),
        ("hi.p.1", at(2), at(3)),
    ]


def test_an_alarm_that_did_not_return_after_all_goes_on_and_is_told_again(judged, definition, at):
    judge = judged(definition(off_delay_s=4.0), every_s=3)
    for second, value in ((0, 9.0), (2, 5.0), (6, 5.0)):
        judge.observe(second, value)
    judge.observe(5, 9.0, recorded_s=6)

    assert [(alarm.id, alarm.returned_at) for alarm in judge.moved] == [
        ("hi.p.1", None),
        ("hi.p.1", at(6)),
        ("hi.p.1", None),
    ]
    assert judge.moved[-1].annunciated_at == at(6)
    assert [alarm.id for alarm in judge.engine.occurrences.active()] == ["hi.p.1"]


def test_what_was_told_as_two_alarms_and_was_one_stands_as_the_newer(judged, definition, at):
    judge = judged(definition(off_delay_s=2.0), every_s=2)
    for second, value in ((0, 9.0), (1, 5.0), (3, 5.0), (4, 9.0)):
        judge.observe(second, value)
    judge.observe(2, 9.0, recorded_s=4)

    assert [(alarm.id, alarm.occurred_at, alarm.returned_at) for alarm in judge.moved[3:]] == [
        ("hi.p.1", at(0), at(0)),
        ("hi.p.2", at(0), None),
    ]


def test_a_reading_later_than_the_watermark_is_on_record_only(judged, definition):
    judge = judged(definition(), every_s=2)
    judge.observe(0, 5.0)
    judge.observe(10, 5.0)
    judge.observe(5, 9.0, recorded_s=10)

    assert (judge.edges, judge.engine.late) == ([], 1)


def test_a_reading_before_the_first_of_its_point_is_judged_in_its_place(judged, definition):
    judge = judged(definition(), every_s=2)
    judge.observe(3, 5.0)
    judge.observe(2, 9.0, recorded_s=3)

    assert judge.edges[0] == ("raise", 2)
    assert judge.edges[-1] == ("clear", 3)


def test_of_a_point_that_is_read_far_too_often_only_so_many_readings_are_remembered(judged, definition):
    judge = judged(definition(), every_s=600)
    for second in range(500):
        judge.observe(second, 9.0)

    assert len(judge.engine.state.recent["p"].heard) == HEARD_LIMIT
    judge.observe(3.5, 5.0, recorded_s=500)
    assert judge.engine.late == 1


@pytest.fixture(scope="session")
def masked(judged, definition, one_room, reading):
    """A room whose door masks its warm air; observations are named by their point."""

    class Masked(judged):
        def __init__(self, on_delay_s):
            super().__init__(definition(on_delay_s=float(on_delay_s), off_delay_s=2.0))
            self.site = one_room(
                Point(id="p", quantity=Quantity.TEMPERATURE, every_s=INTERVAL_S),
                Point(id="door", quantity=Quantity.DOOR, every_s=INTERVAL_S),
            )
            rule = MaskRule(id="open", cause=Cause.DOOR, zones=("z",), points=("door",), recovery_s=3.0, cap_s=12.0)
            self.alarms = AlarmFile(settle_s=0, alarms=self.alarms.alarms, masks=(rule,))
            self.engine = Engine(self.site, self.alarms)

        def say(self, point, second, value, recorded_s):
            one = reading(second, value, point=point)
            self.take(Observed(gateway="g", boot_id="0" * 32, observations=(one,)), recorded_s)

    return Masked


@settings(max_examples=EXAMPLES // 2, deadline=None)
@given(
    air=st.lists(st.tuples(st.integers(1, 3), st.sampled_from([5.0, 9.0, 9.0])), min_size=1, max_size=20),
    doors=st.lists(st.tuples(st.integers(1, 6), st.sampled_from([0.0, 1.0])), max_size=10),
    late_s=st.integers(0, 3),
    on_delay_s=st.integers(0, 6),
)
def test_a_door_that_is_heard_after_the_air_masks_it_all_the_same(masked, air, doors, late_s, on_delay_s):
    said = []
    for point, some in (("p", air), ("door", doors)):
        second = 0
        for step, value in some:
            second += step
            said.append((second, point, value))
    plain, shaken = masked(on_delay_s), masked(on_delay_s)
    for second, point, value in sorted(said):
        plain.say(point, second, value, second)
    for second, point, value in sorted(said, key=lambda one: one[0] + (late_s if one[1] == "door" else 0)):
        shaken.say(point, second, value, second + late_s)
    for judge in (plain, shaken):
        judge.tick(LAST_S)
    assert standing(shaken) == standing(plain)
    assert spells(shaken) == spells(plain)


def test_a_door_of_long_ago_changes_nothing_of_air_that_was_calm(masked):
    room = masked(0)
    for second in range(0, 60, 2):
        room.say("p", second, 5.0, second)
    room.say("door", 1, 1.0, 60)

    assert room.moved == []
    assert room.engine.state.watches["p"].newest == room.engine.state.recent["p"].heard[-1].at


def test_an_edge_that_is_corrected_and_not_remembered_is_told_as_one_that_is_new(judged, definition, at):
    judge = judged(definition())
    for stimulus, wanted in ((Stimulus.RETURN, 0), (Stimulus.OCCUR, 1)):
        moved = Moved(1)
        judge.engine.occurrences.move(Move("hi", "p", stimulus, at(3), 9.0, at(2)), moved)
        assert len(moved.alarms) == wanted


def test_a_return_that_time_alone_told_stands_when_quiet_readings_come_out_of_order(judged, definition, at):
    judge = judged(definition(off_delay_s=2.0), every_s=2)
    judge.observe(1, 9.0)
    judge.observe(2, 5.0)
    judge.tick(4.5)
    for second in (3, 5, 4):
        judge.observe(second, 5.0, recorded_s=5)

    assert judge.edges == [("raise", 1), ("clear", 4)]
