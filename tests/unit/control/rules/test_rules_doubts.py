"""Sensors in doubt, calibrations, commands, and readings that came twice."""

from datetime import UTC, date, datetime

import pytest

from coldport.messages.command import Command, CommandReply, Stage
from coldport.messages.observation import Quality, Reading, Weight
from coldport.site import Quantity
from control.alarms.calibration import doubted, expiries
from control.alarms.definition import Calibration, Kind
from control.alarms.engine import Engine, usable_value
from control.alarms.sensors import RANGES, Sensor
from control.entries import Commanded, Replied, Started, Tampered
from control.inspection.clearance import Clearance
from control.inspection.parcels.acts import ParcelRecalled
from control.inspection.parcels.rules import ParcelState

MINUTE, HOUR, DAY = 60, 3_600, 86_400


def test_a_value_that_does_not_move_for_its_time_is_stuck(room, point):
    place = room(
        [point("p", every_s=MINUTE)], {"id": "stuck", "kind": Kind.STUCK, "limit": 0.0, "on_delay_s": 2 * HOUR}
    )
    place.series("p", {s: 5.0 + (s == HOUR) / 10 for s in range(0, 3 * HOUR, MINUTE)})
    assert place.edges == []
    place.series("p", dict.fromkeys(range(3 * HOUR, 3 * HOUR + 3 * MINUTE, MINUTE), 5.0))
    assert place.edges == [("raise", "stuck", "p", 3 * HOUR + 2 * MINUTE)]
    place.restart()
    place.read("p", 4 * HOUR, 5.1)
    assert place.edges[1:] == [("clear", "stuck", "p", 4 * HOUR)]


def test_time_in_which_a_probe_is_not_heard_does_not_make_it_stuck(room, point):
    place = room(
        [point("p", every_s=MINUTE)], {"id": "stuck", "kind": Kind.STUCK, "limit": 0.0, "on_delay_s": 2 * HOUR}
    )
    place.series("p", {0: 5.0, MINUTE: 5.0, 9 * HOUR: 5.0})
    assert place.edges == []


JUMP = {"id": "jump", "kind": Kind.JUMP, "limit": 5.0, "unit": "°C/min", "window_s": 60.0}


def test_a_value_that_jumps_faster_than_air_can_is_told_and_one_at_the_limit_is_not(room, point):
    place = room([point("p", every_s=MINUTE)], JUMP)
    place.series("p", {0: 5.0, 60: 10.0, 120: 4.9, 180: 4.9})
    assert place.edges == [("raise", "jump", "p", 120), ("clear", "jump", "p", 180)]


def test_noise_from_second_to_second_is_no_jump_and_a_probe_taken_out_is(room, point):
    place = room([point("p")], JUMP)
    place.series("p", {second: 5.0 + second % 2 for second in range(300)})
    assert place.edges == []
    place.series("p", {second: 5.0 + (second - 300) / 5 for second in range(300, 400)})
    assert place.edges == [("raise", "jump", "p", 326)]
    assert len(place.engine.state.watches["p"].memories["jump"].rows) <= 21


def test_a_point_read_less_often_than_the_window_is_compared_with_its_last_reading(room, point):
    place = room([point("p", every_s=10 * MINUTE)], JUMP)
    place.series("p", {0: 5.0, 600: 54.0, 1_200: 105.0})
    assert place.edges == [("raise", "jump", "p", 1_200)]


def test_what_happened_in_a_gap_is_no_jump(room, point):
    place = room([point("p", every_s=MINUTE)], JUMP)
    place.series("p", {0: 5.0, 10 * MINUTE: 25.0, 11 * MINUTE: None, 12 * MINUTE: 5.0})
    assert place.edges == []


@pytest.mark.parametrize(
    ("sensor", "value", "holds"),
    [
        (Sensor.PT100, 327.67, False),
        (Sensor.PT100, 327.66, True),
        (Sensor.PT100, -200.0, True),
        (Sensor.NTC, 110.0, True),
        (Sensor.NTC, 110.1, False),
        (Sensor.DS18B20, -127.0, False),
        (Sensor.DS18B20, 85.0, False),
        (Sensor.DS18B20, 84.9375, True),
        (Sensor.HUMIDITY, 100.5, False),
    ],
)
def test_a_range_knows_what_its_sensor_can_give_and_what_it_gives_for_a_fault(sensor, value, holds):
    assert RANGES[sensor].holds(value) is holds
    low, high = RANGES[sensor].quiet
    assert holds or not low <= value <= high


def test_a_fault_value_is_told_and_judged_by_no_other_alarm(room, point):
    broken = {"id": "broken", "kind": Kind.RANGE, "limit": None, "sensor": Sensor.DS18B20, "on_delay_s": 2}
    place = room([point("p")], {"id": "hi"}, {"id": "lo", "kind": Kind.LO, "limit": 2.0}, broken)
    place.series("p", {0: 5.0, 1: 85.0, 2: 5.0, 3: -127.0, 4: -127.0, 5: -127.0, 6: 5.0})
    assert place.edges == [("raise", "broken", "p", 5), ("clear", "broken", "p", 6)]


def test_a_fault_value_leaves_the_point_silent_until_it_goes_stale(room, point, at):
    stale = {"id": "stale", "kind": Kind.STALE, "limit": 10.0, "unit": "s"}
    place = room([point("p")], stale, {"id": "broken", "kind": Kind.RANGE, "limit": None, "sensor": Sensor.PT100})
    place.take(Started(at=at(0)), 0)
    place.series("p", dict.fromkeys(range(5), 5.0) | dict.fromkeys(range(5, 20), 327.67) | {20: None})
    place.tick(20)
    assert place.edges == [("raise", "broken", "p", 5), ("raise", "stale", "p", 14)]


def test_a_calibration_is_told_so_many_days_before_it_is_due_until_a_new_one_is_entered(room, point):
    due = {"id": "due", "kind": Kind.CALIBRATION, "limit": 30.0, "unit": "d"}
    calibrations = (Calibration(point="p", due=date(2026, 4, 1), certificate="K-1"),)
    place = room([point("p")], due, calibrations=calibrations)
    place.tick(15 * HOUR)  # 1 March 23:00, 30 days and an hour before
    assert place.edges == []
    place.tick(16 * HOUR)
    place.tick(17 * HOUR)
    assert place.edges == [("raise", "due", "p", 16 * HOUR)]
    assert place.engine._surroundings.true_conditions() == {("due", "p"): None}
    renewed = (Calibration(point="p", due=date(2027, 4, 1), certificate="K-2"),)
    later = room([point("p")], due, calibrations=renewed)
    later.engine = Engine(later.site, later.alarms, place.engine.state)
    later.tick(18 * HOUR)
    assert later.edges[-1] == ("clear", "due", "p", 18 * HOUR)


def test_a_sensor_without_a_calibration_on_file_is_never_due(room, point):
    due = {"id": "due", "kind": Kind.CALIBRATION, "limit": 30.0, "unit": "d", "points": ("p", "q")}
    calibrations = (Calibration(point="p", due=date(2026, 3, 1), certificate="K-1"),)
    place = room([point("p"), point("q")], due, calibrations=calibrations)
    place.tick(1)
    assert place.edges == [("raise", "due", "p", 1)]


COMMAND = "00000000-0000-4000-8000-00000000000{}"


@pytest.fixture
def lamp(room, point, at):
    place = room(
        [point("lamp", Quantity.LAMP), point("other", Quantity.LAMP)],
        {
            "id": "deaf",
            "kind": Kind.COMMAND,
            "quantity": Quantity.LAMP,
            "limit": 10.0,
            "unit": "s",
            "points": ("lamp",),
        },
    )

    def tell(at_s, number=1, name="lamp"):
        command = Command(
            id=COMMAND.format(number),
            point=name,
            value=1.0,
            issued_at=at(at_s),
            expires_at=at(at_s + 60),
            issued_by="wang",
        )
        place.take(Commanded(command=command), at_s)

    def answer(at_s, stage, number=1, name="lamp"):
        reply = CommandReply(gateway="g", id=COMMAND.format(number), point=name, stage=stage, at=at(at_s))
        place.take(Replied(reply=reply), at_s)

    place.tell, place.answer = tell, answer
    return place


def test_a_command_that_is_read_back_in_time_is_no_alarm(lamp):
    lamp.tell(0)
    lamp.answer(1, Stage.ACCEPTED)
    lamp.answer(9, Stage.DONE)
    lamp.tick(60)
    assert lamp.edges == []


@pytest.mark.parametrize("stage", [Stage.REJECTED, Stage.FAILED, Stage.EXPIRED])
def test_a_command_refused_failed_or_expired_raises_until_a_later_one_is_done(lamp, stage):
    lamp.tell(0)
    lamp.answer(2, stage)
    lamp.restart()
    lamp.answer(3, stage)
    lamp.tell(20, 2)
    lamp.answer(21, Stage.DONE, 1)  # of the old one
    assert lamp.edges == [("raise", "deaf", "lamp", 2)]
    lamp.answer(22, Stage.DONE, 2)
    assert lamp.edges[1:] == [("clear", "deaf", "lamp", 22)]


def test_a_command_not_read_back_within_the_limit_raises_at_the_limit(lamp):
    lamp.tell(0)
    lamp.tick(9.9)
    assert lamp.edges == []
    lamp.tick(10.2)
    assert lamp.edges == [("raise", "deaf", "lamp", 10)]
    assert not lamp.engine.calm
    lamp.tick(30)
    assert len(lamp.edges) == 1


def test_a_later_command_takes_the_place_of_one_and_an_older_one_does_not(lamp):
    lamp.tell(5, 2)
    lamp.tell(0, 1)  # the broker brings it again
    lamp.tell(5, 3, "other")
    lamp.answer(6, Stage.FAILED, 1)
    lamp.answer(6, Stage.FAILED, 3, "other")
    assert lamp.edges == []


def test_a_reading_that_came_again_with_another_content_waits_for_a_person(room, point, at):
    place = room([point("p"), point("q")], {"id": "twice", "kind": Kind.TAMPERED, "limit": None, "unit": ""})
    for name in ("q", "p"):
        first, again = (Reading(seq=1, point=name, observed_at=at(0), spooled_at=at(0), value=v) for v in (1.0, 2.0))
        place.take(Tampered(gateway="g", boot_id="0" * 32, seq=1, first=first, again=again), 7)
    assert place.edges == [("raise", "twice", "p", 7), ("clear", "twice", "p", 7)]
    (alarm,) = place.engine.occurrences.listed()
    assert alarm.state == "returned-unacknowledged"


@pytest.mark.parametrize(
    ("number", "state", "edges"),
    [
        ("SF 12/ABC", ParcelState.GATED_OUT, [("raise", "back", "sf-12-abc", 7), ("clear", "back", "sf-12-abc", 7)]),
        ("单号", ParcelState.DEPARTED, [("raise", "back", "parcel", 7), ("clear", "back", "parcel", 7)]),
        ("SF12", ParcelState.LOADED, []),
    ],
)
def test_a_parcel_that_is_recalled_when_it_is_away_waits_for_a_person(room, point, at, number, state, edges):
    back = {"id": "back", "kind": Kind.RECALLED, "quantity": Quantity.MASS, "limit": None, "unit": ""}
    place = room([point("p", Quantity.MASS)], back, {"id": "other", "quantity": Quantity.MASS, "unit": "kg"})
    place.take(ParcelRecalled(logistics_no=number, clearance=Clearance.DETAINED, state=state, at=at(7)), 7)
    assert place.edges == edges
    assert [alarm.state for alarm in place.engine.occurrences.listed()] == ["returned-unacknowledged"] * bool(edges)


def test_a_calibration_whose_rule_is_gone_is_not_remembered_as_due(room, point):
    due = {"id": "due", "kind": Kind.CALIBRATION, "limit": 30.0, "unit": "d"}
    calibrations = (Calibration(point="p", due=date(2026, 3, 1), certificate="K-1"),)
    place = room([point("p")], due, calibrations=calibrations)
    place.tick(1)
    assert place.engine.state.surroundings.due == {"due.p"}
    later = room([point("p")], {"id": "hi"}, calibrations=calibrations)
    later.engine = Engine(later.site, later.alarms, place.engine.state)
    assert later.engine.state.surroundings.due == set()


def test_a_command_that_failed_waits_no_more(lamp):
    lamp.tell(0)
    lamp.answer(1, Stage.FAILED)
    lamp.answer(2, Stage.DONE)
    lamp.tick(30)
    assert lamp.edges == [("raise", "deaf", "lamp", 1), ("clear", "deaf", "lamp", 2)]


@pytest.mark.parametrize(
    ("quality", "second", "expires", "doubt"),
    [
        (Quality.GOOD, -0.001, True, Quality.GOOD),
        (Quality.GOOD, 0, True, Quality.UNCERTAIN),
        (Quality.GOOD, 0, False, Quality.GOOD),
        (Quality.BAD, 1, True, Quality.BAD),
    ],
)
def test_a_good_reading_is_uncertain_from_the_day_on_its_certificate_ends(at, quality, second, expires, doubt):
    assert doubted(quality, at(second), at(0) if expires else None) is doubt


def test_a_certificate_ends_as_its_day_begins():
    ends = expiries([Calibration(point="p", due=date(2026, 4, 1), certificate="K")])
    assert ends == {"p": datetime(2026, 4, 1, tzinfo=UTC)}


def test_a_bad_weight_is_judged_by_no_value_and_a_good_one_by_its_net(at):
    weight = {"seq": 1, "point": "w", "observed_at": at(0), "spooled_at": at(0), "gross_kg": 9.0, "stable": True}
    assert usable_value(Weight(**weight)) == 9.0
    assert usable_value(Weight(**weight, net_kg=7.0, tare_kg=2.0)) == 7.0
    assert usable_value(Weight(**weight, quality=Quality.BAD, reason="overload")) is None
