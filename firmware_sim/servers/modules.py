"""Register maps of the modules of a cold store: contacts, outputs, controllers, meters.

Contacts and outputs are wired as on any module. The controller is nobody's: makers' maps differ from version to
version, this one has what they have in common. Of a meter's many values two are here, at their addresses.
"""

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from firmware_sim.servers.modbus import (
    READ_COILS,
    READ_DISCRETE_INPUTS,
    READ_HOLDING_REGISTERS,
    READ_INPUT_REGISTERS,
    Output,
    Unit,
)
from firmware_sim.servers.profiles import Ask, tenths

Told = Callable[[float], None]


def contacts(inputs: Sequence[Ask]) -> Unit:
    """Return a module of discrete inputs, counted from 0; one is 1 when what it is wired to is not 0."""
    return Unit({READ_DISCRETE_INPUTS: {index: _bit(ask) for index, ask in enumerate(inputs)}})


@dataclass(frozen=True, slots=True)
class Relay:
    """A coil: what it was told last, and how to tell it."""

    told: Ask
    tell: Told


@dataclass(frozen=True, slots=True)
class Diverter:
    """A diverter with so many `ways`: the way it was told to take, how to tell it, and the one it stands at now."""

    told: Ask
    tell: Told
    stands: Ask
    ways: int


def outputs(relays: Sequence[Relay], diverters: Sequence[Diverter]) -> Unit:
    """Return a module of outputs. Coils are relays; a holding register is the number of the way a diverter shall take.

    What was written can be read back there. At the address of the holding register an input register says at which way
    the diverter really stands.
    """
    return Unit(
        {
            READ_COILS: {n: _bit(relay.told) for n, relay in enumerate(relays)},
            READ_HOLDING_REGISTERS: {n: _whole(diverter.told) for n, diverter in enumerate(diverters)},
            READ_INPUT_REGISTERS: {n: _whole(diverter.stands) for n, diverter in enumerate(diverters)},
        },
        {
            READ_COILS: {n: Output(_put(relay.tell)) for n, relay in enumerate(relays)},
            READ_HOLDING_REGISTERS: {
                n: Output(_put(diverter.tell), highest=diverter.ways - 1) for n, diverter in enumerate(diverters)
            },
        },
    )


CONTROLLER_AIR, CONTROLLER_SETPOINT = 0x0000, 0x0001
"""Holding registers of a controller, in tenths of a degree, two's complement; only the second can be written."""


def controller(air_c: Ask, setpoint: tuple[Ask, Told], band_c: tuple[float, float], inputs: Sequence[Ask]) -> Unit:
    """Return the controller of a room.

    Args:
        air_c: What its own sensor feels.
        setpoint: The set point in degrees, and how to set it.
        band_c: The controller's own limits of it, both included; what is outside is refused with exception 3.
        inputs: What its discrete inputs say, from 0: the compressor runs, a defrost is on.
    """
    ask, tell = setpoint
    lowest, highest = (round(end * 10) for end in band_c)
    return Unit(
        {
            READ_DISCRETE_INPUTS: {n: _bit(one) for n, one in enumerate(inputs)},
            READ_HOLDING_REGISTERS: {CONTROLLER_AIR: _tenths(air_c), CONTROLLER_SETPOINT: _tenths(ask)},
        },
        {
            READ_HOLDING_REGISTERS: {
                CONTROLLER_SETPOINT: Output(_put(lambda value: tell(value / 10)), lowest, highest),
            }
        },
    )


class MeterModel(StrEnum):
    """The meters, their maps as recalled from the manuals of Eastron and Chint."""

    SDM120 = "sdm120"
    """One phase; input registers, power in W at 0x000C, energy in kWh at 0x0048."""
    DTSU666 = "dtsu666"
    """Three phases; holding registers, power in tenths of a watt at 0x2012, energy in kWh at 0x101E."""


def meter(model: MeterModel, power_kw: Ask, energy_kwh: Ask) -> Unit:
    """Return an energy meter: active power and imported active energy, as floats."""
    if model is MeterModel.SDM120:
        cells = {**_float(0x000C, lambda: power_kw() * 1000), **_float(0x0048, energy_kwh)}
        return Unit({READ_INPUT_REGISTERS: cells})
    cells = {**_float(0x2012, lambda: power_kw() * 10_000), **_float(0x101E, energy_kwh)}
    return Unit({READ_HOLDING_REGISTERS: cells})


def float_words(value: float) -> tuple[int, int]:
    """Return a value as IEEE 754 single precision in two registers, high word first ("ABCD").

    >>> [hex(word) for word in float_words(230.2)]
    ['0x4366', '0x3333']
    """
    high, low = struct.unpack(">HH", struct.pack(">f", value))
    return high, low


def _float(address: int, ask: Ask) -> Mapping[int, Callable[[], int]]:
    return {address: lambda: float_words(ask())[0], address + 1: lambda: float_words(ask())[1]}


def _bit(ask: Ask) -> Callable[[], int]:
    return lambda: int(ask() != 0)


def _whole(ask: Ask) -> Callable[[], int]:
    return lambda: round(ask())


def _tenths(ask: Ask) -> Callable[[], int]:
    return lambda: tenths(ask())


def _put(tell: Told) -> Callable[[int], None]:
    return lambda value: tell(float(value))
