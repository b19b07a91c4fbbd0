"""The loading list: each box in the order it is put in, what each unit weighs and where, and what stays."""

from collections.abc import Iterable

from routing.loading.balance import balance
from routing.loading.model import Box, Cargo, Loaded, LoadPlan, used_permille
from routing.workbook import Cell

Sheet = list[list[Cell]]

COLUMNS = (
    "unit",
    "number",
    "step",
    "box",
    "x_mm",
    "y_mm",
    "z_mm",
    "along_mm",
    "across_mm",
    "up_mm",
    "mass_g",
    "unload",
)


UNIT_COLUMNS = (
    "unit",
    "number",
    "boxes",
    "mass_kg",
    "full_permille",
    "centre_x_mm",
    "centre_y_mm",
    "centre_z_mm",
    "far_half_permille",
    "far_axle_kg",
    "near_axle_kg",
    "warnings",
)


def sheets(cargo: Cargo, plan: LoadPlan) -> dict[str, Sheet]:
    """Return the list (a row for each box, steps from 1 in each unit), the units, and what stays and why."""
    boxes = {box.id: box for box in cargo.boxes}
    stays: Iterable[list[Cell]] = ([one.box, one.count, one.reason] for one in plan.left)
    return {
        "List": [[*COLUMNS], *(row for loaded in plan.loads for row in _rows(loaded, boxes))],
        "Units": [[*UNIT_COLUMNS], *(_unit_row(cargo, loaded, boxes) for loaded in plan.loads)],
        "Stays": [["box", "count", "reason"], *stays],
    }


def _rows(loaded: Loaded, boxes: dict[str, Box]) -> Sheet:
    return [
        [
            *(loaded.unit, loaded.number, step, one.box, one.x_mm, one.y_mm, one.z_mm),
            *(one.along_mm, one.across_mm, one.up_mm, boxes[one.box].mass_g, boxes[one.box].unload),
        ]
        for step, one in enumerate(loaded.boxes, 1)
    ]


def _unit_row(cargo: Cargo, loaded: Loaded, boxes: dict[str, Box]) -> list[Cell]:
    unit = next(one for one in cargo.units if one.id == loaded.unit)
    row: list[Cell] = [loaded.unit, loaded.number, len(loaded.boxes)]
    said = balance(unit, loaded, boxes)
    if said is None:
        return [*row, 0, used_permille(unit, loaded)]
    axles = [None if mass_g is None else mass_g / 1_000 for mass_g in (said.far_g, said.near_g)]
    row += [said.mass_g / 1_000, used_permille(unit, loaded), said.x_mm, said.y_mm, said.z_mm, said.far_half_permille]
    return [*row, *axles, ", ".join(said.warnings)]
