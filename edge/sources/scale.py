"""Scales."""

from coldport.ids import LinkId, PointId
from edge.drivers.scale import Dialect, Scale, WeightReport
from edge.drivers.scale_sics import SicsDialect
from edge.drivers.scale_toledo import ToledoDialect
from edge.lines.scale import Dialect as Spoken
from edge.lines.scale import ScaleLine, ScaleProfile
from edge.ports import Source
from edge.sources.around import Around
from edge.stability import StabilityRule

TOLEDO_RATE_HZ = 7.0
"""Frames a second that a continuous scale sends at the least."""


def scale_source(line: ScaleLine, around: Around) -> Source:
    """Return the listener of a scale."""
    profile = around.profile(line.profile, ScaleProfile)
    clock = around.outlet.clock
    dialect: Dialect
    if profile.dialect is Spoken.SICS:
        dialect = SicsDialect(profile.every_s, clock)
        rule = StabilityRule(division_kg=line.division_kg)
    else:
        dialect = ToledoDialect(clock, with_checksum=profile.checksum)
        rule = StabilityRule(division_kg=line.division_kg, rate_hz=TOLEDO_RATE_HZ)
    report = WeightReport(PointId(line.point), rule)
    return Scale(LinkId(line.id), around.link(line.serial, line.tcp), dialect, report, around.outlet)
