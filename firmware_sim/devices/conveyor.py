"""The belt of a lane: parcels come, pass the gate, stop on the scale, and leave."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, Struct

from firmware_sim.devices.device import Dice, MovingTag, Update, Value
from firmware_sim.devices.epc import sgtin_96
from firmware_sim.physics.thermal import Positive

FIELD_M = 4.0
"""Length of belt within reach of the gate's antennas."""

SCALE_M = 4.5
"""Where the platform of the scale begins."""


class Belt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A belt: a parcel every `every_s` or so, moving at `speed_m_per_s`, weighed for `weigh_s`.

    Parcels weigh between `lightest_kg` and `heaviest_kg`. `company` and `item` are what stands in their tags.
    """

    every_s: Annotated[float, Meta(ge=25)] = 40.0
    speed_m_per_s: Annotated[float, Meta(ge=0.4)] = 0.5
    weigh_s: Annotated[float, Meta(ge=1, le=8)] = 6.0
    lightest_kg: Positive = 1.0
    heaviest_kg: Positive = 30.0
    company: Annotated[str, Meta(pattern="^[0-9]{6,12}$")] = "6901234"
    item: Annotated[str, Meta(pattern="^[0-9]{1,7}$")] = "056789"
    first_serial: Annotated[int, Meta(ge=0, lt=1 << 37)] = 1


class Conveyor:
    """Outputs `tags` (those within reach of the gate) and `load_kg` (what really stands on the scale)."""

    def __init__(self, belt: Belt, dice: Dice) -> None:
        """Start empty; the first parcel comes within one interval."""
        self._belt = belt
        self._dice = dice
        self._serial = belt.first_serial
        self._starts_s = dice.uniform(3.0, belt.every_s / 2)
        self._mass_kg = 0.0
        self._epc = b""
        self._draw()

    def update(self, now_s: float, inputs: Mapping[str, Value]) -> Update:
        """Put the parcel of the moment where it is by now. One parcel is under way at a time."""
        del inputs  # a belt runs by itself
        belt = self._belt
        out_of_field_s = self._starts_s + FIELD_M / belt.speed_m_per_s
        on_scale_s = self._starts_s + SCALE_M / belt.speed_m_per_s
        off_scale_s = on_scale_s + belt.weigh_s
        if now_s >= off_scale_s:
            gap_s = belt.every_s * self._dice.uniform(0.75, 1.25)
            while self._starts_s + gap_s <= now_s:
                gap_s += belt.every_s
            self._starts_s += gap_s
            self._draw()
            return Update({"tags": (), "load_kg": 0.0}, self._starts_s)
        in_field = self._starts_s <= now_s < out_of_field_s
        tag = MovingTag(self._epc, self._starts_s, belt.speed_m_per_s)
        moments = (self._starts_s, out_of_field_s, on_scale_s, off_scale_s)
        return Update(
            {"tags": (tag,) if in_field else (), "load_kg": self._mass_kg if now_s >= on_scale_s else 0.0},
            next(moment for moment in moments if moment > now_s),
        )

    def _draw(self) -> None:
        self._mass_kg = self._dice.uniform(self._belt.lightest_kg, self._belt.heaviest_kg)
        self._epc = sgtin_96(2, self._belt.company, self._belt.item, self._serial)
        self._serial += 1
