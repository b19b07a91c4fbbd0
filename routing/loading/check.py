"""The judge of a loading plan. It shares no code with the packer and computes everything from the corners of the boxes.

Support: every box stands on the floor, or the tops of boxes at exactly its base cover its whole base. Bearing: a box
spreads its own mass and what stands on it over what is below, by the area they touch.
"""

from collections import Counter
from fractions import Fraction

from msgspec import Struct

from routing.loading.model import Box, Cargo, Loaded, LoadPlan, Placed, Unit

HALF_A_GRAM = Fraction(1, 2)


class Fault(Struct, frozen=True, kw_only=True):
    """A rule that is broken, where, and how."""

    rule: str
    where: str
    text: str


def check(cargo: Cargo, plan: LoadPlan) -> tuple[Fault, ...]:
    """Return every fault of a plan; none when it can be loaded as it stands."""
    boxes = {box.id: box for box in cargo.boxes}
    units = {unit.id: unit for unit in cargo.units}
    named = [one.box for load in plan.loads for one in load.boxes] + [left.box for left in plan.left]
    strange = {name for name in named if name not in boxes} | {load.unit for load in plan.loads} - set(units)
    if strange:
        return tuple(Fault(rule="unknown", where=name, text="is not in the cargo") for name in sorted(strange))
    faults = _counts(cargo, plan)
    for load in plan.loads:
        where = f"{load.unit}/{load.number}"
        found = [
            *_inside(load, units[load.unit], boxes),
            *_apart(load),
            *_bearing(load, boxes),
            *_shares(load, units[load.unit], boxes),
            *_unloading(load, boxes),
        ]
        faults += [Fault(rule=rule, where=where, text=text) for rule, text in found]
    return tuple(faults)


def _counts(cargo: Cargo, plan: LoadPlan) -> list[Fault]:
    told: Counter[str] = Counter(one.box for load in plan.loads for one in load.boxes)
    for left in plan.left:
        told[left.box] += left.count
    faults = [
        Fault(rule="count", where=box.id, text=f"{told[box.id]} of {box.count}")
        for box in cargo.boxes
        if told[box.id] != box.count
    ]
    most = {unit.id: unit.count for unit in cargo.units}
    seen: Counter[tuple[str, int]] = Counter((load.unit, load.number) for load in plan.loads)
    faults += [
        Fault(rule="units", where=f"{unit}/{number}", text="is not there, or twice")
        for (unit, number), times in seen.items()
        if times > 1 or number > most[unit]
    ]
    return faults


def _inside(load: Loaded, unit: Unit, boxes: dict[str, Box]) -> list[tuple[str, str]]:
    found = []
    height = unit.z_mm * unit.contour_permille // 1_000
    for one in load.boxes:
        ends = (one.x_mm + one.along_mm, one.y_mm + one.across_mm, one.z_mm + one.up_mm)
        if ends[0] > unit.x_mm or ends[1] > unit.y_mm or ends[2] > height:
            found.append(("inside", f"{one.box} ends at {ends}"))
        box = boxes[one.box]
        size = {"x": box.x_mm, "y": box.y_mm, "z": box.z_mm}
        allowed = [tuple(size[letter] for letter in turn) for turn in box.turns]
        if (one.along_mm, one.across_mm, one.up_mm) not in allowed:
            found.append(("turn", f"{one.box} stands {one.along_mm} x {one.across_mm} x {one.up_mm}"))
    return found


def _common(a: int, a_long: int, b: int, b_long: int) -> int:
    return max(0, min(a + a_long, b + b_long) - max(a, b))


def _touching(lower: Placed, upper: Placed) -> int:
    """Return the area that two boxes have in common, seen from above."""
    return _common(lower.x_mm, lower.along_mm, upper.x_mm, upper.along_mm) * _common(
        lower.y_mm, lower.across_mm, upper.y_mm, upper.across_mm
    )


def _apart(load: Loaded) -> list[tuple[str, str]]:
    return [
        ("overlap", f"{one.box} at {one.x_mm},{one.y_mm},{one.z_mm} and {other.box}")
        for number, one in enumerate(load.boxes)
        for other in load.boxes[:number]
        if _common(one.z_mm, one.up_mm, other.z_mm, other.up_mm) and _touching(one, other)
    ]


def _bearing(load: Loaded, boxes: dict[str, Box]) -> list[tuple[str, str]]:
    """Check support and what presses on each box, from the top of the load down."""
    found = []
    carried = [Fraction(0)] * len(load.boxes)
    for number in sorted(range(len(load.boxes)), key=lambda number: -load.boxes[number].z_mm):
        one = load.boxes[number]
        box = boxes[one.box]
        if box.bears_g is not None and carried[number] > box.bears_g + HALF_A_GRAM:
            found.append(
                ("bearing", f"{one.box} at {one.x_mm},{one.y_mm},{one.z_mm} bears {float(carried[number]):.0f} g")
            )
        if one.z_mm == 0:
            continue
        below = {
            at: area
            for at, other in enumerate(load.boxes)
            if other.z_mm + other.up_mm == one.z_mm and (area := _touching(other, one))
        }
        held = sum(below.values())
        if held < one.along_mm * one.across_mm:
            found.append(("support", f"{one.box} at {one.x_mm},{one.y_mm},{one.z_mm} stands on {held} mm2"))
        for at, area in below.items():
            carried[at] += (carried[number] + box.mass_g) * Fraction(area, held)
    return found


def _shares(load: Loaded, unit: Unit, boxes: dict[str, Box]) -> list[tuple[str, str]]:
    found = []
    kinds = [boxes[name] for name in sorted({one.box for one in load.boxes})]
    mass = sum(boxes[one.box].mass_g for one in load.boxes)
    if mass > unit.mass_g:
        found.append(("mass", f"{mass} g"))
    if any(box.band not in unit.bands for box in kinds) or len({box.band for box in kinds}) > 1:
        found.append(("band", ", ".join(sorted({box.band.value for box in kinds}))))
    if len({box.load_class for box in kinds}) > 1:
        found.append(("load-class", ", ".join(sorted({box.load_class or "none" for box in kinds}))))
    return found


def _unloading(load: Loaded, boxes: dict[str, Box]) -> list[tuple[str, str]]:
    """Check that nothing which leaves later stands on a box or between it and the door."""
    found = []
    for one in load.boxes:
        for other in load.boxes:
            if boxes[other.box].unload <= boxes[one.box].unload:
                continue
            on_it = other.z_mm >= one.z_mm + one.up_mm and _touching(one, other)
            before_it = (
                other.x_mm >= one.x_mm + one.along_mm
                and _common(one.y_mm, one.across_mm, other.y_mm, other.across_mm)
                and _common(one.z_mm, one.up_mm, other.z_mm, other.up_mm)
            )
            if on_it or before_it:
                found.append(("unloading", f"{other.box} is in the way of {one.box} at {one.x_mm},{one.y_mm}"))
    return found
