"""Plans of the heuristic keep every rule, cost what they say, and get better with effort."""

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from routing_samples.by_hand import cheapest, plan_of
from routing_samples.tiny import instances, random_instance

from coldport.clock import SystemClock
from routing.construct import construct
from routing.draft import DEARER, NO_UNITS, NO_WAY, draft
from routing.generate import generate
from routing.itineraries import itineraries
from routing.model import Instance, Status
from routing.network_folder import load_network
from routing.result import Plan
from routing.search import Effort, Progress, improve, search
from routing.slopes import slopes
from routing.validate import check

ROOT = Path(__file__).parents[3]
XIANGTAN = ROOT / "config/networks/xiangtan"
EXAMPLES = int(os.environ.get("COLDPORT_EXAMPLES", "40"))


@pytest.fixture(scope="module")
def hundred() -> Instance:
    return generate(load_network(XIANGTAN), 100, seed=1)


@settings(max_examples=EXAMPLES, deadline=None)
@given(instances())
def test_every_plan_keeps_every_rule_and_is_never_cheaper_than_the_cheapest(made: Instance) -> None:
    best = cheapest(made)
    plan = search(made, Effort(turns=30), SystemClock(), seed=1)

    if best is not None:
        assert check(made, plan) == ()
        assert plan.cost.total >= best.cost.total


def test_most_tiny_instances_are_solved_to_the_optimum() -> None:
    solved, seen = 0, 0
    for seed in range(40):
        made = random_instance(seed, nodes=5, services=9, consignments=3)
        best = cheapest(made)
        if best is not None and not any(one.splittable for one in made.consignments):
            seen += 1
            solved += search(made, Effort(turns=100), SystemClock()).cost.total == best.cost.total

    assert seen >= 10
    assert solved >= 0.9 * seen


def test_a_generated_plan_passes_the_judge_at_each_stage(hundred: Instance) -> None:
    under_way = draft(hundred, seed=1)
    construct(under_way)
    first = under_way.as_plan("construct")
    slopes(under_way)
    second = under_way.as_plan("slopes")
    turns = improve(under_way, Effort(turns=500), SystemClock())
    third = under_way.as_plan("search")

    assert turns == 500
    for plan in (first, second, third):
        assert check(hundred, plan) == ()
    assert first.cost.total >= second.cost.total >= third.cost.total
    assert abs(third.cost.total - under_way.cost_fen) < 100 * len(third.routes)
    assert {one.reason for one in third.unplanned} <= {NO_WAY, NO_UNITS, DEARER}


def test_the_same_seed_and_turns_make_the_same_plan(hundred: Instance) -> None:
    again = [search(hundred, Effort(turns=200), SystemClock(), seed=seed) for seed in (7, 7, 8)]

    assert again[0] == again[1]
    assert again[0].routes != again[2].routes


def test_the_order_of_consignments_changes_nothing(hundred: Instance) -> None:

    turned = msgspec.structs.replace(hundred, consignments=hundred.consignments[::-1])
    plans = [search(one, Effort(turns=100), SystemClock(), seed=7) for one in (hundred, turned)]

    assert plans[0].routes == plans[1].routes


def test_a_search_from_a_plan_is_never_dearer_than_it(hundred: Instance) -> None:
    start = search(hundred, Effort(turns=2_000), SystemClock(), seed=1)
    again = search(hundred, Effort(turns=1), SystemClock(), seed=2, start=start)

    assert again.cost.total <= start.cost.total
    assert check(hundred, again) == ()


def test_who_may_not_move_keeps_the_route(hundred: Instance) -> None:
    start = search(hundred, Effort(turns=50), SystemClock(), seed=1)
    still = [one.consignment for one in start.routes][:50]
    again = search(hundred, Effort(turns=500), SystemClock(), seed=2, start=start, still=still)

    routes = {one.consignment: one for one in again.routes}
    assert all(routes[one.consignment] == one for one in start.routes if one.consignment in still)


def test_who_loses_a_service_moves_and_the_others_are_seated(hundred: Instance) -> None:

    start = search(hundred, Effort(turns=50), SystemClock(), seed=1)
    gone = start.routes[0].legs[-1].service
    services = tuple(
        msgspec.structs.replace(one, status=Status.CANCELLED) if one.id == gone else one for one in hundred.services
    )
    hit = msgspec.structs.replace(hundred, services=services)
    under_way = draft(hit)

    moved = under_way.seat(start)

    assert moved == {one.consignment for one in start.routes if any(leg.service == gone for leg in one.legs)}
    assert check(hit, under_way.as_plan("seated")) == ()


def test_a_watcher_gets_plans_that_hold_and_can_stop_the_search(hundred: Instance) -> None:
    seen: list[Progress] = []

    def watch(progress: Progress) -> bool:
        seen.append(progress)
        assert check(hundred, progress.plan()) == ()
        return len(seen) < 3

    plan = search(hundred, Effort(turns=100_000), SystemClock(), watch=watch)

    assert len(seen) == 3
    assert plan.cost.total <= seen[-1].plan().cost.total


def test_watching_does_not_change_the_plan(hundred: Instance) -> None:
    def watch(progress: Progress) -> bool:
        return progress.plan().cost.total > 0

    plain = search(hundred, Effort(turns=200), SystemClock(), seed=4)

    assert search(hundred, Effort(turns=200), SystemClock(), seed=4, watch=watch) == plain


@pytest.mark.slow
def test_the_twin_in_plain_python_makes_the_same_plan(hundred: Instance) -> None:
    code = (
        "import sys, pathlib, msgspec\n"
        "from coldport.clock import SystemClock\n"
        "from routing.generate import generate\n"
        "from routing.network_folder import load_network\n"
        "from routing.search import Effort, search\n"
        "made = generate(load_network(pathlib.Path(sys.argv[1])), 100, 1)\n"
        "plan = search(made, Effort(turns=60), SystemClock(), seed=9)\n"
        "sys.stdout.buffer.write(msgspec.json.encode(plan))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(XIANGTAN)],
        cwd=ROOT,
        env=os.environ | {"NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        timeout=120,
        check=True,
    )

    plan = search(hundred, Effort(turns=60), SystemClock(), seed=9)
    assert msgspec.json.decode(done.stdout, type=Plan) == plan


def test_the_best_routes_beside_a_plan_leave_it_as_it_is_and_begin_with_one_not_dearer(hundred: Instance) -> None:
    plan = search(hundred, Effort(turns=500), SystemClock(), seed=1)
    under_way = draft(hundred)
    under_way.seat(plan)
    goods = plan.routes[0].consignment
    others = [route for route in plan.routes if route.consignment != goods]

    found = itineraries(under_way, goods, 5)

    assert under_way.as_plan("search").routes == plan.routes
    costs = [one.cost.total for one in found]
    assert len(found) == 5
    assert costs == sorted(costs)
    for one in found:
        moved = plan_of(hundred, [*others, one.route])
        without = plan_of(hundred, others)
        assert check(hundred, moved) == ()
        stays = next(each.unplanned_fen for each in hundred.consignments if each.id == goods)
        assert abs(moved.cost.total - without.cost.total + stays - one.cost.total) <= 1
        assert min(one.slack_s) == one.slack_s[one.binding[0]]
