"""Outputs moved on Modbus servers that we did not write (pymodbus): over TCP, and by RTU frames over TCP."""

import asyncio
from contextlib import asynccontextmanager

import msgspec
import pytest
from pymodbus.framer import FramerType
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from coldport.clock import SystemClock
from coldport.ids import GatewayId, PointId, SiteId
from coldport.site import Point, Quantity
from edge.health.book import HealthBook
from edge.lines.modbus import ModbusProfile, ModbusRtuLine, ModbusTcpLine
from edge.links.tcp_link import TcpLink
from edge.ports import Outlet
from edge.protocols.framing import FrameError
from edge.sources.around import Around
from edge.sources.modbus import modbus_source

pytestmark = pytest.mark.thirdparty

PROFILE = msgspec.convert(
    {
        "kind": "modbus",
        "title": "Outputs",
        "source": "this test",
        "outputs": {
            "red": {"at": "coil", "address": 2, "quantity": "lamp"},
            "cold": {
                "at": "register",
                "address": 1,
                "quantity": "setpoint",
                "scale": 0.1,
                "minimum": -30,
                "maximum": 15,
            },
            "exact": {
                "at": "register",
                "address": 4,
                "quantity": "setpoint",
                "type": "float32",
                "minimum": -30,
                "maximum": 15,
            },
            "nowhere": {"at": "register", "address": 900, "quantity": "setpoint", "minimum": 0, "maximum": 9},
        },
    },
    ModbusProfile,
)
NAMES = {"red": "lamp", "cold": "cold", "exact": "exact", "nowhere": "nowhere"}
POINTS = {
    PointId(name): Point(id=name, quantity=Quantity.LAMP if name == "lamp" else Quantity.SETPOINT, every_s=0.5)
    for name in NAMES.values()
}


class Sink:
    """Remembers what was seen."""

    def __init__(self) -> None:
        self.seen: list = []

    async def record(self, observations) -> None:
        self.seen += observations


class Board:
    """Does not look."""

    def up(self, link, device=None) -> None: ...

    def down(self, link, reason, device=None) -> None: ...


class TcpLinks:
    """TCP only."""

    def tcp(self, tcp) -> TcpLink:
        return TcpLink(tcp.host, tcp.port, SystemClock())


@asynccontextmanager
async def moving(port: int, framer: FramerType):
    bits = [SimData(0, values=[False] * 8, datatype=DataType.BITS)]
    registers = [SimData(0, values=[0] * 8, datatype=DataType.REGISTERS)]
    server = ModbusTcpServer(
        [SimDevice(1, simdata=(bits, bits, registers, registers))], address=("127.0.0.1", port), framer=framer
    )
    await server.serve_forever(background=True)
    kind = ModbusTcpLine if framer is FramerType.SOCKET else ModbusRtuLine
    line = msgspec.convert(
        {
            "kind": "modbus-tcp" if kind is ModbusTcpLine else "modbus-rtu",
            "id": "lane",
            "tcp": {"host": "127.0.0.1", "port": port},
            "devices": [{"id": "io", "unit": 1, "profile": "outputs", "points": NAMES}],
        },
        kind,
    )
    sink, clock = Sink(), SystemClock()
    outlet = Outlet(sink, Board(), clock, HealthBook(SiteId("s"), GatewayId("edge-1"), clock))
    around = Around(points=POINTS, profiles={"outputs": PROFILE}, links=TcpLinks(), outlet=outlet)
    poller = modbus_source(line, around)
    polling = asyncio.create_task(poller.run())
    try:
        yield poller, sink
    finally:
        polling.cancel()
        await asyncio.wait([polling])
        await server.shutdown()


@pytest.mark.parametrize("framer", [FramerType.SOCKET, FramerType.RTU], ids=["tcp", "rtu-over-tcp"])
async def test_a_foreign_server_is_written_and_read_back(free_port, eventually, framer) -> None:
    async with moving(free_port(), framer) as (poller, sink):
        await eventually(lambda: any(seen.value == 0.0 for seen in sink.seen if seen.point == "lamp"))
        assert await poller.put(PointId("lamp"), 1.0) == 1.0
        assert await poller.put(PointId("cold"), -18.5) == -18.5
        assert await poller.put(PointId("exact"), 4.25) == 4.25
        assert await poller.put(PointId("lamp"), 0.0) == 0.0
        with pytest.raises(FrameError) as refused:
            await poller.put(PointId("nowhere"), 1.0)
        assert refused.value.reason == "exception-2"
        told = [seen.value for seen in sink.seen if seen.point == "lamp"]
        assert (told[0], 1.0 in told, told[-1]) == (0.0, True, 0.0)
