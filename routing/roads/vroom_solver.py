"""VROOM: an answer while somebody waits. It stops by itself, in less than a second for some hundred jobs.

It does as many jobs as it can, whatever that costs, and begins each shift as it opens, so a truck whose shift may be
longer than `longest_s` can only be used in its first part. Its threads are one: the same problem gives the same tours.
"""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import vroom

from routing.model import Band
from routing.roads.answer import told
from routing.roads.model import FOREVER_S, Job, Rest, Roads, Stop, Tours, Truck, refuse_nonsense
from routing.roads.port import is_collection, is_delivery, loads_first
from routing.roads.timing import Act, Order, with_rests

THOROUGH = 5
"""Of its levels of search, 0 to 5."""

AT_ONCE, TO_GO_ON = 1, 3
"""Levels to try what if and to go on from: one second, and five, for a hundred jobs and a month of trucks."""

TRUCK_FEN = 10_000_000
"""What one more truck costs where the fewest are wanted."""


class VroomSolver:
    """Tours at once."""

    def __init__(self, level: int = THOROUGH) -> None:
        """Search at a level."""
        self._level = level

    def solve(self, roads: Roads, seconds: float, seed: int) -> Tours:  # noqa: ARG002 - it has no dice
        """Return its tours, after at most so many seconds."""
        refuse_nonsense(roads)
        if not roads.jobs or not roads.trucks:
            return told(roads, [], "vroom")
        problem = vroom.Input()
        for number, rest in enumerate(_rests(roads)):
            ways = [[with_rests(way, rest) for way in row] for row in roads.seconds]
            problem.set_durations_matrix(str(number), np.array(ways, np.uint32))
            problem.set_distances_matrix(str(number), np.array(roads.metres, np.uint32))
        kinds = [truck for truck in roads.trucks for _ in range(truck.count)]
        problem.add_vehicle([_vehicle(roads, truck, number) for number, truck in enumerate(kinds)])
        problem.add_job([_job(roads, job, number) for number, job in enumerate(roads.jobs)])
        found = problem.solve(self._level, nb_threads=1, timeout=timedelta(seconds=seconds))
        visits: dict[int, list[tuple[str, int]]] = {}
        for row in found.routes.to_dict("records"):
            if row["type"] in {"job", "pickup", "delivery"}:
                visits.setdefault(int(row["vehicle_id"]), []).append((row["type"], int(row["id"])))
        orders: list[Order] = [(kinds[number], list(_acts(roads, steps))) for number, steps in sorted(visits.items())]
        return told(roads, orders, "vroom")


def _rests(roads: Roads) -> list[Rest | None]:
    return list({truck.rest: None for truck in roads.trucks})


def _window(opens_s: int, closes_s: int) -> vroom.TimeWindow:
    return vroom.TimeWindow(opens_s, min(closes_s, FOREVER_S))


def _vehicle(roads: Roads, truck: Truck, number: int) -> vroom.Vehicle:
    use_fen = truck.use_fen + (TRUCK_FEN if roads.fewest_trucks else 0)
    return vroom.Vehicle(
        number,
        start=truck.start,
        end=truck.end,
        profile=str(_rests(roads).index(truck.rest)),
        capacity=list(truck.room),
        skills={_skill(band) for band in truck.bands},
        time_window=_window(truck.opens_s, min(truck.closes_s, truck.opens_s + truck.longest_s)),
        costs=vroom.VehicleCosts(fixed=use_fen, per_hour=truck.fen_per_h, per_km=truck.fen_per_km),
    )


def _skill(band: Band) -> int:
    return list(Band).index(band)


def _windows(stop: Stop) -> list[vroom.TimeWindow]:
    return [_window(stop.opens_s, stop.closes_s)]


def _job(roads: Roads, job: Job, number: int) -> vroom.Job | vroom.Shipment:
    """A collection or delivery is one step; whatever has a time at both ends, or where trucks reload, is two."""
    amount, skills = vroom.Amount(list(job.amount)), {_skill(job.band)}
    if not roads.reloads and is_collection(roads, job):
        stop = job.load
        return vroom.Job(
            number,
            stop.place,
            default_service=stop.service_s,
            pickup=amount,
            skills=skills,
            time_windows=_windows(stop),
        )
    if not roads.reloads and is_delivery(roads, job):
        stop = job.unload
        return vroom.Job(
            number,
            stop.place,
            default_service=stop.service_s,
            delivery=amount,
            skills=skills,
            time_windows=_windows(stop),
        )
    steps = [
        vroom.ShipmentStep(number, stop.place, default_service=stop.service_s, time_windows=_windows(stop))
        for stop in (job.load, job.unload)
    ]
    return vroom.Shipment(steps[0], steps[1], amount=amount, skills=skills)


def _acts(roads: Roads, steps: list[tuple[str, int]]) -> Iterator[Act]:
    """Give the visits of a route: what is brought is loaded first, what is fetched unloaded last."""
    singles = [roads.jobs[number] for kind, number in steps if kind == "job"]
    yield from loads_first(job for job in singles if not is_collection(roads, job))
    for kind, number in steps:
        job = roads.jobs[number]
        loads = kind == "pickup" or (kind == "job" and is_collection(roads, job))
        yield Act(job, "load" if loads else "unload")
    yield from (Act(job, "unload") for job in singles if is_collection(roads, job))
