"""Modbus protocol data units, from the side of the device.

Source: MODBUS Application Protocol Specification V1.1b3, section 6; exception codes section 7.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from firmware_sim.faults import FaultKind, Faults

READ_COILS, READ_DISCRETE_INPUTS, READ_HOLDING_REGISTERS, READ_INPUT_REGISTERS = 1, 2, 3, 4
_BITS = (READ_COILS, READ_DISCRETE_INPUTS)
_READS = (*_BITS, READ_HOLDING_REGISTERS, READ_INPUT_REGISTERS)

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3

BITS_AT_ONCE, REGISTERS_AT_ONCE = 2000, 125
SENTINEL = 0x8000

Cells = Mapping[int, Callable[[], int]]
"""Addresses of one table, each with the way to ask for its value: 0 to 65535 in a register, 0 or 1 in a bit."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One device on a line: its tables by the function code that reads them."""

    tables: Mapping[int, Cells]


class Slaves:
    """All units of one line."""

    def __init__(self, line: str, units: Mapping[int, Unit], faults: Faults) -> None:
        """Serve `units` by their numbers; `line` is the name under which they can be broken."""
        self.line = line
        self.faults = faults
        self._units = units
        self._stuck: dict[tuple[int, int, int], int] = {}

    def answer(self, unit: int, request: bytes) -> bytes | None:
        """Return the answer to a request PDU (function code first), or None when nobody says anything."""
        device = self._units.get(unit)
        if device is None or not request or self.faults.find(FaultKind.SILENCE, self.line, unit):
            return None
        function = request[0]
        broken = self.faults.find(FaultKind.EXCEPTION, self.line, unit)
        if broken:
            return _exception(function, broken.code)
        refusal = _refusal(device, request)
        if refusal:
            return _exception(function, refusal)
        address, count = _span(request)
        cells = device.tables[function]
        values = [self._value(unit, function, cell, cells[cell]) for cell in range(address, address + count)]
        body = _packed(values) if function in _BITS else b"".join(value.to_bytes(2, "big") for value in values)
        return bytes([function, len(body)]) + body

    def _value(self, unit: int, function: int, address: int, ask: Callable[[], int]) -> int:
        key = (unit, function, address)
        if self.faults.find(FaultKind.STUCK, self.line, unit):
            if key not in self._stuck:
                self._stuck[key] = ask()
            return self._stuck[key]
        self._stuck.pop(key, None)
        if function not in _BITS and self.faults.find(FaultKind.SENTINEL, self.line, unit):
            return SENTINEL
        return ask()


def _span(request: bytes) -> tuple[int, int]:
    return int.from_bytes(request[1:3], "big"), int.from_bytes(request[3:5], "big")


def _refusal(device: Unit, request: bytes) -> int:
    """Return the exception code a request deserves, 0 for a good one. Nothing here can be written."""
    function = request[0]
    if function not in _READS or function not in device.tables:
        return ILLEGAL_FUNCTION
    address, count = _span(request)
    if len(request) != 5 or not 1 <= count <= (BITS_AT_ONCE if function in _BITS else REGISTERS_AT_ONCE):
        return ILLEGAL_VALUE
    if any(cell not in device.tables[function] for cell in range(address, address + count)):
        return ILLEGAL_ADDRESS
    return 0


def _exception(function: int, code: int) -> bytes:
    return bytes([function | 0x80, code])


def _packed(bits: Sequence[int]) -> bytes:
    number = sum(bit << index for index, bit in enumerate(bits))
    return number.to_bytes((len(bits) + 7) // 8, "little")
