"""The one way to ask for a plan: the method by size, a bound beside the price, and the judge before it is shown."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Thread

import msgspec

from coldport.clock import Clock
from routing.columns import Pool, best_of
from routing.draft import Draft, draft
from routing.exact.coarse import coarse_bound
from routing.exact.optimum import Proof, optimum
from routing.exact.relaxation import relaxation
from routing.model import Instance
from routing.parts import in_parts, joined, plan_in_parts
from routing.program import Limits
from routing.result import Plan, Route
from routing.search import Effort, Progress, Watch, search_in
from routing.solver import Backend
from routing.validate import check, check_route

EXACT_LIMIT = 100
"""Consignments up to which the arc program bounds better in a minute than the relaxation does (docs/benchmarks.md)."""

COARSE_LIMIT = 300
"""Consignments up to which the coarse program bounds better in a minute than the relaxation does."""

SCIP_LIMIT = 40
"""Consignments up to which SCIP bounds better than HiGHS: with more it does not leave the root of its tree."""

FIRST_SHARE = 0.1
"""Of the time, for the heuristic before bounds are sought beside it: they want a plan to begin with."""

SEARCH_SHARE = 0.45
"""Of the time, for the heuristic beside the bounds: the restricted master has the rest, up to their end."""

SEARCH_SHARE_SMALL = 0.2
"""The same, where the arc program may come to its end before."""

SEARCH_SHARE_LARGE = 0.9
"""Of the time, for the heuristic where only the relaxation comes after it, whose bound soon moves no more."""

LAST_SHARE = 0.1
"""Of the time, for a plan of the ways of the arc program, where it may come to its end before."""

COARSE_SHARE = 0.1
"""Of the time for bounds, for the coarse program where the arc program follows and may not leave its root."""

RELAXATION_SHARE = 0.05
"""Of the time for bounds, for the relaxation where a program follows that bounds better."""

CONTENT = 1e-5
"""The gap at which the restricted master is content."""

SOLVER_RESERVE_S = 0.3
"""Kept back for building programs and pricing the plan: a time limit is a promise."""


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
    run = _Run(instance, clock, clock.monotonic_s(), seconds, seed, watch, split)
    count = len(instance.consignments)
    run.search(SEARCH_SHARE_LARGE if count > COARSE_LIMIT else FIRST_SHARE, start)
    if start is not None:
        run.offer(start)
    if count > COARSE_LIMIT:
        run.bound(run.ends_s)
    else:
        until_s = run.ends_s - (LAST_SHARE * seconds if count <= SCIP_LIMIT else 0.0)
        beside = Thread(target=run.bound, args=(until_s,), daemon=True)
        beside.start()
        run.search(SEARCH_SHARE_SMALL if count <= SCIP_LIMIT else SEARCH_SHARE, run.best)
        run.choose(until_s)
        beside.join()
        if run.trouble is not None:
            raise run.trouble
        run.choose(run.ends_s)
    return run.judged()


@dataclass(slots=True)
class _Run:
    """One solve: the best plan so far, the ways seen, and what is proved, which a second thread adds to.

    Solvers and the compiled kernel let go of the interpreter, so that the two threads take a core each.
    """

    instance: Instance
    clock: Clock
    begun_s: float
    seconds: float
    seed: int
    watch: Watch | None
    split: bool
    best: Plan = field(init=False)
    known: list[int] = field(default_factory=list)
    pool: Pool = field(default_factory=Pool)
    trouble: Exception | None = None
    _wholes: Draft = field(init=False)
    _cut: Instance = field(init=False)
    _chosen: int = 0
    _goes_on: bool = True

    def __post_init__(self) -> None:
        self._wholes = draft(self.instance, self.seed)
        self._cut = in_parts(self.instance) if self.split else self.instance

    @property
    def ends_s(self) -> float:
        """When the answer is due."""
        return self.begun_s + self.seconds

    def search(self, share: float, start: Plan | None) -> None:
        """Search for a share of the time, the second half of it in parts where goods may be split."""
        whole_share = share if self._cut is self.instance else share / 2
        seconds = self.seconds * whole_share
        begun_s = self.begun_s if start is None else self.clock.monotonic_s()
        if not self._goes_on:
            return
        under_way = self._wholes
        watch = self._hear(under_way, lambda plan: plan)
        found = search_in(under_way, Effort(seconds=seconds), self.clock, begun_s=begun_s, start=start, watch=watch)
        self.offer(found)
        if self._cut is self.instance or not self._goes_on:
            return
        parts = draft(self._cut, self.seed)
        watch = self._hear(parts, lambda plan: joined(self.instance, plan))
        begin = plan_in_parts(self._cut, self.best)
        found = search_in(parts, Effort(seconds=seconds), self.clock, start=begin, watch=watch)
        self.offer(joined(self.instance, found))

    def offer(self, plan: Plan) -> None:
        """Take a plan that the judge lets pass when it is cheaper, or the first."""
        is_first = not hasattr(self, "best")
        if is_first or (plan.cost.total < self.best.cost.total and not check(self.instance, plan)):
            self.best = plan
        self.pool.see(plan.routes)

    def choose(self, until_s: float) -> None:
        """Choose among the ways seen, where there are new ones."""
        left_s = until_s - self.clock.monotonic_s() - SOLVER_RESERVE_S
        if left_s <= 0 or len(self.pool) == self._chosen or not self._goes_on:
            return
        self._chosen = len(self.pool)
        limits = Limits(left_s, gap=CONTENT, seed=self.seed)
        found = best_of(self._wholes.network, self.pool, self.best, limits, split=self.split)
        if found is not None:
            self.offer(found)

    def bound(self, until_s: float) -> None:
        """Prove what can be proved by then; what goes wrong is kept, for the thread that waits."""
        try:
            self._bound(until_s)
        except Exception as error:  # noqa: BLE001 - raised again by whoever waits
            self.trouble = error

    def _bound(self, until_s: float) -> None:
        under_way, count, best = self._wholes, len(self.instance.consignments), self.best
        network, now_s = under_way.network, self.clock.monotonic_s
        seconds = until_s - now_s()
        relaxed_s = now_s() + (RELAXATION_SHARE if count <= COARSE_LIMIT else 1.0) * seconds
        self._prove(relaxation(network, under_way.problem, best.cost.total, lambda: now_s() < relaxed_s))
        if count > COARSE_LIMIT:
            return
        left_s = until_s - now_s() - SOLVER_RESERVE_S
        if left_s > 0 and count > SCIP_LIMIT:
            coarse_s = left_s if count > EXACT_LIMIT else COARSE_SHARE * seconds
            self._prove(coarse_bound(network, under_way.problem, coarse_s, self.clock, seed=self.seed))
            left_s = until_s - now_s() - SOLVER_RESERVE_S
        if left_s > 0 and count <= EXACT_LIMIT:
            backend = Backend.SCIP if count <= SCIP_LIMIT else Backend.HIGHS
            proof = optimum(network, left_s, self.clock, seed=self.seed, backend=backend, start=best)
            self._prove(proof.bound_fen)
            self._take(proof)

    def _prove(self, bound_fen: int | None) -> None:
        if bound_fen is not None:
            self.known.append(bound_fen)

    def _take(self, proof: Proof) -> None:
        """Keep the ways of the arc program that a whole consignment may go."""
        if proof.plan is not None:
            self.pool.see(proof.plan.routes)
        goods = {one.id: one for one in self.instance.consignments}
        for name, way in proof.ways:
            one = goods[name]
            route = Route(consignment=name, legs=way, mass_g=one.mass_g, litres=one.litres, pallets=one.pallets)
            if not one.splittable or not check_route(self.instance, route):
                self.pool.add(name, way)

    def _hear(self, under_way: Draft, as_plan: Callable[[Plan], Plan]) -> Watch:
        """Return who looks at the ways of a search, and tells of it as of one of the instance."""

        def hear(progress: Progress) -> bool:
            self.pool.look_at(under_way)
            if self.watch is not None:
                bound_fen = max(self.known, default=None)
                elapsed_s = self.clock.monotonic_s() - self.begun_s
                made = partial(_made, progress, as_plan)
                told = replace(progress, elapsed_s=elapsed_s, bound_fen=bound_fen, plan=made)
                self._goes_on = self.watch(told)
            return self._goes_on

        return hear

    def judged(self) -> Plan:
        """Return the best plan with the best bound.

        Raises:
            AssertionError: The judge refuses it.
        """
        bound_fen = min(max(self.known), self.best.cost.total) if self.known else None
        refused = check(self.instance, self.best)
        if refused:
            raise AssertionError(f"the judge refuses a plan of {self.best.solver}: {refused[0].text}")
        return msgspec.structs.replace(self.best, bound_fen=bound_fen)


def _made(progress: Progress, as_plan: Callable[[Plan], Plan]) -> Plan:
    return as_plan(progress.plan())
