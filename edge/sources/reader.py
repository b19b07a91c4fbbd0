"""RFID readers."""

from random import Random

from coldport.ids import LinkId, PointId
from edge.drivers.gate import Gate
from edge.drivers.gate_report import GateSettings
from edge.lines.reader import ReaderLine
from edge.ports import Source
from edge.protocols.llrp.requests import Setup
from edge.sources.around import Around


def reader_source(line: ReaderLine, around: Around) -> Source:
    """Return the gate that a reader watches."""
    setup = Setup(antennas=line.antennas, keepalive_s=line.keepalive_s, power_dbm=line.power_dbm)
    dice = Random(line.id)  # noqa: S311 - spreads reconnects, guards nothing
    settings = GateSettings(name=LinkId(line.id), point=PointId(line.point))
    return Gate(settings, around.links.tcp(line.tcp), setup, around.outlet, dice)
