"""What a type of sensor can measure, and which values it gives for a fault.

Sources: the ranges are those of the sensor types as such (IEC 60751 for Pt100); 327.67 is a LoRaWAN probe that is
unplugged (all bits of a signed 16-bit hundredth); -127 is a DS18B20 that does not answer, 85 its value before the first
conversion.
"""

from collections.abc import Mapping
from enum import StrEnum
from math import inf, nextafter
from types import MappingProxyType
from typing import NamedTuple


class Sensor(StrEnum):
    """The type of a sensor."""

    NTC = "ntc"
    PT100 = "pt100"
    DS18B20 = "ds18b20"
    HUMIDITY = "humidity"


class Range(NamedTuple):
    """Both ends can be measured; `faults` cannot, wherever they lie. `low < 0 < high` unless there are no faults."""

    low: float
    high: float
    faults: tuple[float, ...] = ()

    def holds(self, value: float) -> bool:
        """Whether the sensor can have measured it."""
        return self.low <= value <= self.high and value not in self.faults

    @property
    def quiet(self) -> tuple[float, float]:
        """Return ends between which no value is a fault, without a look at each: a cheap first question."""
        low = max([self.low, *(nextafter(one, inf) for one in self.faults if one < 0)])
        high = min([self.high, *(nextafter(one, -inf) for one in self.faults if one > 0)])
        return low, high


RANGES: Mapping[Sensor, Range] = MappingProxyType(
    {
        Sensor.NTC: Range(-50.0, 110.0),
        Sensor.PT100: Range(-200.0, 850.0, (327.67,)),
        Sensor.DS18B20: Range(-55.0, 125.0, (-127.0, 85.0)),
        Sensor.HUMIDITY: Range(0.0, 100.0),
    }
)
