"""Devices by radio."""

from functools import partial

from coldport.ids import LinkId
from edge.drivers.radio.chirpstack import ChirpstackDialect
from edge.drivers.radio.devices import devices_of
from edge.drivers.radio.uplinks import Dialect, Uplinks
from edge.drivers.radio.zigbee import ZigbeeDialect
from edge.lines.vendor import Network, UplinkLine
from edge.ports import Source
from edge.sources.around import Around


def uplink_source(line: UplinkLine, around: Around) -> Source:
    """Return the listener of a line of devices by radio."""
    devices = tuple(devices_of(line, around.profiles, around.points))
    prefix = line.prefix or line.network.prefix
    dialect: Dialect
    if line.network is Network.CHIRPSTACK:
        dialect = ChirpstackDialect(prefix, devices)
    else:
        dialect = ZigbeeDialect(prefix, devices)
    name = LinkId(line.id)
    return Uplinks(name, devices, dialect, partial(around.links.bus, name, line.mqtt), around.outlet)
