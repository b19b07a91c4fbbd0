"""Register maps of the transmitters that are simulated, from their manuals."""

from collections.abc import Callable, Sequence
from enum import StrEnum

from firmware_sim.servers.modbus import (
    READ_DISCRETE_INPUTS,
    READ_HOLDING_REGISTERS,
    READ_INPUT_REGISTERS,
    Unit,
)

Ask = Callable[[], float]

_BAUD_CODES = {2400: 0, 4800: 1, 9600: 2}


class Model(StrEnum):
    """The transmitters."""

    RS_WS_N01 = "rs-ws-n01"
    XY_MD02 = "xy-md02"


def transmitter(model: Model, number: int, baud: int, temperature_c: Ask, humidity_percent: Ask) -> Unit:
    """Return a transmitter with the unit number `number`, its two values asked for at each request."""

    def temperature() -> int:
        return tenths(temperature_c())

    def humidity() -> int:
        return tenths(humidity_percent())

    if model is Model.RS_WS_N01:
        cells = {0x0000: humidity, 0x0001: temperature, 0x07D0: _constant(number), 0x07D1: _constant(_BAUD_CODES[baud])}
        return Unit({READ_HOLDING_REGISTERS: cells})
    config = {0x0101: number, 0x0102: baud, 0x0103: 0, 0x0104: 0}
    return Unit(
        {
            READ_INPUT_REGISTERS: {0x0001: temperature, 0x0002: humidity},
            READ_HOLDING_REGISTERS: {address: _constant(value) for address, value in config.items()},
        }
    )


def contacts(inputs: Sequence[Ask]) -> Unit:
    """Return a module of discrete inputs, counted from 0; a contact is 1 when its door is not closed."""
    return Unit({READ_DISCRETE_INPUTS: {index: _bit(ask) for index, ask in enumerate(inputs)}})


def tenths(value: float) -> int:
    """Return a value in tenths as a 16 bit two's complement.

    >>> hex(tenths(-20.5)), tenths(54.6)
    ('0xff33', 546)
    """
    return round(value * 10) & 0xFFFF


def _constant(value: int) -> Callable[[], int]:
    return lambda: value


def _bit(ask: Ask) -> Callable[[], int]:
    return lambda: int(ask() > 0)
