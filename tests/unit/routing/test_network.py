"""What a consignment can use is what it could use by the letter of the rules, and nothing else."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from routing_samples.by_hand import allowed_routes, plan_of
from routing_samples.tiny import consignment, instance, instances, node, service

from routing.draft import draft
from routing.itineraries import itineraries
from routing.kernel.tables import MOST_LEGS
from routing.model import Instance, Lock, Mode
from routing.network import network
from routing.validate import check


def services_of(made: Instance, name: str) -> set[str]:
    found = network(made)
    k = [one.id for one in found.consignments].index(name)
    stops = found.stops.service[found.stops.begin[k] : found.stops.begin[k + 1]]
    return {found.table.services[number].id for number in stops}


def chain(**given: object) -> Instance:
    places = [node(name) for name in "abc"]
    services = [
        service("first", "a", "b", 10, 20),
        service("later", "a", "b", 30, 40),
        service("last", "b", "c", 35, 50, mode=Mode.RAIL),
        service("late", "b", "c", 200, 220, mode=Mode.RAIL),
    ]
    return instance(places, services, [consignment("goods", "a", "c")], **given)


def test_services_that_cannot_be_on_a_route_are_pruned() -> None:
    assert services_of(chain(), "goods") == {"first", "last"}


def test_a_locked_service_prunes_what_does_not_go_with_it() -> None:
    assert services_of(chain(locks=(Lock(consignment="goods", use="later"),)), "goods") == set()
    assert services_of(chain(locks=(Lock(consignment="goods", use="last"),)), "goods") == {"first", "last"}


def test_a_locked_path_leaves_only_itself_and_may_be_booked_too_late() -> None:
    made = chain(now_s=30 * 3_600, locks=(Lock(consignment="goods", path=("first", "last")),))

    assert services_of(made, "goods") == {"first", "last"}
    assert services_of(chain(now_s=30 * 3_600), "goods") == set()


def test_a_locked_path_may_not_leave_out_a_leg() -> None:
    places = [node(name) for name in "abcd"]
    services = [service("ab", "a", "b", 1, 2), service("bc", "b", "c", 3, 4), service("cd", "c", "d", 5, 6)]
    services.append(service("ac", "a", "c", 1, 2))
    made = instance(places, services, [consignment("goods", "a", "d")])
    locked = instance(
        places, services, [consignment("goods", "a", "d")], locks=(Lock(consignment="goods", path=("ac", "cd")),)
    )

    assert services_of(made, "goods") == {"ab", "bc", "cd", "ac"}
    assert services_of(locked, "goods") == {"ac", "cd"}


@settings(max_examples=60, deadline=None)
@given(instances(most_consignments=2, most_services=9), st.integers(0, 1))
def test_all_routes_by_price_are_those_found_by_hand(made: Instance, which: int) -> None:
    assume(made.consignments)
    goods = made.consignments[which % len(made.consignments)]
    by_hand = [route for route in allowed_routes(made, goods) if len(route.legs) <= MOST_LEGS]
    alone = [plan_of(made, [route]) for route in by_hand]
    started = plan_of(made, [])
    under_way = draft(made)

    found = itineraries(under_way, goods.id, 1_000)

    by_service: dict[tuple[str, ...], int] = {}
    for route, plan in zip(by_hand, alone, strict=True):
        key = tuple(leg.service for leg in route.legs)
        extra = plan.cost.total - started.cost.total + goods.unplanned_fen
        if _has_units(made, plan):
            by_service[key] = min(extra, by_service.get(key, extra))
    locked = any(lock.consignment == goods.id and (lock.path or lock.use or lock.modes) for lock in made.locks)
    said = {tuple(leg.service for leg in one.route.legs): one.cost.total for one in found}
    if locked:
        assert said.keys() <= by_service.keys()
    else:
        assert said.keys() == by_service.keys()
    for key, cost in said.items():
        assert abs(cost - by_service[key]) <= 1  # CO2e is rounded once for the plan
    assert [one.cost.total for one in found] == sorted(one.cost.total for one in found)


def _has_units(made: Instance, plan: object) -> bool:
    rooms_and_units = {"cold-room-full", "room-full", "units-above-count", "plugs-on-board"}
    return not any(one.rule in rooms_and_units for one in check(made, plan))
