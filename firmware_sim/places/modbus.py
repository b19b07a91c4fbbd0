"""How Modbus units of any kind get onto a line."""

from collections.abc import Iterator, Mapping

from firmware_sim.faults import ANY_LINE, TCP_LINE, VALUES, FaultKind
from firmware_sim.lines.line import Address
from firmware_sim.places.place import Misfit
from firmware_sim.places.street import Street
from firmware_sim.servers.modbus import Slaves, Unit
from firmware_sim.servers.modbus_rtu import RtuSlaves
from firmware_sim.servers.modbus_tcp import TcpSlaves
from firmware_sim.servers.serving import Pace

THINK_S = 0.008
"""What a transmitter takes before it answers; manuals promise less than 50 ms."""

_UNIT = frozenset({FaultKind.EXCEPTION, FaultKind.SWALLOW, FaultKind.STUCK})
TCP_FAULTS = TCP_LINE | _UNIT
"""Of a module that switches and does not measure."""

METER_FAULTS = TCP_FAULTS | VALUES
RTU_FAULTS = ANY_LINE | _UNIT | VALUES | {FaultKind.CRC, FaultKind.SENTINEL}
RTU_OVER_TCP_FAULTS = RTU_FAULTS | TCP_LINE


def serve_rtu(street: Street, line: str, units: Mapping[int, Unit], baud: int, server: Address | None = None) -> None:
    """Serve units on a serial line. Behind a serial `server` the frames travel over TCP, their CRC and all."""
    slaves, pace = Slaves(line, units, street.faults), Pace.of_baud(baud, THINK_S, only_answers=True)
    if server is None:
        street.serial(line, RtuSlaves(slaves), pace)
    else:
        street.tcp(line, server, lambda: RtuSlaves(slaves), pace=pace)


def serve_tcp(street: Street, name: str, units: Mapping[int, Unit], address: Address) -> None:
    """Serve units by Modbus TCP."""
    slaves = Slaves(name, units, street.faults)
    street.tcp(name, address, lambda: TcpSlaves(slaves), pace=Pace(only_answers=True))


def unit_misfits(line: str, units: Mapping[str, int]) -> Iterator[Misfit]:
    """Find two units of one number on a line. `units` are the numbers by their keys, without the last step."""
    seen: set[int] = set()
    for key, unit in units.items():
        if unit in seen:
            yield Misfit(f"{key}.unit", f"unit {unit} is there twice on {line}")
        seen.add(unit)
