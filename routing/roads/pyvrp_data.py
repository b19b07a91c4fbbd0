"""The road problem as PyVRP's data, and PyVRP's routes as orders of visits.

Bands are further sizes of load: a truck that does not keep a band has no room for it. Prices are in thousandths of a
fen; each profile is a way of resting. PyVRP tries tours that break rules, at a price for each second or unit of load
too many, so sizes are told in units about as dear as each other: a kilogram, a litre, a thousandth of a pallet or band.
"""

from typing import Any, NamedTuple

import numpy as np
from msgspec.structs import replace
from pyvrp import Activity, ActivityType, Client, Depot, Location, ProblemData, Route, Shipment, Solution, VehicleType

from routing.model import Band
from routing.roads.model import Job, Roads, Tour, Tours, Truck
from routing.roads.port import is_collection, is_delivery, loads_first
from routing.roads.timing import Act, Order, with_rests

SEARCHED_FEN = 1_000
FINE = 1_000


class Pieces(NamedTuple):
    """Which job each client and shipment of PyVRP's data is; a client is a delivery or a collection."""

    data: ProblemData
    clients: list[Job]
    shipments: list[Job]


def translate(roads: Roads, *, required: bool) -> Pieces:
    """Translate a problem; with `required` no job may stay. The hub and where trucks start or end are depots."""
    bands = sorted({job.band for job in roads.jobs})
    depots = sorted({roads.hub, *(truck.start for truck in roads.trucks), *(truck.end for truck in roads.trucks)})
    clients, shipments = [], []
    singles: list[Job] = []
    pairs: list[Job] = []
    for job in roads.jobs:
        if is_collection(roads, job) or _is_delivery(roads, job):
            clients.append(_client(roads, job, bands, required=required))
            singles.append(job)
        else:
            shipments.append(_shipment(roads, job, bands, required=required))
            pairs.append(job)
    trucks = [_vehicle(roads, truck, depots, bands) for truck in roads.trucks]
    profiles = list({truck.rest: None for truck in roads.trucks})
    metres: Any = np.array(roads.metres, np.int64)  # its stub takes an array for a vector
    seconds: list[Any] = [
        np.array([[with_rests(way, rest) for way in row] for row in roads.seconds], np.int64) for rest in profiles
    ]
    trucks = [
        truck.replace(profile=profiles.index(kind.rest)) for truck, kind in zip(trucks, roads.trucks, strict=True)
    ]
    data = ProblemData(
        [Location(x=place, y=0) for place in range(len(roads.metres))],
        clients,
        [Depot(location=place) for place in depots],
        trucks,
        [metres] * len(profiles),
        seconds,
        [],
        shipments,
    )
    return Pieces(data, singles, pairs)


def _is_delivery(roads: Roads, job: Job) -> bool:
    """Return whether a job is a delivery; that its goods are released later is no hindrance to PyVRP."""
    load = job.load
    return is_delivery(roads, replace(job, load=replace(load, opens_s=0)))


def _amount(roads: Roads, job: Job, bands: list[Band]) -> list[int]:
    """Return how large a job is; a mass is rounded up."""
    mass = -(-job.mass_g // _mass_unit(roads))
    return [mass, job.litres, job.pallets * FINE, *(FINE * (job.band is band) for band in bands)]


def _mass_unit(roads: Roads) -> int:
    """Return grams in a unit of mass: a kilogram, except where trucks are as small as in made-up instances."""
    return 1_000 if min(truck.mass_g for truck in roads.trucks) >= 100_000 else 1


def _client(roads: Roads, job: Job, bands: list[Band], *, required: bool) -> Client:
    """A collection picks up, to the end of the trip; a delivery is brought, and the trip waits for its release."""
    collected = is_collection(roads, job)
    stop, amount = job.load if collected else job.unload, _amount(roads, job, bands)
    none = [0] * len(amount)
    return Client(
        location=stop.place,
        delivery=none if collected else amount,
        pickup=amount if collected else none,
        service_duration=stop.service_s,
        tw_early=stop.opens_s,
        tw_late=stop.closes_s,
        release_time=0 if collected else job.load.opens_s,
        prize=job.stay_fen * SEARCHED_FEN,
        required=required,
    )


def _shipment(roads: Roads, job: Job, bands: list[Band], *, required: bool) -> Shipment:
    return Shipment(
        pickup_location=job.load.place,
        delivery_location=job.unload.place,
        pickup_tw_early=job.load.opens_s,
        pickup_tw_late=job.load.closes_s,
        pickup_service_duration=job.load.service_s,
        delivery_tw_early=job.unload.opens_s,
        delivery_tw_late=job.unload.closes_s,
        delivery_service_duration=job.unload.service_s,
        amount=_amount(roads, job, bands),
        prize=job.stay_fen * SEARCHED_FEN,
        required=required,
    )


def _vehicle(roads: Roads, truck: Truck, depots: list[int], bands: list[Band]) -> VehicleType:
    return VehicleType(
        num_available=truck.count,
        capacity=[truck.mass_g // _mass_unit(roads), truck.litres, truck.pallets * FINE]
        + [len(roads.jobs) * FINE * (band in truck.bands) for band in bands],
        start_depot=depots.index(truck.start),
        end_depot=depots.index(truck.end),
        fixed_cost=truck.use_fen * SEARCHED_FEN,
        tw_early=truck.opens_s,
        tw_late=truck.closes_s,
        shift_duration=truck.longest_s,
        unit_distance_cost=truck.fen_per_km,  # a fen for a kilometre is a thousandth of one for a metre
        unit_duration_cost=truck.fen_per_h * SEARCHED_FEN // 3_600,
        reload_depots=[depots.index(roads.hub)] if roads.reloads else [],
    )


def solution_of(roads: Roads, pieces: Pieces, tours: Tours) -> Solution:
    """Translate tours of trucks that do not reload, to begin a search with."""
    kinds = [truck.id for truck in roads.trucks]
    return Solution(
        pieces.data, [Route(pieces.data, _activities(pieces, tour), kinds.index(tour.truck)) for tour in tours.tours]
    )


def _activities(pieces: Pieces, tour: Tour) -> list[Activity]:
    """Return the visits of a tour as PyVRP has them: of a collection its loading alone, of a delivery its unloading."""
    clients = {job.id: number for number, job in enumerate(pieces.clients)}
    shipments = {job.id: number for number, job in enumerate(pieces.shipments)}
    acts = {"load": ActivityType.PICKUP, "unload": ActivityType.DELIVERY}
    activities = []
    for visit in tour.visits:
        if visit.job in shipments:
            activities.append(Activity(acts[visit.act], shipments[visit.job]))
            continue
        number = clients[visit.job]
        collected = any(pieces.data.client(number).pickup)
        if collected is (visit.act == "load"):
            activities.append(Activity(ActivityType.CLIENT, number))
    return activities


def orders_of(roads: Roads, pieces: Pieces, solution: Solution) -> list[Order]:
    """Translate tours back. Each trip loads its deliveries as it begins and unloads its collections as it ends.

    A route that breaks a rule is left out: PyVRP returns some when it finds none that keep all.
    """
    routes = [route for route in solution.routes() if route.is_feasible()]
    return [(roads.trucks[route.vehicle_type()], _acts(roads, pieces, route)) for route in routes]


def _acts(roads: Roads, pieces: Pieces, route: Route) -> list[Act]:
    trips: dict[int, list[Act]] = {}
    brought: dict[int, list[Job]] = {}
    fetched: dict[int, list[Job]] = {}
    for activity in route:
        acts = trips.setdefault(activity.trip, [])
        if activity.is_client():
            job = pieces.clients[activity.idx]
            collected = is_collection(roads, job)
            (fetched if collected else brought).setdefault(activity.trip, []).append(job)
            acts.append(Act(job, "load" if collected else "unload"))
        elif activity.is_shipment():
            acts.append(Act(pieces.shipments[activity.idx], "load" if activity.is_pickup() else "unload"))
    whole: list[Act] = []
    for trip, acts in sorted(trips.items()):
        unloads = [Act(job, "unload") for job in fetched.get(trip, [])]
        whole += [*loads_first(brought.get(trip, [])), *acts, *unloads]
    return whole
