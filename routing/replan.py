"""After a disruption: what has left stays as it is, and the rest is offered in a few ways, by how much they disturb.

Nobody thanks a planner who moves three hundred consignments to save a thousand yuan. So the answer is a list: the
cheapest way for those hit and nothing else (`routing.standing`); a search among those hit; among their neighbours;
among all that may still move. Each starts from the best of those before it; moving somebody has a price in the search,
and who is better put back than left elsewhere at that price is. They are ranked by cost plus that price for each one
moved. The first is always among them: no answer is worse than it, nor dearer.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from coldport.clock import Clock
from coldport.ids import Id
from routing.disruption import Disruption
from routing.draft import Draft
from routing.kernel.settle import settle
from routing.kernel.tables import MOST_LEGS
from routing.model import Consignment, Fen, Instance, Lock, Seconds
from routing.result import Leg, Plan
from routing.search import Effort, search_in
from routing.standing import Aftermath, Standing

STABILITY_FEN = 30_000
"""What it costs to send a consignment another way without need: a call, new papers, a new label."""

MOST_MOVED_PART, MOST_MOVED_LEAST = 20, 5
"""No option moves more than one in so many of those not hit, or five in a small plan, unless told otherwise."""

NEAR_S = 8 * 86_400
"""Neighbours of a consignment go to the same place and are due within so much of it."""


@dataclass(frozen=True, slots=True)
class Scope:
    """How much of a plan may move, and the part of the time that is spent on it."""

    name: str
    share: float


SCOPES = (Scope("hit", 0.2), Scope("near", 0.3), Scope("all", 0.5))


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How to plan anew: in how many seconds or turns of search, what is frozen beyond now, and the price of moving.

    No option moves more than `most_moved` (None: as `MOST_MOVED_PART` has it). `unrestricted` searches once more, for
    as long as all others together, as if moving cost nothing: to see what stability costs.
    """

    seconds: float | None = 5.0
    turns: int | None = None
    freeze_s: Seconds = 0
    stability_fen: Fen = STABILITY_FEN
    most_moved: int | None = None
    unrestricted: bool = False
    seed: int = 0

    def most(self, others: int) -> int:
        """Return how many of so many who are not hit may be moved."""
        return max(MOST_MOVED_LEAST, others // MOST_MOVED_PART) if self.most_moved is None else self.most_moved

    def effort(self, share: float) -> Effort:
        """Return a part of the search's time."""
        return Effort(
            seconds=None if self.seconds is None else self.seconds * share,
            turns=None if self.turns is None else round(self.turns * share),
        )


USUAL = Terms()


@dataclass(frozen=True, slots=True)
class Option:
    """One way to go on. `moved` go another way, though not hit; `price_fen` is the cost with what that costs."""

    name: str
    plan: Plan
    moved: tuple[Id, ...]
    price_fen: Fen


@dataclass(frozen=True, slots=True)
class Replanned:
    """What became of a plan, as `routing.standing.Aftermath` has it, and what can be done, the best first."""

    instance: Instance
    hit: tuple[Id, ...]
    released: tuple[Lock, ...]
    stranded: tuple[Id, ...]
    options: tuple[Option, ...]
    unrestricted: Option | None = None


def replan(
    instance: Instance, plan: Plan, happened: Iterable[Disruption], now_s: Seconds, clock: Clock, terms: Terms = USUAL
) -> Replanned:
    """Return what can be done after `happened`; errors are those of `Standing.after`."""
    after = Standing(instance, plan).after(happened, now_s, freeze_s=terms.freeze_s, seed=terms.seed)
    return options(after, clock, terms)


def options(after: Aftermath, clock: Clock, terms: Terms = USUAL) -> Replanned:
    """Return what can be done, the best first. A wider search that ends dearer than a narrower one is left out.

    Raises:
        AssertionError: The judge refused an option: a bug.
    """
    first = Option("repair", after.plan, (), after.plan.cost.total)
    best, draft = after.repaired, after.search_on()
    dear = _dear(after, draft, terms.stability_fen)
    found = [first]
    for scope in SCOPES:
        searched = _searched(after, dear, best, _Asked(scope, terms.effort(scope.share)), clock)
        settled = _settled(after, draft, searched, terms)
        option = None if settled is None else _option(after, scope.name, settled, terms)
        if settled is not None and option is not None and option.plan.cost.total <= found[-1].plan.cost.total:
            best = settled
            found.append(option)
    ranked = sorted(_distinct(found), key=lambda one: one.price_fen)
    free = None
    if terms.unrestricted:
        searched = _searched(after, draft, best, _Asked(SCOPES[-1], terms.effort(1.0)), clock)
        free = _option(after, "unrestricted", searched, terms)
    return Replanned(after.instance, after.hit, after.released, after.stranded, tuple(ranked), free)


@dataclass(frozen=True, slots=True)
class _Asked:
    scope: Scope
    effort: Effort


def _searched(after: Aftermath, draft: Draft, start: Plan, asked: _Asked, clock: Clock) -> Plan:
    goods = draft.network.consignments
    still = {one.id for one in goods} - _movable(after, goods, asked.scope)
    return search_in(draft.anew(still), asked.effort, clock, start=start)


def _option(after: Aftermath, name: str, plan: Plan, terms: Terms) -> Option:
    whole = after.whole(plan)
    moved = tuple(sorted({after.divided.whole[part] for part in _moved(after, plan)}))
    return Option(name, whole, moved, whole.cost.total + terms.stability_fen * len(moved))


def _dear(after: Aftermath, draft: Draft, stability_fen: Fen) -> Draft:
    """Return the draft in which one who was not hit pays for moving: for each leg by another service its part of it."""
    stops = draft.problem.stops
    duty = stops.duty.copy()
    numbers = {one.id: number for number, one in enumerate(draft.network.table.services)}
    for part, legs in _ways(after.divided.plan).items():
        if part not in after.hit_parts:
            k = draft.places[part]
            own = slice(int(stops.begin[k]), int(stops.begin[k + 1]))
            other = ~np.isin(stops.service[own], [numbers[leg.service] for leg in legs if leg.service in numbers])
            duty[own][other] += stability_fen / len(legs)
    return replace(draft, problem=draft.problem._replace(stops=stops._replace(duty=duty)))


def _settled(after: Aftermath, searched: Draft, plan: Plan, terms: Terms) -> Plan | None:
    """Return the plan with those put back for whom that costs less than their moving; None: too many are elsewhere."""
    moved = sorted(_moved(after, plan))
    draft = searched.anew(())
    draft.seat(plan)
    numbers = {leg: number for number, leg in enumerate(draft.legs)}
    before = _ways(after.divided.plan)
    was = np.zeros((len(moved), MOST_LEGS), np.int32)
    length = np.zeros(len(moved), np.int64)
    for place, part in enumerate(moved):
        offers = [numbers[leg] for leg in before.get(part, ()) if leg in numbers]
        was[place, : len(offers)] = offers
        length[place] = len(offers)
    who = np.array([draft.places[part] for part in moved], dtype=np.int64)
    most = terms.most(len(draft.places) - len(after.hit_parts))
    room = np.zeros((1, MOST_LEGS), np.int32)
    left = settle(draft.problem, draft.state, draft.scratch, who, (was, length, room), (terms.stability_fen, most))
    return draft.as_plan("search") if left <= most else None


def _movable(after: Aftermath, goods: Iterable[Consignment], scope: Scope) -> set[Id]:
    if scope.name == "hit":
        return set(after.hit_parts)
    if scope.name == "all":
        return {one.id for one in goods}
    centres = [one for one in goods if one.id in after.hit_parts]
    return {one.id for one in goods if one.id in after.hit_parts or any(_is_near(one, other) for other in centres)}


def _is_near(one: Consignment, other: Consignment) -> bool:
    return one.destination == other.destination and abs(one.due_s - other.due_s) <= NEAR_S


def _moved(after: Aftermath, plan: Plan) -> Collection[Id]:
    """Return who goes another way than before, or stays, or goes that stayed, though not hit."""
    first, second = _ways(after.divided.plan), _ways(plan)
    differ = {part for part in first.keys() | second.keys() if first.get(part) != second.get(part)}
    return differ - after.hit_parts


def _ways(plan: Plan) -> Mapping[Id, tuple[Leg, ...]]:
    return {route.consignment: route.legs for route in plan.routes}


def _distinct(found: list[Option]) -> Iterator[Option]:
    """Yield options without those that change nothing over the one before."""
    before = None
    for option in found:
        if before is None or option.plan.routes != before.plan.routes:
            yield option
        before = option
