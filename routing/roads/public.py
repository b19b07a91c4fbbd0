"""Reads Gehring and Homberger 1999 (time windows), Li and Lim 2003 (pickup and delivery), and values tours as they do.

Their distance is Euclidean in double precision, and a unit of it takes a unit of time; fewest vehicles count first. We
have whole numbers, so a unit is `UNIT`, and times are rounded up: what fits here fits there.
"""

import math
from itertools import pairwise
from typing import NamedTuple

from coldport.errors import MalformedError
from routing.roads.model import Job, Roads, Stop, Tours, Truck

UNIT = 1_000
FEN_PER_KM = 1
"""Tours cost by their length alone."""


class Public(NamedTuple):
    """An instance: the problem, and where its places are. The hub is place 0."""

    roads: Roads
    places: list[tuple[int, int]]


def _rows(text: str, columns: int) -> list[list[int]]:
    """Return the lines of so many whole numbers; MalformedError when there are none, or a line is not of numbers."""
    rows = [line.split() for line in text.splitlines()]
    wanted = [row for row in rows if len(row) == columns and row[0].isdigit()]
    try:
        table = [[int(value) for value in row] for row in wanted]
    except ValueError as error:
        raise MalformedError(f"not a whole number: {error}") from error
    if len(table) < 2 or [row[0] for row in table] != list(range(len(table))):
        raise MalformedError(f"no table of places numbered from 0 with {columns} columns")
    return table


def read_windows(text: str) -> Public:
    """Read a VRPTW file: every place but 0 is a delivery from it."""
    heads = [line.split() for line in text.splitlines()]
    fleets = [row for row in heads if len(row) == 2 and all(part.isdigit() for part in row)]
    if not fleets:
        raise MalformedError("no line with number and capacity of vehicles")
    rows = _rows(text, 7)
    jobs = [Job(id=f"c-{row[0]}", load=Stop(place=0), unload=_stop(row), mass_g=row[3]) for row in rows[1:]]
    return _public(rows, jobs, int(fleets[0][0]), int(fleets[0][1]))


def read_pairs(text: str) -> Public:
    """Read a Li-Lim file: a row names the place its goods come from, or the one they go to."""
    lines = text.splitlines()
    try:
        many, capacity, _ = (int(value) for value in lines[0].split())
    except (IndexError, ValueError) as error:
        raise MalformedError("the first line must say number, capacity and speed of vehicles") from error
    rows = _rows("\n".join(lines[1:]), 9)
    jobs = []
    for row in rows[1:]:
        to = row[8]
        if not to:
            continue
        if not 0 < to < len(rows) or rows[to][7] != row[0]:
            raise MalformedError(f"place {row[0]} delivers to {to}, which does not say so")
        jobs.append(Job(id=f"c-{row[0]}", load=_stop(row), unload=_stop(rows[to]), mass_g=row[3]))
    return _public(rows, jobs, many, capacity)


def _stop(row: list[int]) -> Stop:
    return Stop(place=row[0], opens_s=row[4] * UNIT, closes_s=row[5] * UNIT, service_s=row[6] * UNIT)


def _public(rows: list[list[int]], jobs: list[Job], many: int, capacity: int) -> Public:
    places = [(row[1], row[2]) for row in rows]
    truck = Truck(
        id="truck", count=many, start=0, end=0, mass_g=capacity, closes_s=rows[0][5] * UNIT, fen_per_km=FEN_PER_KM
    )  # fmt: skip
    roads = Roads(
        metres=tuple(tuple(round(math.dist(here, there) * UNIT) for there in places) for here in places),
        seconds=tuple(tuple(math.ceil(math.dist(here, there) * UNIT - 1e-6) for there in places) for here in places),
        hub=0,
        jobs=tuple(jobs),
        trucks=(truck,),
        fewest_trucks=True,
    )
    return Public(roads, places)


def value(public: Public, tours: Tours) -> tuple[int, float]:
    """Return vehicles and distance as the publishers count them, in double precision from the places alone."""
    places = {(job.id, "load"): job.load.place for job in public.roads.jobs}
    places |= {(job.id, "unload"): job.unload.place for job in public.roads.jobs}
    distance = 0.0
    for tour in tours.tours:
        way = [0, *(places[visit.job, visit.act] for visit in tour.visits), 0]
        distance += sum(math.dist(public.places[a], public.places[b]) for a, b in pairwise(way))
    return len(tours.tours), distance
