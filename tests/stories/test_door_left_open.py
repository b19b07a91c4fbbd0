"""A door, a room and a person, told from the gateway's batch to the alarm that the bus retains."""

from coldport.messages.alarm import AlarmState

DOOR, ALARM = "c1-door", "door-open"


async def test_a_door_that_stays_open_becomes_one_alarm_a_minute_later(story):
    await story.hold(DOOR, 0.0, 5)
    await story.hold(DOOR, 1.0, 59)
    assert story.shown(DOOR, ALARM) is None
    await story.hold(DOOR, 1.0, 30)
    alarm = story.shown(DOOR, ALARM)
    assert (alarm.id, alarm.state) == ("door-open.c1-door.1", AlarmState.UNACKNOWLEDGED)
    assert story.since_start(alarm.occurred_at) == 5 + 60
    assert len(story.alarms_of(DOOR)) == 1


async def test_a_door_closed_in_time_is_no_alarm(story):
    for _ in range(3):
        await story.hold(DOOR, 1.0, 59)
        await story.hold(DOOR, 0.0, 5)
    assert story.alarms_of(DOOR) == []


async def test_an_alarm_acknowledged_before_the_door_closes_is_normal_when_it_does(story):
    await story.hold(DOOR, 1.0, 65)
    story.service.acknowledge("door-open.c1-door.1", "Wang", "loading")
    await story.clock.settle()
    assert story.shown(DOOR, ALARM).state is AlarmState.ACKNOWLEDGED
    await story.hold(DOOR, 0.0, 1)
    alarm = story.shown(DOOR, ALARM)
    assert (alarm.state, alarm.acknowledged_by, story.since_start(alarm.returned_at)) == (
        AlarmState.NORMAL,
        "Wang",
        65,
    )


async def test_an_alarm_that_went_unseen_waits_for_its_acknowledgement(story):
    await story.hold(DOOR, 1.0, 65)
    await story.hold(DOOR, 0.0, 60)
    assert story.shown(DOOR, ALARM).state is AlarmState.RETURNED_UNACKNOWLEDGED
    story.service.acknowledge("door-open.c1-door.1", "Wang", None)
    await story.clock.settle()
    assert story.shown(DOOR, ALARM).state is AlarmState.NORMAL


async def test_a_restart_in_the_middle_of_an_on_delay_neither_loses_nor_restarts_it(story):
    await story.hold(DOOR, 1.0, 30)
    await story.restart_control()
    await story.hold(DOOR, 1.0, 35)
    alarm = story.shown(DOOR, ALARM)
    assert story.since_start(alarm.occurred_at) == 60
    assert [a.id for a in story.alarms_of(DOOR)] == ["door-open.c1-door.1"]


async def test_what_the_gateway_kept_while_control_was_down_is_judged_at_its_own_time(story):
    await story.hold(DOOR, 1.0, 30)
    await story.stop_control()
    await story.hold(DOOR, 1.0, 40)
    await story.hold(DOOR, 0.0, 20)
    await story.start_control()
    alarm = story.shown(DOOR, ALARM)
    assert (story.since_start(alarm.occurred_at), story.since_start(alarm.returned_at)) == (60, 70)


async def test_a_standing_alarm_is_shown_again_after_a_restart_and_is_still_the_same(story):
    await story.hold(DOOR, 1.0, 65)
    story.broker.retained.clear()
    await story.restart_control()
    await story.hold(DOOR, 1.0, 5)
    assert story.shown(DOOR, ALARM).id == "door-open.c1-door.1"
