"""Fixed-charge network design, the public problem nearest to the planner's own: open arcs, and send goods over them.

`prove` runs the strong arc program (every commodity may use an arc only as far as it is open), `heuristic` does without
a proof: slope scaling (Crainic, Gendron, Hernu 2004) finds arcs worth a look, and programs over some of them improve on
it. `price` checks flows and prices them apart from both. Goods may be divided; nodes are counted from 0.
"""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from coldport.clock import Clock
from routing.fixed_charge_file import FixedCharge
from routing.program import Limits, Outcome, Program
from routing.solver import Backend, run

NEAR_NOTHING = 1e-6
"""Less of a flow than this is none: what solvers leave over."""
ROUNDS = 20
PART_SECONDS = 5.0
FREE_PART = 0.5

Flows = tuple[tuple[float, ...], ...]
"""For each commodity what goes over each arc."""


@dataclass(frozen=True, slots=True)
class Design:
    """An answer: its flows, their cost, and what was proved that no other costs less than (None: nothing)."""

    flows: Flows
    cost: float
    bound: float | None = None


def price(instance: FixedCharge, flows: Flows) -> float:
    """Return what flows cost.

    Raises:
        ValueError: A commodity does not go whole from its origin to its destination, or an arc carries too much.
    """
    for commodity, flow in zip(instance.commodities, flows, strict=True):
        balance = [0.0] * instance.nodes
        for arc, amount in zip(instance.arcs, flow, strict=True):
            if amount < -NEAR_NOTHING:
                raise ValueError(f"{amount} goes from {arc.origin} to {arc.destination}")
            balance[arc.origin] += amount
            balance[arc.destination] -= amount
        balance[commodity.origin] -= commodity.quantity
        balance[commodity.destination] += commodity.quantity
        if max(map(abs, balance)) > 1e-4:
            raise ValueError(f"{commodity} does not go whole")
    cost = 0.0
    for number, arc in enumerate(instance.arcs):
        total = sum(flow[number] for flow in flows)
        if total > arc.capacity + 1e-4:
            raise ValueError(f"{total} goes from {arc.origin} to {arc.destination}, room is for {arc.capacity}")
        cost += arc.unit_cost * total + (arc.opening_cost if total > NEAR_NOTHING else 0)
    return cost


def prove(instance: FixedCharge, seconds: float, *, seed: int = 0) -> Design | None:
    """Return the cheapest design and its bound, or the best one found in time; None when there is none."""
    outcome = run(_program(instance), Backend.SCIP, Limits(seconds, gap=1e-6, seed=seed))
    return _design(instance, outcome)


def heuristic(instance: FixedCharge, seconds: float, clock: Clock, *, seed: int = 0) -> Design | None:
    """Return a good design without a proof; None when none was found."""
    ends_s = clock.monotonic_s() + seconds
    dice = random.Random(seed)  # noqa: S311 - a search, no secret
    best, seen = _slopes(instance, ends_s, clock)
    while best is not None and (left_s := ends_s - clock.monotonic_s()) > 0.1:
        used = _used(best.flows)
        others = sorted(set(range(len(instance.arcs))) - used - seen)
        free = used | seen | set(dice.sample(others, int(len(others) * FREE_PART)))
        outcome = run(_program(instance, free), Backend.SCIP, Limits(min(PART_SECONDS, left_s), seed=seed))
        found = _design(instance, outcome)
        if found is not None and found.cost < best.cost:
            best = Design(found.flows, found.cost)
        seen = set(dice.sample(sorted(seen), len(seen) // 2))
    return best


def _slopes(instance: FixedCharge, ends_s: float, clock: Clock) -> tuple[Design | None, set[int]]:
    """Return the best design of the rounds, and all arcs that any of them used.

    In each round an arc costs for each unit what it cost in the last one, its opening shared among what went over it.
    """
    slopes = [arc.unit_cost + arc.opening_cost / max(1, arc.capacity) for arc in instance.arcs]
    best: Design | None = None
    seen: set[int] = set()
    for _ in range(ROUNDS):
        left_s = ends_s - clock.monotonic_s()
        outcome = run(_flow_program(instance, slopes), Backend.HIGHS, Limits(left_s))
        found = _design(instance, outcome)
        if found is None:
            break
        seen |= _used(found.flows)
        if best is None or found.cost < best.cost:
            best = Design(found.flows, found.cost)
        for number, arc in enumerate(instance.arcs):
            total = sum(flow[number] for flow in found.flows)
            if total > NEAR_NOTHING:
                slopes[number] = arc.unit_cost + arc.opening_cost / total
    return best, seen


def _used(flows: Flows) -> set[int]:
    return {number for flow in flows for number, amount in enumerate(flow) if amount > NEAR_NOTHING}


def _design(instance: FixedCharge, outcome: Outcome) -> Design | None:
    """Return what the first columns of an outcome, a block of arcs for each commodity, stand for."""
    if outcome.values is None:
        return None
    size = len(instance.arcs)
    blocks = range(0, size * len(instance.commodities), size)
    flows = tuple(tuple(max(0.0, amount) for amount in outcome.values[begin : begin + size]) for begin in blocks)
    return Design(flows, price(instance, flows), outcome.bound)


def _add_flows(program: Program, instance: FixedCharge, costs: Sequence[int], allowed: Collection[int]) -> None:
    for commodity in instance.commodities:
        for number, arc in enumerate(instance.arcs):
            most = min(commodity.quantity, arc.capacity) if number in allowed else 0
            program.column(costs[number], most, whole=False)
    size = len(instance.arcs)
    for place, commodity in enumerate(instance.commodities):
        for node in range(instance.nodes):
            terms = [(place * size + n, 1) for n, arc in enumerate(instance.arcs) if arc.origin == node]
            terms += [(place * size + n, -1) for n, arc in enumerate(instance.arcs) if arc.destination == node]
            amount = commodity.quantity * ((node == commodity.origin) - (node == commodity.destination))
            program.row(terms, lower=amount, upper=amount)


def _flow_program(instance: FixedCharge, slopes: Sequence[float]) -> Program:
    """Return the program without openings; slopes in thousandths, because a program has whole numbers alone."""
    program, size = Program(), len(instance.arcs)
    _add_flows(program, instance, [round(1_000 * slope) for slope in slopes], range(size))
    for number, arc in enumerate(instance.arcs):
        program.row([(k * size + number, 1) for k in range(len(instance.commodities))], upper=arc.capacity)
    return program


def _program(instance: FixedCharge, allowed: Collection[int] | None = None) -> Program:
    """Return the strong arc program, or that of some arcs only."""
    program, size = Program(), len(instance.arcs)
    _add_flows(program, instance, [arc.unit_cost for arc in instance.arcs], range(size) if allowed is None else allowed)
    for number, arc in enumerate(instance.arcs):
        if allowed is not None and number not in allowed:
            continue
        opens = program.column(arc.opening_cost)
        uses = [k * size + number for k in range(len(instance.commodities))]
        program.row([*((use, 1) for use in uses), (opens, -arc.capacity)], upper=0)
        for use, commodity in zip(uses, instance.commodities, strict=True):
            program.row([(use, 1), (opens, -min(commodity.quantity, arc.capacity))], upper=0)
    return program
