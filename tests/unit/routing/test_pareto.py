"""Fronts of small instances, against every plan there is; and of a bigger one, among themselves."""

import os
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from routing_samples.by_hand import all_plans
from routing_samples.tiny import instances

from coldport.clock import SystemClock
from routing.generate import generate
from routing.model import Instance
from routing.network_folder import load_network
from routing.pareto import Axis, Terms, front, measure, measures, undominated
from routing.pricing import Tables
from routing.result import Plan
from routing.search import Effort, search
from routing.validate import check

XIANGTAN = Path(__file__).parents[3] / "config/networks/xiangtan"
EXAMPLES = int(os.environ.get("COLDPORT_EXAMPLES", "15"))
BOTH = (Axis.CARBON, Axis.LATENESS)


def no_worse(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return all(a <= b for a, b in zip(one, other, strict=True))


def points(made: Instance, plans: list[Plan], by: tuple[Axis, ...]) -> list[tuple[int, ...]]:
    return [measures(Tables(made), plan, by) for plan in plans]


@settings(max_examples=EXAMPLES, deadline=None)
@given(instances(most_services=7))
def test_no_plan_there_is_dominates_one_of_a_small_front(made: Instance) -> None:
    turns = Effort(turns=40)
    first = search(made, turns, SystemClock(), seed=1)
    gone = {route.consignment for route in first.routes}
    every = [plan for plan in all_plans(made) if gone <= {route.consignment for route in plan.routes}]
    for axis in BOTH:
        found = front(made, first, Terms(by=(axis,), points=4, effort=turns, exact_s=5, seed=1), SystemClock())
        ends = points(made, found, (axis,))
        for plan in every:
            one = measures(Tables(made), plan, (axis,))
            # The program rounds each column's CO2e by itself: a plan may be a few fen or grams short of the best.
            assert not any(one[0] < end[0] - 100 and one[1] <= end[1] - 100 for end in ends)


def test_of_many_points_none_dominates_another_and_each_is_kept_once() -> None:
    made = generate(load_network(XIANGTAN), 12, seed=1)
    first = search(made, Effort(turns=200), SystemClock(), seed=1)
    terms = Terms(by=BOTH, points=5, effort=Effort(turns=100), seed=1)
    heard: list[int] = []

    found = front(made, first, terms, SystemClock(), heard.append)

    ends = points(made, found, BOTH)
    assert len(found) >= 3
    assert ends == sorted(ends)
    assert not any(no_worse(one, other) for one in ends for other in ends if one is not other)
    assert all(check(made, plan) == () for plan in found)
    assert all(len(plan.unplanned) <= len(first.unplanned) for plan in found)
    for axis in BOTH:
        assert min(measure(Tables(made), plan, axis) for plan in found) < measure(Tables(made), first, axis)
    assert heard == list(range(1, len(heard) + 1))


def test_the_same_seed_makes_the_same_front() -> None:
    made = generate(load_network(XIANGTAN), 8, seed=2)
    first = search(made, Effort(turns=100), SystemClock(), seed=1)
    terms = Terms(by=(Axis.CARBON,), points=3, effort=Effort(turns=50), seed=1)

    assert front(made, first, terms, SystemClock()) == front(made, first, terms, SystemClock())


@pytest.mark.parametrize(
    ("ends", "kept"),
    [
        ([(1, 9), (2, 8), (3, 8)], [(1, 9), (2, 8)]),
        ([(2, 2), (2, 2)], [(2, 2)]),
        ([(5, 1), (1, 5), (3, 3), (4, 4)], [(1, 5), (3, 3), (5, 1)]),
    ],
)
def test_a_dominated_point_is_dropped(ends: list[tuple[int, int]], kept: list[tuple[int, int]]) -> None:
    made = generate(load_network(XIANGTAN), 1, seed=1)
    plan = search(made, Effort(turns=1), SystemClock())
    tagged = [(end, msgspec.structs.replace(plan, seed=number)) for number, end in enumerate(ends)]
    found = {one.seed for one in undominated(tagged)}

    assert sorted(end for number, end in enumerate(ends) if number in found) == kept
