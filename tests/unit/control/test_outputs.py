"""What outputs should be, by whoever has a say."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import msgspec
import pytest
from lane_floor import LANE, NOON, Floor, passage, weighing

from coldport.bus_memory import MemoryBroker
from coldport.clock import ManualClock
from coldport.codec import decode
from coldport.errors import UnavailableError
from coldport.messages.command import Command
from control.inspection.lane.settings import Outputs
from control.inspection.lane.verdict import Verdict
from control.outputs import LOOK_S, Commander, Output, Say, wanted_by_lanes

OUTPUTS = Outputs(
    gateway="g",
    green="green",
    red="red",
    diverter="way",
    ways={Verdict.RELEASE: 1, Verdict.HOLD: 0, Verdict.INSPECT: 2},
)


def test_a_lane_lights_its_lamp_and_sets_its_diverter_and_does_so_again_after_a_restart():
    floor = Floor(msgspec.structs.replace(LANE, outputs=OUTPUTS))
    judged = floor.judge(passage(), weighing())
    assert judged.verdict is Verdict.RELEASE
    for _ in range(2):
        desk = SimpleNamespace(floor=SimpleNamespace(lanes=floor.lanes))
        assert wanted_by_lanes(desk, judged.at) == {
            Output("g", "green"): 1.0,
            Output("g", "red"): 0.0,
            Output("g", "way"): 1.0,
        }
        floor.restart()


def test_a_floor_without_lanes_wants_nothing():
    assert wanted_by_lanes(SimpleNamespace(floor=SimpleNamespace(lanes=None)), NOON) == {}


async def test_of_two_who_want_the_same_output_the_first_has_it():
    clock, broker = ManualClock(datetime(2026, 3, 1, tzinfo=UTC)), MemoryBroker()
    says = [Say("alarms", lambda _: {Output("g", "red"): 1.0}), Say("lanes", lambda _: {Output("g", "red"): 0.0})]
    commander = Commander("s", says, dict, clock, lambda: "00000000-0000-0000-0000-000000000001")
    listener, bus = broker.client("listener", ["coldport/v1/s/commands/g"]), broker.client("c")
    looking = asyncio.ensure_future(commander.step(bus))
    await clock.advance(LOOK_S)
    await looking
    (received,) = await listener.receive(10)
    told = decode(Command, received.payload)
    assert (told.value, told.issued_by) == (1.0, "control: alarms")
    assert told.expires_at > clock.now() + timedelta(seconds=1)


class Away:
    """A bus whose broker is away the first time."""

    def __init__(self) -> None:
        self.published: list[str] = []
        self.is_away = True

    async def publish(self, message) -> None:
        if self.is_away:
            self.is_away = False
            raise UnavailableError("no broker")
        self.published.append(message.topic)


async def test_what_the_broker_did_not_take_is_ordered_at_once_when_it_is_back():
    clock, bus = ManualClock(datetime(2026, 3, 1, tzinfo=UTC)), Away()
    commander = Commander(
        "s",
        [Say("lanes", lambda _: {Output("g", "red"): 1.0})],
        dict,
        clock,
        lambda: "00000000-0000-0000-0000-000000000001",
    )
    with pytest.raises(UnavailableError):
        await commander.step(bus)
    for _ in range(2):  # given once, and not again before it may have been followed
        looking = asyncio.ensure_future(commander.step(bus))
        await clock.advance(LOOK_S)
        await looking
    assert bus.published == ["coldport/v1/s/commands/g"]
