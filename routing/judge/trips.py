"""Rules 1 to 7 of DESIGN.md: what one route may do."""

from collections.abc import Iterator

from routing.judge.facts import Facts, Ride, Trip, change_s, first_open
from routing.judge.rules import Rule, Violation
from routing.model import Instance, Node, Status
from routing.result import Route


def follow(facts: Facts, route: Route) -> Trip | Violation:
    """Return a route with what its ids stand for, or the first thing that keeps it from being a chain at all."""
    goods = facts.goods.get(route.consignment)
    if goods is None:
        return Violation(rule=Rule.CONSIGNMENT, subject=route.consignment, text="the instance does not have it")
    at, came_s, came_by = facts.places[goods.origin], goods.ready_s, None
    rides = []
    for leg in route.legs:
        service, offer = facts.services.get(leg.service), facts.offer(leg.service, leg.offer)
        if service is None:
            return Violation(rule=Rule.SERVICE, subject=goods.id, text=f"there is no service {leg.service}")
        if offer is None:
            return Violation(rule=Rule.OFFER, subject=goods.id, text=f"{leg.service} has no offer {leg.offer}")
        if service.origin != at.id:
            text = f"{service.id} begins at {service.origin}, the goods are at {at.id}"
            return Violation(rule=Rule.CHAIN, subject=goods.id, text=text)
        rides.append(Ride(at, service, offer, came_s, came_by))
        at, came_s, came_by = facts.places[service.destination], service.arrives_s, service.mode
    return Trip(route, goods, tuple(rides), at)


def judge_trip(facts: Facts, trip: Trip) -> Iterator[Violation]:
    """Yield what a single route breaks, but for the time until which it could be booked (`judge_bookings`)."""
    for number, ride in enumerate(trip.rides):
        after = trip.rides[number + 1].place if number + 1 < len(trip.rides) else trip.end
        yield from _handing_over(trip, ride)
        yield from _papers(trip, ride)
        yield from _service(trip, ride, after)
        limit = ride.place.dwell_limit_s
        if limit is not None and ride.waits_s > limit:
            yield _broken(Rule.DWELL, trip, f"waits {ride.waits_s} s at {ride.place.id}, allowed are {limit} s")
    yield from _way(trip)
    yield from _end(facts.instance, trip)


def _broken(rule: Rule, trip: Trip, text: str) -> Violation:
    return Violation(rule=rule, subject=trip.goods.id, text=text)


def _handing_over(trip: Trip, ride: Ride) -> Iterator[Violation]:
    service, place = ride.service, ride.place
    handed_s = first_open(place, ride.came_s + change_s(place, ride.came_by, service.mode))
    if handed_s is None:
        yield _broken(Rule.CLOSED, trip, f"{place.id} does not open again after {ride.came_s} s")
        return
    if handed_s > service.gate_in_s:
        yield _broken(Rule.GATE_IN, trip, f"{service.id} takes goods until {service.gate_in_s} s, not at {handed_s} s")
    if handed_s > service.customs_s:
        text = f"{service.id} clears customs until {service.customs_s} s, not at {handed_s} s"
        yield _broken(Rule.CUSTOMS_CUT_OFF, trip, text)


def _papers(trip: Trip, ride: Ride) -> Iterator[Violation]:
    service = ride.service
    if trip.goods.documents_s > service.documents_s:
        text = f"{service.id} wants papers by {service.documents_s} s, they come at {trip.goods.documents_s} s"
        yield _broken(Rule.DOCUMENTS, trip, text)


def judge_bookings(facts: Facts, trip: Trip) -> Iterator[Violation]:
    """Yield the rides that it is too late to book and that no lock holds: what changes while nothing else does."""
    now_s = facts.instance.now_s
    for ride in trip.rides:
        service = ride.service
        if now_s > service.booking_s and not any(
            service.id in lock.path or service.id == lock.use for lock in facts.locks.get(trip.goods.id, ())
        ):
            text = f"{service.id} was booked until {service.booking_s} s, it is {now_s} s"
            yield _broken(Rule.BOOKING, trip, text)


def _service(trip: Trip, ride: Ride, after: Node) -> Iterator[Violation]:
    service, goods, place = ride.service, trip.goods, ride.place
    if place.country != after.country and place.regimes and goods.regime not in place.regimes:
        yield _broken(Rule.REGIME, trip, f"{place.id} does not serve {goods.regime} to {after.country}")
    if service.status == Status.CANCELLED:
        yield _broken(Rule.CANCELLED, trip, f"{service.id} does not run")
    if goods.band not in ride.offer.bands:
        yield _broken(Rule.BAND, trip, f"{ride.offer.id} of {service.id} is not for {goods.band} goods")
    if service.mode in goods.forbidden_modes:
        yield _broken(Rule.FORBIDDEN, trip, f"{service.id} goes by {service.mode}")


def _way(trip: Trip) -> Iterator[Violation]:
    if trip.end.id != trip.goods.destination:
        yield _broken(Rule.DESTINATION, trip, f"ends at {trip.end.id}, not at {trip.goods.destination}")
    stops = [ride.place.id for ride in trip.rides] + [trip.end.id]
    for twice in sorted({stop for stop in stops if stops.count(stop) > 1}):
        yield _broken(Rule.REVISIT, trip, f"comes to {twice} more than once")
    for mode in trip.goods.forced_modes:
        if all(ride.service.mode != mode for ride in trip.rides):
            yield _broken(Rule.FORCED, trip, f"does not go by {mode}")


def _end(instance: Instance, trip: Trip) -> Iterator[Violation]:
    goods, exposed = trip.goods, trip.exposed_s
    if goods.exposure_s is not None and exposed > goods.exposure_s:
        yield _broken(Rule.EXPOSURE, trip, f"is exposed for {exposed} s, allowed are {goods.exposure_s} s")
    arrives = trip.taken_in_s
    if arrives is None:
        yield _broken(Rule.CLOSED, trip, f"{trip.end.id} does not open again to take the goods in")
        return
    if arrives > goods.latest_s:
        yield _broken(Rule.LATEST, trip, f"arrives at {arrives} s, must by {goods.latest_s} s")
    if goods.shelf_life_s is not None:
        faster = exposed * (instance.prices.exposed_permille - 1_000) // 1_000
        left = goods.shelf_life_s - (arrives - goods.ready_s) - faster
        if left < goods.shelf_life_left_s:
            text = f"has {left} s of shelf life left, needed are {goods.shelf_life_left_s} s"
            yield _broken(Rule.SHELF_LIFE, trip, text)
