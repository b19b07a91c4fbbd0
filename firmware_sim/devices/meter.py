"""An energy meter: it adds up what flows through it."""

from collections.abc import Mapping

from firmware_sim.devices.device import Update, Value, number

STEP_S = 2.0
"""How often it shows a new energy; the sum is exact however it is cut, because loads are switched, not turned."""


class Meter:
    """Inputs `load-1`, `load-2` and so on, in kW; outputs `power_kw`, and `energy_kwh` since the start."""

    def __init__(self, base_kw: float) -> None:
        """Measure `base_kw` besides: lights, fans, pumps."""
        self._base_kw = base_kw
        self._power_kw = 0.0
        self._energy_kwh = 0.0
        self._at_s = 0.0

    def update(self, now_s: float, inputs: Mapping[str, Value]) -> Update:
        """Add what has flowed since the last update, then see what flows from now on."""
        self._energy_kwh += self._power_kw * (now_s - self._at_s) / 3600
        self._at_s = now_s
        self._power_kw = self._base_kw + sum(number(inputs, name) for name in inputs)
        return Update({"power_kw": self._power_kw, "energy_kwh": self._energy_kwh}, now_s + STEP_S)
