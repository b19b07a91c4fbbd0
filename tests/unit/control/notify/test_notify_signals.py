"""Lamps and sirens follow the alarms."""

import asyncio
from datetime import timedelta

import msgspec
import pytest

from coldport.bus_memory import MemoryBroker
from coldport.clock import ManualClock
from coldport.codec import decode
from coldport.messages.alarm import AlarmState, Priority, Suppressed, Suppression
from coldport.messages.command import Command
from coldport.messages.observation import Quality
from control.notify.settings import Signal
from control.notify.signals import by_alarms, wanted
from control.outputs import AGAIN_S, Commander, Say
from control.ports import Latest

LAMP = Signal(point="red", gateway="edge-1")
SIREN = Signal(point="siren", gateway="edge-1", mute_after_s=180, again_after_s=900)


@pytest.fixture
def room(floor):
    return floor()


class TestWanted:
    def test_a_lamp_is_on_while_a_critical_alarm_is_true_and_unanswered(self, room, start):
        alarm = room.move("hihi.p0")
        assert wanted(LAMP, [alarm], start)
        room.acknowledge("hihi.p0")
        assert not wanted(LAMP, [room.standing["hihi.p0"]], start)
        assert wanted(msgspec.structs.replace(LAMP, when="active"), [room.standing["hihi.p0"]], start)
        room.recover("hihi.p0")
        assert not wanted(msgspec.structs.replace(LAMP, when="active"), [room.standing["hihi.p0"]], start)

    def test_other_priorities_do_not_light_it(self, room, start):
        assert not wanted(LAMP, [room.move("hi.p0")], start)
        assert wanted(msgspec.structs.replace(LAMP, priorities=(Priority.HIGH,)), [room.standing["hi.p0"]], start)

    def test_what_is_kept_from_operators_does_not_light_it(self, room, start):
        shelved = Suppressed(kind=Suppression.SHELVED, since=start, by="li", reason="defrost")

        assert not wanted(LAMP, [room.move("hihi.p0", suppressed=shelved)], start)

    def test_what_a_graver_alarm_speaks_for_does_not_light_it(self, room, start):
        assert not wanted(LAMP, [room.move("hihi.p0", superseded_by="worse.p0.1")], start)

    @pytest.mark.parametrize(("after_s", "on"), [(0, True), (179.9, True), (180, False), (899, False), (900, True)])
    def test_a_siren_is_muted_after_three_minutes_and_heard_again_after_fifteen(self, room, start, after_s, on):
        alarm = room.move("hihi.p0")

        assert wanted(SIREN, [alarm], start + timedelta(seconds=after_s)) is on


class Standing:
    def __init__(self, room, clock) -> None:
        self.room, self.clock, self.values = room, clock, {}

    def alarms(self):
        return list(self.room.standing.values())

    def latest(self):
        now = self.clock.now()
        return {
            name: Latest(point=name, observed_at=now, recorded_at=now, value=value, quality=Quality.GOOD)
            for name, value in self.values.items()
        }


class TestOrders:
    async def test_an_order_is_given_until_the_output_is_read_back_as_it_should_be(self, room, start):
        clock = ManualClock(start)
        standing, broker = Standing(room, clock), MemoryBroker()
        ids = iter(f"00000000-0000-0000-0000-{number:012}" for number in range(99))
        says = [Say("alarms", by_alarms([LAMP], standing.alarms))]
        signaller = Commander("s", says, standing.latest, clock, lambda: next(ids))
        told = []
        listener, bus = broker.client("listener", ["coldport/v1/s/commands/edge-1"]), broker.client("c")
        standing.values["red"] = 0.0
        await self.look(signaller, clock, bus)
        room.move("hihi.p0")
        for _ in range(3):
            await self.look(signaller, clock, bus)
        await clock.advance(AGAIN_S)
        await self.look(signaller, clock, bus)
        standing.values["red"] = 1.0
        await clock.advance(AGAIN_S)
        await self.look(signaller, clock, bus)
        room.acknowledge("hihi.p0")
        await self.look(signaller, clock, bus)
        for received in await listener.receive(10):
            told.append(decode(Command, received.payload))
            received.ack()

        assert [command.value for command in told] == [1.0, 1.0, 0.0]
        assert {command.point for command in told} == {"red"}
        assert len({command.id for command in told}) == 3
        assert room.standing["hihi.p0"].state is AlarmState.ACKNOWLEDGED

    async def look(self, signaller, clock, bus):
        looking = asyncio.ensure_future(signaller.step(bus))
        await clock.advance(0.5)
        await looking
