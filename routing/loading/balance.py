"""Where the mass of a load lies: the statement a carrier asks for before a unit is closed.

Half rule: no more than 60 % of the mass in one half of the length (CTU Code 2014, annex 7). Axles: the lever rule
between two supports; the unit's own mass is not in it.
"""

from typing import NamedTuple

from routing.loading.model import Box, Loaded, Placed, Unit

HALF_PERMILLE = 600


class Balance(NamedTuple):
    """Mass in grams; centre of gravity in mm from the far wall, the left and the floor; what each support bears."""

    mass_g: int
    x_mm: int
    y_mm: int
    z_mm: int
    far_half_permille: int
    far_g: int | None
    near_g: int | None
    warnings: tuple[str, ...]


def _in_far_half(unit: Unit, one: Placed, mass_g: int) -> int:
    """Return the mass a box has in the far half: of one across the middle, as much as reaches into it."""
    reaches = min(max(unit.x_mm - 2 * one.x_mm, 0), 2 * one.along_mm)
    return mass_g * reaches // (2 * one.along_mm)


def balance(unit: Unit, loaded: Loaded, boxes: dict[str, Box]) -> Balance | None:
    """Return where the mass lies, each box's in its middle, and what is out of bounds; None for a load without mass."""
    masses = [(boxes[one.box].mass_g, one) for one in loaded.boxes]
    whole = sum(mass for mass, _ in masses)
    if whole == 0:
        return None
    x2 = sum(mass * (2 * one.x_mm + one.along_mm) for mass, one in masses)
    y2 = sum(mass * (2 * one.y_mm + one.across_mm) for mass, one in masses)
    z2 = sum(mass * (2 * one.z_mm + one.up_mm) for mass, one in masses)
    far = sum(_in_far_half(unit, one, mass) for mass, one in masses)
    far_permille = far * 1_000 // whole
    warnings = []
    if max(far_permille, 1_000 - far_permille) > HALF_PERMILLE:
        warnings.append("more-than-60-percent-in-one-half")
    far_g = near_g = None
    if unit.axles is not None and unit.axles.near_mm != unit.axles.far_mm:
        axles = unit.axles
        near_g = (x2 - 2 * whole * axles.far_mm) // (2 * (axles.near_mm - axles.far_mm))
        far_g = whole - near_g
        warnings += ["far-axle-too-heavy"] if far_g > axles.far_max_g else []
        warnings += ["near-axle-too-heavy"] if near_g > axles.near_max_g else []
        warnings += ["axle-lifted"] if min(far_g, near_g) < 0 else []
    middle = (x2 // (2 * whole), y2 // (2 * whole), z2 // (2 * whole))
    return Balance(whole, *middle, far_permille, far_g, near_g, tuple(warnings))
