"""All alarms of a site: a fold over the journal's entries.

What was observed, started and ticked moves the detectors; what the detectors report and people acknowledge moves the
occurrences. A transition, once written, is a fact: `recall` takes it from the journal instead of deciding it again, so
a changed definition never rewrites the past. Every start brings the two together.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from msgspec import Struct, field

from coldport.ids import PointId
from coldport.messages.alarm import Alarm
from coldport.messages.observation import Observation, Quality, Reading, Weight
from coldport.site import Point, Site
from control.alarms.definition import AlarmFile, Definition, points_of
from control.alarms.detector import Move
from control.alarms.lifecycle import Stimulus
from control.alarms.occurrence import Moved
from control.alarms.occurrences import Occurrences
from control.alarms.recent import Recent, RecentState
from control.alarms.register import OccurrenceState
from control.alarms.surroundings import BLENDED, Surroundings, SurroundingsState
from control.alarms.watch import NEVER, Watch, WatchState
from control.entries import Acknowledged, Acted, Content, Observed, Reviewed, Started, Ticked, Transitioned

AHEAD_S = 60.0
"""A reading from further in the future has a wrong clock; judged, it would make every later one late."""

LIVE_S = 300.0
LIVE_INTERVALS = 3
"""How old a reading may be when it comes and still be judged live: five minutes, or three of its point's intervals if
these are longer. Nobody can act on what is older: the record judges it (`control.followers.record`). The readings of a
point that is `recorded` are a past that somebody plays, and are judged however old."""

ON_ITS_WAY_S = 0.5
"""A tick speaks for the moment half a second ago, so that a reading still on its way (0.1 s in the gateway, the rest
for the broker) is heard first."""


FOR_EVER = timedelta(days=365_000)
"""Older than any reading."""


class EngineState(Struct):
    """Everything the engine remembers; what it gives after a restart is what it would have given without."""

    started: datetime = NEVER
    watches: dict[str, WatchState] = field(default_factory=dict)
    recent: dict[str, RecentState] = field(default_factory=dict)
    surroundings: SurroundingsState = field(default_factory=SurroundingsState)
    occurrences: OccurrenceState = field(default_factory=OccurrenceState)


class Engine:
    """The alarms of one site. `late`, `past` and `ahead` count readings that are on record and were not judged."""

    def __init__(self, site: Site, alarms: AlarmFile, state: EngineState | None = None) -> None:
        """Watch the points of `site` by `alarms`, going on from `state`, which becomes the engine's own."""
        self._state = state if state is not None else EngineState()
        self._settle = timedelta(seconds=alarms.settle_s)
        self.occurrences = Occurrences(site, alarms, self._state.occurrences)
        self._surroundings = Surroundings(site, alarms, self._state.surroundings)
        self._watches = self._watch(site, alarms.alarms)
        intervals = {point.id: timedelta(seconds=point.every_s) for point in site.points().values()}
        self._recent = {
            name: Recent(watch, intervals[PointId(name)], self._state.recent.get(name, RecentState()))
            for name, watch in self._watches.items()
        }
        self._state.recent = {name: recent.state for name, recent in self._recent.items()}
        self._surroundings.attach(self._recent)
        self._can_go_stale = [watch for watch in self._watches.values() if watch.can_go_stale]
        self._restless = {name: recent for name, recent in self._recent.items() if not recent.watch.calm}
        self._horizons = {point.id: horizon(point) for point in site.points().values() if not point.recorded}
        self.late = 0
        self.past = 0
        self.ahead = 0

    def apply(self, content: Content, recorded_at: datetime, number: int) -> list[Alarm]:
        """Take in what happens; return the alarms it moves, to be written as entries `number`, `number + 1`, ..."""
        out = Moved(number)
        self.occurrences.forget_shelves(recorded_at)
        if isinstance(content, Acknowledged):
            self.occurrences.acknowledge(content, out)
        elif isinstance(content, Acted):
            self.occurrences.act(content, out)
        elif isinstance(content, Reviewed):
            self._review(content, out)
        else:
            self._follow(content, recorded_at, out)
        return out.alarms

    def recall(self, content: Content, recorded_at: datetime) -> None:
        """Take in an entry of the journal, as it was."""
        if isinstance(content, Transitioned):
            self.occurrences.put(content.alarm)
        elif isinstance(content, Acted):
            self.occurrences.recall_act(content)
        else:
            self._judge(content, recorded_at)

    @property
    def state(self) -> EngineState:
        """Everything the engine remembers, to be kept as a snapshot; it stays the engine's own."""
        return self._state

    @property
    def calm(self) -> bool:
        """Whether no condition is true, pending or reported anywhere."""
        return self._surroundings.calm and all(watch.calm for watch in self._watches.values())

    def _follow(self, content: Content, recorded_at: datetime, out: Moved) -> None:
        moves = self._judge(content, recorded_at)
        if isinstance(content, Started):
            moves += self._reconcile(content.at)
        for move in moves:
            self.occurrences.move(move, out)
        if isinstance(content, Started):
            self.occurrences.reconcile(content.at, out)
        elif isinstance(content, Ticked):
            self.occurrences.elapse(content.at, out)

    def _judge(self, content: Content, recorded_at: datetime) -> list[Move]:
        moves: list[Move] = []
        if isinstance(content, Observed):
            self._observe(content.observations, recorded_at, moves)
        elif isinstance(content, Ticked):
            self._tick(content.at, moves)
        elif isinstance(content, Started):
            self._state.started = content.at
        else:
            self._surroundings.hear(content, recorded_at, moves)
        return moves

    def _observe(self, observations: Sequence[Observation], recorded_at: datetime, moves: list[Move]) -> None:
        known = self._recent
        latest = recorded_at + timedelta(seconds=AHEAD_S)
        live_from = recorded_at - timedelta(seconds=LIVE_S)
        for observation in observations:
            recent = known.get(observation.point)
            if recent is None:
                continue
            watch, at = recent.watch, observation.observed_at
            is_newest = at > watch.state.newest
            if not is_newest and recent.is_late(at):
                self.late += 1
            elif at > latest:
                self.ahead += 1
            elif at < live_from and at < recorded_at - self._horizons.get(observation.point, FOR_EVER):
                self.past += 1
            else:
                recent.hear(at, usable_value(observation), recorded_at, moves)
                if not watch.calm:
                    self._restless[watch.point] = recent
                if watch.followers and is_newest:
                    watch.tell(at, recorded_at, moves)

    def _review(self, reviewed: Reviewed, out: Moved) -> None:
        """Do what late readings ask for: onsets that were earlier, and what was over before anybody saw it."""
        for revised in reviewed.revised:
            self.occurrences.revise(revised, reviewed.point, out)
        for found in reviewed.found:
            self.occurrences.find_past(found, reviewed.point, reviewed.at, out)

    def _tick(self, now: datetime, moves: list[Move]) -> None:
        until = now - timedelta(seconds=ON_ITS_WAY_S)
        for recent in list(self._restless.values()):
            recent.tick(until, moves)
            if recent.watch.calm:
                del self._restless[recent.point]
        self._surroundings.tick(now, until, moves)
        if self._state.started == NEVER:
            return
        settled = self._state.started + self._settle
        for watch in self._can_go_stale:
            watch.tick_stale(now, settled, moves)
            if not watch.calm:
                self._restless[watch.point] = self._recent[watch.point]

    def _reconcile(self, at: datetime) -> list[Move]:
        """Return what brings the occurrences in line with the detectors: something only after definitions changed."""
        true = {
            (definition, point): value
            for point, watch in self._watches.items()
            for definition, value in watch.true_conditions().items()
        } | self._surroundings.true_conditions()
        active = {(alarm.definition, alarm.point) for alarm in self.occurrences.active()}
        ended = [Move(*key, Stimulus.RETURN, at, None) for key in sorted(active - true.keys())]
        begun = [Move(*key, Stimulus.OCCUR, at, true[key]) for key in sorted(true.keys() - active)]
        return ended + begun

    def _watch(self, site: Site, definitions: Iterable[Definition]) -> dict[str, Watch]:
        by_point: dict[str, list[Definition]] = {}
        for definition in definitions:
            if definition.kind not in BLENDED:
                for point in points_of(definition, site):
                    by_point.setdefault(point.id, []).append(definition)
        for followed in self._surroundings.followed:
            by_point.setdefault(followed, [])
        old = self._state.watches
        points = site.points().values()
        watches = {
            p.id: Watch(p, by_point[p.id], old.get(p.id, WatchState()), self._surroundings.masks_of(p.id))
            for p in points
            if p.id in by_point
        }
        self._state.watches = {name: watch.state for name, watch in watches.items()}
        return watches


def horizon(point: Point) -> timedelta:
    """Return how old a reading of a point may be when it comes and still be judged live."""
    return timedelta(seconds=max(LIVE_S, LIVE_INTERVALS * point.every_s))


def usable_value(observation: Observation) -> float | None:
    """Return the value an observation may be judged by, or None. A scale's is its net mass, else its gross."""
    if isinstance(observation, Reading):
        return None if observation.quality is Quality.BAD else observation.value
    if isinstance(observation, Weight) and observation.quality is not Quality.BAD:
        return observation.gross_kg if observation.net_kg is None else observation.net_kg
    return None
