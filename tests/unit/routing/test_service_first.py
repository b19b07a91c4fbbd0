"""Service first, against every plan there is of small instances."""

import os

from hypothesis import given, settings
from routing_samples.by_hand import all_plans, plan_of, whole
from routing_samples.tiny import HOUR, consignment, instance, instances, node, offer, service

from coldport.clock import SystemClock
from routing.model import Instance
from routing.pricing import Tables
from routing.result import Leg, Plan
from routing.search import Effort, search
from routing.service_first import for_service
from routing.validate import check
from routing.weights import HEAVIEST_FEN, late_s, service_of, service_weights

EXAMPLES = int(os.environ.get("COLDPORT_EXAMPLES", "40"))
TURNS = Effort(turns=60)


def found(made: Instance) -> Plan:
    money = search(made, TURNS, SystemClock(), seed=1)
    return for_service(made, [money], TURNS, SystemClock(), seed=1)


@settings(max_examples=EXAMPLES, deadline=None)
@given(instances(most_services=7))
def test_the_plan_is_the_first_in_the_order_of_stayers_lateness_and_money(made: Instance) -> None:
    tables = Tables(made)
    plans = list(all_plans(made))
    least = min((service_of(tables, plan) for plan in plans), default=None)
    plan = found(made)

    assert check(made, plan) == ()
    assert least is not None
    assert service_of(tables, plan) == least


def test_an_hour_less_late_is_bought_at_any_price() -> None:
    services = [
        service("slow", "a", "b", 5, 60, offers=(offer(unit_fen=10),)),
        service("fast", "a", "b", 5, 50, offers=(offer(unit_fen=1_900_000),)),
    ]
    made = instance([node("a"), node("b")], services, [consignment("k", "a", "b", late_fen_per_h=1)])
    money = search(made, TURNS, SystemClock())

    plan = for_service(made, [money], TURNS, SystemClock())

    assert [route.legs[0].service for route in money.routes] == ["slow"]
    assert [route.legs[0].service for route in plan.routes] == ["fast"]


def test_who_would_rather_stay_goes() -> None:
    services = [service("truck", "a", "b", 5, 10, offers=(offer(unit_fen=5_000_000),))]
    made = instance([node("a"), node("b")], services, [consignment("k", "a", "b")])
    money = search(made, TURNS, SystemClock())

    assert len(money.unplanned) == 1
    assert for_service(made, [money], TURNS, SystemClock()).unplanned == ()


def test_lateness_is_counted_by_consignments() -> None:
    services = [service("truck", "a", "b", 5, 54)]
    goods = consignment("k", "a", "b")
    made = instance([node("a"), node("b")], services, [goods])
    leg = Leg(service="truck", offer="box")

    assert late_s(Tables(made), plan_of(made, [])) == 0
    assert late_s(Tables(made), plan_of(made, [whole(goods, leg)])) == 4 * HOUR


def test_weights_of_many_stay_where_whole_fen_are_counted() -> None:
    many = [consignment(f"k{number}", "a", "b") for number in range(2_000)]
    made = instance([node("a"), node("b")], [], many)

    hour_fen, staying_fen = service_weights(made, [one.id for one in many], 10**12)

    assert sum(staying_fen.values()) <= HEAVIEST_FEN
    assert staying_fen["k0"] > hour_fen * 50 * 2_000
