"""When a truck is where, if it does its visits in a given order: the one clock of all solvers.

A rest is taken on the road, at the moment the driving allowed is used up. How many there are depends on the order
alone, so the way from one visit to the next takes a time that is known, and the rest is arithmetic of time windows.

Solvers cannot place rests. They are given ways that are longer by `lasts_s / after_s`, their share of the rests.
Without waiting that is as long as the rests are at any visit, so what fits for them fits here; where a truck waits on
the way it may be short by part of one rest, and `answer` mends the tour.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from routing.roads.model import Job, Rest, Roads, Stop, Tour, Truck, Visit

HOUR_S = 3_600
KM_M = 1_000


class Act(NamedTuple):
    """Loading or unloading a job, not yet timed."""

    job: Job
    what: Literal["load", "unload"]

    @property
    def stop(self) -> Stop:
        """Where and when."""
        return self.job.load if self.what == "load" else self.job.unload


Order = tuple[Truck, Sequence[Act]]


def with_rests(seconds: int, rest: Rest | None) -> int:
    """Return how long a way is for a solver: with its share of the rests, rounded up."""
    return seconds if rest is None else seconds + -(-seconds * rest.lasts_s // rest.after_s)


def _ways(roads: Roads, truck: Truck, places: Sequence[int]) -> list[tuple[int, int]]:
    """Return driving and rest on the way between each two places that follow each other."""
    ways, driven = [], 0
    for here, there in pairwise(places):
        driving = roads.seconds[here][there]
        rested, rest = 0, truck.rest
        driven += driving
        while rest is not None and driven > rest.after_s:
            driven -= rest.after_s
            rested += rest.lasts_s
        ways.append((driving, rested))
    return ways


def timed(roads: Roads, truck: Truck, acts: Sequence[Act]) -> Tour | None:
    """Return the tour that ends soonest, started as late as that allows; None when it does not fit in time."""
    places = [truck.start, *(act.stop.place for act in acts), truck.end]
    ways = _ways(roads, truck, places)
    late_s = truck.closes_s
    latest = [late_s := late_s - sum(ways[-1])]
    for act, way in zip(reversed(acts), reversed(ways[:-1]), strict=True):
        late_s = min(act.stop.closes_s, late_s - act.stop.service_s)
        latest.append(late_s := late_s - sum(way))
    if late_s < truck.opens_s:
        return None
    early = _schedule(truck.opens_s, acts, ways)
    waited_s = early[-1][0] - truck.opens_s - sum(map(sum, ways)) - sum(act.stop.service_s for act in acts)
    starts_s = min(late_s, truck.opens_s + waited_s)
    times = _schedule(starts_s, acts, ways)
    ends_s = times[-1][0]
    late = any(begins > act.stop.closes_s for act, (_, begins, _) in zip(acts, times, strict=False))
    if late or ends_s > truck.closes_s or ends_s - starts_s > truck.longest_s:
        return None
    visits = tuple(
        Visit(job=act.job.id, act=act.what, rested_s=way[1], arrives_s=arrives, begins_s=begins, leaves_s=leaves)
        for act, way, (arrives, begins, leaves) in zip(acts, ways, times, strict=False)
    )
    return Tour(truck=truck.id, starts_s=starts_s, visits=visits, rested_s=ways[-1][1], ends_s=ends_s)


def _schedule(at_s: int, acts: Sequence[Act], ways: Sequence[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """Return arrival, begin and leaving of each act and of the end, for a start at a moment."""
    times = []
    for act, way in zip(acts, ways, strict=False):
        arrives = at_s + sum(way)
        begins = max(arrives, act.stop.opens_s)
        at_s = begins + act.stop.service_s
        times.append((arrives, begins, at_s))
    ends = at_s + sum(ways[-1])
    return [*times, (ends, ends, ends)]


def price(roads: Roads, truck: Truck, acts: Sequence[Act], tour: Tour) -> tuple[int, int]:
    """Return the metres and the price of a tour, each part of it rounded down."""
    places = [truck.start, *(act.stop.place for act in acts), truck.end]
    metres = sum(roads.metres[here][there] for here, there in pairwise(places))
    hours_fen = truck.fen_per_h * (tour.ends_s - tour.starts_s) // HOUR_S
    return metres, truck.use_fen + truck.fen_per_km * metres // KM_M + hours_fen
