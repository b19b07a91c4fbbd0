"""What is expected of a scenario, held against a record made by hand."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from coldport.messages.alarm import Alarm, AlarmState, Priority
from coldport.messages.command import CommandReply
from coldport.messages.command import Stage as CommandStage
from coldport.messages.observation import Direction, Passage, Quality, Reading, Weighing, Weight
from coldport.messages.status import LinkState, LinkStatus
from firmware_sim.rehearsal.expect import (
    ExpectAlarm,
    ExpectLink,
    ExpectNoAlarm,
    ExpectPassages,
    ExpectReadings,
    ExpectReply,
    ExpectTruth,
    ExpectWeighings,
    judged,
)
from firmware_sim.rehearsal.record import AlarmEvent, Crossing, Record

START = datetime(2026, 1, 1, tzinfo=UTC)
ALARM = Alarm(
    id="door-open.c1-door.1",
    definition="door-open",
    point="c1-door",
    occurrence=1,
    state=AlarmState.UNACKNOWLEDGED,
    priority=Priority.LOW,
    occurred_at=START + timedelta(seconds=100),
    transition=1,
)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def seen(second: float, **what) -> dict:
    return {"seq": 1, "point": "p", "observed_at": at(second), "spooled_at": at(second), **what}


def record_of(*messages: msgspec.Struct, whole: bool = True) -> Record:
    record = Record(START, whole=whole)
    for message in messages:
        kind = "alarm" if isinstance(message, Alarm) else "observation"
        record.add(101.0, kind, message)
    return record


@pytest.fixture
def alarms() -> Record:
    """An alarm that occurs at 100 s, is acknowledged at 150 s, and returns at 200 s."""
    acknowledged = msgspec.structs.replace(ALARM, state=AlarmState.ACKNOWLEDGED, acknowledged_at=at(150))
    returned = msgspec.structs.replace(acknowledged, state=AlarmState.NORMAL, returned_at=at(200))
    return record_of(ALARM, acknowledged, returned)


@pytest.mark.parametrize(
    ("event", "from_s", "to_s", "met"),
    [
        (AlarmEvent.OCCUR, 100, 100, True),
        (AlarmEvent.OCCUR, 100.1, 300, False),
        (AlarmEvent.OCCUR, 0, 99.9, False),
        (AlarmEvent.ACKNOWLEDGE, 149, 151, True),
        (AlarmEvent.RETURN, 200, None, True),
        (AlarmEvent.RETURN, 0, 150, False),
    ],
)
def test_an_alarm_is_expected_at_its_own_time_both_ends_included(alarms, event, from_s, to_s, met) -> None:
    one = ExpectAlarm(definition="door-open", point="c1-door", event=event, from_s=from_s, to_s=to_s)
    assert one.look(alarms).met is met


def test_each_event_of_an_alarm_is_told_once_however_often_its_state_is(alarms) -> None:
    assert [moved.event for moved in alarms.moved] == [AlarmEvent.OCCUR, AlarmEvent.ACKNOWLEDGE, AlarmEvent.RETURN]


@pytest.mark.parametrize(("by_s", "met"), [(101, True), (100.9, False)])
def test_an_alarm_that_is_on_record_too_late_is_not_as_expected(by_s, met) -> None:
    one = ExpectAlarm(definition="door-open", point="c1-door", recorded_by_s=by_s)
    assert one.look(record_of(ALARM)).met is met


def test_an_alarm_that_nobody_expected_is_named(alarms) -> None:
    one = ExpectAlarm(definition="door-open", point="c1-door", from_s=0, to_s=50)
    assert [finding.met for finding in judged([one], alarms, nothing_else=False)] == [False]
    *_, others = judged([one], alarms, nothing_else=True)
    assert not others.met
    assert others.seen == "door-open of c1-door occur at 100.0 s"
    one = msgspec.structs.replace(one, to_s=None)
    assert all(finding.met for finding in judged([one], alarms, nothing_else=True))


def test_where_only_some_lines_are_read_an_alarm_of_what_is_not_read_does_not_count() -> None:
    reading = Reading(**seen(1) | {"point": "c1-door"}, value=1)
    assert not record_of(ALARM, whole=False).moved
    assert record_of(reading, ALARM, whole=False).moved


@pytest.mark.parametrize(
    ("one", "met"),
    [
        (ExpectNoAlarm(), False),
        (ExpectNoAlarm(from_s=101), True),
        (ExpectNoAlarm(definition="door-open"), False),
        (ExpectNoAlarm(definition="chilled-hi"), True),
        (ExpectNoAlarm(point="c2-door"), True),
    ],
)
def test_no_alarm_is_expected_of_a_definition_a_point_or_at_all(alarms, one, met) -> None:
    assert one.look(alarms).met is met


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({}, 4),
        ({"quality": "good"}, 3),
        ({"quality": "bad", "reason": "timeout"}, 1),
        ({"reason": "crc"}, 0),
        ({"low": 4}, 2),
        ({"low": 2, "high": 4}, 2),
        ({"from_s": 2, "to_s": 3}, 2),
    ],
)
def test_readings_are_counted_by_quality_reason_value_and_time(wanted, count) -> None:
    record = record_of(
        Reading(**seen(1), value=2.0),
        Reading(**seen(2), value=4.0),
        Reading(**seen(3), quality=Quality.BAD, reason="timeout"),
        Weight(**seen(4), gross_kg=5.0),
        Reading(**seen(5) | {"point": "q"}, value=4.0),
    )
    one = msgspec.convert({"point": "p", "kind": "readings", **wanted}, ExpectReadings)
    assert msgspec.structs.replace(one, least=count, most=count).look(record).met
    assert not msgspec.structs.replace(one, least=count + 1).look(record).met


def test_weighings_are_held_against_what_really_stood_on_the_scale() -> None:
    good = {"number": 1, "placed_at": at(9)}
    record = record_of(
        Weighing(**seen(10), **good, gross_kg=5.004),
        Weighing(**seen(20), **good, net_kg=7.0),
        Weighing(**seen(30), **good, quality=Quality.BAD, reason="never-stable"),
    )
    record.loads["p"] += [(9.0, 5.0), (12.0, 0.0), (19.0, 7.01), (22.0, 0.0)]
    both = ExpectWeighings(scale="p", least=2, most=2)
    assert both.look(record).met
    assert not msgspec.structs.replace(both, within_kg=0.005).look(record).met
    assert msgspec.structs.replace(both, within_kg=0.011).look(record).met
    assert msgspec.structs.replace(both, within_kg=0.005, to_s=15, least=1).look(record).met
    assert msgspec.structs.replace(both, reason="never-stable", least=1, most=1).look(record).met


def passage(second: float, epc: str | None, direction: Direction) -> Passage:
    more = {"direction": direction, "confidence": 0.9, "first_at": at(1), "last_at": at(2), "reads": 3}
    return Passage(**seen(second), **more, epc=epc)


def test_passages_are_counted_by_tag_and_direction_and_those_without_a_tag_not_at_all() -> None:
    record = record_of(
        passage(1, "AAAA", Direction.IN), passage(2, "BBBB", Direction.OUT), passage(3, None, Direction.IN)
    )
    assert ExpectPassages(gate="p", least=2, most=2).look(record).met
    assert ExpectPassages(gate="p", direction=Direction.IN, least=1, most=1).look(record).met
    assert ExpectPassages(gate="p", epc="BBBB", from_s=2, least=1).look(record).met
    assert not ExpectPassages(gate="p", epc="CCCC").look(record).met


def test_passages_are_held_against_what_really_went_through() -> None:
    record = record_of(passage(1, "AAAA", Direction.IN), passage(2, "BBBB", Direction.UNDETERMINED))
    record.crossings["p"] += [
        Crossing(1.0, "AAAA", "in", answers=True),
        Crossing(2.0, "BBBB", "in", answers=True),
        Crossing(3.0, "DDDD", "in", answers=False),
    ]
    assert ExpectTruth(gate="p", share=0.5).look(record).met
    assert not ExpectTruth(gate="p", share=0.6).look(record).met
    assert not ExpectTruth(gate="p", from_s=10).look(record).met, "nothing went through: nothing is proved"
    record.add(4.0, "observation", passage(4, "EEEE", Direction.OUT))
    assert not ExpectTruth(gate="p", share=0.5).look(record).met
    assert ExpectTruth(gate="p", share=0.5, wrong=1).look(record).met


def test_a_line_and_a_device_on_it_are_told_apart() -> None:
    common = {"gateway": "g", "link": "l", "since": at(5)}
    record = record_of(LinkStatus(**common, device="d", state=LinkState.DOWN, reason="timeout"))
    one = ExpectLink(link="l", device="d", state=LinkState.DOWN, reason="timeout", from_s=5, to_s=5)
    assert one.look(record).met
    for other in ({"device": None}, {"state": LinkState.UP}, {"reason": "crc"}, {"to_s": 4.0, "from_s": 0.0}):
        assert not msgspec.structs.replace(one, **other).look(record).met


def test_a_reply_is_of_its_point_stage_and_reason() -> None:
    command = "00000001-0000-4000-8000-000000000000"
    stage = CommandStage.FAILED
    record = record_of(CommandReply(gateway="g", id=command, point="p", stage=stage, at=at(5), reason="timeout"))
    one = ExpectReply(point="p", stage=stage, reason="timeout", from_s=4, to_s=6)
    assert one.look(record).met
    for other in ({"point": "q"}, {"stage": CommandStage.DONE}, {"reason": "no-answer"}, {"from_s": 5.5}):
        assert not msgspec.structs.replace(one, **other).look(record).met
