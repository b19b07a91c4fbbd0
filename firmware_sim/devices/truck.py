"""A truck on its way. The box on it is a room."""

from collections.abc import Mapping

from firmware_sim.devices.device import Update, Value, number
from firmware_sim.physics.route import Route

STEP_S = 10.0
"""How often a truck that drives says where it is."""


class Truck:
    """Input `hand` (1: somebody opens the door besides).

    Outputs `distance_km` from the yard, `speed_km_per_h`, `near` (1 within reach of the yard's gateway), and `wanted`
    (1: the door shall be open).
    """

    def __init__(self, route: Route, reach_km: float) -> None:
        """Drive a route."""
        self._route = route
        self._reach_km = reach_km

    def update(self, now_s: float, inputs: Mapping[str, Value]) -> Update:
        """See where it is by now."""
        where = self._route.where(now_s)
        until_s = min(where.until_s, now_s + STEP_S) if where.speed_km_per_h else where.until_s
        return Update(
            {
                "distance_km": where.distance_km,
                "speed_km_per_h": where.speed_km_per_h,
                "near": float(where.distance_km <= self._reach_km),
                "wanted": float(where.is_open or number(inputs, "hand") > 0),
            },
            until_s if until_s > now_s else now_s + STEP_S,
        )
