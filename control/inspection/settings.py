"""`inspection.toml` as a whole: the lanes, and what a site sets of the gate, of buyers' quotas, and of goods."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from coldport.site import Site
from control.inspection.bonded.quota import QuotaLimits
from control.inspection.documents.matching import shipped_limits
from control.inspection.gate.weighbridge import Band, Weighbridge
from control.inspection.lane import settings as lane
from control.inspection.lane.acts import Stratum
from control.inspection.lane.settings import LANE_LIMIT, Lane, LaneFile, Seconds

GoodsCode = Annotated[str, Meta(pattern="^[0-9]{2,10}$", description="商品编码")]
Code = Annotated[str, Meta(min_length=1, max_length=18)]

UNKNOWN_BRIDGE = Weighbridge(errors_kg=((100_000.0, 0.0),))
"""A weighbridge of which a site says nothing: no error of its own widens the band."""


class Gate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The gate: how far a vehicle's mass may be off its pass, and the weighbridge's certificate."""

    band: Band = Band()
    weighbridge: Weighbridge = UNKNOWN_BRIDGE


class ColdGoods(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Goods that have to stay cold, by the beginning of their codes; on an ambient lane for at most `dwell_s`."""

    codes: Annotated[tuple[GoodsCode, ...], Meta(min_length=1, max_length=1_000)]
    dwell_s: Seconds


class StratumRule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which parcels are drawn as one stratum: those that are of everything that is given, by their inventory.

    `countries` are destinations or origins as declared, three digits; `modes` trade modes, as 9610.
    """

    id: Stratum
    enterprises: Annotated[tuple[Code, ...], Meta(max_length=1_000)] = ()
    countries: Annotated[tuple[Code, ...], Meta(max_length=300)] = ()
    modes: Annotated[tuple[Code, ...], Meta(max_length=20)] = ()


class InspectionFile(LaneFile, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of `inspection.toml`. Its numbers are the site's own; the defaults are proposals, no authority's rules.

    A parcel goes round `rounds` times, then it is put aside. Its number may come again after `repeat_days`. A cold
    parcel that was longer in the warm than its dwell limit, or `dwell_s` when it has none, gets the verdict `too_warm`.
    `override_customs` lets two persons release what customs has not released. `quota` says nothing: as shipped.
    A parcel is of the first of the `strata` that fits, else of `all`. A site may have a gate and no lanes.
    """

    lanes: Annotated[tuple[Lane, ...], Meta(max_length=LANE_LIMIT)] = ()
    gate: Gate = Gate()
    quota: QuotaLimits | None = None
    cold: Annotated[tuple[ColdGoods, ...], Meta(max_length=100)] = ()
    strata: Annotated[tuple[StratumRule, ...], Meta(max_length=50)] = ()


def quota_of(file: InspectionFile | None) -> QuotaLimits:
    """Return the site's limits of a buyer's year, or those that are shipped."""
    if file is not None and file.quota is not None:
        return file.quota
    shipped = shipped_limits()
    return QuotaLimits(single_cny=shipped.single_cny, year_cny=shipped.year_cny)


def faults(file: InspectionFile, site: Site) -> Iterator[tuple[str, str]]:
    """Yield (path, what is wrong) where `file` contradicts itself or `site`."""
    yield from lane.faults(file, site)
    yield from ((f"gate.{key}", said) for key, said in _gate_faults(file.gate))
    if file.quota is not None:
        yield from ((f"quota.{key}", said) for key, said in _quota_faults(file.quota))
    seen: set[str] = set()
    for index, stratum in enumerate(file.strata):
        at = f"strata[{index}]"
        if stratum.id in seen or stratum.id == "all":
            yield f"{at}.id", f"{stratum.id!r} is named twice" if stratum.id in seen else "'all' is for the others"
        seen.add(stratum.id)
        if not (stratum.enterprises or stratum.countries or stratum.modes):
            yield at, "names neither enterprises nor countries nor modes"


def _quota_faults(quota: QuotaLimits) -> Iterator[tuple[str, str]]:
    amounts = (("single_cny", quota.single_cny), ("year_cny", quota.year_cny))
    wrong = [(key, "must be an amount of 0 or more") for key, cny in amounts if not cny.is_finite() or cny < 0]
    yield from wrong
    if not wrong and quota.year_cny < quota.single_cny:
        yield "year_cny", "must not be less than single_cny"
    if quota.back_days < quota.ask_days:
        yield "back_days", "must not be less than ask_days"


def _gate_faults(gate: Gate) -> Iterator[tuple[str, str]]:
    band, bridge = gate.band, gate.weighbridge
    if band.hard_kg < band.soft_kg or band.hard_share < band.soft_share:
        yield "band", "the hard limit must not be narrower than the soft one"
    steps = [up_to for up_to, _ in bridge.errors_kg]
    if steps != sorted(set(steps)):
        yield "weighbridge.errors_kg", "the masses must rise from step to step"
    if bridge.calibrated_on is not None:
        try:
            date.fromisoformat(bridge.calibrated_on)
        except ValueError:
            yield "weighbridge.calibrated_on", f"{bridge.calibrated_on!r} is no day"
