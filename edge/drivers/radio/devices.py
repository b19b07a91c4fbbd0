"""The devices of a line by radio, out of the site's words: what each may say, and how often it is expected."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from coldport.ids import PointId
from coldport.site import Point
from edge.lines.gateway import Profile
from edge.lines.vendor import Payload, UplinkLine, UplinkProfile, UplinkValue
from edge.protocols import dragino, milesight
from edge.protocols.dragino import decode_lht65n, decode_log_text
from edge.protocols.framing import FrameError
from edge.protocols.milesight import decode_milesight
from edge.protocols.uplink import Sent, number

LOG_FIELD = "DATALOG"
"""Under this key Dragino's codec hands on the data log as a text."""

_BYTES = {Payload.MILESIGHT: (milesight.PORT, decode_milesight), Payload.LHT65N: (dragino.PORT, decode_lht65n)}


@dataclass(frozen=True, slots=True)
class RadioDevice:
    """One device: its name here, its address there, its values by name with their points, and its period."""

    id: str
    address: str
    payload: Payload
    values: Mapping[str, tuple[PointId, UplinkValue]]
    every_s: float

    def sent(self, port: int, data: bytes, fields: Mapping[str, Any]) -> Sent:
        """Return what a message says: out of its bytes where they can be read, else out of what the network decoded.

        Bytes on another port than that of the readings, and without fields, say nothing.

        Raises:
            FrameError: The bytes are spoiled, and there are no fields.
        """
        if self.payload in _BYTES:
            wanted, decode = _BYTES[self.payload]
            if data and port == wanted:
                try:
                    return decode(data)
                except FrameError:
                    if not fields:
                        raise
        log = fields.get(LOG_FIELD)
        return Sent(self._of(fields), decode_log_text(log) if isinstance(log, str) else ())

    def _of(self, fields: Mapping[str, Any]) -> dict[str, float | None]:
        found: dict[str, float | None] = {}
        for name, (_, value) in self.values.items():
            told = next((told for key in value.fields if (told := number(fields.get(key))) is not None), None)
            if told is not None:
                found[name] = told
        return found


def devices_of(
    line: UplinkLine, profiles: Mapping[str, Profile], points: Mapping[PointId, Point]
) -> Iterable[RadioDevice]:
    """Yield the devices of a line that `edge.settings` has found whole."""
    for device in line.devices:
        profile = profiles[device.profile]
        if isinstance(profile, UplinkProfile):
            yield RadioDevice(
                id=device.id,
                address=device.address,
                payload=profile.payload,
                values={name: (PointId(point), profile.values[name]) for name, point in device.points.items()},
                every_s=min(points[PointId(point)].every_s for point in device.points.values()),
            )
