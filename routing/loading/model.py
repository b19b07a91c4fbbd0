"""What is to be loaded into what, and what a loading plan is.

Lengths in millimetres, masses in grams. In a unit x runs from the far wall to the door, y from left to right, z up.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from coldport.ids import Id
from routing.model import Band

Millimetres = Annotated[int, Meta(ge=1, le=20_000)]
Place = Annotated[int, Meta(ge=0, le=20_000)]
Turn = Literal["xyz", "yxz", "xzy", "zxy", "yzx", "zyx"]
"""Which sides of a box lie along the unit's length, width and height, in this order."""

UPRIGHT: tuple[Turn, ...] = ("xyz", "yxz")

MAX_KINDS = 200
MAX_BOXES = 5_000
"""A forty-foot container holds some 1,500 of the smallest export cartons."""


class Box(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of carton or pallet, and how many there are.

    `turns`: how it may be turned; upright unless said. `bears_g`: what may stand on one of them in all, spread evenly;
    none: anything, 0: nothing. Boxes of different bands or load classes share no unit. `unload`: when it leaves the
    unit, 1 first; none of a later number stands before it or on it.
    """

    id: Id
    x_mm: Millimetres
    y_mm: Millimetres
    z_mm: Millimetres
    mass_g: Annotated[int, Meta(ge=0, le=30_000_000)]
    count: Annotated[int, Meta(ge=1, le=MAX_BOXES)]
    turns: Annotated[tuple[Turn, ...], Meta(min_length=1)] = UPRIGHT
    bears_g: Annotated[int, Meta(ge=0, le=100_000_000)] | None = None
    band: Band = Band.AMBIENT
    load_class: Id | None = None
    unload: Annotated[int, Meta(ge=1, le=20)] = 1


class Axles(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Two supports of a unit under way: axles, or a kingpin and a bogie. Places are from the far wall, along x.

    The far one may lie before the wall and the near one behind the door, so both may be outside the unit.
    """

    far_mm: Annotated[int, Meta(ge=-5_000, le=20_000)]
    near_mm: Annotated[int, Meta(ge=-5_000, le=20_000)]
    far_max_g: Annotated[int, Meta(ge=1)]
    near_max_g: Annotated[int, Meta(ge=1)]


class Unit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A kind of container, truck or ULD: its room inside, what it may weigh, the bands it keeps, how many there are.

    `contour_permille`: how much of the height can be used, for a ULD whose contour is not a cuboid.
    """

    id: Id
    x_mm: Millimetres
    y_mm: Millimetres
    z_mm: Millimetres
    mass_g: Annotated[int, Meta(ge=1)]
    count: Annotated[int, Meta(ge=1, le=1_000)] = 1
    bands: Annotated[tuple[Band, ...], Meta(min_length=1)] = (Band.AMBIENT,)
    contour_permille: Annotated[int, Meta(ge=1, le=1_000)] = 1_000
    axles: Axles | None = None

    @property
    def usable_z_mm(self) -> int:
        """The height up to which it is loaded."""
        return self.z_mm * self.contour_permille // 1_000


class Cargo(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that is to be loaded, and into what. Units are taken in the order they stand here."""

    boxes: Annotated[tuple[Box, ...], Meta(min_length=1, max_length=MAX_KINDS)]
    units: Annotated[tuple[Unit, ...], Meta(max_length=50)]


class Placed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One box in a unit: its kind, its corner nearest to the far wall, the left and the floor, its lengths there."""

    box: Id
    x_mm: Place
    y_mm: Place
    z_mm: Place
    along_mm: Millimetres
    across_mm: Millimetres
    up_mm: Millimetres


class Loaded(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One unit and its boxes, in an order in which they can be put in."""

    unit: Id
    number: Annotated[int, Meta(ge=1)]
    boxes: tuple[Placed, ...]


Why = Literal["no-unit-of-its-band", "too-large", "too-heavy", "units-full"]


class Left(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Boxes of a kind that stay, and why."""

    box: Id
    count: Annotated[int, Meta(ge=1)]
    reason: Why


class LoadPlan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which box goes where, and which stay."""

    loads: tuple[Loaded, ...]
    left: tuple[Left, ...]


def used_permille(unit: Unit, loaded: Loaded) -> int:
    """Return how much of a unit's room its boxes fill, in thousandths, rounded down."""
    volume = sum(one.along_mm * one.across_mm * one.up_mm for one in loaded.boxes)
    return volume * 1_000 // (unit.x_mm * unit.y_mm * unit.usable_z_mm)
