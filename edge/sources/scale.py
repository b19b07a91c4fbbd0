"""Scales: from the line and its profile to the listener."""

from collections.abc import Callable

from coldport.clock import Clock
from coldport.ids import LinkId, PointId
from edge.drivers.scales.load_cycle import LoadCycle, LoadRule
from edge.drivers.scales.report import WeightReport
from edge.drivers.scales.scale import Dialect, Scale
from edge.drivers.scales.sics import SicsDialect
from edge.drivers.scales.stability import StabilityRule
from edge.drivers.scales.stream import Stream, StreamDialect
from edge.drivers.scales.yaohua import YaohuaDialect
from edge.lines.scale import Dialect as Spoken
from edge.lines.scale import Load, LoadKind, ScaleLine, ScaleProfile
from edge.ports import Source
from edge.protocols import cas, st_gs, toledo, yaohua, yaohua_text
from edge.sources.around import Around

HOLD_S = 0.5
"""For a scale that weighs no loads, as for parcels."""

GAP_S = 1.0
MISSED = 2.5
"""A scale that is asked less often than every second is at rest over more than one missing answer."""

STREAMS: dict[Spoken, Callable[[ScaleProfile], Stream]] = {
    Spoken.TOLEDO: lambda profile: toledo.continuous_stream(with_checksum=profile.checksum),
    Spoken.YAOHUA_CONTINUOUS: lambda profile: yaohua.continuous_stream(profile.unit),
    Spoken.YAOHUA_REVERSED: lambda profile: yaohua_text.equals_stream(profile.unit, backwards=True),
    Spoken.YAOHUA_FORWARD: lambda profile: yaohua_text.equals_stream(profile.unit, backwards=False),
    Spoken.YAOHUA_A12: lambda profile: yaohua_text.a12_stream(with_checksum=profile.checksum),
    Spoken.ST_GS: lambda profile: st_gs.line_stream(profile.characters),
    Spoken.CAS_LONG: lambda _: cas.long_stream(),
    Spoken.CAS_SHORT: lambda profile: cas.short_stream(profile.unit),
}
"""What cuts the frames of scales that speak unasked."""


def scale_source(line: ScaleLine, around: Around) -> Source:
    """Return the listener of a scale, whose keys can be pressed as well (`edge.drivers.scales.scale.Scale`)."""
    profile = around.profile(line.profile, ScaleProfile)
    rule = StabilityRule(
        division_kg=line.division_kg,
        hold_s=line.load.kind.hold_s if line.load else HOLD_S,
        rate_hz=0.0 if profile.dialect.asked else profile.rate_hz,
        gap_s=max(GAP_S, MISSED * profile.every_s) if profile.dialect.asked else GAP_S,
    )
    cycle = LoadCycle(load_rule(line.load, line.division_kg)) if line.load else None
    report = WeightReport(PointId(line.point), rule, cycle)
    dialect = _dialect(line, profile, around.outlet.clock)
    link = around.link(line.serial, line.tcp)
    return Scale(LinkId(line.id), link, dialect, report, line.division_kg, around.outlet)


def load_rule(load: Load, division_kg: float) -> LoadRule:
    """Return the rule for the loads of a scale, in kilograms."""
    return LoadRule(
        division_kg=division_kg,
        empty_kg=load.empty(division_kg),
        minimum_kg=load.minimum(division_kg),
        change_kg=load.change(division_kg),
        hold_s=load.kind.hold_s,
        back_to_back=load.kind is LoadKind.PARCEL,
    )


def _dialect(line: ScaleLine, profile: ScaleProfile, clock: Clock) -> Dialect:
    if profile.dialect is Spoken.SICS:
        return SicsDialect(profile.every_s, clock, line.serial_number)
    if profile.dialect is Spoken.YAOHUA_COMMANDS:
        return YaohuaDialect(
            address=line.address,
            digits=profile.digits,
            unit=profile.unit,
            every_s=profile.every_s,
            keys=profile.keys,
            clock=clock,
        )
    stream = STREAMS[profile.dialect]
    return StreamDialect(lambda: stream(profile), profile.keys, clock)
