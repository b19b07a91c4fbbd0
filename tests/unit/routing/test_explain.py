"""Answers about one consignment, held against every chain there is and against the judge."""

import os

import msgspec
import pytest
from hypothesis import given, settings
from routing_samples.by_hand import chains, cheapest, plan_of, whole
from routing_samples.tiny import HOUR, consignment, instance, instances, node, service

from coldport.errors import NotFoundError, RefusedError
from routing.beside import Beside
from routing.explain import Verdict, explain_stay, explain_via, explain_way
from routing.judge.rules import Rule
from routing.model import Consignment, Instance, Lock, Mode
from routing.result import Leg, Plan, Route
from routing.validate import check, check_route

EXAMPLES = int(os.environ.get("COLDPORT_EXAMPLES", "40"))
BOX = "box"


def moved(made: Instance, plan: Plan, goods: Consignment, legs: tuple[Leg, ...]) -> Plan:
    others = [route for route in plan.routes if route.consignment != goods.id]
    return plan_of(made, [*others, whole(goods, *legs)])


def by_hand(made: Instance, plan: Plan, goods: Consignment) -> dict[tuple[Leg, ...], int]:
    """Return the cost of the plan with each chain that the judge lets the consignment go by."""
    plans = {legs: moved(made, plan, goods, legs) for legs in chains(made, goods)}
    return {legs: one.cost.total for legs, one in plans.items() if not check(made, one)}


def services(legs: tuple[Leg, ...]) -> tuple[str, ...]:
    return tuple(leg.service for leg in legs)


def without(made: Instance, plan: Plan, goods: Consignment) -> int:
    """Return what the others cost."""
    others = [route for route in plan.routes if route.consignment != goods.id]
    return plan_of(made, others).cost.total - goods.unplanned_fen


@settings(max_examples=EXAMPLES, deadline=None)
@given(instances())
def test_the_ways_are_all_chains_that_the_judge_allows_each_by_its_cheapest_offers(made: Instance) -> None:
    plan = cheapest(made)
    for goods in made.consignments if plan else ():
        allowed = by_hand(made, plan, goods)
        found = explain_way(made, plan, goods.id, 1_000).ways
        costs = [one.way.cost.total for one in found]

        least: dict[tuple[str, ...], int] = {}
        for legs, cost in allowed.items():
            least[services(legs)] = min(cost, least.get(services(legs), cost))
        assert {services(one.way.route.legs) for one in found} == least.keys()
        assert costs == sorted(costs)
        for one in found:
            # A plan's carbon is rounded once; that of a way by itself.
            assert abs(least[services(one.way.route.legs)] - without(made, plan, goods) - one.way.cost.total) <= 1


@settings(max_examples=EXAMPLES, deadline=None)
@given(instances(most_consignments=2, most_services=7))
def test_a_way_by_a_service_is_the_cheapest_by_it_or_breaks_a_rule_by_name(made: Instance) -> None:
    plan = cheapest(made)
    for goods in made.consignments if plan else ():
        kept, allowed = Beside(made, plan), by_hand(made, plan, goods)
        for asked in made.services:
            through = [cost for legs, cost in allowed.items() if any(leg.service == asked.id for leg in legs)]
            found = explain_via(made, plan, goods.id, [asked.id], kept)
            if through:
                assert found.violations == ()
                assert abs(found.dearer_fen + plan.cost.total - min(through)) <= 1
            elif found.way is not None:
                assert found.violations
                assert any(leg.service == asked.id for leg in found.way.route.legs)


@settings(max_examples=EXAMPLES, deadline=None)
@given(instances(most_consignments=2, most_services=7))
def test_why_one_stays_is_what_the_judge_says_of_its_ways(made: Instance) -> None:
    plan = cheapest(made)
    for goods in made.consignments if plan else ():
        allowed = by_hand(made, plan, goods)
        stay = explain_stay(made, plan, goods.id)
        if allowed:
            best = min(allowed.values()) - without(made, plan, goods) - goods.unplanned_fen
            assert abs(stay.dearer_fen - best) <= 1
            assert stay.verdict is (Verdict.DEARER if stay.dearer_fen >= 0 else Verdict.CHEAPER)
        else:
            assert stay.verdict not in (Verdict.DEARER, Verdict.CHEAPER)
        for reason in stay.reasons if stay.verdict is Verdict.ONE else ():
            broken = {one.rule for one in check_route(made, reason.way.route)}
            # A place that opens later, or takes longer, makes goods late for whatever leaves it.
            assert broken <= {reason.rule} or reason.rule in (Rule.CLOSED, Rule.GATE_IN)


def two_trucks(**given: object) -> tuple[Instance, Consignment]:
    """Return a chain of a truck and a train, and goods for it."""
    services = [
        service("truck", "a", "b", 5, 10),
        service("train", "b", "c", 20, 40, mode=Mode.RAIL, gate_in_s=12 * HOUR),
    ]
    goods = consignment("k", "a", "c", **given)
    return instance([node("a"), node("b"), node("c")], services, [goods]), goods


def empty(made: Instance) -> Plan:
    return plan_of(made, [])


def test_who_comes_too_late_is_told_so_with_the_moment() -> None:
    made, goods = two_trucks(latest_s=39 * HOUR)

    stay = explain_stay(made, empty(made), goods.id)

    assert (stay.verdict, [one.rule for one in stay.reasons]) == (Verdict.ONE, [Rule.LATEST])
    assert stay.reasons[0].text == f"arrives at {40 * HOUR} s, must by {39 * HOUR} s"


def test_of_two_rules_that_must_both_go_both_are_named_and_no_third() -> None:
    made, goods = two_trucks(latest_s=39 * HOUR, forbidden_modes=(Mode.RAIL,))

    stay = explain_stay(made, empty(made), goods.id)

    assert stay.verdict is Verdict.SEVERAL
    assert {one.rule for one in stay.reasons} == {Rule.LATEST, Rule.FORBIDDEN}


def test_who_finds_the_room_taken_is_told_by_whom() -> None:
    made, goods = two_trucks()
    big = msgspec.structs.replace(goods, id="big", mass_g=3_000_000, litres=15_000, pallets=12)
    made = msgspec.structs.replace(made, consignments=(goods, big))
    plan = plan_of(made, [whole(big, Leg(service="truck", offer=BOX), Leg(service="train", offer=BOX))])
    assert check(made, plan) == ()

    stay = explain_stay(made, plan, goods.id)
    by_train = explain_via(made, plan, goods.id, ["rail", "b"])

    assert (stay.verdict, {one.consignment for one in stay.takers}) == (Verdict.TAKEN, {"big"})
    assert by_train.violations[0].rule is Rule.COUNT


def test_where_no_chain_leads_nothing_is_made_up() -> None:
    made, goods = two_trucks(ready_s=6 * HOUR)

    assert explain_stay(made, empty(made), goods.id).verdict is Verdict.NO_CHAIN
    assert explain_via(made, empty(made), goods.id, ["truck"]).way is None


def test_a_plan_that_goes_a_dear_way_has_it_beside_the_cheapest() -> None:
    made, goods = two_trucks()
    direct = service("direct", "a", "c", 5, 30)
    made = msgspec.structs.replace(made, services=(*made.services, direct))
    plan = plan_of(made, [whole(goods, Leg(service="truck", offer=BOX), Leg(service="train", offer=BOX))])

    ways = explain_way(made, plan, goods.id, 1)

    assert ways.planned.way.more_units == (1, 1)
    assert ways.planned.way.binding == (1, "gate_in_s")
    assert ways.planned.way.slack_s[1] == 2 * HOUR
    assert [one.planned for one in ways.ways] == [False]
    assert ways.ways[0].dearer_fen < 0


def test_one_that_goes_in_parts_is_asked_about_as_a_whole() -> None:
    made, goods = two_trucks(splittable=True)
    legs = (Leg(service="truck", offer=BOX), Leg(service="train", offer=BOX))
    halves = [Route(consignment="k", legs=legs, mass_g=350_000, litres=1_500, pallets=1) for _ in range(2)]
    plan = plan_of(made, halves)

    ways = explain_way(made, plan, goods.id, 3)

    assert (ways.parts, ways.planned, len(ways.ways)) == (2, None, 1)
    assert explain_via(made, plan, goods.id, ["rail"]).dearer_fen == 1  # two parts round carbon and time down twice


def test_a_lock_is_a_reason_too() -> None:
    made, goods = two_trucks()
    made = msgspec.structs.replace(made, locks=(Lock(consignment="k", modes=(Mode.ROAD,)),))

    stay = explain_stay(made, empty(made), goods.id)

    assert [one.rule for one in stay.reasons] == [Rule.LOCK]


@pytest.mark.parametrize(
    ("via", "error"),
    [(["ship"], NotFoundError), ([], RefusedError), (["a", "b", "c", "rail", "road"], RefusedError)],
)
def test_what_cannot_be_asked_is_refused(via: list[str], error: type[Exception]) -> None:
    made, goods = two_trucks()

    with pytest.raises(error):
        explain_via(made, empty(made), goods.id, via)
