"""The restricted master chooses among ways that were seen, and sends what may be split in parts of any size."""

import json

import pytest
from hypothesis import given, settings
from routing_samples.tiny import DAY, consignment, instance, instances, node, offer, service

from coldport.clock import SystemClock
from routing.columns import MOST_WAYS, Pool, best_of
from routing.commands.solve import Teller
from routing.draft import draft
from routing.model import Instance
from routing.planner import plan
from routing.pricing import plan_cost
from routing.program import Limits
from routing.result import Leg
from routing.search import Effort, Progress, search_in
from routing.validate import check


def two_trucks() -> Instance:
    """Ten pallets that fill a truck of seven and half of another, so that no equal parts do."""
    truck = offer(count=1, mass_g=7_100_000, litres=36_000, positions=7)
    small = offer(count=1, mass_g=3_100_000, litres=16_000, positions=3)
    goods = {"mass_g": 10_000_000, "litres": 50_000, "pallets": 10, "due_s": 5 * DAY, "latest_s": 9 * DAY}
    may = {"splittable": True, "least_part_g": 2_500_000, "unplanned_fen": 90_000_000}
    return instance(
        [node("a"), node("b")],
        [service("one", "a", "b", 10, 20, offers=(truck,)), service("two", "a", "b", 30, 40, offers=(small,))],
        [consignment("k", "a", "b", **goods, **may)],
    )


def test_parts_are_as_large_as_there_is_room() -> None:
    made = two_trucks()
    under_way, pool = draft(made), Pool()
    for leg in under_way.legs:
        pool.add("k", (leg,))
    begin = under_way.as_plan("none")
    found = best_of(under_way.network, pool, begin, Limits(10.0), split=True)
    whole = best_of(under_way.network, pool, begin, Limits(10.0), split=False)

    assert found is not None
    assert check(made, found) == ()
    assert {(route.legs[0].service, route.pallets) for route in found.routes} == {("one", 7), ("two", 3)}
    assert whole is not None
    assert whole.unplanned != ()


@settings(max_examples=20, deadline=None)
@given(made=instances())
def test_what_is_chosen_of_a_search_is_allowed_and_no_dearer_than_what_it_found(made: Instance) -> None:
    under_way, pool = draft(made), Pool()
    best = search_in(under_way, Effort(turns=20), SystemClock())
    if check(made, best):
        return
    pool.look_at(under_way)
    pool.see(best.routes)
    found = best_of(under_way.network, pool, best, Limits(10.0, gap=0.0), split=True)

    assert found is not None
    assert check(made, found) == ()
    assert found.cost == plan_cost(made, found)
    assert found.cost.total <= best.cost.total + 100 * len(made.consignments)


def test_a_pool_keeps_so_many_ways_of_a_consignment_and_no_more() -> None:
    pool = Pool()
    for number in range(MOST_WAYS + 1):
        pool.add("k", (Leg(service=f"s{number}", offer="o"),))

    assert len(pool) == MOST_WAYS


def test_nothing_to_plan_is_a_plan_that_costs_nothing_and_is_proved() -> None:
    empty = instance([node("a"), node("b")], [service("one", "a", "b", 10, 20)], [])
    found = plan(empty, 0.2, SystemClock())

    assert (found.routes, found.unplanned, found.cost.total, found.bound_fen) == ((), (), 0, 0)


def test_progress_tells_the_price_the_bound_and_the_gap_of_that_moment(capsys: pytest.CaptureFixture[str]) -> None:
    empty = instance([node("a"), node("b")], [], [])
    best = plan(empty, 0.2, SystemClock())
    told = Progress(elapsed_s=2.0, turns=64, cost_fen=1_000, bound_fen=990, plan=lambda: best)

    assert Teller(as_json=True).hear(told)
    assert Teller(as_json=False).hear(told)
    as_json, as_text = capsys.readouterr().err.splitlines()
    assert json.loads(as_json) == {"elapsed_s": 2.0, "turns": 64, "cost_fen": 1_000, "bound_fen": 990, "gap": 0.01}
    assert "1.00 %" in as_text


def test_what_no_service_reaches_stays_with_its_reason() -> None:
    found = plan(instance([node("a"), node("b")], [], [consignment("k", "a", "b")]), 0.2, SystemClock())

    assert [(one.consignment, one.reason) for one in found.unplanned] == [("k", "no-way")]
