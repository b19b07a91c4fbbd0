"""A room's door: it takes seconds to move, and its contact knows only closed and not closed."""

from collections.abc import Mapping

from firmware_sim.devices.device import Update, Value, number

TRAVEL_S = 4.0
"""Seconds from closed to wide open; a motor-driven sliding door."""

STEP_S = 0.5


class Door:
    """Input `wanted` (0 closed, 1 open); outputs `opening` (0 to 1) and `contact` (1 as soon as it is not closed)."""

    def __init__(self) -> None:
        """Start closed."""
        self._opening = 0.0
        self._wanted = 0.0
        self._at_s = 0.0

    def update(self, now_s: float, inputs: Mapping[str, Value]) -> Update:
        """Move on towards what was wanted until now, then see what is wanted from now on."""
        reach = (now_s - self._at_s) / TRAVEL_S
        self._at_s = now_s
        self._opening += max(-reach, min(reach, self._wanted - self._opening))
        self._wanted = number(inputs, "wanted")
        moving = self._opening != self._wanted
        is_open = self._opening > 0 or self._wanted > 0
        return Update(
            {"opening": self._opening, "contact": float(is_open)},
            now_s + STEP_S if moving else None,
        )
