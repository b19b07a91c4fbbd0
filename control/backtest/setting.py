"""What a trace is judged in: a site's own points, or, without one, a room made up for the trace."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from coldport.settings import Problem, SiteFileError, read
from coldport.site import Point, Quantity, Site, Text, Zone, ZoneClass
from control.alarms.checks import faults, file_faults
from control.alarms.definition import AlarmFile
from control.backtest.series import Series, usual_step_s
from control.limits import load_profiles, resolve

SHORTEST_STEP_S, LONGEST_STEP_S = 0.001, 86_400.0
"""What `every_s` of a point may be."""


def read_definitions(path: Path, site: Site | None) -> AlarmFile:
    """Read alarm definitions, and hold them against `site` when there is one.

    Raises:
        SiteFileError: The file cannot be read, or a definition does not fit the site; every problem is named.
    """
    file = resolve(read(path), load_profiles(path.parent))
    alarms = file.convert(AlarmFile)
    if site is not None:
        problems = [file.problem(f"$.{path}", message) for path, message in file_faults(alarms, site)]
        problems += [
            file.problem(f"$.alarms[{index}].{key}", message)
            for index, definition in enumerate(alarms.alarms)
            for key, message in faults(definition, site, alarms)
        ]
        if problems:
            raise SiteFileError(*problems)
    return alarms


def make_up(path: Path, alarms: AlarmFile, series: Mapping[str, Series]) -> tuple[Site, AlarmFile]:
    """Return a site of one room with the trace's points, each expected as often as its usual step, and its definitions.

    A definition that names points watches those of them that are in the trace; any other watches all, and so does
    every one when the trace has a single point.

    Raises:
        SiteFileError: Definitions of several quantities; then only a site can say which point measures what.
    """
    quantities = sorted({definition.quantity for definition in alarms.alarms})
    if len(quantities) != 1:
        said = "definitions of one quantity are needed where no --site says what each point measures"
        raise SiteFileError(Problem(str(path), 0, "alarms", f"{said}; these are of {', '.join(quantities) or 'none'}"))
    points = tuple(_point(name, quantities[0], one) for name, one in sorted(series.items()))
    zone = Zone(id="trace", name=Text(zh="记录", en="Trace"), zone_class=ZoneClass.CONSTANT, points=points)
    site = Site(id="trace", name=Text(zh="记录", en="Trace"), timezone="UTC", zones=(zone,))
    every = tuple(sorted(series))
    named = {d.id: tuple(name for name in d.points if name in series) for d in alarms.alarms}
    watched = {d.id: every if not d.points or len(every) == 1 else named[d.id] for d in alarms.alarms}
    definitions = tuple(
        msgspec.structs.replace(definition, zone_class=None, zones=(), points=watched[definition.id])
        for definition in alarms.alarms
        if watched[definition.id]
    )
    return site, msgspec.structs.replace(alarms, alarms=definitions)


def _point(name: str, quantity: Quantity, series: Series) -> Point:
    every_s = min(max(usual_step_s(series), SHORTEST_STEP_S), LONGEST_STEP_S)
    return Point(id=name, quantity=quantity, every_s=every_s)
