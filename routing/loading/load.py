"""Loads goods into units: apart by band and load class, the last to leave deepest.

Boxes with a later `unload` number stand behind a wall across the unit, those with an earlier one before it. That costs
some room, and is how such loads are stowed: a wall is what a driver finds again.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from routing.loading.model import Box, Cargo, Left, Loaded, LoadPlan, Placed, Unit, Why
from routing.loading.packer import Effort, Elapsed, Stowed, Task, fill

TIGHT_PERCENT = (105, 115, 130, 160)
"""How much longer than their volume the part of a unit is that goods are first tried in."""


def load(cargo: Cargo, seconds: float, seed: int, elapsed: Elapsed, widest: int | None = None) -> LoadPlan:
    """Return a loading plan, searching at most `seconds` of `elapsed` for each unit.

    Same seed, same plan, where `widest` ends the search and not the time: 64 is reached in a few seconds.
    """
    remaining = {box.id: box.count for box in cargo.boxes}
    loads: list[Loaded] = []
    for group in _groups(cargo):
        for unit, number in _free(cargo, group[0], loads):
            effort = Effort(elapsed() + seconds, elapsed, seed, widest)
            placed = _load_unit(group, remaining, unit, effort)
            if placed:
                loads.append(Loaded(unit=unit.id, number=number, boxes=tuple(placed)))
            if not any(remaining[box.id] for box in group):
                break
    left = [
        Left(box=box.id, count=remaining[box.id], reason=_reason(box, cargo))
        for box in cargo.boxes
        if remaining[box.id]
    ]
    return LoadPlan(loads=tuple(loads), left=tuple(left))


def _groups(cargo: Cargo) -> list[list[Box]]:
    """Return the boxes that may share a unit, the largest group first."""
    groups: dict[tuple[str, str], list[Box]] = {}
    for box in cargo.boxes:
        groups.setdefault((box.band.value, box.load_class or ""), []).append(box)
    volumes = {key: sum(box.x_mm * box.y_mm * box.z_mm * box.count for box in group) for key, group in groups.items()}
    return [groups[key] for key in sorted(groups, key=lambda key: (-volumes[key], key))]


def _free(cargo: Cargo, box: Box, loads: list[Loaded]) -> Iterator[tuple[Unit, int]]:
    """Give the units of the box's band that are still empty, with their numbers."""
    for unit in cargo.units:
        if box.band in unit.bands:
            taken = {one.number for one in loads if one.unit == unit.id}
            yield from ((unit, number) for number in range(1, unit.count + 1) if number not in taken)


def _load_unit(group: list[Box], remaining: dict[str, int], unit: Unit, effort: Effort) -> list[Placed]:
    """Fill one unit, the goods that leave last first; take what went in off `remaining`."""
    placed: list[Placed] = []
    wall_mm, mass_g = 0, unit.mass_g
    stages = sorted({box.unload for box in group if remaining[box.id]}, reverse=True)
    begin_s = effort.elapsed()
    for done, stage in enumerate(stages, 1):
        boxes = tuple(box for box in group if box.unload == stage)
        task = Task(
            boxes,
            tuple(remaining[box.id] for box in boxes),
            (unit.x_mm - wall_mm, unit.y_mm, unit.usable_z_mm),
            mass_g,
        )
        share = effort._replace(end_s=begin_s + (effort.end_s - begin_s) * done / len(stages))
        for one in _stow(task, share):
            remaining[boxes[one[0]].id] -= 1
            mass_g -= boxes[one[0]].mass_g
            placed.append(_placed(boxes, one, wall_mm))
        wall_mm = max([wall_mm, *(one.x_mm + one.along_mm for one in placed)])
    return _centred(placed, unit, {box.id: box.mass_g for box in group})


def _centred(placed: list[Placed], unit: Unit, masses: dict[str, int]) -> list[Placed]:
    """Move a load as one along the unit, so that its centre of gravity is as near to the middle as it can be."""
    whole = sum(masses[one.box] for one in placed)
    if not whole:
        return placed
    centre = sum(masses[one.box] * (2 * one.x_mm + one.along_mm) for one in placed) // (2 * whole)
    least = -min(one.x_mm for one in placed)
    most = unit.x_mm - max(one.x_mm + one.along_mm for one in placed)
    move = min(max(unit.x_mm // 2 - centre, least), most)
    return [replace(one, x_mm=one.x_mm + move) for one in placed]


def _stow(task: Task, effort: Effort) -> list[Stowed]:
    """Fill what is left of a unit; if all goes in, then into as short a part of it as is found."""
    volume = sum(box.x_mm * box.y_mm * box.z_mm * many for box, many in zip(task.boxes, task.many, strict=True))
    length, *section = task.room
    least = volume // (section[0] * section[1])
    tight = [part for percent in TIGHT_PERCENT if (part := least * percent // 100) < length]
    for tries, shorter in enumerate(tight, 1):
        spent = effort.elapsed()
        share = effort._replace(end_s=spent + (effort.end_s - spent) * tries / (len(tight) + 1))
        stowed = fill(task._replace(room=(shorter, section[0], section[1])), share)
        if len(stowed) == sum(task.many):
            return stowed
    return fill(task, effort) if length else []


def _placed(boxes: tuple[Box, ...], stowed: Stowed, wall_mm: int) -> Placed:
    kind, x, y, z, along, across, up = stowed
    return Placed(
        box=boxes[kind].id, x_mm=wall_mm + x, y_mm=y, z_mm=z, along_mm=along, across_mm=across, up_mm=up
    )  # fmt: skip


def _reason(box: Box, cargo: Cargo) -> Why:
    """Return why boxes stay; the first that holds."""
    units = [unit for unit in cargo.units if box.band in unit.bands]
    if not units:
        return "no-unit-of-its-band"
    if not any(_goes_in(box, unit) for unit in units):
        return "too-large"
    if all(box.mass_g > unit.mass_g for unit in units):
        return "too-heavy"
    return "units-full"


def _goes_in(box: Box, unit: Unit) -> bool:
    sides = {"x": box.x_mm, "y": box.y_mm, "z": box.z_mm}
    room = (unit.x_mm, unit.y_mm, unit.usable_z_mm)
    return any(all(sides[side] <= most for side, most in zip(turn, room, strict=True)) for turn in box.turns)
