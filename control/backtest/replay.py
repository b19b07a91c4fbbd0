"""Shows a recorded past to the live engine, each reading at its own time, and gives back what its alarms did.

Every reading is recorded when it was made, so nothing is late. A back-test has no people: what an alarm does after its
condition returned is left out.
"""

import heapq
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from coldport.ids import AlarmId
from coldport.messages.alarm import Alarm
from coldport.messages.observation import Quality, Reading
from coldport.site import Site
from control.alarms.definition import AlarmFile, Definition, Kind, points_of
from control.alarms.engine import ON_ITS_WAY_S, Engine
from control.backtest.quiet import is_simple, worth_showing
from control.backtest.reason import reason
from control.backtest.series import Series, moment
from control.entries import Content, Observed, Started, Ticked

UNTRIED = frozenset({Kind.CALIBRATION, Kind.COMMAND, Kind.TAMPERED, Kind.RECALLED})
"""What no reading decides is not in a back-test."""

_BOOT = "0" * 32


class Event(Struct, frozen=True, kw_only=True):
    """What an alarm did: `occur` or `return` at `t`. `reason` says by which limit and delay."""

    t: datetime
    alarm: AlarmId
    event: str
    definition: str
    point: str
    value: float | None
    reason: str


class Group(Struct, frozen=True):
    """Points that are judged together, as a site of their own, with their readings."""

    site: Site
    alarms: AlarmFile
    series: dict[str, Series]

    @property
    def readings(self) -> int:
        """How many readings it has."""
        return sum(len(one.at) for one in self.series.values())


def groups(site: Site, alarms: AlarmFile, series: Mapping[str, Series]) -> list[Group]:
    """Cut a site into what can be judged apart: each point, or a whole zone where a condition may look around."""
    watching: dict[str, list[Definition]] = {}
    for definition in alarms.alarms:
        for point in points_of(definition, site, alarms.positions) if definition.kind not in UNTRIED else ():
            watching.setdefault(point.id, []).append(definition)
    found = []
    for zone in site.zones:
        here = [point for point in zone.points if point.id in series and len(series[point.id].at)]
        watched = [point for point in here if point.id in watching]
        definitions = list({d.id: d for point in watched for d in watching[point.id]}.values())
        masks = tuple(mask for mask in alarms.masks if zone.id in mask.zones)
        parts = [([point], watching[point.id]) for point in watched]
        if watched and (masks or not is_simple(definitions)):
            parts = [(here, definitions)]
        for points, some in parts:
            alone = msgspec.structs.replace(site, zones=(msgspec.structs.replace(zone, points=tuple(points)),))
            # Nothing settles: that control starts is no part of a past it was not there for.
            positions = tuple(one for one in alarms.positions if {p.id for p in points}.issuperset(one.points))
            judged = msgspec.structs.replace(
                alarms, settle_s=0, alarms=tuple(some), masks=masks, positions=positions, calibrations=()
            )
            found.append(Group(alone, judged, {point.id: series[point.id] for point in points}))
    return found


def replay(group: Group) -> list[Event]:
    """Return what the alarms of a group did, in the order of their times."""
    return sorted(Run(group).events(), key=lambda event: (event.t, event.definition, event.point))


class Run:
    """One engine over the readings of one group."""

    def __init__(self, group: Group) -> None:
        """Begin at the first reading."""
        self._group = group
        self._definitions = {definition.id: definition for definition in group.alarms.alarms}
        self._engine = Engine(group.site, without_people(group.alarms))
        self._points = group.site.points()
        self._tick_every = timedelta(seconds=min(point.every_s for point in self._points.values()))
        self._first = moment(min(int(series.at[0]) for series in group.series.values()))
        self._seen: set[str] = set()
        self._number = 0
        self.shown = 0
        """How many readings the engine was shown."""

    def calm(self) -> bool:
        """Whether nothing is true, pending or reported at the points."""
        return self._engine.calm

    def events(self) -> Iterator[Event]:
        """Judge every reading; give each edge of each alarm."""
        at = heard = self._first
        yield from self._apply(Started(at=at), at)
        for point, at_us, value, passed in self._readings():
            at = moment(at_us)
            self.shown += 1
            if not passed and at - heard > self._tick_every:
                yield from self._apply(Ticked(at=at), at)
            heard = at
            yield from self._apply(_observed(point, at, value), at)
        end = at + max(timedelta(seconds=point.every_s) for point in self._points.values())
        yield from self._apply(Ticked(at=end + timedelta(seconds=ON_ITS_WAY_S)), end)

    def _readings(self) -> Iterator[tuple[str, int, float, bool]]:
        series = self._group.series
        if len(series) == 1 and not self._group.alarms.masks and is_simple(self._group.alarms.alarms):
            [(point, one)] = series.items()
            for index, passed in worth_showing(one, self._group.alarms.alarms, self):
                yield point, int(one.at[index]), float(one.values[index]), passed
            return
        yield from heapq.merge(*(_stream(point, one) for point, one in sorted(series.items())), key=lambda one: one[1])

    def _apply(self, content: Content, at: datetime) -> Iterator[Event]:
        for alarm in self._engine.apply(content, at, self._number + 1):
            self._number += 1
            definition = self._definitions[alarm.definition]
            if alarm.is_active and alarm.id not in self._seen:
                self._seen.add(alarm.id)
                yield _event("occur", alarm.occurred_at, alarm, alarm.value, definition)
            elif alarm.returned_at is not None and alarm.id in self._seen:
                self._seen.remove(alarm.id)
                yield _event("return", alarm.returned_at, alarm, None, definition)


def without_people(alarms: AlarmFile) -> AlarmFile:
    """Return alarms that nobody has to confirm or reset: an alarm that waits for people in vain tells nothing new."""
    definitions = tuple(msgspec.structs.replace(one, ccp=False, latch=False) for one in alarms.alarms)
    return msgspec.structs.replace(alarms, alarms=definitions)


def _event(kind: str, at: datetime, alarm: Alarm, value: float | None, definition: Definition) -> Event:
    return Event(
        t=at,
        alarm=AlarmId(alarm.id),
        event=kind,
        definition=alarm.definition,
        point=alarm.point,
        value=value,
        reason=reason(definition, occurs=kind == "occur", value=value),
    )


def _observed(point: str, at: datetime, value: float) -> Observed:
    usable = value == value  # noqa: PLR0124 NaN is the one value that is not itself
    reading = Reading(
        seq=1,
        point=point,
        observed_at=at,
        spooled_at=at,
        value=value if usable else None,
        quality=Quality.GOOD if usable else Quality.BAD,
        reason=None if usable else "recorded-bad",
    )
    return Observed(gateway="backtest", boot_id=_BOOT, observations=(reading,))


def _stream(point: str, series: Series) -> Iterator[tuple[str, int, float, bool]]:
    for at, value in zip(series.at.tolist(), series.values.tolist(), strict=True):
        yield point, at, value, False
