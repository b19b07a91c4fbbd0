"""The part of `inspection.toml` that is of the lanes: what they measure by, and what they move."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta, Struct

from coldport.ids import Id
from coldport.site import Quantity, Site, Text
from control.inspection.lane.acts import Share, Stratum
from control.inspection.lane.verdict import Verdict
from control.inspection.lane.weight import Band, ScaleType

LANE_LIMIT = 100
"""Lanes of one site; the largest centre known has fourteen lines."""

Seconds = Annotated[float, Meta(ge=0, le=86_400)]
Before = tuple[Annotated[float, Meta(ge=-60, le=600)], Annotated[float, Meta(ge=-60, le=600)]]
"""From, to: how many seconds before a parcel stands on the scale something happens to it; negative is after."""


class Outputs(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The stack light and the diverter of a lane, points of `gateway`.

    `ways` says where the diverter sends which verdict; one that is not named goes the way of `hold`, and so does
    everything `shown_s` after a verdict: by then the parcel is through.
    """

    gateway: Id
    green: Id | None = None
    amber: Id | None = None
    red: Id | None = None
    diverter: Id | None = None
    ways: dict[Verdict, Annotated[int, Meta(ge=0, le=31)]] = {}
    shown_s: Seconds = 30.0


class Lane(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One lane: a gate, a scale behind it, perhaps a scanner and an imager.

    What belongs to a parcel is told by time: it crosses the gate `gate_before_s` before it stands on the scale, is
    scanned `scan_before_s` and imaged `image_before_s` before it. Two parcels never stand there less than `apart_s`
    after each other, so no window may be longer than that.

    A verdict is given when all is there and nothing more came for `settle_s`, and at the latest `patience_s` after the
    weight. All is what is required; where neither tag nor scan is, the lane waits for both, and one will do at the end.
    What is told more than `late_s` after it happened releases nothing.

    The screens say with a verdict where the parcel goes (`places`), and as the lane's own fault when one of `lines`,
    lines of its gateway in `edge.toml`, is down.
    """

    id: Id
    zone: Id
    gate: Id
    scale: Id
    scale_type: ScaleType
    apart_s: Seconds
    gate_before_s: Before
    scan_before_s: Before = (-2.0, 2.0)
    image_before_s: Before = (-2.0, 2.0)
    tag_required: bool = True
    scan_required: bool = False
    image_required: bool = False
    settle_s: Annotated[float, Meta(ge=0, le=5)] = 0.05
    patience_s: Annotated[float, Meta(ge=0, le=60)] = 5.0
    late_s: Seconds = 30.0
    outputs: Outputs | None = None
    places: dict[Verdict, Text] = {}
    lines: Annotated[tuple[Id, ...], Meta(max_length=20)] = ()


class Draw(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The share of each stratum that is drawn to be opened, until somebody sets another; `all` is for the others."""

    rates: dict[Stratum, Share] = {}


class LaneFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all lanes of a site go by; what its keys mean says the file as a whole (`control.inspection.settings`)."""

    lanes: Annotated[tuple[Lane, ...], Meta(min_length=1, max_length=LANE_LIMIT)]
    weight: Band = Band()
    draw: Draw = Draw()
    rounds: Annotated[int, Meta(ge=0, le=20)] = 3
    repeat_days: Annotated[int, Meta(ge=1, le=3_660)] = 183
    dwell_s: Seconds = 600.0
    too_warm: Verdict = Verdict.INSPECT
    override_customs: bool = False


def faults(file: LaneFile, site: Site) -> Iterator[tuple[str, str]]:
    """Yield (path, what is wrong) where `file` contradicts itself or `site`."""
    if file.too_warm not in (Verdict.INSPECT, Verdict.HOLD):
        yield "too_warm", "must be inspect or hold"
    if file.weight.recheck_kg < file.weight.pass_kg or file.weight.recheck_share < file.weight.pass_share:
        yield "weight", "the band to weigh again must not be narrower than the one to pass"
    zones = {zone.id for zone in site.zones}
    points = {point.id: point.quantity for point in site.points().values()}
    seen: set[str] = set()
    for index, lane in enumerate(file.lanes):
        at = f"lanes[{index}]"
        if lane.zone not in zones:
            yield f"{at}.zone", f"no zone {lane.zone!r} in site.toml"
        for key, name in (("id", f"lane {lane.id}"), ("gate", lane.gate), ("scale", lane.scale)):
            if name in seen:
                yield f"{at}.{key}", f"{name!r} is named twice"
            seen.add(name)
        yield from ((f"{at}.{key}", said) for key, said in _lane_faults(lane, points))


def _lane_faults(lane: Lane, points: dict[str, Quantity]) -> Iterator[tuple[str, str]]:
    wanted = [("gate", lane.gate, Quantity.TAGS), ("scale", lane.scale, Quantity.MASS)]
    if lane.outputs is not None:
        wanted += [(f"outputs.{key}", point, quantity) for key, point, quantity in _outputs(lane.outputs)]
        yield from _way_faults(lane.outputs)
    for key, point, quantity in wanted:
        if point not in points:
            yield key, f"no point {point!r} in site.toml"
        elif points[point] is not quantity:
            yield key, f"{point!r} is of {points[point].value}, not of {quantity.value}"
    for key in ("gate_before_s", "scan_before_s", "image_before_s"):
        low, high = getattr(lane, key)
        if low > high:
            yield key, "the first must not be more than the second"
        elif high - low >= lane.apart_s:
            yield key, f"a window of {high - low:g} s is not shorter than apart_s, {lane.apart_s:g} s"
    if lane.scale_type.e_kg >= lane.scale_type.max_kg:
        yield "scale_type.e_kg", "must be less than max_kg"


def _outputs(outputs: Outputs) -> Iterator[tuple[str, Id, Quantity]]:
    lamps = (("green", outputs.green), ("amber", outputs.amber), ("red", outputs.red))
    for key, point, quantity in (
        *((key, lamp, Quantity.LAMP) for key, lamp in lamps),
        ("diverter", outputs.diverter, Quantity.DIVERTER),
    ):
        if point is not None:
            yield key, point, quantity


def _way_faults(outputs: Outputs) -> Iterator[tuple[str, str]]:
    if outputs.diverter is None:
        return
    if Verdict.HOLD not in outputs.ways:
        yield "outputs.ways", "the way of hold must be named: the others fall back on it"
    elif outputs.ways.get(Verdict.RELEASE) == outputs.ways[Verdict.HOLD]:
        yield "outputs.ways", "release and hold must not go the same way"
