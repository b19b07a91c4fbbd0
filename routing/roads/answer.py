"""What a solver found, as an answer that keeps every rule: timed with rests, mended where it does not fit, and priced.

A tour that does not fit loses jobs until it does. What no tour does is then put where it costs least, by trying each
place in each tour: by the exact clock, so this also finds what a solver could not see.
"""

from collections.abc import Iterator, Sequence

from routing.roads.model import Job, Roads, Stays, Stop, Tours, Truck, Why
from routing.roads.timing import Act, Order, price, timed

MOST_MENDED = 30
"""Jobs put into tours after the search; each tries every pair of places of every tour."""

Mended = list[tuple[Truck, list[Act]]]


def told(roads: Roads, orders: Sequence[Order], solver: str) -> Tours:
    """Return the answer that some orders of visits are."""
    mended: Mended = [(truck, _that_fit(roads, truck, acts)) for truck, acts in orders]
    done = {act.job.id for _, acts in mended for act in acts}
    for job in [job for job in roads.jobs if job.id not in done][:MOST_MENDED]:
        if _put(roads, mended, job):
            done.add(job.id)
    tours, metres, fen = [], 0, 0
    for truck, acts in mended:
        tour = timed(roads, truck, acts) if acts else None
        if tour is not None:
            more_metres, more_fen = price(roads, truck, acts, tour)
            tours.append(tour)
            metres, fen = metres + more_metres, fen + more_fen
    stays = [job for job in roads.jobs if job.id not in done]
    return Tours(
        tours=tuple(tours),
        stays=tuple(Stays(job=job.id, reason=why_it_stays(roads, job)) for job in stays),
        metres=metres,
        fen=fen + sum(job.stay_fen for job in stays),
        solver=solver,
    )


def _that_fit(roads: Roads, truck: Truck, acts: Sequence[Act]) -> list[Act]:
    """Return the visits without those of the jobs loaded last, as many as it takes for the rest to fit."""
    kept = list(acts)
    while kept and timed(roads, truck, kept) is None:
        last = [act.job.id for act in kept if act.what == "load"][-1]
        kept = [act for act in kept if act.job.id != last]
    return kept


def _put(roads: Roads, mended: Mended, job: Job) -> bool:
    """Put a job into the tour, or a truck not yet used, where it costs least; return False where it had better stay."""
    best = (job.stay_fen, -1, list[Act]())
    tours = [*mended, *((truck, list[Act]()) for truck in _idle(roads, mended))]
    for number, (truck, acts) in enumerate(tours):
        if job.band not in truck.bands:
            continue
        before = _fen(roads, truck, acts)
        for tried in _ways_to_put(roads, truck, acts, job):
            tour = timed(roads, truck, tried)
            if tour is not None and _has_room(truck, tried):
                more = price(roads, truck, tried, tour)[1] - before
                if more < best[0]:
                    best = (more, number, tried)
    _, number, acts = best
    if number < 0:
        return False
    if number < len(mended):
        mended[number] = (mended[number][0], acts)
    else:
        mended.append((tours[number][0], acts))
    return True


def _idle(roads: Roads, mended: Mended) -> Iterator[Truck]:
    used = [truck.id for truck, acts in mended if acts]
    return (truck for truck in roads.trucks if used.count(truck.id) < truck.count)


def _fen(roads: Roads, truck: Truck, acts: list[Act]) -> int:
    tour = timed(roads, truck, acts) if acts else None
    return 0 if tour is None else price(roads, truck, acts, tour)[1]


def _free_at_hub(roads: Roads, stop: Stop) -> bool:
    return stop == Stop(place=roads.hub)


def _ways_to_put(roads: Roads, truck: Truck, acts: list[Act], job: Job) -> Iterator[list[Act]]:
    """Give every order that has the job's two visits in it, and keeps what is first and last at the hub there."""
    load, unload = Act(job, "load"), Act(job, "unload")
    first, last = 0, len(acts)
    if not roads.reloads:
        while first < last and acts[first].what == "load" and _free_at_hub(roads, acts[first].stop):
            first += 1
        while last > first and acts[last - 1].what == "unload" and _free_at_hub(roads, acts[last - 1].stop):
            last -= 1
    loads: Sequence[int] = range(first, last + 1)
    if not roads.reloads and truck.start == roads.hub and _free_at_hub(roads, load.stop):
        loads = (0,)
    to_end = not roads.reloads and truck.end == roads.hub and _free_at_hub(roads, unload.stop)
    for at in loads:
        for to in (len(acts),) if to_end else range(max(at, first), last + 1):
            yield [*acts[:at], load, *acts[at:to], unload, *acts[to:]]


def _has_room(truck: Truck, acts: Sequence[Act]) -> bool:
    held = [0, 0, 0]
    for act in acts:
        for size, amount in enumerate(act.job.amount):
            held[size] += amount if act.what == "load" else -amount
            if held[size] > truck.room[size]:
                return False
    return True


def why_it_stays(roads: Roads, job: Job) -> Why:
    """Return the first reason why a job is in no tour: of its own, of its price, or that others have the trucks."""
    trucks = [truck for truck in roads.trucks if job.band in truck.bands]
    if not trucks:
        return "no-truck-for-its-band"
    trucks = [truck for truck in trucks if all(a <= b for a, b in zip(job.amount, truck.room, strict=True))]
    if not trucks:
        return "too-large"
    alone = (Act(job, "load"), Act(job, "unload"))
    trips = [(truck, tour) for truck in trucks if (tour := timed(roads, truck, alone)) is not None]
    if not trips:
        return "out-of-time"
    if min(price(roads, truck, alone, tour)[1] for truck, tour in trips) >= job.stay_fen:
        return "dearer-than-staying"
    return "trucks-used-up"
