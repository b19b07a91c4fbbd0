"""The one way from a line to its source."""

from edge.lines.gateway import Line
from edge.lines.modbus import ModbusRtuLine, ModbusTcpLine
from edge.lines.scale import ScaleLine
from edge.lines.vendor import UplinkLine
from edge.ports import Source
from edge.sources.around import Around
from edge.sources.modbus import modbus_source
from edge.sources.reader import reader_source
from edge.sources.scale import scale_source
from edge.sources.vendor import uplink_source


def source_of(line: Line, around: Around) -> Source:
    """Return the source of one line."""
    if isinstance(line, ModbusRtuLine | ModbusTcpLine):
        return modbus_source(line, around)
    if isinstance(line, ScaleLine):
        return scale_source(line, around)
    if isinstance(line, UplinkLine):
        return uplink_source(line, around)
    return reader_source(line, around)
