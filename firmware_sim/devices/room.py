"""A room: its two masses, its moisture and its cooling plant, moved on together."""

from collections.abc import Callable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from firmware_sim.devices.device import Update, Value, number
from firmware_sim.physics.moisture import (
    Exchange,
    Moisture,
    frost_point_hpa,
    humidity_percent,
    saturation_hpa,
    vapour_after,
)
from firmware_sim.physics.refrigeration import (
    Cooling,
    Defrost,
    Phase,
    Plant,
    coil_after,
    coil_flow,
    power_w,
    switched,
    tripped,
)
from firmware_sim.physics.thermal import Flow, Masses, Shell, after
from firmware_sim.physics.weather import Weather, outside_c

STEP_S = 2.0
"""How often the controller looks: the compressor switches on this grid, everything between is exact."""


class RoomKind(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Rooms that are built alike."""

    shell: Shell
    cooling: Cooling
    defrost: Defrost
    moisture: Moisture


class Room:
    """Inputs `door` (how far it is open, 0 to 1), `setpoint_c`, and `tripped` (1: the compressor cannot run).

    Outputs `air_c`, `product_c`, `humidity_percent`, `compressor` and `defrost` (0 or 1), and `power_kw`.
    """

    def __init__(
        self,
        kind: RoomKind,
        weather: Weather,
        *,
        first_defrost_s: float,
        start_k: float,
        warmer_k: Callable[[float], float] = lambda _: 0.0,
    ) -> None:
        """Start `start_k` from the set point, the compressor at rest; the first defrost comes at `first_defrost_s`.

        `warmer_k` says how much warmer than the weather it is around the room at a moment; a truck drives elsewhere.
        """
        self._warmer_k = warmer_k
        self._kind = kind
        self._cooling = kind.cooling
        self._weather = weather
        setpoint_c = kind.cooling.setpoint_c
        self._at_s = 0.0
        self._opening = 0.0
        self._masses = Masses(setpoint_c + start_k, setpoint_c)
        self._vapour_hpa = saturation_hpa(setpoint_c) * kind.moisture.product_humidity_percent / 100
        self._plant = Plant(
            phase=Phase.IDLE,
            since_s=-kind.cooling.min_off_s,
            coil_c=setpoint_c,
            defrost_due_s=first_defrost_s,
        )

    def update(self, now_s: float, inputs: Mapping[str, Value]) -> Update:
        """Move on to `now_s` with the door as it was since the last update, then look at it and at the plant."""
        self._move(now_s - self._at_s)
        self._at_s = now_s
        self._opening = number(inputs, "door")
        self._cooling = _told(self._cooling, number(inputs, "setpoint_c"))
        self._plant = switched(
            self._plant,
            self._cooling,
            self._kind.defrost,
            air_c=self._masses.air_c,
            door_open=self._opening > 0,
            now_s=now_s,
        )
        if number(inputs, "tripped"):
            self._plant = tripped(self._plant, now_s)
        return Update(
            {
                "air_c": self._masses.air_c,
                "product_c": self._masses.product_c,
                "humidity_percent": humidity_percent(self._vapour_hpa, self._masses.air_c),
                "compressor": float(self._plant.phase is Phase.COOLING),
                "defrost": float(self._plant.phase is Phase.DEFROST),
                "power_kw": power_w(self._plant, self._cooling, self._kind.defrost) / 1000,
            },
            now_s + STEP_S,
        )

    def _move(self, duration_s: float) -> None:
        if duration_s <= 0:
            return
        kind, plant = self._kind, self._plant
        outside = outside_c(self._weather, self._at_s) + self._warmer_k(self._at_s)
        coil = coil_flow(plant, self._cooling, kind.defrost)
        before = self._masses
        self._masses = after(
            before,
            kind.shell,
            (Flow(kind.shell.wall_w_per_k + kind.shell.door_w_per_k * self._opening, outside), coil),
            duration_s,
        )
        coil_c = coil_after(plant, self._cooling, kind.defrost, air_c=before.air_c, duration_s=duration_s)
        self._plant = Plant(phase=plant.phase, since_s=plant.since_s, coil_c=coil_c, defrost_due_s=plant.defrost_due_s)
        self._vapour_hpa = self._moistened(outside, duration_s)

    def _moistened(self, outside: float, duration_s: float) -> float:
        moisture = self._kind.moisture
        outside_hpa = saturation_hpa(outside) * self._weather.humidity_percent / 100
        product_hpa = saturation_hpa(self._masses.product_c) * moisture.product_humidity_percent / 100
        exchanges = [
            Exchange(moisture.leak_per_h + moisture.door_per_h * self._opening, outside_hpa),
            Exchange(moisture.product_per_h, product_hpa),
        ]
        coil_hpa = frost_point_hpa(self._plant.coil_c)
        if self._plant.phase is Phase.COOLING and coil_hpa < self._vapour_hpa:
            exchanges.append(Exchange(moisture.coil_per_h, coil_hpa))
        vapour = vapour_after(self._vapour_hpa, exchanges, duration_s)
        return min(vapour, frost_point_hpa(self._masses.air_c))  # the rest lies on the goods, as dew or as frost


def _told(cooling: Cooling, setpoint_c: float) -> Cooling:
    return cooling if cooling.setpoint_c == setpoint_c else replace(cooling, setpoint_c=setpoint_c)
