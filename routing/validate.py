"""The judge: whether a plan keeps every rule, and what it costs. Nothing is shown or published that it refuses.

Written by the letter of DESIGN.md and apart from everything that makes plans: of `routing` it knows the model, the
result and its own `judge` alone. It expects an instance without problems (`routing.instance_check`); a plan may be as
wrong as it likes.
"""

from routing.judge.bill import bill
from routing.judge.facts import Facts, Trip
from routing.judge.loads import judge_rooms, judge_units
from routing.judge.rules import Rule, Violation
from routing.judge.trips import follow, judge_trip
from routing.judge.wholes import judge_wholes
from routing.model import Instance
from routing.result import Cost, Plan, Route


def check(instance: Instance, plan: Plan) -> tuple[Violation, ...]:
    """Return every rule that the plan breaks; nothing when it may be published.

    The cost is compared only when every id in the plan is known: else there is nothing to compare it with.
    """
    if plan.instance != instance.id:
        return (Violation(rule=Rule.INSTANCE, subject=instance.id, text=f"the plan answers {plan.instance}"),)
    facts = Facts(instance)
    followed = [follow(facts, route) for route in plan.routes]
    trips = [one for one in followed if isinstance(one, Trip)]
    found = [one for one in followed if isinstance(one, Violation)]
    for trip in trips:
        found.extend(judge_trip(instance, trip))
    found.extend(judge_rooms(trips))
    found.extend(judge_units(facts, plan))
    found.extend(judge_wholes(facts, plan))
    if not any(one.rule in _NOT_PRICED for one in found):
        found.extend(_compare(instance, plan, bill(facts, plan, trips)))
    return tuple(found)


_NOT_PRICED = frozenset({Rule.CONSIGNMENT, Rule.SERVICE, Rule.OFFER, Rule.CHAIN, Rule.BOOKED_TWICE})


def check_route(instance: Instance, route: Route) -> tuple[Violation, ...]:
    """Return the rules 1 to 7 that a single route breaks, whatever else is planned."""
    followed = follow(Facts(instance), route)
    return (followed,) if isinstance(followed, Violation) else tuple(judge_trip(instance, followed))


def reprice(instance: Instance, plan: Plan) -> Cost:
    """Return what the plan costs. Routes that are no chains, and ids that are not known, cost nothing."""
    facts = Facts(instance)
    followed = [follow(facts, route) for route in plan.routes]
    return bill(facts, plan, [one for one in followed if isinstance(one, Trip)])


def _compare(instance: Instance, plan: Plan, cost: Cost) -> list[Violation]:
    found = []
    for part in Cost.__struct_fields__:
        said, is_so = getattr(plan.cost, part), getattr(cost, part)
        if said != is_so:
            found.append(
                Violation(rule=Rule.COST, subject=instance.id, text=f"{part} is {is_so}, the plan says {said}")
            )
    if plan.bound_fen is not None and plan.bound_fen > cost.total:
        text = f"the bound is {plan.bound_fen} fen, the plan costs {cost.total}"
        found.append(Violation(rule=Rule.BOUND, subject=instance.id, text=text))
    return found
