"""What is not known: gaps, dead probes, a replayed past."""

from coldport.messages.alarm import AlarmState

PROBE = "c1-1-temperature"


async def test_no_alarm_is_raised_inside_a_gap(story):
    await story.hold(PROBE, 9.0, 50)  # chilled-hi wants 60 s
    await story.clock.advance(3600)
    assert story.shown(PROBE, "chilled-hi") is None
    assert story.shown(PROBE, "probe-stale").state is AlarmState.UNACKNOWLEDGED
    await story.hold(PROBE, 9.0, 20)
    alarm = story.shown(PROBE, "chilled-hi")
    assert 3650 < story.since_start(alarm.occurred_at) < 3670


async def test_a_probe_that_stops_answering_is_stale_and_its_warm_room_stays_an_alarm(story):
    await story.hold(PROBE, 9.0, 90)
    await story.hold(PROBE, None, 60)
    assert story.shown(PROBE, "probe-stale").state is AlarmState.UNACKNOWLEDGED
    assert story.shown(PROBE, "chilled-hi").state is AlarmState.UNACKNOWLEDGED
    await story.hold(PROBE, 5.0, 2)
    assert story.shown(PROBE, "probe-stale").state is AlarmState.RETURNED_UNACKNOWLEDGED


async def test_a_replayed_past_of_hours_with_gaps_raises_nothing_between_its_readings(story):
    year_s = 365 * 86_400
    observed_s = []
    for hour in range(100):
        gap_s = 170 * 3600 if hour >= 50 else 0
        ago_s = year_s - hour * 3600 - gap_s
        observed_s.append(story.since_start(story.clock.now()) - ago_s)
        await story.observe(PROBE, 30.0, ago_s=ago_s)
        await story.clock.advance(0.5)
    raised = [alarm for alarm in story.alarms_of(PROBE) if alarm.definition != "probe-stale"]
    assert {alarm.definition for alarm in raised} == {"chilled-hi"}
    for alarm in raised:
        after_s = [story.since_start(alarm.occurred_at) - second for second in observed_s]
        assert any(0 <= second <= 3 for second in after_s)  # three intervals of a point that is read once a second


async def test_nothing_is_stale_in_the_first_ninety_seconds_of_a_start(story):
    await story.clock.advance(89)
    assert story.service.alarms() == []
    await story.clock.advance(2)
    assert {alarm.definition for alarm in story.service.alarms()} == {"probe-stale", "door-stale", "scale-stale"}
