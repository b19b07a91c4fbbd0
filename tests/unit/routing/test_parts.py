"""Goods that may be split go in parts where no service has room for all of them, and stay whole as a thing to pay."""

import os

from hypothesis import given, settings
from routing_samples.tiny import DAY, consignment, instance, instances, node, offer, service

from coldport.clock import SystemClock
from routing.model import Instance
from routing.parts import in_parts, joined, plan_in_parts
from routing.planner import plan
from routing.pricing import plan_cost
from routing.search import Effort, search
from routing.validate import check

EXAMPLES = int(os.environ.get("COLDPORT_EXAMPLES", "40"))


def big(**given: object) -> Instance:
    """A consignment that fills two boxes, and two trains of one box each."""
    box = offer(count=1, mass_g=10_000_000, litres=50_000, positions=20)
    return instance(
        [node("a"), node("b")],
        [service("one", "a", "b", 10, 20, offers=(box,)), service("two", "a", "b", 30, 40, offers=(box,))],
        [
            consignment(
                "k",
                "a",
                "b",
                mass_g=19_000_001,
                litres=90_001,
                pallets=35,
                due_s=5 * DAY,
                latest_s=9 * DAY,
                unplanned_fen=90_000_000,
                splittable=True,
                least_part_g=4_000_000,
            )
        ],
        **given,
    )


def test_what_no_train_has_room_for_goes_on_two() -> None:
    found = plan(big(), 0.5, SystemClock(), split=True)

    assert check(big(), found) == ()
    assert sorted(leg.service for route in found.routes for leg in route.legs) == ["one", "two"]
    assert plan(big(), 0.5, SystemClock()).unplanned != ()


def test_parts_add_up_and_none_is_too_small() -> None:
    parts = in_parts(big()).consignments

    assert [sum(getattr(one, what) for one in parts) for what in ("mass_g", "litres", "pallets")] == [
        19_000_001,
        90_001,
        35,
    ]
    assert len(parts) == 4
    assert min(one.mass_g for one in parts) >= 4_000_000


def test_a_plan_in_parts_to_start_with_is_not_made_dearer() -> None:
    first = plan(big(), 0.5, SystemClock(), split=True)
    again = plan(big(), 0.2, SystemClock(), start=first)

    assert again.cost.total <= first.cost.total


@settings(max_examples=EXAMPLES // 2, deadline=None)
@given(made=instances())
def test_the_judge_lets_joined_parts_pass_at_the_price_that_is_told(made: Instance) -> None:
    cut = in_parts(made)
    whole = search(made, Effort(turns=20), SystemClock())
    if check(made, whole):
        return
    found = joined(made, search(cut, Effort(turns=20), SystemClock(), start=plan_in_parts(cut, whole)))

    assert check(made, found) == ()
    assert found.cost == plan_cost(made, found)
