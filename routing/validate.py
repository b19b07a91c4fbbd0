"""The judge: whether a plan keeps every rule, and what it costs. Nothing is shown or published that it refuses.

Written by the letter of DESIGN.md and apart from everything that makes plans: of `routing` it knows the model, the
result and its own `judge` alone. `Record` judges a plan that is nearly one judged before in milliseconds. Both expect
an instance without problems (`routing.instance_check`); a plan may be as wrong as it likes.
"""

from routing.judge.bill import NOT_PRICED, bill, compare, trip_bill
from routing.judge.facts import Facts, Trip
from routing.judge.loads import judge_rooms, judge_units
from routing.judge.record import Record
from routing.judge.rules import Rule, Violation
from routing.judge.trips import follow, judge_bookings, judge_trip
from routing.judge.wholes import judge_locks, judge_wholes
from routing.model import Instance
from routing.result import Cost, Plan, Route

__all__ = ["Record", "check", "check_route", "reprice"]


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
        found.extend(judge_trip(facts, trip))
        found.extend(judge_bookings(facts, trip))
    found.extend(judge_rooms(trips))
    found.extend(judge_units(facts, plan))
    found.extend(judge_wholes(facts, plan))
    found.extend(judge_locks(facts, plan))
    if not any(one.rule in NOT_PRICED for one in found):
        found.extend(compare(instance, plan, bill(facts, plan, [trip_bill(facts, trip) for trip in trips])))
    return tuple(found)


def check_route(instance: Instance, route: Route) -> tuple[Violation, ...]:
    """Return the rules 1 to 7 that a single route breaks, whatever else is planned."""
    facts = Facts(instance)
    followed = follow(facts, route)
    if isinstance(followed, Violation):
        return (followed,)
    return (*judge_trip(facts, followed), *judge_bookings(facts, followed))


def reprice(instance: Instance, plan: Plan) -> Cost:
    """Return what the plan costs. Routes that are no chains, and ids that are not known, cost nothing."""
    facts = Facts(instance)
    followed = [follow(facts, route) for route in plan.routes]
    return bill(facts, plan, [trip_bill(facts, one) for one in followed if isinstance(one, Trip)])
