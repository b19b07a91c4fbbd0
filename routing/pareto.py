"""Plans that trade money for less CO2e or less lateness: for each cap on these the cheapest plan found.

That is the epsilon-constraint method (Haimes, Lasdon, Wismer 1971). What is capped is made dearer, step by step, each
search starting from the plan next to it, until a cap holds; every plan seen counts for every cap. Where the arc program
is small, it is asked for the cheapest plan within the cap itself. Nobody is left behind for it: as many go as in the
first plan.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import sqrt

from msgspec import Struct

from coldport.clock import Clock
from coldport.ids import Id
from routing.exact.arc_program import arc_program, plan_of, routes_of, values_of
from routing.model import Count, Fen, Instance
from routing.network import network
from routing.pricing import HOUR_S, MILLION, Tables
from routing.program import Limits
from routing.result import Plan
from routing.search import Effort, search
from routing.solver import Backend, run
from routing.validate import check
from routing.weights import HEAVIEST_FEN, late_s, repriced, weighed

HEAVY = 50
"""At the far end what is capped weighs so many times the money of the first plan."""
SPREAD = 1e4
"""How much lighter it weighs at the near end."""
EXACT_LIMIT = 40
"""Consignments up to which the arc program is asked for each cap: with more it finds nothing better in seconds."""
UNIT = 1_000_000
"""Fen for a tonne or an hour more, to read from the arc program's columns what they add along an axis."""


class Axis(StrEnum):
    """What money is traded for."""

    CARBON = "carbon"
    LATENESS = "lateness"


class Point(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A plan of a front: its file, and its measures. `late_s` is lateness in seconds, summed over consignments."""

    plan: str
    cost_fen: Fen
    co2e_g: Count
    late_s: Count
    unplanned: Count


class Front(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Plans of which none is better than another in all that is measured: money, and what it is traded for `by`.

    The cheapest comes first; `bound_fen` is what no plan can cost less than.
    """

    instance: Id
    by: tuple[Axis, ...]
    points: tuple[Point, ...]
    bound_fen: Fen | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a front is made of: so many `points` for each axis, and what each search, and each exact run, may take."""

    by: tuple[Axis, ...]
    points: int
    effort: Effort
    exact_s: float = 0.0
    seed: int = 0


def searches(by: Sequence[Axis], points: int) -> int:
    """Return how many searches a front takes at most; there are half as many exact runs."""
    return 2 * len(by) * (points - 1)


def front(
    instance: Instance, first: Plan, terms: Terms, clock: Clock, tell: Callable[[int], None] | None = None
) -> list[Plan]:
    """Return the plans of a front, the cheapest first, all let pass by the judge. `first` is the best by money alone.

    `tell` hears how many searches are done. Some points may be missing: where two caps have the same cheapest plan.

    Raises:
        AssertionError: The judge refuses one of them: a bug, and nothing is returned.
    """
    work = _Work(instance, terms, clock, tell)
    work.see(first)
    chosen = {work.cheapest()}
    for axis in terms.by:
        if measure(work.tables, work.cheapest(), axis) == 0:
            continue
        work.sweep(axis)
        for cap in work.caps(axis):
            work.refine(axis, cap)
            work.exactly(axis, cap)
        chosen |= {work.cheapest(), *(work.within(axis, cap) for cap in work.caps(axis))}
    kept = undominated([(measures(work.tables, plan, terms.by), plan) for plan in chosen])
    for plan in kept:
        refused = check(instance, plan)
        if refused:
            raise AssertionError(f"the judge refuses a plan of {plan.solver}: {refused[0].text}")
    return kept


def measure(tables: Tables, plan: Plan, axis: Axis) -> int:
    """Return what is measured along an axis: grams, or seconds."""
    return plan.cost.co2e_g if axis is Axis.CARBON else late_s(tables, plan)


def measures(tables: Tables, plan: Plan, by: Iterable[Axis]) -> tuple[int, ...]:
    """Return money and what it is traded for."""
    return plan.cost.total, *(measure(tables, plan, axis) for axis in by)


def undominated(plans: Iterable[tuple[tuple[int, ...], Plan]]) -> list[Plan]:
    """Return one plan for each list of measures that no other is below or level with in all, the cheapest first."""
    kept: list[tuple[tuple[int, ...], Plan]] = []
    for found, plan in sorted(plans, key=lambda one: (one[0], repr(one[1].routes))):
        if not any(all(a <= b for a, b in zip(other, found, strict=True)) for other, _ in kept):
            kept.append((found, plan))
    return [plan for _, plan in kept]


def point(tables: Tables, plan: Plan, name: str) -> Point:
    """Return a plan as a point, kept under a name."""
    return Point(
        plan=name,
        cost_fen=plan.cost.total,
        co2e_g=plan.cost.co2e_g,
        late_s=late_s(tables, plan),
        unplanned=len(plan.unplanned),
    )


@dataclass(slots=True)
class _Work:
    """A front under way: every plan seen, and the weights of each axis tried so far with what they led to."""

    instance: Instance
    terms: Terms
    clock: Clock
    tell: Callable[[int], None] | None
    tables: Tables = field(init=False)
    seen: list[Plan] = field(default_factory=list)
    tried: dict[Axis, list[tuple[int, int]]] = field(default_factory=dict)
    done: int = 0

    def __post_init__(self) -> None:
        self.tables = Tables(self.instance)

    def see(self, plan: Plan) -> None:
        """Count a plan, unless it leaves behind who goes in the first one."""
        if not self.seen or len(plan.unplanned) <= len(self.seen[0].unplanned):
            self.seen.append(plan)

    def cheapest(self) -> Plan:
        """Return the cheapest plan seen."""
        return min(self.seen, key=lambda one: one.cost.total)

    def within(self, axis: Axis, cap: int) -> Plan:
        """Return the cheapest plan seen that is within a cap."""
        return min((one for one in self.seen if self._at(axis, one) <= cap), key=lambda one: one.cost.total)

    def caps(self, axis: Axis) -> list[int]:
        """Return the caps, evenly spread between the cheapest plan's measure, itself excluded, and the least seen."""
        far, near = min(self._at(axis, one) for one in self.seen), self._at(axis, self.cheapest())
        steps = self.terms.points - 1
        return sorted({near + (far - near) * step // steps for step in range(1, steps + 1)}, reverse=True)

    def sweep(self, axis: Axis) -> None:
        """Search at weights from light to heavy, each from the plan that is best at its own."""
        heavy, steps = self._heavy(axis), self.terms.points - 1
        self.tried[axis] = []
        for step in range(1, steps + 1):
            self._search(axis, round(heavy * SPREAD ** (step / steps - 1)), self.seen)

    def refine(self, axis: Axis, cap: int) -> None:
        """Search once more for a cap, between the heaviest weight that breaks it and the lightest that keeps it."""
        breaks = [weight for weight, found in self.tried[axis] if found > cap]
        keeps = [weight for weight, found in self.tried[axis] if found <= cap]
        if keeps:
            light, heavy = max(breaks, default=min(keeps) // 10), min(keeps)
            self._search(axis, round(sqrt(max(1, light) * heavy)), [self.within(axis, cap)])

    def exactly(self, axis: Axis, cap: int) -> None:
        """Ask the arc program for the cheapest plan within a cap, where it is small enough."""
        if self.terms.exact_s <= 0 or len(self.instance.consignments) > EXACT_LIMIT:
            return
        known, stays = self.within(axis, cap), {one.consignment for one in self.seen[0].unplanned}
        arcs, dearer = (arc_program(network(one)) for one in (self.instance, self._heavier(axis, UNIT, {})))
        program = arcs.program
        for flow in arcs.flows:
            if flow.consignment.id not in stays:
                program.upper[flow.stays] = 0
        terms = [(n, more - fen) for n, (fen, more) in enumerate(zip(program.cost, dearer.program.cost, strict=True))]
        most = cap if axis is Axis.CARBON else cap * UNIT // HOUR_S
        program.row([term for term in terms if term[1]], upper=most + len(self.instance.consignments))
        limits = Limits(self.terms.exact_s, seed=self.terms.seed)
        values = run(program, Backend.SCIP, limits, values_of(arcs, known)).rounded()
        if values is not None and not program.broken(values):
            found = plan_of(arcs.network, routes_of(arcs, values), str(Backend.SCIP), self.terms.seed)
            self.see(found)

    def _at(self, axis: Axis, plan: Plan) -> int:
        return measure(self.tables, plan, axis)

    def _heavy(self, axis: Axis) -> int:
        """Return the weight of the far end: fen for a tonne of CO2e, or for an hour of lateness."""
        first = self.seen[0]
        if axis is Axis.CARBON:
            return HEAVY * first.cost.total * MILLION // max(1, first.cost.co2e_g)
        return HEAVY * first.cost.total * HOUR_S // max(HOUR_S, self._at(axis, first))

    def _heavier(self, axis: Axis, weight: int, staying_fen: dict[Id, int]) -> Instance:
        if axis is Axis.CARBON:
            return weighed(self.instance, staying_fen=staying_fen, carbon_fen_per_t=weight)
        return weighed(self.instance, staying_fen=staying_fen, late_fen_per_h=weight)

    def _search(self, axis: Axis, weight: int, starts: Sequence[Plan]) -> None:
        """Search at a weight from the best of some plans, and count what is found."""
        stays = {one.consignment for one in self.seen[0].unplanned}
        most = HEAVIEST_FEN // max(1, len(self.instance.consignments))
        going = {one.id: most for one in self.instance.consignments if one.id not in stays}
        heavy = self._heavier(axis, weight, going)
        tables = Tables(heavy)
        start = min((repriced(tables, one) for one in starts), key=lambda one: one.cost.total)
        found = repriced(self.tables, search(heavy, self.terms.effort, self.clock, seed=self.terms.seed, start=start))
        self.see(found)
        self.tried[axis].append((weight, self._at(axis, found)))
        self.done += 1
        if self.tell is not None:
            self.tell(self.done)
