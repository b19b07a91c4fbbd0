"""Our poller against Modbus servers that we did not write (pymodbus), over TCP and over a serial line."""

import asyncio
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from pymodbus.framer import FramerType
from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from coldport.clock import SystemClock
from coldport.ids import GatewayId, LinkId, SiteId
from coldport.messages.observation import Observation, Quality
from coldport.site import load_site
from edge.health.book import HealthBook
from edge.main import SystemLinks
from edge.ports import Outlet
from edge.settings import load_edge
from edge.sources.around import Around
from edge.sources.build import source_of

pytestmark = pytest.mark.thirdparty

SITE = """
id = "bench"
name = { zh = "台", en = "Bench" }
timezone = "Asia/Shanghai"

[[zones]]
id = "c1"
name = { zh = "一库", en = "Room 1" }
zone_class = "chilled"
points = [
  { id = "cold", quantity = "temperature", every_s = 0.5 },
  { id = "damp", quantity = "humidity", every_s = 0.5 },
  { id = "warm", quantity = "temperature", every_s = 0.5 },
  { id = "dead", quantity = "temperature", every_s = 0.5 },
  { id = "door", quantity = "door", every_s = 0.5 },
]
"""

EDGE = """
gateway = "edge-1"

[[lines]]
id = "line"
{line}
devices = [
  {{ id = "one", unit = 1, profile = "probe", points = {{ temperature = "cold", humidity = "damp" }} }},
  {{ id = "two", unit = 2, profile = "meter", points = {{ temperature = "warm" }} }},
  {{ id = "three", unit = 3, profile = "contacts", points = {{ third = "door" }} }},
  {{ id = "nine", unit = 9, profile = "meter", points = {{ temperature = "dead" }} }},
]
"""

PROFILES = {
    "probe": """kind = "modbus"
title = "A probe"
source = "this test"
function = "holding-registers"
registers.humidity = { address = 0, quantity = "humidity", scale = 0.1 }
registers.temperature = { address = 1, quantity = "temperature", scale = 0.1 }
""",
    "meter": """kind = "modbus"
title = "A meter"
source = "this test"
function = "input-registers"
registers.temperature = { address = 2, quantity = "temperature", type = "float32" }
""",
    "contacts": """kind = "modbus"
title = "Contacts"
source = "this test"
function = "discrete-inputs"
inputs.third = { address = 2 }
""",
}


def devices() -> list[SimDevice]:
    bits = [SimData(0, values=[False, False, True, False], datatype=DataType.BITS)]
    holding = [SimData(0, values=[658, 0x10000 - 101], datatype=DataType.REGISTERS)]
    inputs = [
        SimData(0, count=2, values=0, datatype=DataType.REGISTERS),
        SimData(2, values=21.5, datatype=DataType.FLOAT32),
    ]
    return [SimDevice(unit, simdata=(bits, bits, holding, inputs)) for unit in (1, 2, 3, 9)]


def without_unit_nine(framer: FramerType) -> Callable[[bool, bytes], bytes]:
    """Swallow what unit 9 would say: an RTU frame begins with the unit, a TCP one has it behind six bytes."""
    place = 6 if framer is FramerType.SOCKET else 0
    return lambda sending, frame: b"" if sending and frame[place : place + 1] == b"\x09" else frame


class Sink:
    """Remembers what was seen."""

    def __init__(self) -> None:
        self.seen: list[Observation] = []

    async def record(self, observations: Sequence[Observation]) -> None:
        self.seen += observations

    def of(self, point: str) -> list[Observation]:
        return [seen for seen in self.seen if seen.point == point]


class Board:
    """Remembers the latest state of each line and device: None for up."""

    def __init__(self) -> None:
        self.states: dict[str, str | None] = {}

    def up(self, link: LinkId, device: str | None = None) -> None:
        self.states[device or link] = None

    def down(self, link: LinkId, reason: str, device: str | None = None) -> None:
        self.states[device or link] = reason


async def poll(folder: Path, line: str, eventually) -> None:
    """Run the poller of `line` until everything has been seen, and look at it."""
    (folder / "site.toml").write_text(SITE)
    (folder / "edge.toml").write_text(EDGE.format(line=line))
    (folder / "profiles").mkdir()
    for name, text in PROFILES.items():
        (folder / "profiles" / f"{name}.toml").write_text(text)
    site = load_site(folder)
    wiring = load_edge(folder, site)
    sink, board, clock = Sink(), Board(), SystemClock()
    around = Around(
        points=site.points(),
        profiles=wiring.profiles,
        links=SystemLinks(site, "edge-1", folder, clock),
        outlet=Outlet(sink, board, clock, HealthBook(SiteId("s"), GatewayId("edge-1"), clock)),
    )
    polling = asyncio.create_task(source_of(wiring.settings.lines[0], around).run())
    await eventually(lambda: len(sink.of("door")) >= 6 and sink.of("dead"))
    polling.cancel()
    await asyncio.wait([polling])
    assert {seen.value for seen in sink.of("cold")} == {-10.1}
    assert {seen.value for seen in sink.of("damp")} == {65.8}
    assert {seen.value for seen in sink.of("warm")} == {21.5}
    assert {seen.value for seen in sink.of("door")} == {1.0}
    assert {(seen.value, seen.quality) for seen in sink.of("dead")} == {(None, Quality.BAD)}
    assert board.states == {"line": None, "one": None, "two": None, "three": None, "nine": "timeout"}


async def test_a_foreign_server_is_read_over_tcp(tmp_path, free_port, eventually) -> None:
    port = free_port()
    server = ModbusTcpServer(devices(), address=("127.0.0.1", port), trace_packet=without_unit_nine(FramerType.SOCKET))
    await server.serve_forever(background=True)
    try:
        await poll(tmp_path, f'kind = "modbus-tcp"\ntcp = {{ host = "127.0.0.1", port = {port} }}', eventually)
    finally:
        await server.shutdown()


async def test_a_foreign_server_is_read_over_a_serial_line(tmp_path, eventually) -> None:
    if shutil.which("socat") is None:
        pytest.skip("socat is not installed")
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    cable = await asyncio.create_subprocess_exec(
        "socat", f"pty,raw,echo=0,link={ours}", f"pty,raw,echo=0,link={theirs}"
    )
    try:
        await eventually(lambda: ours.exists() and theirs.exists())
        server = ModbusSerialServer(
            devices(), port=str(theirs), baudrate=9600, trace_packet=without_unit_nine(FramerType.RTU)
        )
        await server.serve_forever(background=True)
        try:
            await poll(tmp_path, 'kind = "modbus-rtu"\nserial = { path = "ours" }', eventually)
        finally:
            await server.shutdown()
    finally:
        cable.terminate()
        await cable.wait()
