"""The `ST,GS` family: A&D, Dini Argeo, TSCALE, Jadever and others, a line a weight, each laid out a little differently.

One tolerant pattern takes the line apart; the number is then read strictly. Sources: A&D AD-4401 instruction manual
(standard format, 18 bytes), Dini Argeo DGT, TSCALE and Jadever manuals, chapters on the serial output.
"""

import re

from edge.protocols.framing import FrameError
from edge.protocols.shown import Shown, bad, displayed, signed_field
from edge.protocols.streams import LineStream

RANGES = {"OL": "overload", "UL": "underload", "TL": "tare-low"}
"""Headers that say why there is no weight."""
MODES = {"GS": "gross", "G": "gross", "NT": "net", "N": "net", "TR": "tare", "PT": "tare"}

_LINE = re.compile(r"(?:[0-9]{2})?(ST|US|OL|UL|TL)[,:](GS|NT|TR|PT|G|N)[,:]?([^A-Za-z,]*),?([A-Za-z]{1,3})? *")


def read_line(line: bytes) -> Shown:
    """Read a line without its end. A unit that is left out is kilograms.

    Raises:
        FrameError: `syntax`: not of this family; `digits`: what stands where the number should is none.

    >>> read_line(b"ST,GS,+00123.4kg").gross_kg, read_line(b"US,NT,-  0.876kg").net_kg
    (123.4, -0.876)
    """
    found = _LINE.fullmatch(line.decode("latin-1"))
    if not found:
        raise FrameError("syntax", f"{line!r} is not of the ST,GS family")
    header, mode, field, unit = found.groups()
    if header in RANGES:
        if field.strip(" +-"):
            signed_field(field)
        return bad(RANGES[header])
    return displayed(MODES[mode], signed_field(field), unit or "kg", stable=header == "ST")


def line_stream(characters: int | None) -> LineStream[Shown]:
    """Return a reader of lines; where all have so many `characters` without their end, no other is accepted.

    A line that lost a digit on the way looks right otherwise: there is no checksum.
    """

    def read(line: bytes) -> Shown:
        if characters is not None and len(line) != characters:
            raise FrameError("short", f"{line!r} has not {characters} characters")
        return read_line(line)

    return LineStream(read)
