"""A whole control on a memory bus, under a clock that a story moves."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from coldport import topics
from coldport.bus import Outgoing
from coldport.bus_memory import MemoryBroker
from coldport.clock import ManualClock
from coldport.codec import decode, encode
from coldport.ids import GatewayId, SiteId
from coldport.messages.alarm import Alarm
from coldport.messages.observation import Batch, Quality, Reading
from coldport.site import load_site
from coldport.supervise import for_ever
from control import ticker
from control.followers import egress
from control.intake import Intake, filters
from control.journal.memory import MemoryJournal
from control.service import Service
from control.settings import load_alarms

SITE = Path(__file__).parents[2] / "config" / "sites" / "xiangtan"
START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)


class Story:
    """The example site's control, a gateway that feeds it, and a screen that sees its retained alarms."""

    def __init__(self) -> None:
        self.site = load_site(SITE)
        self.clock = ManualClock(START)
        self.broker = MemoryBroker()
        self.journal = MemoryJournal()
        self.service: Service
        self._tasks: list[asyncio.Task[None]] = []
        self._gateway = self.broker.client("gateway")
        self._seq = 0

    async def start_control(self) -> None:
        site = SiteId(self.site.id)
        self.service = Service(self.site, load_alarms(SITE, self.site), self.journal, self.clock)
        bus = self.broker.client("control", filters(site))
        intake = Intake(site, bus, self.service, self.clock)
        self._tasks = [
            asyncio.create_task(work)
            for work in (
                for_ever("intake", intake.work, self.clock),
                for_ever("ticker", lambda: ticker.tick(self.service, self.clock), self.clock),
                for_ever("egress", lambda: egress.follow(site, self.service, bus), self.clock),
            )
        ]
        await self.clock.settle()

    async def stop_control(self) -> None:
        """Kill it: nothing is saved."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def restart_control(self) -> None:
        await self.stop_control()
        await self.start_control()

    async def observe(self, point: str, value: float | None, *, ago_s: float = 0.0) -> None:
        """Send one reading of `point`, made `ago_s` seconds ago."""
        self._seq += 1
        at = self.clock.now() - timedelta(seconds=ago_s)
        bad = {} if value is not None else {"quality": Quality.BAD, "reason": "no-answer"}
        reading = Reading(seq=self._seq, point=point, observed_at=at, spooled_at=at, value=value, **bad)
        batch = Batch(gateway="edge-1", boot_id="0" * 32, observations=(reading,))
        await self._gateway.publish(
            Outgoing(topics.observations(SiteId(self.site.id), GatewayId("edge-1")), encode(batch))
        )
        await self.clock.settle()

    async def hold(self, point: str, value: float | None, seconds: int) -> None:
        """Let a point show `value` once a second for so long."""
        for _ in range(seconds):
            await self.observe(point, value)
            await self.clock.advance(1)

    def shown(self, point: str, definition: str) -> Alarm | None:
        """Return the alarm as the bus shows it."""
        payload = self.broker.retained.get(f"coldport/v1/{self.site.id}/alarms/{point}/{definition}")
        return decode(Alarm, payload) if payload else None

    def alarms_of(self, point: str) -> list[Alarm]:
        return [alarm for alarm in self.service.alarms() if alarm.point == point]

    def since_start(self, moment: datetime) -> float:
        return (moment - START).total_seconds()


@pytest.fixture
async def story() -> AsyncIterator[Story]:
    told = Story()
    await told.start_control()
    yield told
    with contextlib.suppress(asyncio.CancelledError):
        await told.stop_control()
