"""A temperature and humidity transmitter: late, a little wrong, a little noisy, and rounded."""

from collections.abc import Mapping

from msgspec import Struct

from firmware_sim.devices.device import Dice, Update, Value, number
from firmware_sim.physics.thermal import Positive, lagged

DECIMALS = 1


class ProbeKind(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How good a probe is: the lag of its housing, and the spread of its noise (one standard deviation)."""

    lag_s: Positive = 25.0
    noise_c: float = 0.03
    noise_percent: float = 0.3


class Probe:
    """Inputs `air_c`, `humidity_percent`; outputs `temperature_c`, `humidity_percent`, both in steps of 0.1."""

    def __init__(self, kind: ProbeKind, offset_c: float, dice: Dice) -> None:
        """Hang where the air differs from the room's mean by `offset_c`: under the coil, or at the door."""
        self._kind = kind
        self._offset_c = offset_c
        self._dice = dice
        self._at_s = 0.0
        self._felt: tuple[float, float] | None = None

    def update(self, now_s: float, inputs: Mapping[str, Value]) -> Update:
        """Follow the air since the last update, and take a sample."""
        air_c = number(inputs, "air_c") + self._offset_c
        humidity = number(inputs, "humidity_percent")
        felt_c, felt_percent = self._felt or (air_c, humidity)
        duration_s = now_s - self._at_s
        felt_c = lagged(felt_c, air_c, duration_s, self._kind.lag_s)
        felt_percent = lagged(felt_percent, humidity, duration_s, self._kind.lag_s)
        self._felt, self._at_s = (felt_c, felt_percent), now_s
        return Update(
            {
                "temperature_c": _rounded(felt_c + self._dice.gauss(0, self._kind.noise_c)),
                "humidity_percent": min(
                    100.0, max(0.0, _rounded(felt_percent + self._dice.gauss(0, self._kind.noise_percent)))
                ),
            }
        )


def _rounded(value: float) -> float:
    return round(value, DECIMALS)
