"""The exact part finds what trying every plan finds, and proves no more than is so."""

import os

import msgspec
import pytest
from hypothesis import given, settings
from routing_samples.by_hand import cheapest
from routing_samples.tiny import HOUR, consignment, instance, instances, node, offer, service

from coldport.clock import SystemClock
from routing.draft import draft
from routing.exact.blocks import block_bound
from routing.exact.coarse import coarse_bound
from routing.exact.optimum import optimum
from routing.exact.relaxation import relaxation, relaxed
from routing.model import Instance, Lock, Mode, Step
from routing.network import network
from routing.program import Ended
from routing.solver import Backend
from routing.validate import check

EXAMPLES = int(os.environ.get("COLDPORT_EXAMPLES", "40"))
ROUNDING_FEN = 100
"""Two plans that differ by less may be the same to the program, which rounds down more often than the table."""


@pytest.mark.parametrize("backend", [Backend.HIGHS, Backend.SCIP, Backend.CP_SAT])
@settings(max_examples=EXAMPLES, deadline=None)
@given(made=instances())
def test_the_optimum_is_the_cheapest_of_all_plans_and_the_bound_is_not_above_it(
    backend: Backend, made: Instance
) -> None:
    best = cheapest(made)
    proof = optimum(network(made), 10.0, SystemClock(), backend=backend)

    if best is None:
        assert proof.plan is None or check(made, proof.plan) != ()
        return
    assert proof.ended is Ended.OPTIMAL
    assert proof.plan is not None
    assert check(made, proof.plan) == ()
    assert proof.plan.cost.total <= best.cost.total + ROUNDING_FEN
    assert proof.bound_fen is not None
    assert proof.bound_fen <= best.cost.total
    if not any(one.splittable for one in made.consignments):
        assert proof.bound_fen >= best.cost.total * (1 - 1e-4) - ROUNDING_FEN


@pytest.mark.parametrize("backend", [Backend.HIGHS, Backend.SCIP, Backend.CP_SAT])
@settings(max_examples=EXAMPLES // 2, deadline=None)
@given(made=instances())
def test_a_plan_to_start_with_changes_neither_the_optimum_nor_what_is_proved(backend: Backend, made: Instance) -> None:
    best = cheapest(made)
    if best is None:
        return
    proof = optimum(network(made), 10.0, SystemClock(), backend=backend, start=best)

    assert proof.ended is Ended.OPTIMAL
    assert proof.plan is not None
    assert proof.bound_fen is not None
    assert proof.bound_fen <= best.cost.total
    assert proof.plan.cost.total <= best.cost.total + ROUNDING_FEN


def test_an_instance_without_consignments_has_an_empty_plan_that_costs_nothing() -> None:
    proof = optimum(network(instance([node("a"), node("b")], [], [])), 1.0, SystemClock())

    assert proof.ended is Ended.OPTIMAL
    assert proof.plan is not None
    assert (proof.plan.cost.total, proof.bound_fen) == (0, 0)


def test_locks_that_contradict_each_other_are_infeasible_and_no_error() -> None:
    made = instance(
        [node("a"), node("b")],
        [service("one", "a", "b", 10, 20), service("two", "a", "b", 30, 40)],
        [consignment("k", "a", "b")],
        locks=(Lock(consignment="k", use="one"), Lock(consignment="k", use="two")),
    )
    proof = optimum(network(made), 1.0, SystemClock())

    assert (proof.ended, proof.plan, proof.bound_fen) == (Ended.INFEASIBLE, None, None)


def test_no_time_is_no_answer() -> None:
    made = instance([node("a"), node("b")], [service("one", "a", "b", 10, 20)], [consignment("k", "a", "b")])
    proof = optimum(network(made), 0.0, SystemClock())

    assert (proof.ended, proof.plan, proof.bound_fen) == (Ended.NOTHING, None, None)


def test_more_units_than_needed_are_not_booked_for_a_better_step_of_the_tariff() -> None:
    cheap_from_two = offer(count=5, unit_fen=1_000_000, steps=(Step(units=2, unit_fen=10_000),))
    made = instance(
        [node("a"), node("b")],
        [service("one", "a", "b", 10, 20, offers=(cheap_from_two,))],
        [msgspec.structs.replace(consignment("k", "a", "b"), unplanned_fen=5_000_000)],
    )
    proof = optimum(network(made), 5.0, SystemClock())

    assert proof.plan is not None
    assert check(made, proof.plan) == ()
    assert proof.bound_fen is not None
    assert proof.bound_fen <= proof.plan.cost.total


@settings(max_examples=EXAMPLES, deadline=None)
@given(made=instances())
def test_the_relaxation_is_never_above_the_cheapest_plan(made: Instance) -> None:
    best = cheapest(made)
    if best is None:
        return
    under_way = draft(made)
    bound = relaxation(under_way.network, under_way.problem, best.cost.total, lambda: True, rounds=60)

    assert bound is not None
    assert bound <= best.cost.total


@settings(max_examples=EXAMPLES, deadline=None)
@given(made=instances())
def test_the_coarse_bound_is_never_above_the_cheapest_plan(made: Instance) -> None:
    best = cheapest(made)
    if best is None:
        return
    under_way = draft(made)
    bound = coarse_bound(under_way.network, under_way.problem, 10.0, SystemClock())

    assert bound is not None
    assert bound <= best.cost.total


@settings(max_examples=EXAMPLES, deadline=None)
@given(made=instances())
def test_blocks_of_destinations_cost_no_more_together_than_the_cheapest_plan(made: Instance) -> None:
    best = cheapest(made)
    if best is None:
        return
    under_way = draft(made)
    network, problem = under_way.network, under_way.problem
    _, prices = relaxed(network, problem, best.cost.total, lambda: True, rounds=60)
    bound = block_bound(network, problem, prices, 10.0, SystemClock())

    assert bound is None or bound <= best.cost.total


def test_trucks_of_all_days_are_one_to_the_coarse_bound_and_trains_are_not() -> None:
    large = offer(mass_g=100_000_000, litres=1_000_000, positions=100)

    def made(mode: Mode) -> Instance:
        return instance(
            [node("a"), node("b")],
            [
                service("one", "a", "b", 10, 20, mode=mode, offers=(large,)),
                service("two", "a", "b", 60, 70, mode=mode, offers=(large,)),
            ],
            [
                consignment("k", "a", "b", latest_s=25 * HOUR),
                consignment("m", "a", "b", ready_s=40 * HOUR, due_s=90 * HOUR, latest_s=90 * HOUR),
            ],
        )

    bounds = {}
    for mode in (Mode.ROAD, Mode.RAIL):
        under_way = draft(made(mode))
        bounds[mode] = coarse_bound(under_way.network, under_way.problem, 10.0, SystemClock())
    best = cheapest(made(Mode.RAIL))

    assert best is not None
    assert bounds[Mode.RAIL] is not None
    assert bounds[Mode.ROAD] is not None
    assert best.cost.total - 2 * ROUNDING_FEN - 10 <= bounds[Mode.RAIL] <= best.cost.total
    assert bounds[Mode.ROAD] < bounds[Mode.RAIL]
