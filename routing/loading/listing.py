"""The loading list: each box in the order it is put in, as rows, CSV or JSON."""

import csv
import io

import msgspec

from routing.loading.model import Box, Cargo, Loaded, LoadPlan

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


def rows(cargo: Cargo, plan: LoadPlan) -> list[tuple[str | int, ...]]:
    """Return a row for each box, of `COLUMNS`. Steps count from 1 in each unit."""
    boxes = {box.id: box for box in cargo.boxes}
    return [row for loaded in plan.loads for row in _rows(loaded, boxes)]


def _rows(loaded: Loaded, boxes: dict[str, Box]) -> list[tuple[str | int, ...]]:
    return [
        (
            *(loaded.unit, loaded.number, step, one.box, one.x_mm, one.y_mm, one.z_mm),
            *(one.along_mm, one.across_mm, one.up_mm, boxes[one.box].mass_g, boxes[one.box].unload),
        )
        for step, one in enumerate(loaded.boxes, 1)
    ]


def as_csv(cargo: Cargo, plan: LoadPlan) -> str:
    """Return the list as CSV with a head, for a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows(cargo, plan))
    return text.getvalue()


def as_json(plan: LoadPlan) -> bytes:
    """Return the plan as JSON; `msgspec.json.decode(text, type=LoadPlan)` reads it."""
    return msgspec.json.format(msgspec.json.encode(plan), indent=1)
