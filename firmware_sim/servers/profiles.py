"""Register maps of the transmitters that are simulated, from their manuals."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from firmware_sim.servers.modbus import READ_HOLDING_REGISTERS, READ_INPUT_REGISTERS, SENTINEL, Cells, Unit

Ask = Callable[[], float]

_BAUD_CODES = {2400: 0, 4800: 1, 9600: 2}


class Model(StrEnum):
    """The transmitters."""

    RS_WS_N01 = "rs-ws-n01"
    XY_MD02 = "xy-md02"
    R444A01 = "r444a01"
    SRTH100 = "srth100"
    KINCONY_SHT30 = "kincony-sht30"
    NTC = "ntc"
    """A module with two resistance inputs: a temperature at 2, nothing connected at 3."""


def transmitter(model: Model, number: int, baud: int, temperature_c: Ask, humidity_percent: Ask) -> Unit:
    """Return a transmitter with the unit number `number`, its two values asked for at each request.

    Sources: the user manuals of RS-WS-N01 (Renke), XY-MD02, R444A01, SRTH100 (L-com) and KinCony's SHT30 module. That
    the SRTH100 has humidity first, as Renke's, and the SHT30 temperature, is assumed; so are Renke's codes for the baud
    rate on other makers' boards.
    """

    def temperature() -> int:
        return tenths(temperature_c())

    def humidity() -> int:
        return tenths(humidity_percent())

    def signed() -> int:
        return ten_thousand_below(temperature_c())

    address, code = _constant(number), _constant(_BAUD_CODES[baud])
    holding: Mapping[Model, Cells] = {
        Model.RS_WS_N01: {0: humidity, 1: temperature, 0x07D0: address, 0x07D1: code},
        Model.XY_MD02: {0x0101: address, 0x0102: _constant(baud), 0x0103: _constant(0), 0x0104: _constant(0)},
        Model.R444A01: {0: temperature, 1: humidity, 2: address, 3: code},
        Model.SRTH100: {0: humidity, 1: temperature, 0x0014: code, 0x0017: address},
        Model.KINCONY_SHT30: {0: signed, 1: humidity},
        Model.NTC: {2: temperature, 3: _constant(SENTINEL)},
    }
    tables = {READ_HOLDING_REGISTERS: holding[model]}
    if model is Model.XY_MD02:
        tables[READ_INPUT_REGISTERS] = {1: temperature, 2: humidity}
    return Unit(tables)


def tenths(value: float) -> int:
    """Return a value in tenths as a 16 bit two's complement.

    >>> hex(tenths(-20.5)), tenths(54.6)
    ('0xff33', 546)
    """
    return round(value * 10) & 0xFFFF


def ten_thousand_below(value: float) -> int:
    """Return a value in tenths; one below zero is 10000 and its amount.

    >>> ten_thousand_below(-20.5), ten_thousand_below(4.2)
    (10205, 42)
    """
    amount = round(abs(value) * 10)
    return 10_000 + amount if value < 0 and amount else amount


def _constant(value: int) -> Callable[[], int]:
    return lambda: value
