"""What a reader says about itself when it is asked: versions, capabilities, configuration."""

import struct
from dataclasses import dataclass, replace

from edge.protocols.llrp.names import ParameterType as P
from edge.protocols.llrp.wire import parameters, unpack

_U8 = struct.Struct(">B")
_U8_U8 = struct.Struct(">BB")
_U8_U16 = struct.Struct(">BH")
_U16 = struct.Struct(">H")
_U16_U16 = struct.Struct(">HH")
_U16_I16 = struct.Struct(">Hh")
_GENERAL = struct.Struct(">HHIIH")
_GPI_STATE = struct.Struct(">HBB")


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a reader can do, as far as a gate needs it.

    `country` is ISO 3166-1 numeric (156 China), None when it is not told. `powers_dbm` are (index, dBm); `hop_tables`
    the numbers of the tables, empty when the reader does not hop; `channels_khz` are those it is then fixed to one of.
    """

    antennas: int = 0
    has_utc_clock: bool = False
    manufacturer: int = 0
    model: int = 0
    firmware: str = ""
    country: int | None = None
    powers_dbm: tuple[tuple[int, float], ...] = ()
    hop_tables: tuple[int, ...] = ()
    channels_khz: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What a reader is set to, as far as a gate needs it.

    `identity` is what it calls itself (its MAC or EPC, in hex), None when it does not tell. `holds` is whether it keeps
    events and reports back until it is asked for them. `inputs` are the GPI ports whose state it knows: (port, high).
    """

    identity: str | None = None
    holds: bool = False
    inputs: tuple[tuple[int, bool], ...] = ()


def read_capabilities(body: bytes) -> Capabilities:
    """Read GET_READER_CAPABILITIES_RESPONSE. What it does not say stays at its default."""
    found = Capabilities()
    for kind, contents in parameters(body):
        if kind == P.GENERAL_DEVICE_CAPABILITIES:
            antennas, flags, manufacturer, model, length = unpack(_GENERAL, contents)
            firmware = contents[_GENERAL.size : _GENERAL.size + length].decode("utf-8", "replace")
            found = replace(
                found,
                antennas=antennas,
                has_utc_clock=bool(flags & 0x4000),
                manufacturer=manufacturer,
                model=model,
                firmware=firmware,
            )
        elif kind == P.REGULATORY_CAPABILITIES:
            country, _ = unpack(_U16_U16, contents)
            powers, tables, channels = _uhf_band(contents)
            found = replace(found, country=country, powers_dbm=powers, hop_tables=tables, channels_khz=channels)
    return found


def _uhf_band(regulatory: bytes) -> tuple[tuple[tuple[int, float], ...], tuple[int, ...], tuple[int, ...]]:
    """Return the power steps, the numbers of the hop tables of a reader that hops, the channels of another."""
    powers: list[tuple[int, float]] = []
    tables: list[int] = []
    channels: list[int] = []
    bands = (contents for kind, contents in parameters(regulatory, 4) if kind == P.UHF_BAND_CAPABILITIES)
    for kind, contents in (inner for band in bands for inner in parameters(band)):
        if kind == P.TRANSMIT_POWER_LEVEL:
            index, hundredths = unpack(_U16_I16, contents)
            powers.append((index, hundredths / 100))
        elif kind == P.FREQUENCY_INFORMATION:
            hops = unpack(_U8, contents)[0] & 0x80
            for number, table in parameters(contents, 1):
                if number == P.FREQUENCY_HOP_TABLE and hops:
                    tables.append(unpack(_U8, table)[0])
                elif number == P.FIXED_FREQUENCY_TABLE and not hops:
                    (count,) = unpack(_U16, table)
                    channels += unpack(struct.Struct(f">{count}I"), table[2:])
    return tuple(powers), tuple(tables), tuple(channels)


def read_config(body: bytes) -> Config:
    """Read GET_READER_CONFIG_RESPONSE. What it does not say stays at its default.

    Raises:
        FrameError: `malformed`.
    """
    found = Config()
    for kind, contents in parameters(body):
        if kind == P.IDENTIFICATION:
            _, length = unpack(_U8_U16, contents)
            found = replace(found, identity=contents[3 : 3 + length].hex() or None)
        elif kind == P.EVENTS_AND_REPORTS:
            found = replace(found, holds=bool(unpack(_U8, contents)[0] & 0x80))
        elif kind == P.GPI_PORT_CURRENT_STATE:
            port, _, state = unpack(_GPI_STATE, contents)
            if state in (0, 1):  # 2 is unknown
                found = replace(found, inputs=(*found.inputs, (port, state == 1)))
    return found


def read_supported_version(body: bytes) -> int:
    """Return the newest version of GET_SUPPORTED_VERSION_RESPONSE: 1 is LLRP 1.0.1, 2 is 1.1.

    Raises:
        FrameError: `malformed`.
    """
    _, supported = unpack(_U8_U8, body)
    return supported
