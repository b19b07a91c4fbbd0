"""`coldport edge read`: one fresh value straight from its device, and how it was made."""

import argparse
import asyncio
import json
import sys
from dataclasses import dataclass, field

from coldport.errors import RefusedError, UnavailableError
from coldport.ids import PointId
from coldport.messages.observation import Observation, Quality, Reading, Weight
from edge.lines.gateway import Line
from edge.lines.modbus import InputValue, ModbusProfile, ModbusRtuLine, ModbusTcpLine
from edge.lines.modbus import Value as ProfileValue
from edge.lines.vendor import UplinkLine
from edge.points import RegisterScale
from edge.tools.meaning import meaning_of
from edge.tools.visit import AWAY, Crossed, Event, Grounds, Stands, fields, visit

FRAME_LIMIT = 20
"""Frames kept: two asked twice and answered have eight; a scale sends twenty a second."""

BAD = 1


@dataclass
class _Read:
    """What has happened so far, and the first observation of the point."""

    point: str
    found: asyncio.Event = field(default_factory=asyncio.Event)
    frames: list[Crossed] = field(default_factory=list)
    observation: Observation | None = None
    down: str | None = None

    def tell(self, event: Event) -> None:
        """Take what happens; once there is a value, nothing else counts."""
        if self.found.is_set():
            return
        if isinstance(event, Crossed):
            self.frames = [*self.frames[1 - FRAME_LIMIT :], event]
        elif isinstance(event, Stands):
            self.down = event.reason or self.down
            if event.reason == "occupied":
                self.found.set()
        elif event.observation.point == self.point:
            self.observation = event.observation
            self.found.set()


def read(grounds: Grounds, arguments: argparse.Namespace) -> int:
    """Print one value; return 0, or 1 when it is bad.

    Raises:
        NotFoundError: Nothing feeds the point.
        RefusedError: Another program holds the line.
        UnavailableError: Nothing was heard of the point in time.
    """
    line = grounds.line_of(arguments.point)
    seen = _Read(arguments.point)
    asyncio.run(visit(grounds.source(line, seen.tell), seen.found, grounds.clock, arguments.within))
    if seen.down == "occupied":
        raise RefusedError(f"{line.id}: {AWAY}")
    observation = seen.observation
    if observation is None:
        reason = f" (the line is down: {seen.down})" if seen.down else ""
        raise UnavailableError(f"nothing was heard of {arguments.point} within {arguments.within:g} s{reason}")
    said = {
        "point": arguments.point,
        "line": line.id,
        "at": observation.observed_at.isoformat(timespec="milliseconds"),
        **dict(fields(observation)),
        "unit": grounds.site.points()[PointId(arguments.point)].quantity.unit,
        "made": how_made(grounds, line),
    }
    meaning = meaning_of(line, grounds.profile_of(line))
    frames = [
        {"way": frame.way, "hex": frame.data.hex(" "), "meaning": meaning.of(frame.way, frame.data)}
        for frame in seen.frames
    ]
    if arguments.json:
        sys.stdout.write(json.dumps({**said, "frames": frames}, ensure_ascii=False) + "\n")
    else:
        for frame in frames:
            sys.stdout.write(f"{frame['way']:<9} {frame['hex']}   {frame['meaning']}\n")
        sys.stdout.write("".join(f"{key:<9} {value}\n" for key, value in said.items() if value != ""))
    return BAD if _quality(observation) is Quality.BAD else 0


def _quality(observation: Observation) -> Quality:
    return observation.quality if isinstance(observation, Reading | Weight) else Quality.GOOD


def how_made(grounds: Grounds, line: Line) -> str:
    """Return how a value of a line with one value comes about: device, place, type, scale."""
    if isinstance(line, ModbusRtuLine | ModbusTcpLine):
        device = line.devices[0]
        profile = grounds.around(lambda _event: None).profile(device.profile, ModbusProfile)
        value = profile.values[next(iter(device.points))]
        function = profile.function_of(value).name.lower().replace("_", "-")
        return f"unit {device.unit}, {device.profile}: {function} {value.address:#06x}, {_scale(value)}"
    if isinstance(line, UplinkLine):
        return f"{line.devices[0].address}, {line.devices[0].profile}, by {line.network}"
    return line.profile


def _scale(value: ProfileValue) -> str:
    if not isinstance(value, RegisterScale):
        return ("input" if isinstance(value, InputValue) else "coil") + (", inverted" if value.inverted else "")
    words = "" if value.type.registers == 1 else f" {value.word_order}"
    offset = f" {value.offset:+g}" if value.offset else ""
    return f"{value.type}{words} x {value.scale:g}{offset}"
