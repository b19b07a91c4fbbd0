"""RFID readers."""

from random import Random

from coldport.ids import LinkId, PointId
from edge.drivers.gate import Gate
from edge.lines.reader import ReaderLine
from edge.ports import Source
from edge.protocols.llrp.requests import Setup
from edge.sources.around import Around


def reader_source(line: ReaderLine, around: Around) -> Source:
    """Return the gate that a reader watches."""
    setup = Setup(antennas=line.antennas, keepalive_s=line.keepalive_s, power_dbm=line.power_dbm)
    dice = Random(line.id)  # noqa: S311 - spreads reconnects, guards nothing
    return Gate(LinkId(line.id), PointId(line.point), around.links.tcp(line.tcp), setup, around.outlet, dice)
