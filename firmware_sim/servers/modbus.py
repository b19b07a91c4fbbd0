"""Modbus protocol data units, from the side of the device.

Source: MODBUS Application Protocol Specification V1.1b3, section 6; exception codes section 7.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from firmware_sim.faults import FaultKind, Faults

READ_COILS, READ_DISCRETE_INPUTS, READ_HOLDING_REGISTERS, READ_INPUT_REGISTERS = 1, 2, 3, 4
WRITE_COIL, WRITE_REGISTER, WRITE_COILS, WRITE_REGISTERS = 5, 6, 15, 16
_BITS = (READ_COILS, READ_DISCRETE_INPUTS)
_READS = (*_BITS, READ_HOLDING_REGISTERS, READ_INPUT_REGISTERS)

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3

_WRITES = {
    WRITE_COIL: READ_COILS,
    WRITE_COILS: READ_COILS,
    WRITE_REGISTER: READ_HOLDING_REGISTERS,
    WRITE_REGISTERS: READ_HOLDING_REGISTERS,
}
"""The functions that write, each with the one that reads the same table."""

BITS_AT_ONCE, REGISTERS_AT_ONCE = 2000, 125
BITS_WRITTEN_AT_ONCE, REGISTERS_WRITTEN_AT_ONCE = 1968, 123
COIL_ON, COIL_OFF = 0xFF00, 0x0000
SENTINEL = 0x8000

Cells = Mapping[int, Callable[[], int]]
"""Addresses of one table, each with the way to ask for its value: 0 to 65535 in a register, 0 or 1 in a bit."""


@dataclass(frozen=True, slots=True)
class Output:
    """A cell that can be written, with what the device does then; it takes values from `lowest` to `highest` alone.

    The three are as `put` wants them: a bit, a whole number from 0, or one from -32768 when `lowest` is below zero.
    """

    put: Callable[[int], None]
    lowest: int = 0
    highest: int = 1

    def meaning(self, cell: int) -> int:
        """Return the value that the 16 bits of a register, or a bit, stand for."""
        return cell - 0x10000 if self.lowest < 0 and cell & 0x8000 else cell

    def takes(self, cell: int) -> bool:
        """Tell whether the device takes that value."""
        return self.lowest <= self.meaning(cell) <= self.highest


@dataclass(frozen=True, slots=True)
class Unit:
    """One device on a line: its tables, and the cells that can be written, by the function code that reads them."""

    tables: Mapping[int, Cells]
    outputs: Mapping[int, Mapping[int, Output]] = field(default_factory=dict)


class Slaves:
    """All units of one line."""

    def __init__(self, line: str, units: Mapping[int, Unit], faults: Faults) -> None:
        """Serve `units` by their numbers; `line` is the name under which they can be broken."""
        self.line = line
        self.faults = faults
        self._units = units

    def answer(self, unit: int, request: bytes) -> bytes | None:
        """Return the answer to a request PDU (function code first), or None when nobody says anything."""
        device = self._units.get(unit)
        if device is None or not request or self.faults.find(FaultKind.SILENCE, self.line, unit):
            return None
        answer = self._answer(device, unit, request)
        return None if self.faults.swallows(self.line, unit) else answer

    def _answer(self, device: Unit, unit: int, request: bytes) -> bytes:
        function = request[0]
        broken = self.faults.find(FaultKind.EXCEPTION, self.line, unit)
        if broken:
            return _exception(function, round(broken.parameter("code")))
        if function in _WRITES:
            return _written(device, request)
        refusal = _refusal(device, request)
        if refusal:
            return _exception(function, refusal)
        address, count = _span(request)
        cells = device.tables[function]
        values = [self._value(unit, function, cells[cell]) for cell in range(address, address + count)]
        body = _packed(values) if function in _BITS else b"".join(value.to_bytes(2, "big") for value in values)
        return bytes([function, len(body)]) + body

    def _value(self, unit: int, function: int, ask: Callable[[], int]) -> int:
        if function not in _BITS and self.faults.find(FaultKind.SENTINEL, self.line, unit):
            return SENTINEL
        return ask()


def _span(request: bytes) -> tuple[int, int]:
    return int.from_bytes(request[1:3], "big"), int.from_bytes(request[3:5], "big")


def _refusal(device: Unit, request: bytes) -> int:
    """Return the exception code a request to read deserves, 0 for a good one."""
    function = request[0]
    if function not in _READS or function not in device.tables:
        return ILLEGAL_FUNCTION
    address, count = _span(request)
    if len(request) != 5 or not 1 <= count <= (BITS_AT_ONCE if function in _BITS else REGISTERS_AT_ONCE):
        return ILLEGAL_VALUE
    if any(cell not in device.tables[function] for cell in range(address, address + count)):
        return ILLEGAL_ADDRESS
    return 0


def _written(device: Unit, request: bytes) -> bytes:
    """Write all that a request says, or nothing; return the answer.

    Source: sections 6.5, 6.6, 6.11 and 6.12: one value is echoed, of several their address and number.
    """
    function, (address, _) = request[0], _span(request)
    outputs = device.outputs.get(_WRITES[function])
    if outputs is None:
        return _exception(function, ILLEGAL_FUNCTION)
    cells = _cells(request)
    if cells is None:
        return _exception(function, ILLEGAL_VALUE)
    targets = [outputs.get(address + n) for n in range(len(cells))]
    known = [target for target in targets if target is not None]
    if len(known) < len(cells):
        return _exception(function, ILLEGAL_ADDRESS)
    if not all(target.takes(cell) for target, cell in zip(known, cells, strict=True)):
        return _exception(function, ILLEGAL_VALUE)
    for target, cell in zip(known, cells, strict=True):
        target.put(target.meaning(cell))
    return request[:5]


def _cells(request: bytes) -> list[int] | None:
    """Return the values in a request to write, None when they are not what the function wants."""
    function, (_, second) = request[0], _span(request)
    if function == WRITE_REGISTER:
        return [second] if len(request) == 5 else None
    if function == WRITE_COIL:
        return [int(second == COIL_ON)] if len(request) == 5 and second in (COIL_ON, COIL_OFF) else None
    is_bits, body = function == WRITE_COILS, request[6:]
    most = BITS_WRITTEN_AT_ONCE if is_bits else REGISTERS_WRITTEN_AT_ONCE
    size = (second + 7) // 8 if is_bits else 2 * second
    if not 1 <= second <= most or request[5:6] != bytes([size]) or len(body) != size:
        return None
    if is_bits:
        return [body[n // 8] >> n % 8 & 1 for n in range(second)]
    return [int.from_bytes(body[2 * n : 2 * n + 2], "big") for n in range(second)]


def _exception(function: int, code: int) -> bytes:
    return bytes([function | 0x80, code])


def _packed(bits: Sequence[int]) -> bytes:
    number = sum(bit << index for index, bit in enumerate(bits))
    return number.to_bytes((len(bits) + 7) // 8, "little")
