"""What is not known: gaps, dead probes, a replayed past."""

from coldport.messages.alarm import AlarmState

PROBE = "c1-1-temperature"


async def test_no_alarm_is_raised_inside_a_gap(story):
    await story.hold(PROBE, 9.0, 50)  # chilled-hi wants 60 s
    await story.clock.advance(900)
    assert story.shown(PROBE, "chilled-hi") is None
    assert story.shown(PROBE, "probe-stale").state is AlarmState.UNACKNOWLEDGED
    await story.hold(PROBE, 9.0, 20)
    alarm = story.shown(PROBE, "chilled-hi")
    assert 950 < story.since_start(alarm.occurred_at) < 970


async def test_a_probe_that_stops_answering_is_stale_and_its_warm_room_stays_an_alarm(story):
    await story.hold(PROBE, 9.0, 90)
    await story.hold(PROBE, None, 60)
    assert story.shown(PROBE, "probe-stale").state is AlarmState.UNACKNOWLEDGED
    assert story.shown(PROBE, "chilled-hi").state is AlarmState.UNACKNOWLEDGED
    await story.hold(PROBE, 5.0, 2)
    assert story.shown(PROBE, "probe-stale").state is AlarmState.RETURNED_UNACKNOWLEDGED


async def test_a_past_that_comes_a_year_late_raises_nothing_live(story):
    year_s = 365 * 86_400
    for hour in range(100):
        await story.observe(PROBE, 30.0, ago_s=year_s - hour * 3600)
        await story.clock.advance(0.5)
    assert {alarm.definition for alarm in story.alarms_of(PROBE)} <= {"probe-stale"}


async def test_a_warm_room_is_raised_by_what_is_read_now_and_not_by_what_came_late(story):
    for ago_s in range(2_000, 1_000, -1):
        await story.observe(PROBE, 9.0, ago_s=ago_s)
    assert story.shown(PROBE, "chilled-hi") is None
    began = story.since_start(story.clock.now())
    await story.hold(PROBE, 9.0, 70)
    assert story.since_start(story.shown(PROBE, "chilled-hi").occurred_at) >= began + 59


async def test_nothing_is_stale_in_the_first_ninety_seconds_of_a_start(story):
    await story.clock.advance(89)
    assert story.service.alarms() == []
    await story.clock.advance(2)
    assert {alarm.definition for alarm in story.service.alarms()} == {"probe-stale", "door-stale", "scale-stale"}
