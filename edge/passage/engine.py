"""One gate's passages: takes what its reader tells, in about the order of time, and says who went through.

Each tag is followed by itself, from its first read until it and the gate have been quiet for a while. It is then judged
together with all that was in the field with it.
"""

from collections import deque
from collections.abc import Iterator
from datetime import datetime, timedelta

from edge.passage.beams import BeamWatch, Shadow
from edge.passage.events import AntennaChanged, BeamChanged, GateEvent, ReadsLost, TagSeen
from edge.passage.judge import FARTHEST_S, Neighbour, Surroundings, judge
from edge.passage.known import Known
from edge.passage.likelihood import Opinion
from edge.passage.neighbours import Neighbours
from edge.passage.opinion import opinion_of
from edge.passage.repeats import Repeats
from edge.passage.settings import PassageSettings, Side
from edge.passage.sighting import Read, Sighting
from edge.passage.verdict import Verdict, empty_passage

TAG_LIMIT = 2_000
"""Tags followed at once: the largest manifest. Past it a new tag is counted and not followed."""

RECENT_LIMIT = 500
"""Tags and verdicts remembered that may still speak for others: eight pallets of 60 boxes."""

LOST_LIMIT = 8
"""Moments at which reads were lost that are remembered: a reader whose memory runs over says so again and again."""

APPROACH_S = 10.0
"""A tag that came into the field so long before a shadow may have thrown it: 5 m at 0.5 m/s."""

LEVEL_UNTOLD_DBM = 0.0
"""Stands for the level of a reader that tells none: all its reads are as loud."""

SHADOW = "shadow"
"""Stands for a tag where a shadow is due. It sorts behind every EPC: tags are judged before a shadow is explained."""


class Passages:
    """Follows one gate."""

    def __init__(self, gate: str, settings: PassageSettings, neighbours: Neighbours) -> None:
        """Follow the gate named `gate`; `neighbours` is shared by the gates of one gateway."""
        self._gate = gate
        self._settings = settings
        self._neighbours = neighbours
        self._sides = settings.sides
        self._posts = settings.posts
        self._barriers = len(settings.beams) == 2
        self._beams = BeamWatch(settings.beams, settings.settle_s, settings.longest_s)
        self._quiet = timedelta(seconds=settings.quiet_s)
        self._longest = timedelta(seconds=settings.longest_s)
        self._followed: dict[str, Sighting] = {}
        self._recent: deque[Sighting] = deque(maxlen=RECENT_LIMIT)
        self._known = Known()
        self._unexplained: list[Shadow] = []
        self._explained: deque[Verdict] = deque(maxlen=RECENT_LIMIT)
        self._repeats = Repeats(settings.repeat_s)
        self._deaf: set[int] = set()
        self._lost: deque[datetime] = deque(maxlen=LOST_LIMIT)
        self._next: datetime | None = None
        self.overflowed = 0
        """Reads of tags that were not followed because too many were."""

    def take(self, event: GateEvent) -> list[Verdict]:
        """Take one event, and return what could be decided before it.

        An event may be older than the one before it, by less than `quiet_s`.
        """
        verdicts = self.advance(event.at)
        if isinstance(event, TagSeen):
            self._read(event)
        elif isinstance(event, BeamChanged):
            self._beams.change(event)
        elif isinstance(event, AntennaChanged):
            (self._deaf.discard if event.connected else self._deaf.add)(event.antenna)
        elif isinstance(event, ReadsLost):
            self._lost.append(event.at)
        soonest = event.at + min(self._quiet, timedelta(seconds=self._settings.settle_s))
        self._next = soonest if self._next is None else min(self._next, soonest)
        return verdicts

    def advance(self, now: datetime) -> list[Verdict]:
        """Return what is decided once it is `now`; a call more or less changes nothing in the end."""
        verdicts: list[Verdict] = []
        while self._next is not None and self._next < now:
            verdicts += self._step(now)
        return verdicts

    def finish(self) -> list[Verdict]:
        """Return what is decided once nothing more comes, as at the end of a recording."""
        verdicts: list[Verdict] = []
        while self._next is not None:
            verdicts += self.advance(self._next + self._longest)
        return verdicts

    def _read(self, event: TagSeen) -> None:
        side = self._sides.get(event.antenna)
        level = LEVEL_UNTOLD_DBM if event.rssi_dbm is None else event.rssi_dbm
        if side is None or level < self._settings.floor_dbm:
            return
        sighting = self._followed.get(event.epc)
        if sighting is None:
            if len(self._followed) >= TAG_LIMIT:
                self.overflowed += 1
                return
            sighting = self._followed[event.epc] = Sighting(event.epc, event.at, event.at)
        read = Read(event.at, side, event.antenna, level, self._posts[event.antenna])
        sighting.add(read, has_level=event.rssi_dbm is not None)
        self._known.heard(event.epc, event.at)
        self._neighbours.heard(self._gate, event.epc, level, event.at)

    def _step(self, now: datetime) -> list[Verdict]:
        """Decide what is due first, if that is before `now`, and find out when to look again."""
        due = list(self._due())
        at = min((moment for moment, _ in due), default=None)
        if at is None or at >= now:
            self._next = at
            return []
        tags = sorted(name for moment, name in due if moment == at and name is not SHADOW)
        return self._judge(tags, at) if tags else self._explain(at)

    def _due(self) -> Iterator[tuple[datetime, str]]:
        """Yield when each tag is to be judged, and when a shadow is to be closed or explained."""
        for epc, sighting in self._followed.items():
            yield self._judged_at(sighting), epc
        shadow_end = self._beams.ends_at()
        if shadow_end is not None:
            yield shadow_end, SHADOW
        for shadow in self._unexplained:
            yield self._explained_at(shadow), SHADOW

    def _judged_at(self, sighting: Sighting) -> datetime:
        """When a tag is judged: when it and the gate have been quiet, and at the latest after `longest_s`."""
        quiet_from = sighting.last_at
        ends_at = self._beams.ends_at()
        if ends_at is not None:
            quiet_from = max(quiet_from, ends_at)
        elif self._beams.shadows and self._beams.shadows[-1].last_at > sighting.first_at:
            quiet_from = max(quiet_from, self._beams.shadows[-1].last_at)
        return min(quiet_from + self._quiet, sighting.first_at + self._longest)

    def _explained_at(self, shadow: Shadow) -> datetime:
        """When it is known whether a tag threw the shadow: once none that may have is followed any more."""
        began = shadow.first_at - timedelta(seconds=APPROACH_S)
        ended = shadow.last_at + self._quiet
        candidates = (each for each in self._followed.values() if began <= each.first_at <= ended)
        return max([ended + self._quiet, *(self._judged_at(each) for each in candidates)])

    def _judge(self, epcs: list[str], at: datetime) -> list[Verdict]:
        """Judge the tags that are due together, before any of them is given up."""
        while self._recent and self._recent[0].last_at < at - self._longest:
            self._recent.popleft()
        judged = [self._followed[epc] for epc in epcs]
        company = self._company(judged)
        found = [judge(each, self._opinion(each), self._surroundings(each, company), self._settings) for each in judged]
        verdicts = []
        for sighting, verdict in zip(judged, found, strict=True):
            del self._followed[sighting.epc]
            if verdict is None and at - sighting.last_at < self._quiet:
                self._go_on(sighting, at)
                continue
            self._recent.append(sighting)
            if verdict is not None:
                self._explained.append(verdict)
                if verdict.direction is not None and not self._repeats.is_repeat(verdict):
                    verdicts.append(verdict)
        return verdicts

    def _go_on(self, sighting: Sighting, at: datetime) -> None:
        """Go on following a tag that is still there; its latest half may be the beginning of a passage."""
        kept = [read for read in sighting.reads if read.at > at - self._longest / 2]
        later = Sighting(sighting.epc, kept[0].at, kept[0].at)
        for read in kept:
            later.add(read, has_level=sighting.has_level)
        self._followed[sighting.epc] = later

    def _shadows(self, sighting: Sighting) -> list[Shadow]:
        """Return the shadows thrown while a tag was there, or just before or after."""
        current = [self._beams.current] if self._beams.current else []
        begin, end = sighting.first_at - self._quiet, sighting.last_at + self._quiet
        return [each for each in (*self._beams.shadows, *current) if each.first_at <= end and each.last_at >= begin]

    def _opinion(self, sighting: Sighting) -> Opinion:
        shadows = self._shadows(sighting)
        return sighting.remember(
            (sighting.count, *((shadow.first_at, shadow.last_at) for shadow in shadows)),
            lambda: opinion_of(sighting, shadows, barriers=self._barriers),
        )

    def _company(self, judged: list[Sighting]) -> list[tuple[str, Neighbour]]:
        """Return all that may be company of those being judged."""
        centres = [each.profile().centre_at for each in judged]
        begin = min(centres) - timedelta(seconds=FARTHEST_S)
        end = max(centres) + timedelta(seconds=FARTHEST_S)
        company = []
        for other in (*self._recent, *self._followed.values()):
            profile = other.profile()
            if begin <= profile.centre_at <= end:
                company.append((other.epc, Neighbour(profile.centre_at, profile.post, self._opinion(other))))
        return company

    def _surroundings(self, sighting: Sighting, company: list[tuple[str, Neighbour]]) -> Surroundings:
        begin, end = sighting.first_at - self._quiet, sighting.last_at + self._quiet
        hearing = {side for antenna, side in self._sides.items() if antenna not in self._deaf}
        return Surroundings(
            shadows=self._shadows(sighting),
            company=[neighbour for epc, neighbour in company if epc != sighting.epc],
            deaf=frozenset(set(Side) - hearing),
            lost=any(begin <= lost <= end for lost in self._lost),
            known_s=self._known.known_s(sighting.epc, sighting.first_at),
            elsewhere_dbm=self._neighbours.loudest(self._gate, sighting.epc, begin),
        )

    def _explain(self, at: datetime) -> list[Verdict]:
        """Close a shadow, or say of closed ones that nothing was read while they were thrown."""
        closed = self._beams.close(at)
        if closed is not None:
            self._unexplained.append(closed)
            return []
        due = [shadow for shadow in self._unexplained if self._explained_at(shadow) <= at]
        self._unexplained = [shadow for shadow in self._unexplained if shadow not in due]
        return [empty_passage(shadow) for shadow in due if not self._is_explained(shadow)]

    def _is_explained(self, shadow: Shadow) -> bool:
        return any(each.first_at <= shadow.last_at and each.last_at >= shadow.first_at for each in self._explained)
