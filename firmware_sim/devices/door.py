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
        self._at_s = 0.0

    def update(self, now_s: float, inputs: Mapping[str, Value]) -> Update:
        """Move on towards what is wanted."""
        wanted = number(inputs, "wanted")
        reach = (now_s - self._at_s) / TRAVEL_S
        self._at_s = now_s
        self._opening += max(-reach, min(reach, wanted - self._opening))
        moving = self._opening != wanted
        is_open = self._opening > 0 or wanted > 0
        return Update(
            {"opening": self._opening, "contact": float(is_open)},
            now_s + STEP_S if moving else None,
        )
