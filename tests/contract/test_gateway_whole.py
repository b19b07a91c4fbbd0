"""A whole gateway on memory twins: what its clock, its health and its commands look like from outside."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from coldport import topics
from coldport.bus import Outgoing
from coldport.bus_memory import MemoryBroker
from coldport.clock import ManualClock
from coldport.codec import decode, encode
from coldport.ids import GatewayId, LinkId, PointId, SiteId
from coldport.messages.command import Command, CommandReply
from coldport.messages.observation import Batch, Observation, Quality, Receipt
from coldport.messages.status import Health, LinkState, LinkStatus
from coldport.site import Site, load_site
from edge.commands.ledger_memory import MemoryLedger
from edge.gateway import Outside, assemble, heard
from edge.health.status import StatusBoard
from edge.links.memory_link import MemoryLink, null_modem
from edge.settings import load_edge
from edge.spool.memory import MemorySpool

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
GATEWAY = GatewayId("edge-1")

SITE_TOML = """
id = "s"
name = { zh = "站", en = "Site" }
timezone = "Asia/Shanghai"

[[zones]]
id = "lane"
name = { zh = "线", en = "Lane" }
zone_class = "lane"
points = [
  { id = "scale", quantity = "mass", every_s = 1 },
  { id = "lamp", quantity = "lamp", every_s = 1 },
  { id = "spool-fill", quantity = "fill", every_s = 10 },
  { id = "clock-off", quantity = "clock-offset", every_s = 10 },
]
"""

EDGE_TOML = """
gateway = "edge-1"

[gateway_points]
spool = "spool-fill"
clock = "clock-off"

[[lines]]
kind = "scale"
id = "weight"
profile = "toledo-continuous"
point = "scale"
division_kg = 0.01
tcp = { host = "scale", port = 1 }
"""


class NullModems:
    """Links whose other ends are at hand, by host."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.far: dict[str, MemoryLink] = {}

    def tcp(self, tcp) -> MemoryLink:
        near, self.far[tcp.host] = null_modem(self._clock)
        return near


class Bench:
    """The gateway, its broker, and a control whose clock is `behind_s` behind the gateway's."""

    def __init__(self, folder: Path, clock: ManualClock, behind_s: float) -> None:
        (folder / "site.toml").write_text(SITE_TOML, encoding="utf-8")
        (folder / "edge.toml").write_text(EDGE_TOML, encoding="utf-8")
        self.clock = clock
        self.behind = timedelta(seconds=behind_s)
        self.site: Site = load_site(folder)
        self.id = SiteId(self.site.id)
        self.broker = MemoryBroker()
        self.control = self.broker.client(
            "control", [topics.OBSERVATIONS.filter(self.id), topics.REPLIES.filter(self.id)]
        )
        self.observations: list[Observation] = []
        self.replies: list[CommandReply] = []
        self.bus = self.broker.client("edge", heard(self.id, GATEWAY))
        outside = Outside(
            spool=MemorySpool("ab" * 16, limit=1_000),
            ledger=MemoryLedger(),
            bus=self.bus,
            links=NullModems(clock),
            clock=clock,
        )
        board = StatusBoard(self.id, GATEWAY, clock)
        self.agent = assemble(self.site, folder, load_edge(folder, self.site), outside, board)
        self.stop = asyncio.Event()
        self.running = asyncio.create_task(self.agent.run(self.stop))

    async def advance(self, duration_s: float) -> None:
        for _ in range(round(duration_s * 10)):
            await self.clock.advance(0.1)
            while self.control.waiting:
                [received] = await self.control.receive(1)
                if "/replies/" in received.topic:
                    self.replies.append(decode(CommandReply, received.payload))
                else:
                    await self.confirm(decode(Batch, received.payload))
                received.ack()

    async def confirm(self, batch: Batch) -> None:
        self.observations += batch.observations
        receipt = Receipt(
            gateway=GATEWAY,
            boot_id=batch.boot_id,
            first_seq=batch.observations[0].seq,
            last_seq=batch.observations[-1].seq,
            recorded_at=self.clock.now() - self.behind,
        )
        await self.control.publish(Outgoing(topics.receipts(self.id, GATEWAY), encode(receipt)))

    def of(self, point: str, since: datetime) -> list[Observation]:
        return [seen for seen in self.observations if seen.point == point and seen.observed_at >= since]

    def clock_line(self) -> tuple[LinkState, str | None]:
        status = decode(LinkStatus, self.broker.retained[topics.link(self.id, GATEWAY, LinkId("clock"))])
        return status.state, status.reason

    async def command(self, point: str) -> list[str]:
        now = self.clock.now()
        command = Command(
            id="00000000-0000-0000-0000-000000000001",
            point=PointId(point),
            value=1.0,
            issued_at=now,
            expires_at=now + timedelta(seconds=5),
            issued_by="li",
        )
        await self.control.publish(Outgoing(topics.commands(self.id, GATEWAY), encode(command)))
        await self.advance(1.0)
        return [f"{reply.stage} {reply.reason or ''}".strip() for reply in self.replies]


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator:
    made: list[Bench] = []

    def make_one(behind_s: float) -> Bench:
        made.append(Bench(tmp_path, ManualClock(NOON), behind_s))
        return made[-1]

    yield make_one
    for bench in made:
        bench.stop.set()
        await bench.running


async def test_with_a_clock_that_is_right_readings_are_good_and_commands_are_judged(make) -> None:
    bench = make(0.5)
    await bench.advance(15.0)
    assert bench.clock_line() == (LinkState.UP, None)
    [offset] = bench.of("clock-off", NOON + timedelta(seconds=9))
    assert offset.value == pytest.approx(0.5, abs=0.11)
    assert offset.quality is Quality.GOOD
    assert await bench.command("lamp") == ["received", "rejected no-line-moves-it"]


async def test_with_a_clock_that_is_off_good_readings_are_uncertain_bad_ones_stay_and_no_command_is_carried_out(
    make,
) -> None:
    bench = make(60.0)
    await bench.advance(25.0)
    assert bench.clock_line() == (LinkState.DOWN, "offset")
    later = NOON + timedelta(seconds=9)
    assert {(seen.quality, seen.reason) for seen in bench.of("spool-fill", later)} == {
        (Quality.UNCERTAIN, "clock-offset")
    }
    assert {(seen.quality, seen.reason) for seen in bench.of("scale", later)} == {(Quality.BAD, "silent")}
    assert next(seen.value for seen in bench.of("clock-off", later)) == pytest.approx(60.0, abs=0.11)


async def test_the_health_of_a_silent_scale_is_told_and_so_is_that_of_a_gateway_whose_wiring_changed(
    make, tmp_path
) -> None:
    bench = make(0.0)
    await bench.advance(21.0)
    health = decode(Health, bench.broker.retained[topics.health(bench.id, GATEWAY, "weight")])
    assert health.frames == 0
    assert health.errors >= 10
    assert (health.error_share, health.last_error) == (1.0, "silent")
    file = tmp_path / "edge.toml"
    file.write_text(EDGE_TOML.replace('id = "weight"', 'id = "weight-2"'), encoding="utf-8")
    bench.agent.reload.ask()
    await bench.advance(5.0)
    gone = decode(LinkStatus, bench.broker.retained[topics.link(bench.id, GATEWAY, LinkId("weight"))])
    assert (gone.state, gone.reason) == (LinkState.DOWN, "removed")
    silent = decode(LinkStatus, bench.broker.retained[topics.link(bench.id, GATEWAY, LinkId("weight-2"))])
    assert silent.reason == "silent"


async def test_what_comes_on_a_topic_nobody_asked_for_is_done_with(make) -> None:
    bench = make(0.0)
    bench.bus.offer(Outgoing(topics.receipts(bench.id, GATEWAY), b"{}"))
    bench.bus._filters = ("#",)
    bench.bus.offer(Outgoing("elsewhere", msgspec.json.encode(1)))
    await bench.advance(1.0)
    assert not bench.bus.unacknowledged
