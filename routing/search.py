"""Ruin and recreate until the time or the turns are up: the heuristic for a hundred to ten thousand consignments.

A turn takes up to 120 consignments out and puts them back one by one, each by its exact cheapest way
(`routing.kernel`). At first a turn may make the plan a little dearer, at the end hardly so. With a number of turns the
same seed makes the same plan; with a number of seconds it depends on how many turns the machine takes in them.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial

from coldport.clock import Clock
from coldport.ids import Id
from routing.construct import complete, construct
from routing.draft import Draft, draft
from routing.kernel.turns import work
from routing.model import Instance
from routing.result import Plan
from routing.slopes import slopes

HOT = 0.02
"""How much dearer the first turns may make a plan, as a part of what a consignment costs in the mean."""
COOLING = 0.01
"""What of that is left at the end."""
TURNS_AT_ONCE = 64
"""Turns between looks at the clock and the warmth: some hundredths of a second."""
SLICE_S = 0.05
"""How long turns at once may take: fewer are taken of those that take out whole trains of thousands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """When to stop: after so many seconds, or so many turns, whatever comes first; at least one is given."""

    seconds: float | None = None
    turns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a search is. `plan` makes the best plan so far; it is made when asked for.

    `bound_fen` is the best bound that is known already, where somebody seeks one beside the search.
    """

    elapsed_s: float
    turns: int
    cost_fen: int
    plan: Callable[[], Plan]
    bound_fen: int | None = None

    @property
    def gap(self) -> float | None:
        """How much dearer than the bound the best plan is at most, as a part of it; None when there is no bound."""
        if self.bound_fen is None or self.cost_fen <= 0:
            return None
        return max(0.0, (self.cost_fen - self.bound_fen) / self.cost_fen)


Watch = Callable[[Progress], bool]
"""Told of the search some times a second; returns whether it shall go on."""


def search(
    instance: Instance,
    effort: Effort,
    clock: Clock,
    *,
    seed: int = 0,
    start: Plan | None = None,
    still: Collection[Id] = (),
    watch: Watch | None = None,
) -> Plan:
    """Return a good plan of an instance without problems, never dearer than what is allowed of `start`.

    Consignments in `still` keep the route that `start` gives them, or stay; those whose route is not allowed any more
    (a service is cancelled, units are gone) stay too, unless they may move. Locks of the instance hold.
    """
    begun_s = clock.monotonic_s()
    return search_in(draft(instance, seed, still), effort, clock, begun_s=begun_s, start=start, watch=watch)


def search_in(
    under_way: Draft,
    effort: Effort,
    clock: Clock,
    *,
    begun_s: float | None = None,
    start: Plan | None = None,
    watch: Watch | None = None,
) -> Plan:
    """Do the same in a draft in which every consignment stays, which saves making its network once more."""
    begun_s = clock.monotonic_s() if begun_s is None else begun_s
    if start is None:
        construct(under_way)
        slopes(under_way)
    else:
        under_way.seat(start)
        under_way.keep()
        complete(under_way)
    improve(under_way, effort, clock, begun_s=begun_s, watch=watch)
    return under_way.as_plan("search")


def improve(
    under_way: Draft, effort: Effort, clock: Clock, *, begun_s: float | None = None, watch: Watch | None = None
) -> int:
    """Make the best plan kept better, leave the draft at it, and return the turns taken."""
    begun_s = clock.monotonic_s() if begun_s is None else begun_s
    count = len(under_way.turn.near)
    most = HOT * float(under_way.state.own.mean()) if count else 0.0
    turns, step, seen_s = 0, 1 if effort.turns is None else TURNS_AT_ONCE, clock.monotonic_s()
    while count:
        elapsed_s = clock.monotonic_s() - begun_s
        done = _done(effort, elapsed_s, turns)
        if done >= 1.0 or not _goes_on(under_way, watch, elapsed_s, turns):
            break
        some = step if effort.turns is None else min(step, effort.turns - turns)
        warmth = most * COOLING**done * (1.0 - done)
        work(under_way.problem, under_way.state, under_way.scratch, under_way.turn, (some, warmth))
        turns += some
        now_s = clock.monotonic_s()
        if effort.turns is None:
            step = min(TURNS_AT_ONCE, 2 * step) if now_s - seen_s < SLICE_S else max(1, step // 2)
        seen_s = now_s
    under_way.take_best()
    return turns


def _done(effort: Effort, elapsed_s: float, turns: int) -> float:
    """Return the part of the effort that is spent."""
    by_time = elapsed_s / effort.seconds if effort.seconds else 0.0 if effort.seconds is None else 1.0
    by_turns = turns / effort.turns if effort.turns else 0.0 if effort.turns is None else 1.0
    return max(by_time, by_turns)


def _goes_on(under_way: Draft, watch: Watch | None, elapsed_s: float, turns: int) -> bool:
    if watch is None:
        return True

    plan = partial(under_way.best_plan, "search")
    return watch(Progress(elapsed_s=elapsed_s, turns=turns, cost_fen=under_way.best_fen, plan=plan))
