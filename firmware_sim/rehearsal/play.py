"""Plays a scenario: floor, gateway and control in one process, on a clock that jumps."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec

from coldport import topics
from coldport.bus import Bus, Outgoing
from coldport.bus_memory import MemoryBroker
from coldport.clock import Clock, LoopClock
from coldport.codec import decode, encode
from coldport.ids import DefinitionId, GatewayId, PointId, SiteId
from coldport.messages.command import Command
from coldport.messages.status import LinkStatus
from coldport.rehearsal import Acknowledge, Stage, parts
from firmware_sim.devices.device import Value
from firmware_sim.devices.dock.gate import history_of
from firmware_sim.floor import Floor, build
from firmware_sim.places.docks import DockGatePlace
from firmware_sim.places.ground import dice_of
from firmware_sim.rehearsal.ends import BayEnds
from firmware_sim.rehearsal.patch_bay import PatchBay
from firmware_sim.rehearsal.record import Crossing, Record
from firmware_sim.rehearsal.script import Order, Rehearsal
from firmware_sim.rehearsal.virtual_loop import VirtualLoop
from firmware_sim.site import served

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
"""When every rehearsal begins."""

RECEIVE_LIMIT = 100

Cue = tuple[float, Callable[[], None]]


def play(rehearsal: Rehearsal) -> Record:
    """Play a scenario to its end and return what was seen. The same scenario gives the same record, byte by byte."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(_play(rehearsal))


async def _play(rehearsal: Rehearsal) -> Record:
    clock, script = LoopClock(EPOCH), rehearsal.script
    record = Record(EPOCH, whole=not script.lines)
    broker = MemoryBroker()

    def tell(kind: str, message: msgspec.Struct) -> None:
        record.add(clock.monotonic_s(), kind, message)

    bay = PatchBay()
    stage = Stage(
        folder=rehearsal.folder,
        clock=clock,
        broker=broker,
        bay=bay,
        tell=tell,
        lines=frozenset(script.lines) or None,
    )
    floor = build(rehearsal.floor, rehearsal.floor.seed)
    _watch_scales(floor, record)
    for gate in rehearsal.floor.dock_gates:
        record.crossings[gate.id] += _crossings(gate, rehearsal.floor.seed, script.lasts_s)
    links = broker.client("director", [topics.LINKS.filter(SiteId(rehearsal.site.id))])
    serving = served(floor, BayEnds(bay), clock, bus=broker.client("vendors"))
    async with serving as floor_work, asyncio.TaskGroup() as tasks:
        playing = [tasks.create_task(part(stage)) for part in parts()]
        playing.append(tasks.create_task(_hear_links(links, tell)))
        playing += [tasks.create_task(_fails_with(task)) for task in floor_work]
        await _give(sorted(_cues(rehearsal, stage), key=lambda cue: cue[0]), clock)
        await clock.sleep(script.lasts_s - clock.monotonic_s())
        for task in playing:
            task.cancel()
    return record


async def _fails_with(task: asyncio.Task[None]) -> None:
    """Let the play fail when something on the floor does."""
    await asyncio.shield(task)


async def _hear_links(bus: Bus, tell: Callable[[str, msgspec.Struct], None]) -> None:
    while True:
        for message in await bus.receive(RECEIVE_LIMIT):
            message.ack()
            tell("link", decode(LinkStatus, message.payload))


def _watch_scales(floor: Floor, record: Record) -> None:
    """Note what really stands on each scale."""

    def note(scale: str, now_s: float, value: Value) -> None:
        if isinstance(value, float):
            record.loads[scale].append((now_s, value))

    for lane in floor.scenario.lanes:
        floor.world.watch(f"{lane.id}.load_kg", partial(note, lane.scale.id))


def _crossings(gate: DockGatePlace, seed: int, until_s: float) -> Iterator[Crossing]:
    """Yield what really goes through a dock gate: its history once more, without its readers."""
    for episode in history_of(gate.dock, dice_of(seed, gate.id)):
        if episode.start_s > until_s:
            return
        for tag in episode.tags:
            if tag.crossed_s is not None:
                yield Crossing(tag.crossed_s, tag.epc, tag.direction, tag.answers)


async def _give(cues: list[Cue], clock: Clock) -> None:
    for at_s, cue in cues:
        await clock.sleep(at_s - clock.monotonic_s())
        cue()


def _cues(rehearsal: Rehearsal, stage: Stage) -> Iterator[Cue]:
    """Yield what people and the broker do; what happens on the floor is in its own timeline."""
    script = rehearsal.script
    for outage in script.outages:
        yield outage.at_s, partial(setattr, stage.broker, "up", False)  # noqa: FBT003 - the value that is set
        if outage.at_s + outage.for_s <= script.lasts_s:
            yield outage.at_s + outage.for_s, partial(setattr, stage.broker, "up", True)  # noqa: FBT003
    for number, order in enumerate(script.orders, start=1):
        yield order.at_s, partial(_command, rehearsal, stage.broker, order, number)
    for one in script.acknowledgements:
        wish = Acknowledge(definition=DefinitionId(one.definition), point=PointId(one.point), by=one.by)
        yield one.at_s, partial(stage.wishes.put_nowait, wish)


def _command(rehearsal: Rehearsal, broker: MemoryBroker, order: Order, number: int) -> None:
    issued_at = EPOCH + timedelta(seconds=order.at_s)
    command = Command(
        id=f"{number:08x}-0000-4000-8000-000000000000",
        point=PointId(order.point),
        value=order.value,
        issued_at=issued_at,
        expires_at=issued_at + timedelta(seconds=order.expires_s),
        issued_by=order.by,
    )
    topic = topics.commands(SiteId(rehearsal.site.id), GatewayId(rehearsal.gateway))
    broker.deliver(Outgoing(topic, encode(command)))
