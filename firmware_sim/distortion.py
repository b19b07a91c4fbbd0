"""What is wrong with the values of something that measures. It stands between the world and whatever serves them."""

from collections.abc import Callable
from typing import TypeVar

from firmware_sim.faults import SPIKE_S, FaultKind, Faults

Held = TypeVar("Held")


class Distortion:
    """The value faults of one target, or of one unit on it."""

    def __init__(self, faults: Faults, target: str, unit: int | None = None) -> None:
        """Distort what `target` measures."""
        self._faults = faults
        self._target = target
        self._unit = unit
        self._held: dict[str, object] = {}

    def held(self, key: str, ask: Callable[[], Held]) -> Held:
        """Return what is measured as `key`; while it is stuck, what it was when it was asked for first."""
        if self._faults.find(FaultKind.STUCK, self._target, self._unit) is None:
            self._held.clear()
            return ask()
        if key not in self._held:
            self._held[key] = ask()
        return self._held[key]  # type: ignore[return-value]  # a key is always asked in the same way

    def number(self, key: str, ask: Callable[[], float], at_s: float) -> float:
        """Return a value measured at `at_s` of the world with all that is wrong with it."""
        return self.held(key, lambda: ask() + self.shift(at_s))

    def shift(self, at_s: float) -> float:
        """Return by how much values measured at `at_s` of the world are off."""
        return self._drift(at_s) + self._spike(at_s)

    def _drift(self, at_s: float) -> float:
        fault = self._faults.find(FaultKind.DRIFT, self._target, self._unit)
        if fault is None:
            return 0.0
        return fault.parameter("per_h") * max(0.0, at_s - self._faults.began_s(fault)) / 3600

    def _spike(self, at_s: float) -> float:
        fault = self._faults.find(FaultKind.SPIKE, self._target, self._unit)
        if fault is None:
            return 0.0
        since_s = at_s - self._faults.began_s(fault)
        return fault.parameter("by") if since_s >= 0 and since_s % fault.parameter("every_s") < SPIKE_S else 0.0
