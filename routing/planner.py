"""The one way to ask for a plan: the method by size, a bound beside the price, and the judge before it is shown."""

import msgspec

from coldport.clock import Clock
from routing.draft import draft
from routing.exact.optimum import optimum
from routing.exact.relaxation import relaxation
from routing.model import Instance
from routing.result import Plan
from routing.search import Effort, Watch, search_in
from routing.solver import Backend
from routing.validate import check

EXACT_LIMIT = 100
"""Consignments up to which the arc program bounds better in a minute than the relaxation does (docs/benchmarks.md)."""

SCIP_LIMIT = 40
"""Consignments up to which SCIP bounds better than HiGHS: with more it does not leave the root of its tree."""

SEARCH_SHARE = 0.3
"""Of the time, for the heuristic where the arc program comes after it."""

SEARCH_SHARE_LARGE = 0.9
"""Of the time, for the heuristic where only the relaxation comes after it, whose bound soon moves no more."""

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
) -> Plan:
    """Return a plan that the judge lets pass, with a bound, of an instance without problems.

    `watch` hears of the heuristic's progress and may end it; the bound is sought then all the same, in what is left.

    Raises:
        AssertionError: The judge refused what a solver made: a bug, and nothing is returned.
    """
    begun_s = clock.monotonic_s()
    ends_s = begun_s + seconds
    is_small = len(instance.consignments) <= EXACT_LIMIT
    share = SEARCH_SHARE if is_small else SEARCH_SHARE_LARGE
    under_way = draft(instance, seed)
    effort = Effort(seconds=seconds * share)
    best = search_in(under_way, effort, clock, begun_s=begun_s, start=start, watch=watch)
    bounds = [relaxation(under_way.network, under_way.problem, best.cost.total, lambda: clock.monotonic_s() < ends_s)]
    left_s = ends_s - clock.monotonic_s() - SOLVER_RESERVE_S
    if is_small and left_s > 0:
        backend = Backend.SCIP if len(instance.consignments) <= SCIP_LIMIT else Backend.HIGHS
        proof = optimum(under_way.network, left_s, clock, seed=seed, backend=backend, start=best)
        bounds.append(proof.bound_fen)
        if proof.plan is not None and proof.plan.cost.total < best.cost.total:
            best = proof.plan
    known = [min(bound, best.cost.total) for bound in bounds if bound is not None]
    best = msgspec.structs.replace(best, bound_fen=max(known, default=None))
    refused = check(instance, best)
    if refused:
        raise AssertionError(f"the judge refuses a plan of {best.solver}: {refused[0].text}")
    return best
