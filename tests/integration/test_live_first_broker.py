"""A real broker that is killed while a gateway reads on: after its return what is new is there within a second."""

import asyncio
from datetime import UTC, datetime

import pytest

from coldport import topics
from coldport.bus import Outgoing
from coldport.bus_mqtt import MqttBus
from coldport.clock import SystemClock
from coldport.codec import decode, encode
from coldport.ids import GatewayId, PointId, SiteId
from coldport.messages.observation import Batch, Receipt
from edge.observe import reading
from edge.points import Measured
from edge.spool.memory import MemorySpool
from edge.spool.uplink import Uplink

pytestmark = [pytest.mark.alone, pytest.mark.broker]

SITE, GATEWAY = SiteId("s"), GatewayId("edge-1")
LONG_AGO = datetime(2026, 7, 1, tzinfo=UTC)
HELD = 60_000


class Control:
    """Confirms what comes, and notes when each number came first."""

    def __init__(self, bus: MqttBus, clock: SystemClock) -> None:
        self._bus = bus
        self._clock = clock
        self.came_s: dict[int, float] = {}

    async def run(self) -> None:
        while True:
            for received in await self._bus.receive(100):
                batch = decode(Batch, received.payload)
                now_s = self._clock.monotonic_s()
                for observation in batch.observations:
                    self.came_s.setdefault(observation.seq, now_s)
                first, last = batch.observations[0].seq, batch.observations[-1].seq
                receipt = Receipt(
                    gateway=GATEWAY,
                    boot_id=batch.boot_id,
                    first_seq=first,
                    last_seq=last,
                    recorded_at=self._clock.now(),
                )
                await self._bus.publish(Outgoing(topics.receipts(SITE, GATEWAY), encode(receipt)))
                received.ack()


async def test_what_is_new_is_there_within_a_second_of_the_broker_and_the_backlog_beside_it(
    start_broker, eventually
) -> None:
    process = await start_broker("nats")
    clock, spool = SystemClock(), MemorySpool("ab" * 16, limit=1_000_000)

    async def append(count: int) -> None:
        await spool.append([reading(PointId("p"), LONG_AGO, Measured(1.0))] * count)

    filters = [topics.OBSERVATIONS.filter(SITE)]
    receipts = [topics.receipts(SITE, GATEWAY)]
    async with (
        MqttBus(client_id="control", broker=process.broker, filters=filters) as control_bus,
        MqttBus(client_id="edge", broker=process.broker, filters=receipts) as bus,
    ):
        await control_bus.wait_connected()
        await bus.wait_connected()
        control = Control(control_bus, clock)
        uplink = Uplink(SITE, GATEWAY, spool, bus, clock)
        tasks = [asyncio.create_task(control.run()), asyncio.create_task(uplink.run())]
        await append(1)
        await eventually(lambda: not spool.held)
        process.kill()
        await eventually(lambda: not bus.connected)
        await append(HELD)
        await clock.sleep(3.0)  # so that the attempts to connect are as far apart as they get
        await process.start(eventually)
        back_s = clock.monotonic_s()
        await eventually(lambda: spool.last - uplink._sent == 0)
        await append(1)
        new = spool.last
        await eventually(lambda: new in control.came_s)
        await eventually(lambda: not spool.held, within_s=60)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
    print(f"new after {control.came_s[new] - back_s:.2f} s, all after {max(control.came_s.values()) - back_s:.2f} s")  # noqa: T201
    assert control.came_s[new] - back_s <= 1.0
    assert max(control.came_s.values()) - back_s <= HELD / 5_000 + 1.0
    assert sorted(control.came_s) == list(range(1, HELD + 3))
