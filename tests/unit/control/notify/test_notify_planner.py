"""Who is told what, and when."""

import itertools
from datetime import UTC, datetime

import pytest

from coldport.messages.alarm import AlarmState, Priority, Suppressed, Suppression
from control.notify.planner import DIGEST_S, SINGLE_LIMIT
from control.notify.severity import worth_telling


class TestSteps:
    def test_the_first_step_tells_at_once_and_the_next_when_nobody_acknowledges(self, floor):
        room = floor()
        room.move("hi.p0")

        assert room.at(0) == [("raised", "group/chat")]
        assert room.at(299.9) == []
        assert room.at(300) == [("escalated", "wang/call")]

    def test_a_step_repeats_until_somebody_acknowledges(self, floor):
        room = floor()
        room.move("hi.p0")
        told = [now for now in range(0, 3000, 60) if ("escalated", "wang/call") in room.at(now)]
        room.acknowledge("hi.p0")

        assert told == [300, 900, 1500, 2100, 2700]
        assert room.at(3300) == []

    def test_an_acknowledged_alarm_that_is_not_fixed_goes_through_the_steps_again(self, floor):
        room = floor()
        room.move("hi.p0")
        room.at(0)
        room.now_s = 60
        room.acknowledge("hi.p0")
        told = {now: told for now in range(60, 8000, 60) if (told := room.at(now))}

        assert told == {
            3660: [("unfixed", "group/chat")],
            3960: [("unfixed", "wang/call")],
            7260: [("unfixed", "group/chat")],
            7560: [("unfixed", "wang/call")],
        }

    def test_a_return_is_told_to_those_who_were_told_and_ends_the_steps(self, floor):
        room = floor()
        room.move("hi.p0")
        room.at(0)
        room.now_s = 700
        room.recover("hi.p0")

        assert room.at(700) == [("returned", "group/chat")]
        assert room.at(5000) == []
        assert room.planner.state.episodes == {}

    def test_an_acknowledgement_taken_back_starts_the_steps_anew(self, floor):
        room = floor()
        room.move("hi.p0")
        room.at(0)
        room.acknowledge("hi.p0")
        room.at(10)
        room.now_s = 700
        room.move("hi.p0", AlarmState.UNACKNOWLEDGED)

        assert room.at(700) == [("raised", "group/chat")]
        assert room.at(1000) == [("escalated", "wang/call")]

    def test_of_steps_that_were_missed_each_goes_out_once(self, floor):
        room = floor()
        room.move("hi.p0")

        assert room.at(4000) == [("raised", "group/chat"), ("escalated", "wang/call")]
        assert room.at(4499.9) == []

    def test_an_alarm_no_policy_fits_is_told_to_nobody(self, floor, notify_toml):
        room = floor(notify_toml.replace('id = "all"', 'id = "all"\npriorities = ["critical"]'))
        room.move("hi.p0")
        room.move("hihi.p1")

        assert [notice.alarms for _, notice in (room.at(0), room.sent)[1]] == [("hihi.p1.1",)]


class TestSuppression:
    SHELVED = Suppressed(kind=Suppression.SHELVED, since=datetime(2026, 3, 2, tzinfo=UTC), by="li", reason="defrost")

    def test_what_a_graver_alarm_speaks_for_is_told_when_that_one_is_over(self, floor):
        room = floor()
        room.move("hi.p0", superseded_by="hihi.p0.1")
        assert room.at(0) == []
        room.move("hi.p0", AlarmState.UNACKNOWLEDGED, superseded_by=None)

        assert room.at(10) == [("raised", "group/chat")]

    def test_what_is_kept_from_operators_is_told_to_nobody(self, floor):
        room = floor()
        room.move("hi.p0")
        room.at(0)
        room.move("hi.p0", AlarmState.UNACKNOWLEDGED, suppressed=self.SHELVED)
        assert room.at(4000) == []
        room.now_s = 4001
        room.recover("hi.p0")

        assert room.at(5000) == []

    def test_it_is_told_as_it_stands_when_the_shelf_ends(self, floor):
        room = floor()
        room.move("hi.p0", suppressed=self.SHELVED)
        room.move("hi.p1")
        room.at(0)
        room.move("hi.p1", AlarmState.UNACKNOWLEDGED, suppressed=self.SHELVED)
        room.recover("hi.p1")
        assert room.at(700) == []
        for name in ("hi.p0", "hi.p1"):
            room.move(name, room.standing[name].state, suppressed=None)

        assert sorted(room.at(1000)[:2]) == [("raised", "group/chat"), ("returned", "group/chat")]


class TestRestarts:
    def test_a_restart_forgets_nothing_and_repeats_nothing(self, floor):
        room = floor()
        room.move("hi.p0")
        room.at(0)
        room.restart()

        assert room.at(1) == []
        assert room.at(300) == [("escalated", "wang/call")]

    def test_a_return_that_came_while_nobody_looked_is_told(self, floor):
        room = floor()
        room.move("hi.p0")
        room.at(0)
        room.restart()
        room.now_s = 5000
        room.recover("hi.p0")

        assert room.at(5000) == [("returned", "group/chat")]

    def test_what_came_and_went_while_nobody_looked_is_told_once(self, floor):
        room = floor()
        room.move("hi.p0")
        del room.planner.state.episodes["hi.p0"]
        room.recover("hi.p0")

        assert room.at(10) == [("returned", "group/chat")]
        assert room.at(5000) == []

    def test_what_came_went_and_was_answered_while_nobody_looked_is_no_news(self, floor):
        room = floor()
        room.move("hi.p0")
        room.recover("hi.p0")
        room.acknowledge("hi.p0")

        assert room.at(10) == []
        assert room.planner.state.episodes == {}

    def test_at_the_very_first_start_only_what_stands_is_told(self, floor):
        room = floor()
        room.move("hi.p0")
        room.recover("hi.p0")
        room.move("hi.p1")
        room.planner.forget_past()

        room.at(0)
        assert [notice.alarms for _, notice in room.sent] == [("hi.p1.1",)]

    def test_a_moving_alarm_whose_return_was_told_is_no_news(self, floor):
        room = floor()
        room.move("hi.p0")
        room.at(0)
        room.now_s = 700
        room.recover("hi.p0")
        room.at(700)
        room.move("hi.p0", AlarmState.RETURNED_UNACKNOWLEDGED, comment="looked at")

        assert room.at(5000) == []


class TestHoldingBack:
    def test_a_flapping_point_is_told_of_once_in_its_window(self, floor):
        room = floor()
        for second in range(0, 1200, 10):
            room.now_s = second
            (room.move if second % 20 == 0 else room.recover)("hi.p0")
            room.at(second)
        times = [now for now, notice in room.sent if notice.recipient == "group"]

        assert times[0] == 0
        assert all(later - now >= 600 for now, later in itertools.pairwise(times))

    def test_something_worse_at_the_same_point_does_not_wait_for_the_window(self, floor):
        room = floor()
        room.move("lo.p0")
        room.at(0)
        room.now_s = 1
        room.move("hihi.p0")

        assert room.at(1) == [("raised", "group/chat")]

    def test_quiet_hours_hold_back_until_they_end_but_never_a_critical_alarm(self, floor, notify_toml):
        text = notify_toml.replace('roles = ["duty"] }', 'roles = ["boss"] }').replace("unfixed_after_s = 3600", "")
        room = floor(text)
        night = 13 * 3600  # 23:00 in Shanghai
        room.now_s = night
        room.move("hi.p0")
        room.move("hihi.p1")

        room.at(night)
        assert [notice.alarms for _, notice in room.sent] == [("hihi.p1.1",)]
        room.acknowledge("hihi.p1")
        assert ("raised", "boss/call") not in room.at(night + 7 * 3600 - 1)
        assert ("raised", "boss/call") in room.at(night + 7 * 3600)

    def test_many_at_once_become_one_digest_and_critical_ones_stay_single(self, floor):
        room = floor(count=500)
        for number in range(400):
            room.move(f"hi.p{number}")
        room.move("hihi.p400")
        room.move("hihi.p401")

        assert sorted(room.at(0)) == [("digest", "group/chat"), ("raised", "group/chat"), ("raised", "group/chat")]
        digest = next(notice for _, notice in room.sent if notice.why == "digest")
        assert len(digest.alarms) == 400
        assert "390 more" in digest.text

    def test_in_a_flood_digests_keep_their_distance_and_after_it_notices_are_single_again(self, floor):
        room = floor(count=40)
        for number in range(12):
            room.move(f"hi.p{number}")
        assert room.at(0) == [("digest", "group/chat")]
        room.now_s = 1
        room.move("hi.p20")
        room.move("hi.p21")
        for name in list(room.standing):
            room.acknowledge(name)
        room.move("hi.p22")
        assert room.at(1) == []
        assert room.at(DIGEST_S) == [("digest", "group/chat")]
        room.acknowledge("hi.p22")
        room.now_s = 700
        room.move("hi.p30")
        assert room.at(700) == [("raised", "group/chat")]

    def test_as_many_as_a_person_can_read_stay_single(self, floor):
        room = floor(count=40)
        for number in range(SINGLE_LIMIT):
            room.move(f"hi.p{number}")

        assert room.at(0) == [("raised", "group/chat")] * SINGLE_LIMIT


def test_v13_worth_telling_by_ranks():
    """Source: RFC 8632, as a table of ranks: warning 1, minor 2, major 3, critical 4, cleared 0; level major."""
    history = [3, 2, 1, 2, 3, 4, 3, 0]
    before = [0, *history]

    told = [step for step, (b, n) in enumerate(zip(before, history, strict=False), 1) if worth_telling(3, b, n)]
    assert told == [1, 2, 5, 6, 7, 8]


def test_v13_changes_are_told_at_or_above_the_level_at_the_first_below_it_and_at_the_clear(floor, notify_toml):
    """Source: RFC 8632, notify-severity-level; its major is our high, minor and warning are our low."""
    room = floor(notify_toml.replace("group = true, addresses", 'group = true, level = "high", addresses'))
    history = [Priority.HIGH, Priority.LOW, Priority.LOW, Priority.LOW, Priority.HIGH, Priority.CRITICAL, Priority.HIGH]
    told = []
    for step, priority in enumerate(history, start=1):
        room.now_s = step * 1000
        if step == 1:
            room.move("hi.p0")
        else:
            room.move("hi.p0", AlarmState.UNACKNOWLEDGED, priority=priority)
        told += [step for why, whom in room.at(room.now_s) if whom == "group/chat"]
    room.now_s = 8000
    room.recover("hi.p0")
    told += [8 for why, whom in room.at(8000) if whom == "group/chat"]

    assert told == [1, 2, 5, 6, 7, 8]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_notice_says_where_what_since_when_and_what_to_do(floor, notify_toml, language):
    room = floor(notify_toml.replace('language = "en"', f'language = "{language}"'))
    room.move("hi.p0")
    room.at(0)
    ((_, notice),) = room.sent
    expected = {
        "zh": ["冷藏一库", "温度高", "C1-0", "9.5°C", "8°C", "2026-03-02 10:00:00", "关门", "B 未确认", "hi.p0.1"],
        "en": ["Chilled room 1", "Too warm", "9.5 °C", "limit: 8 °C", "Close the door", "B unacknowledged", "http://"],
    }

    assert [word for word in expected[language] if word not in f"{notice.title}\n{notice.text}"] == []
    assert notice.key == "hi.p0.1/1/raised.0.0.0/group/chat"
