"""The judge of tours. It shares no code with the solvers and their clock; it reads the problem by the letter."""

from collections import Counter

from msgspec import Struct

from routing.roads.model import FOREVER_S, Job, Roads, Stop, Tour, Tours, Truck


class Fault(Struct, frozen=True, kw_only=True):
    """A rule that is broken, by which truck or job, and how."""

    rule: str
    subject: str
    text: str


def check(roads: Roads, tours: Tours) -> tuple[Fault, ...]:
    """Return every fault of an answer; none when it can be driven as it stands and costs what it says."""
    jobs = {job.id: job for job in roads.jobs}
    trucks = {truck.id: truck for truck in roads.trucks}
    known = all(tour.truck in trucks and all(visit.job in jobs for visit in tour.visits) for tour in tours.tours)
    if not known or any(stays.job not in jobs for stays in tours.stays):
        return (Fault(rule="unknown", subject="tours", text="a truck or job that is not in the problem"),)
    faults = _once(roads, tours)
    metres = fen = 0
    for tour in tours.tours:
        truck = trucks[tour.truck]
        rules = [*_times(roads, truck, tour, jobs), *_loads(truck, tour, jobs), *_hub(roads, truck, tour, jobs)]
        faults += [Fault(rule=rule, subject=truck.id, text=text) for rule, text in rules]
        way, cost = _price(roads, truck, tour, jobs)
        metres, fen = metres + way, fen + cost
    fen += sum(jobs[stays.job].stay_fen for stays in tours.stays)
    if (metres, fen) != (tours.metres, tours.fen):
        faults.append(Fault(rule="price", subject="tours", text=f"{metres} m and {fen} fen"))
    return tuple(faults)


def _once(roads: Roads, tours: Tours) -> list[Fault]:
    faults = []
    acts: Counter[tuple[str, str]] = Counter((visit.job, visit.act) for tour in tours.tours for visit in tour.visits)
    stays = Counter(stays.job for stays in tours.stays)
    for job in roads.jobs:
        times = (acts[job.id, "load"], acts[job.id, "unload"], stays[job.id])
        if times not in {(1, 1, 0), (0, 0, 1)}:
            faults.append(Fault(rule="once", subject=job.id, text=f"loaded, unloaded, stays: {times}"))
    used = Counter(tour.truck for tour in tours.tours)
    faults += [
        Fault(rule="trucks", subject=truck.id, text=f"{used[truck.id]} of {truck.count}")
        for truck in roads.trucks
        if used[truck.id] > truck.count
    ]
    return faults


def _stop(jobs: dict[str, Job], job: str, act: str) -> Stop:
    return jobs[job].load if act == "load" else jobs[job].unload


def _times(roads: Roads, truck: Truck, tour: Tour, jobs: dict[str, Job]) -> list[tuple[str, str]]:
    """Check ways, windows, shift and rests, from the start of the tour to its end."""
    found = []
    here, at_s, driven_s = truck.start, tour.starts_s, 0
    legs = [(_stop(jobs, visit.job, visit.act), visit.rested_s, visit.arrives_s, visit) for visit in tour.visits]
    ends = [*legs, (Stop(place=truck.end), tour.rested_s, tour.ends_s, None)]
    for stop, rested_s, arrives_s, visit in ends:
        driving_s = roads.seconds[here][stop.place]
        if arrives_s < at_s + driving_s + rested_s:
            found.append(("way", f"at place {stop.place} at {arrives_s}, too soon"))
        if truck.rest is not None:
            due = max(0, -(-(driven_s + driving_s) // truck.rest.after_s) - 1)
            if rested_s < due * truck.rest.lasts_s:
                found.append(("rest", f"{rested_s} s on the way to place {stop.place}, {due} rests are due"))
            driven_s += driving_s - due * truck.rest.after_s
        here = stop.place
        if visit is None:
            continue
        at_s = visit.leaves_s
        if not max(stop.opens_s, arrives_s) <= visit.begins_s <= stop.closes_s:
            found.append(("window", f"{visit.act} of {visit.job} begins at {visit.begins_s}"))
        if visit.leaves_s < visit.begins_s + stop.service_s:
            found.append(("service", f"{visit.act} of {visit.job} ends at {visit.leaves_s}"))
    if tour.starts_s < truck.opens_s or tour.ends_s > truck.closes_s or tour.ends_s - tour.starts_s > truck.longest_s:
        found.append(("shift", f"from {tour.starts_s} to {tour.ends_s}"))
    return found


def _loads(truck: Truck, tour: Tour, jobs: dict[str, Job]) -> list[tuple[str, str]]:
    """Check bands, that each job is loaded before it is unloaded, and the room at every moment."""
    found = []
    aboard: set[str] = set()
    for visit in tour.visits:
        job = jobs[visit.job]
        if job.band not in truck.bands:
            found.append(("band", f"{job.id} is {job.band.value}"))
        if visit.act == "load":
            aboard.add(visit.job)
        elif visit.job in aboard:
            aboard.remove(visit.job)
        else:
            found.append(("order", f"{job.id} is unloaded before it is loaded"))
        for what, most in (("mass_g", truck.mass_g), ("litres", truck.litres), ("pallets", truck.pallets)):
            held = sum(getattr(jobs[name], what) for name in aboard)
            if held > most:
                found.append(("room", f"{held} {what} after {visit.act} of {visit.job}"))
    found += [("order", f"{name} stays aboard") for name in sorted(aboard)]
    return found


def _hub(roads: Roads, truck: Truck, tour: Tour, jobs: dict[str, Job]) -> list[tuple[str, str]]:
    """Check that a truck that may not reload does not: hub stops without a time of their own come first or last."""
    if roads.reloads:
        return []
    found = []
    away = False
    unloading = False
    for visit in tour.visits:
        stop = _stop(jobs, visit.job, visit.act)
        free = stop.place == roads.hub and (stop.opens_s, stop.closes_s, stop.service_s) == (0, FOREVER_S, 0)
        if free and visit.act == "load" and truck.start == roads.hub and away:
            found.append(("reload", f"{visit.job} is loaded on the way"))
        if unloading and not (stop.place == roads.hub and visit.act == "unload"):
            found.append(("reload", f"{visit.act} of {visit.job} after the truck has been emptied"))
        unloading = unloading or (free and visit.act == "unload" and truck.end == roads.hub)
        away = away or stop.place != roads.hub
    return found


def _price(roads: Roads, truck: Truck, tour: Tour, jobs: dict[str, Job]) -> tuple[int, int]:
    metres, here = 0, truck.start
    for visit in tour.visits:
        there = _stop(jobs, visit.job, visit.act).place
        metres += roads.metres[here][there]
        here = there
    metres += roads.metres[here][truck.end]
    hours = truck.fen_per_h * (tour.ends_s - tour.starts_s) // 3_600
    return metres, truck.use_fen + truck.fen_per_km * metres // 1_000 + hours
