"""Service first: as few as can be stay, then as little lateness as can be, and only then the least money.

It is a search at prices at which an hour of lateness outweighs the money of a plan, and staying all lateness; what it
finds is compared by the three numbers themselves (`weights.service_of`).
"""

from functools import partial

import msgspec

from coldport.clock import Clock
from routing.draft import NO_WAY
from routing.model import Instance
from routing.planner import plan as plan_for_money
from routing.pricing import Tables
from routing.result import Plan
from routing.search import Effort, Watch, search
from routing.validate import check
from routing.weights import repriced, service_of, service_weights, weighed

MONEY_SHARE = 0.4
"""Of the time, for a plan by money, with its bound: it is the start."""


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
    """Return a plan by service first that the judge lets pass; its bound is that of money, which holds for any plan.

    Goods that `split` sends in parts go as wholes again where they are moved for the sake of service.

    Raises:
        AssertionError: The judge refused what was made: a bug, and nothing is returned.
    """
    money = plan_for_money(instance, seconds * MONEY_SHARE, clock, seed=seed, start=start, watch=watch, split=split)
    effort = Effort(seconds=seconds * (1 - MONEY_SHARE) / 2)
    known = [money] if start is None or check(instance, start) else [money, start]
    return for_service(instance, known, effort, clock, seed=seed)


def for_service(instance: Instance, known: list[Plan], effort: Effort, clock: Clock, *, seed: int = 0) -> Plan:
    """Return the best plan by service that two searches from the best of the `known` ones find, or that itself.

    The first may leave others staying, the second sends all who went in it: at the price of staying its turns would be
    too warm for money.

    Raises:
        AssertionError: The judge refused what was made: a bug, and nothing is returned.
    """
    tables = Tables(instance)
    by_service = partial(service_of, tables)
    best = min(known, key=by_service)
    money_fen = sum(one.unplanned_fen + one.value_fen for one in instance.consignments) + best.cost.total
    never = {one.consignment for one in best.unplanned if one.reason == NO_WAY}
    for _ in range(2):
        going = {one.id for one in instance.consignments} - never
        hour_fen, staying_fen = service_weights(instance, going, money_fen)
        heavy = weighed(instance, staying_fen=staying_fen, late_fen_per_h=hour_fen)
        heavy_start = repriced(Tables(heavy), best)
        found = repriced(tables, search(heavy, effort, clock, seed=seed, start=heavy_start))
        best = min(best, found, key=by_service)
        never = {one.consignment for one in best.unplanned}
    bounds = [one.bound_fen for one in known if one.bound_fen is not None]
    best = msgspec.structs.replace(best, bound_fen=max(bounds, default=None))
    refused = check(instance, best)
    if refused:
        raise AssertionError(f"the judge refuses a plan of {best.solver}: {refused[0].text}")
    return best
