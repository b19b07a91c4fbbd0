"""What the judge found of one plan, kept: a plan that is nearly the same is judged by what differs.

Each part of a verdict follows from a few things alone: that of a route from its consignment, its services, its places
and the prices; that of a place from the routes that wait there; that of a service from its riders, bookings and locks.
Where all of those are the very same things as before, so is that part; everything else is judged as `validate.check`
does. Tests hold both against each other.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from coldport.ids import Id
from routing.judge.bill import NOT_PRICED, bill, compare, trip_bill
from routing.judge.facts import Facts, Trip
from routing.judge.loads import judge_rooms, judge_units
from routing.judge.rules import Rule, Violation
from routing.judge.trips import follow, judge_bookings, judge_trip
from routing.judge.wholes import judge_locks, judge_wholes
from routing.model import Instance
from routing.result import Cost, Plan


@dataclass(frozen=True, slots=True)
class _Judged:
    """A route with what it breaks by itself, and what it costs."""

    trip: Trip
    broken: tuple[Violation, ...]
    cost: Cost


@dataclass(frozen=True, slots=True)
class _Touched:
    """What may be judged otherwise than before, by id."""

    goods: set[Id]
    services: set[Id]
    places: set[Id]


class Record:
    """The verdict on a plan, to judge others by. Asking changes nothing."""

    def __init__(self, instance: Instance, plan: Plan) -> None:
        self._facts = Facts(instance)
        self._plan = plan
        followed = [follow(self._facts, route) for route in plan.routes]
        trips = [one for one in followed if isinstance(one, Trip)]
        self._judged = {trip.route: _judge(self._facts, trip) for trip in trips}
        self._times = Counter(plan.routes)
        self._rooms = tuple(judge_rooms(trips))
        self._units = tuple(judge_units(self._facts, plan))
        self._wholes = tuple(judge_wholes(self._facts, plan))

    def again(self, instance: Instance, plan: Plan) -> tuple[Violation, ...]:
        """Return what `validate.check` does, perhaps in another order."""
        if plan.instance != instance.id:
            return (Violation(rule=Rule.INSTANCE, subject=instance.id, text=f"the plan answers {plan.instance}"),)
        facts = Facts(instance)
        judged, found = self._routes(facts, plan)
        trips = [one.trip for one in judged]
        for one in judged:
            found.extend(one.broken)
            found.extend(judge_bookings(facts, one.trip))
        touched = self._touched(facts, plan, judged)
        found.extend(_others(self._rooms, touched.places))
        found.extend(judge_rooms(trips, touched.places))
        found.extend(_others(self._units, touched.services))
        found.extend(judge_units(facts, plan, touched.services))
        found.extend(_others(self._wholes, touched.goods))
        found.extend(judge_wholes(facts, plan, touched.goods))
        found.extend(judge_locks(facts, plan))
        if not any(one.rule in NOT_PRICED for one in found):
            found.extend(compare(instance, plan, bill(facts, plan, [one.cost for one in judged])))
        return tuple(found)

    def _routes(self, facts: Facts, plan: Plan) -> tuple[list[_Judged], list[Violation]]:
        """Return the routes that are chains, judged, and what keeps the others from being one."""
        judged: list[_Judged] = []
        found: list[Violation] = []
        same_prices = facts.instance.prices == self._facts.instance.prices
        for route in plan.routes:
            known = self._judged.get(route)
            if known is not None and same_prices and _is_same(facts, known.trip):
                judged.append(known)
                continue
            followed = follow(facts, route)
            if isinstance(followed, Trip):
                judged.append(_judge(facts, followed))
            else:
                found.append(followed)
        return judged, found

    def _touched(self, facts: Facts, plan: Plan, judged: Iterable[_Judged]) -> _Touched:
        """Return whose verdicts do not follow from what was judged before."""
        before = self._facts
        goods = _differ(before.goods, facts.goods)
        services = _differ(before.services, facts.services)
        places = _differ(before.places, facts.places)
        services |= {key[0] for key in before.held.keys() | facts.held.keys() if before.held != facts.held}
        services |= {one.service for one in set(self._plan.bookings) ^ set(plan.bookings)}
        if Counter(self._plan.bookings) != Counter(plan.bookings):
            services |= {one.service for one in (*self._plan.bookings, *plan.bookings)} & _twice(self._plan, plan)
        stays, now_stay = (Counter(one.consignment for one in some.unplanned) for some in (self._plan, plan))
        goods |= {name for name in stays.keys() | now_stay.keys() if stays[name] != now_stay[name]}
        goods |= stays.keys() - before.goods.keys()
        times = Counter(plan.routes)
        changed = [route for route in times.keys() | self._times.keys() if times[route] != self._times[route]]
        known = {id(one) for one in self._judged.values()}
        anew = [one.trip for one in judged if id(one) not in known]
        was = [self._judged[route].trip for route in changed if route in self._judged]
        was += [self._judged[trip.route].trip for trip in anew if trip.route in self._judged]
        goods |= {route.consignment for route in changed}
        services |= {leg.service for route in changed for leg in route.legs}
        for trip in (*anew, *was):
            goods.add(trip.route.consignment)
            services |= {leg.service for leg in trip.route.legs}
            places |= {ride.place.id for ride in trip.rides}
        return _Touched(goods, services, places)


def _judge(facts: Facts, trip: Trip) -> _Judged:
    return _Judged(trip, tuple(judge_trip(facts, trip)), trip_bill(facts, trip))


def _is_same(facts: Facts, trip: Trip) -> bool:
    """Return whether everything a route's verdict follows from is the very same thing as before."""
    return (
        facts.goods.get(trip.goods.id) is trip.goods
        and facts.places.get(trip.end.id) is trip.end
        and all(
            facts.services.get(ride.service.id) is ride.service and facts.places.get(ride.place.id) is ride.place
            for ride in trip.rides
        )
    )


def _differ(before: dict[Id, Any], now: dict[Id, Any]) -> set[Id]:
    """Return the ids of what is new, gone, or another thing."""
    return {name for name in before.keys() | now.keys() if before.get(name) is not now.get(name)}


def _twice(*plans: Plan) -> set[Id]:
    """Return the services of which one booking is in a plan more than once, word for word."""
    return {one.service for plan in plans for one, times in Counter(plan.bookings).items() if times > 1}


def _others(found: Iterable[Violation], touched: Collection[str]) -> Iterator[Violation]:
    return (one for one in found if one.subject not in touched)
