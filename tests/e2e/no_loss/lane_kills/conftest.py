"""A site with two lanes whose papers are on record, and a gateway that plays gates, scales, lamps and diverters."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from declarations import AGENT, declared, exported

from coldport import topics
from coldport.bus import Bus
from coldport.bus_mqtt import MqttBus
from coldport.clock import Clock, SystemClock
from coldport.codec import decode
from coldport.ids import GatewayId, PointId, SiteId
from coldport.messages.command import Command
from coldport.messages.observation import Direction, Passage, Weighing
from coldport.site import load_site
from control.inspection.documents.acts import Receipted
from control.inspection.documents.receipts import CustomsReceipt
from control.inspection.lane.acts import TagBound
from control.inspection_settings import load_inspection
from control.journal.sqlite import SqliteJournal
from control.memory import Inspection
from control.service import Service
from control.settings import load_alarms
from edge.channels import Channels
from edge.health.births import Births
from edge.observe import reading
from edge.points import Measured
from edge.spool.memory import MemorySpool
from edge.spool.uplink import Uplink

SITE, GATEWAY = SiteId("lanes-1"), GatewayId("lanes-edge-1")
BOOT_ID = "1a" * 16
LANES = ("lane-1", "lane-2")
LAMPS = ("green", "amber", "red")
DECLARED_KG, HEAVY_KG = 0.8, 2.0
GATE_BEFORE_S = 0.4
SETTLED = timedelta(seconds=2)

KINDS = ("fine", "heavy", "fine", "unbound", "fine", "pending")
"""What is the matter with the parcels of a lane, over and over: too heavy, an unknown tag, no answer of customs."""

SITE_FILE = """
id = "lanes-1"
name = {{ zh = "查验", en = "Lanes" }}
timezone = "Asia/Shanghai"
[broker]
port = {port}
"""
ZONE = """
[[zones]]
id = "{lane}"
name = {{ zh = "查验线", en = "Lane" }}
zone_class = "lane"
points = [
  {{ id = "{lane}-scale", quantity = "mass", every_s = 60 }},
  {{ id = "{lane}-gate", quantity = "tags", every_s = 60 }},
  {{ id = "{lane}-green", quantity = "lamp", every_s = 60 }},
  {{ id = "{lane}-amber", quantity = "lamp", every_s = 60 }},
  {{ id = "{lane}-red", quantity = "lamp", every_s = 60 }},
  {{ id = "{lane}-diverter", quantity = "diverter", every_s = 60 }},
]
"""
LANE = """
[[lanes]]
id = "{lane}"
zone = "{lane}"
gate = "{lane}-gate"
scale = "{lane}-scale"
scale_type = {{ e_kg = 0.005, max_kg = 60 }}
apart_s = 0.8
gate_before_s = [0.2, 0.6]
scan_before_s = [-0.2, 0.2]
image_before_s = [-0.2, 0.2]
patience_s = 3
late_s = 60
[lanes.outputs]
gateway = "lanes-edge-1"
green = "{lane}-green"
amber = "{lane}-amber"
red = "{lane}-red"
diverter = "{lane}-diverter"
ways = {{ release = 1, hold = 0, inspect = 2, wait = 0, recheck = 0 }}
shown_s = 600
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """A parcel as it is put on a lane."""

    number: int
    lane: str
    kind: str

    @property
    def name(self) -> str:
        return f"E{self.number}"

    @property
    def epc(self) -> str:
        return f"3055A537C8377540{self.number:08X}"


def parcels_of(count: int) -> list[Shown]:
    """Return so many parcels, in turn for each lane."""
    return [Shown(number, LANES[number % 2], KINDS[number // 2 % len(KINDS)]) for number in range(count)]


def write_site(folder: Path, port: int) -> Path:
    folder.mkdir()
    site = SITE_FILE.format(port=port) + "".join(ZONE.format(lane=lane) for lane in LANES)
    (folder / "site.toml").write_text(site, encoding="utf-8")
    (folder / "alarms.toml").write_text("alarms = []\n", encoding="utf-8")
    (folder / "inspection.toml").write_text("".join(LANE.format(lane=lane) for lane in LANES), encoding="utf-8")
    return folder


def declare(folder: Path, data: Path, parcels: Sequence[Shown]) -> None:
    """Put the papers and tags of the parcels on record, as they are before a parcel comes."""
    site, clock = load_site(folder), SystemClock()
    (data / "control").mkdir(parents=True)
    with SqliteJournal(data / "control" / "journal.sqlite") as journal:
        service = Service(site, load_alarms(folder, site), journal, clock, Inspection(load_inspection(folder, site)))
        for one in parcels:
            for document in exported(one.number).values():
                service.record(declared(document, clock.now()))
            keys = {"guid": "B" * 36, "agent_code": AGENT["agent_code"], "cop_no": f"XC{one.number}"}
            status = "399" if one.kind == "pending" else "800"
            receipt = CustomsReceipt(type="604", keys=keys, status=status, time="20260302120001000", info="x")
            service.record(Receipted(receipt=receipt, at=clock.now(), by="line"))
            if one.kind != "unbound":
                service.record(TagBound(epc=one.epc, logistics_no=one.name, at=clock.now(), by="wang"))


class Gateway:
    """Sends what gates and scales see by the edge's own spool and uplink; does what it is told and reads it back."""

    filters = (topics.receipts(SITE, GATEWAY), topics.presence(SITE, "control"), topics.commands(SITE, GATEWAY))

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self.spool = MemorySpool(BOOT_ID, 100_000)
        self.outputs: dict[str, float] = {}
        self.told: list[Command] = []
        self.sent = 0
        self._clock = clock
        channels = Channels(bus, clock)
        uplink = Uplink(SITE, GATEWAY, self.spool, channels.open(topics.receipts(SITE, GATEWAY)), clock)
        births = Births(channels.open(topics.presence(SITE, "control")), [uplink.control_is_there], clock)
        self._commands = channels.open(topics.commands(SITE, GATEWAY))
        self._works = (uplink.run, births.run, channels.run, self._obey)

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for work in self._works:
                tasks.create_task(work())

    async def bring(self, parcel: Shown) -> None:
        """Let a parcel cross the gate and stand on the scale."""
        at = self._clock.now()
        passage = Passage(
            seq=1,
            point=f"{parcel.lane}-gate",
            observed_at=at,
            spooled_at=at,
            direction=Direction.IN,
            confidence=0.99,
            first_at=at,
            last_at=at,
            reads=9,
            epc=parcel.epc,
        )
        await self.spool.append([passage])
        await self._clock.sleep(GATE_BEFORE_S)
        self.sent += 1
        placed_at, at = at + timedelta(seconds=GATE_BEFORE_S), self._clock.now()
        weighing = Weighing(
            seq=1,
            point=f"{parcel.lane}-scale",
            observed_at=at,
            spooled_at=at,
            number=parcel.number + 1,
            placed_at=placed_at,  # a busy machine sleeps longer; the belt does not
            gross_kg=HEAVY_KG if parcel.kind == "heavy" else DECLARED_KG,
        )
        await self.spool.append([weighing])

    @property
    def is_settled(self) -> bool:
        """Whether a lamp of each lane is lit, and nothing was ordered for longer than control takes to decide."""
        lit = {point.rpartition("-")[0] for point, value in self.outputs.items() if value and "diverter" not in point}
        return len(lit) == len(LANES) and self._clock.now() - self.told[-1].issued_at > SETTLED

    async def lose_outputs(self) -> None:
        """All lamps are out and every diverter lies at 0, as after a loss of power; that is read back."""
        await self._set(dict.fromkeys(self.outputs, 0.0))

    async def _set(self, values: dict[str, float]) -> None:
        self.outputs |= values
        now = self._clock.now()
        await self.spool.append([reading(PointId(point), now, Measured(value)) for point, value in values.items()])

    async def _obey(self) -> None:
        while True:
            for received in await self._commands.receive(100):
                command = decode(Command, received.payload)
                received.ack()
                if command.expires_at > self._clock.now():
                    self.told.append(command)
                    await self._set({command.point: command.value})


class LanePlay:
    """What the proof is played with."""

    Gateway = Gateway
    write_site, declare, parcels_of = staticmethod(write_site), staticmethod(declare), staticmethod(parcels_of)

    @staticmethod
    def bus(broker) -> MqttBus:
        return MqttBus(client_id="gateway", broker=broker, filters=Gateway.filters)


@pytest.fixture
def lane_play() -> type[LanePlay]:
    return LanePlay
