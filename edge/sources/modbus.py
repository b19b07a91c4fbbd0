"""Modbus lines, serial and TCP."""

import itertools
from collections.abc import Callable

from coldport.ids import LinkId
from edge.drivers.modbus.master import ModbusMaster
from edge.drivers.modbus.poller import Poller
from edge.drivers.modbus.units import units_of
from edge.lines.modbus import ModbusLine, ModbusTcpLine
from edge.ports import Link, Master, Source
from edge.protocols.modbus import Exchange, Request
from edge.protocols.modbus_rtu import RtuExchange
from edge.protocols.modbus_tcp import TcpExchange
from edge.sources.around import Around

CHARACTER_BITS = 11
"""Start, eight data bits, parity and stop: the longest a character takes, so a time-out is never too short."""


def modbus_source(line: ModbusLine, around: Around) -> Source:
    """Return the poller of a Modbus line."""
    units = units_of(line, around.profiles, around.points)
    return Poller(LinkId(line.id), units, master_of(line, around), line.timeout_s, around.outlet)


def master_of(line: ModbusLine, around: Around) -> Master:
    """Return the asking side of a Modbus line."""
    begin: Callable[[int, Request], Exchange]
    if isinstance(line, ModbusTcpLine):
        numbers = itertools.count(1)
        begin = lambda unit, request: TcpExchange(unit, request, next(numbers) & 0xFFFF)  # noqa: E731 - two short ways to begin
        link: Link = around.links.tcp(line.tcp)
        serial = None
    else:
        begin = RtuExchange
        link = around.link(line.serial, line.tcp)
        serial = line.serial
    return ModbusMaster(
        link,
        begin,
        line.timeout_s,
        around.outlet.clock,
        silence_s=serial.silence_s if serial else 0.0,
        byte_s=CHARACTER_BITS / serial.baud if serial else 0.0,
    )
