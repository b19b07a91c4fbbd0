"""The port every road solver stands behind, and what of a problem they share."""

from collections.abc import Callable, Iterable
from typing import Protocol

from routing.roads.model import FOREVER_S, Job, Roads, Stop, Tours
from routing.roads.timing import Act

Elapsed = Callable[[], float]


class RoadSolver(Protocol):
    """Finds tours."""

    def solve(self, roads: Roads, seconds: float, seed: int) -> Tours:
        """Return the best tours found in so many seconds; RefusedError when the problem is nonsense.

        Every tour keeps windows, room, bands, shifts and rests. What no tour does stays, with a reason.
        """
        ...


def loads_first(jobs: Iterable[Job]) -> list[Act]:
    """Return the loading of goods that a truck takes along as it sets out: what is there first, first."""
    return [Act(job, "load") for job in sorted(jobs, key=lambda job: job.load.opens_s)]


def has_no_time(stop: Stop) -> bool:
    """Return whether a stop is open at all times and takes none."""
    return stop.opens_s == 0 and stop.closes_s == FOREVER_S and stop.service_s == 0


def is_delivery(roads: Roads, job: Job) -> bool:
    """Return whether a job's goods can be loaded as any truck starts, or as it comes by the hub again."""
    from_hub = all(truck.start == roads.hub for truck in roads.trucks)
    return from_hub and job.load.place == roads.hub and has_no_time(job.load)


def is_collection(roads: Roads, job: Job) -> bool:
    """Return whether a job's goods can be unloaded as any truck ends, or as it comes by the hub."""
    to_hub = all(truck.end == roads.hub for truck in roads.trucks)
    return to_hub and job.unload.place == roads.hub and has_no_time(job.unload)
