"""The one way to ask for a plan: the method by size, a bound beside the price, and the judge before it is shown."""

from dataclasses import replace
from functools import partial

import msgspec

from coldport.clock import Clock
from routing.draft import Draft, draft
from routing.exact.coarse import coarse_bound
from routing.exact.optimum import optimum
from routing.exact.relaxation import relaxation
from routing.model import Instance
from routing.parts import in_parts, joined, plan_in_parts
from routing.result import Plan
from routing.search import Effort, Progress, Watch, search, search_in
from routing.solver import Backend
from routing.validate import check

EXACT_LIMIT = 100
"""Consignments up to which the arc program bounds better in a minute than the relaxation does (docs/benchmarks.md)."""

COARSE_LIMIT = 300
"""Consignments up to which the coarse program bounds better in a minute than the relaxation does."""

SCIP_LIMIT = 40
"""Consignments up to which SCIP bounds better than HiGHS: with more it does not leave the root of its tree."""

SEARCH_SHARE = 0.2
"""Of the time, for the heuristic where the arc program comes after it."""

SEARCH_SHARE_COARSE = 0.6
"""Of the time, for the heuristic where the coarse program bounds it: its root alone takes a third of a minute."""

SEARCH_SHARE_LARGE = 0.9
"""Of the time, for the heuristic where only the relaxation comes after it, whose bound soon moves no more."""

COARSE_SHARE = 0.2
"""Of what the heuristic leaves, for the coarse program where the arc program follows and may not leave its root."""

RELAXATION_SHARE = 0.1
"""Of what the heuristic leaves, for the relaxation where a program follows that bounds better."""

SOLVER_RESERVE_S = 0.3
"""Kept back for building the arc program and pricing the plan: a time limit is a promise."""


def plan(
    instance: Instance,
    seconds: float,
    clock: Clock,
    *,
    seed: int = 0,
    start: Plan | None = None,
    watch: Watch | None = None,
    split: bool = False,
) -> Plan:
    """Return a plan that the judge lets pass, with a bound, of an instance without problems.

    With `split`, goods that may be split go in parts where that is cheaper; the bound holds for such plans in any case.
    `watch` hears of the heuristic's progress and may end it; the bound is sought then all the same, in what is left.

    Raises:
        AssertionError: The judge refused what a solver made: a bug, and nothing is returned.
    """
    begun_s = clock.monotonic_s()
    ends_s = begun_s + seconds
    share = _search_share(len(instance.consignments))
    under_way = draft(instance, seed)
    cut = in_parts(instance) if split else instance
    whole_share = share if cut is instance else share / 2
    effort = Effort(seconds=seconds * whole_share)
    best = search_in(under_way, effort, clock, begun_s=begun_s, start=start, watch=watch)
    if start is not None and start.cost.total < best.cost.total and not check(instance, start):
        best = start
    if cut is not instance:
        effort = Effort(seconds=seconds * (share - whole_share))
        heard = None if watch is None else partial(_hear, instance, watch)
        found = search(cut, effort, clock, seed=seed, start=plan_in_parts(cut, best), watch=heard)
        best = min(best, joined(instance, found), key=lambda one: one.cost.total)
    best, bounds = _proved(under_way, best, (clock.monotonic_s(), ends_s), clock)
    known = [min(bound, best.cost.total) for bound in bounds if bound is not None]
    best = msgspec.structs.replace(best, bound_fen=max(known, default=None))
    refused = check(instance, best)
    if refused:
        raise AssertionError(f"the judge refuses a plan of {best.solver}: {refused[0].text}")
    return best


def _proved(under_way: Draft, best: Plan, times_s: tuple[float, float], clock: Clock) -> tuple[Plan, list[int | None]]:
    """Return the best plan and what was proved between two moments, by the means that suit the size."""
    begun_s, ends_s = times_s
    network, count, seed = under_way.network, len(under_way.network.consignments), under_way.seed
    share = RELAXATION_SHARE if count <= COARSE_LIMIT else 1.0
    until_s = begun_s + share * (ends_s - begun_s)
    bounds = [relaxation(network, under_way.problem, best.cost.total, lambda: clock.monotonic_s() < until_s)]
    left_s = ends_s - clock.monotonic_s() - SOLVER_RESERVE_S
    if left_s <= 0 or count > COARSE_LIMIT:
        return best, bounds
    if count > SCIP_LIMIT:
        coarse_s = left_s if count > EXACT_LIMIT else COARSE_SHARE * left_s
        bounds.append(coarse_bound(network, under_way.problem, coarse_s, clock, seed=seed))
        left_s = ends_s - clock.monotonic_s() - SOLVER_RESERVE_S
    if count > EXACT_LIMIT or left_s <= 0:
        return best, bounds
    backend = Backend.SCIP if count <= SCIP_LIMIT else Backend.HIGHS
    proof = optimum(network, left_s, clock, seed=seed, backend=backend, start=best)
    if proof.plan is not None and proof.plan.cost.total < best.cost.total:
        best = proof.plan
    return best, [*bounds, proof.bound_fen]


def _search_share(consignments: int) -> float:
    if consignments <= EXACT_LIMIT:
        return SEARCH_SHARE
    return SEARCH_SHARE_COARSE if consignments <= COARSE_LIMIT else SEARCH_SHARE_LARGE


def _hear(instance: Instance, watch: Watch, progress: Progress) -> bool:
    """Tell of a search in parts as of one of the instance."""
    return watch(replace(progress, plan=lambda: joined(instance, progress.plan())))
