"""The cheapest plan there is, with its proof: the arc program run to its end, for up to some fifty consignments."""

from dataclasses import dataclass, replace

import msgspec

from coldport.clock import Clock
from coldport.ids import Id
from routing.exact.arc_program import ROUNDING_FEN, ArcProgram, arc_program, plan_of, routes_of, values_of, ways_of
from routing.network import Network
from routing.program import Ended, Limits, Outcome
from routing.result import Leg, Plan
from routing.solver import Backend, run

KEPT_BACK = 0.03
"""Of the seconds given, kept for what solvers do after their time is up."""
SHARES_SHARE = 0.85
"""Of the time, for the bound where goods may be split; the rest is for a plan where that gives none."""
CUTOFF = 1.001
"""How much dearer than a known plan is still looked at, so that the plan itself is never cut off."""
TOLERANCE = 1e-6
"""A part of the bound, taken off for the solver's own rounding."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a run of the arc program gave: a plan, unless none was found, and a bound, unless none was proved.

    `ways` are those on which something rides where the bound was proved, whether that is a plan or not.
    `ended` is INFEASIBLE only where locks contradict each other or the timetable: else everything may stay.
    """

    ended: Ended
    plan: Plan | None
    bound_fen: int | None
    ways: tuple[tuple[Id, tuple[Leg, ...]], ...] = ()


def optimum(
    network: Network,
    seconds: float,
    clock: Clock,
    *,
    seed: int = 0,
    backend: Backend = Backend.SCIP,
    start: Plan | None = None,
) -> Proof:
    """Return the cheapest plan in which each consignment goes as a whole, and a bound for every plan.

    A known plan to `start` with is improved on, and cuts off what is dearer. Where consignments may be split, most of
    the time goes to the bound, in which they flow in shares; its plan is taken where it needs none, and looked for
    apart where it does, unless the known plan has parts itself.
    """
    ends_s = clock.monotonic_s() + seconds * (1.0 - KEPT_BACK)
    splits = any(one.splittable for one in network.consignments)
    arcs = arc_program(network, split=splits)
    whole_only = Backend.SCIP if splits and backend is Backend.CP_SAT else backend
    share = SHARES_SHARE if splits and not _in_parts(start) else 1.0
    outcome = _run(arcs, whole_only, _limits(ends_s, clock, share, seed), start)
    bound_fen = proven_fen(arcs, outcome)
    ways = () if outcome.values is None else tuple(ways_of(arcs, outcome.values))
    plan = _plan(arcs, outcome, str(backend), seed)
    if splits and plan is None and outcome.ended is not Ended.INFEASIBLE and not _in_parts(start):
        arcs = arc_program(network)
        outcome = _run(arcs, backend, _limits(ends_s, clock, 1.0, seed), start)
        plan = _plan(arcs, outcome, str(backend), seed)
    if plan is not None and bound_fen is not None:
        bound_fen = min(bound_fen, plan.cost.total)
        plan = msgspec.structs.replace(plan, bound_fen=bound_fen)
    return Proof(outcome.ended, plan, bound_fen, ways)


def _run(arcs: ArcProgram, backend: Backend, limits: Limits, start: Plan | None) -> Outcome:
    if start is None:
        return run(arcs.program, backend, limits)
    cutoff = start.cost.total * CUTOFF + ROUNDING_FEN
    return run(arcs.program, backend, replace(limits, cutoff=cutoff), values_of(arcs, start))


def _in_parts(plan: Plan | None) -> bool:
    return plan is not None and len({route.consignment for route in plan.routes}) < len(plan.routes)


def _limits(ends_s: float, clock: Clock, part: float, seed: int) -> Limits:
    return Limits((ends_s - clock.monotonic_s()) * part, seed=seed)


def _plan(arcs: ArcProgram, outcome: Outcome, solver: str, seed: int) -> Plan | None:
    values = outcome.rounded()
    if values is None or arcs.program.broken(values):
        return None
    return plan_of(arcs.network, routes_of(arcs, values), solver, seed)


def proven_fen(arcs: ArcProgram, outcome: Outcome) -> int | None:
    """Return what an outcome proves that every plan costs at least; None when nothing."""
    if outcome.bound is None:
        return None
    return max(0, int(outcome.bound - abs(outcome.bound) * TOLERANCE) - arcs.slack_fen)
