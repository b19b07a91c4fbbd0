"""The first answer comes from a network that was kept, and is one that the judge lets pass; parts go on as parts."""

import os

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from routing_samples.by_hand import plan_of, whole
from routing_samples.tiny import DAY, HOUR, consignment, instance, instances, node, offer, service

from coldport.clock import SystemClock
from routing.disruption import Cancelled, Disruption, Full, Joined, Late, Suffered
from routing.model import Band, Consignment, Instance, Lock
from routing.pricing import Tables, bookings_for, price
from routing.replan import Terms, options
from routing.result import Leg, Plan, Route
from routing.search import Effort, search
from routing.standing import Aftermath, Standing
from routing.validate import Record, check

EXAMPLES = int(os.environ.get("COLDPORT_EXAMPLES", "40"))
FEW = Terms(seconds=None, turns=40)
LONG = {"due_s": 5 * DAY, "latest_s": 9 * DAY}


def two_trains(*goods: Consignment, **given: object) -> Instance:
    """Consignments from a over b to c: a truck first, then one of two trains."""
    return instance(
        [node("a"), node("b"), node("c")],
        [
            service("truck", "a", "b", 10, 12),
            service("train", "b", "c", 40, 60),
            service("next-train", "b", "c", 80, 100, offers=(offer(unit_fen=150_000),)),
        ],
        goods or [consignment("k", "a", "c", **LONG)],
        **given,
    )


def planned(made: Instance) -> Plan:
    return search(made, Effort(turns=50), SystemClock())


def ways(plan: Plan) -> dict[str, list[str]]:
    return {route.consignment: [leg.service for leg in route.legs] for route in plan.routes}


def after(made: Instance, plan: Plan, *happened: Disruption, now_h: int) -> Aftermath:
    found = Standing(made, plan).after(happened, now_h * HOUR)
    assert check(found.instance, found.plan) == ()
    return found


def test_goods_of_a_cancelled_train_go_by_the_next_one_from_where_they_are() -> None:
    made = two_trains()
    for now_h, held in ((1, set()), (20, {"truck"})):
        found = after(made, planned(made), Cancelled(service="train"), now_h=now_h)

        assert (found.hit, found.stranded) == (("k",), ())
        assert ways(found.plan) == {"k": ["truck", "next-train"]}
        assert {lock.use for lock in found.instance.locks} == held


def test_asking_changes_nothing_for_the_next_question() -> None:
    standing = Standing(two_trains(), planned(two_trains()))
    first = standing.after([Cancelled(service="train")], HOUR).plan

    assert ways(standing.after([Cancelled(service="next-train")], HOUR).plan) == {"k": ["truck", "train"]}
    assert standing.after([Cancelled(service="train")], HOUR).plan == first


def test_goods_that_left_for_a_train_without_units_are_named_and_not_promised_one() -> None:
    made = two_trains(*(consignment(name, "a", "c", **LONG) for name in "kmn"))
    services = (*made.services[:2], msgspec.structs.replace(made.services[2], offers=(offer(count=2),)))
    made = msgspec.structs.replace(made, services=services)
    found = after(made, planned(made), Cancelled(service="train"), now_h=20)

    assert len(found.stranded) == 1
    assert len(found.plan.routes) == 2


def test_a_lock_whose_other_legs_are_gone_is_released_and_named() -> None:
    made = two_trains(locks=(Lock(consignment="k", use="train"),))
    found = after(made, planned(made), Cancelled(service="truck"), now_h=1)

    assert found.released == made.locks
    assert [one.consignment for one in found.plan.unplanned] == ["k"]


def in_two_parts(made: Instance, *ways: tuple[str, ...]) -> Plan:
    """Return a plan in which each half of the only consignment goes its way."""
    goods = made.consignments[0]
    half = {"mass_g": goods.mass_g // 2, "litres": goods.litres // 2, "pallets": goods.pallets // 2}
    routes = [
        Route(consignment=goods.id, legs=tuple(Leg(service=name, offer="box") for name in way), **half) for way in ways
    ]
    tables = Tables(made)
    bookings = bookings_for(made, tables, routes)
    cost = price(tables, routes, bookings, [])
    return msgspec.structs.replace(
        plan_of(made, [whole(goods, *routes[0].legs)]), routes=tuple(routes), bookings=bookings, cost=cost
    )


def halves(**given: object) -> tuple[Instance, Plan]:
    made = two_trains(consignment("k", "a", "c", splittable=True, least_part_g=100_000, **LONG), **given)
    plan = in_two_parts(made, ("truck", "train"), ("truck", "next-train"))
    assert check(made, plan) == ()
    return made, plan


def test_of_goods_in_parts_only_the_part_that_is_hit_moves() -> None:
    made, plan = halves()
    made = msgspec.structs.replace(made, services=(*made.services, service("third", "b", "c", 90, 110)))
    found = after(made, plan, Cancelled(service="train"), Suffered(consignment="k"), now_h=20)

    assert found.hit == ("k",)
    assert ["truck", "next-train"] in [[leg.service for leg in route.legs] for route in found.plan.routes]
    assert sum(route.mass_g for route in found.plan.routes) == made.consignments[0].mass_g


def test_a_part_that_cannot_go_takes_the_whole_with_it_when_nothing_has_left() -> None:
    made, plan = halves()
    services = (*made.services[:2], msgspec.structs.replace(made.services[2], offers=(offer(mass_g=350_000, count=1),)))
    made = msgspec.structs.replace(made, services=services)
    plan = in_two_parts(made, ("truck", "train"), ("truck", "next-train"))
    found = after(made, plan, Cancelled(service="train"), now_h=1)

    assert found.stranded == ()
    assert [one.consignment for one in found.plan.unplanned] == ["k"]


def test_a_cap_on_who_is_moved_holds_and_putting_back_is_for_free_when_it_saves_nothing() -> None:
    made = two_trains(*(consignment(f"k{n}", "a", "c", **LONG) for n in range(6)))
    train = msgspec.structs.replace(made.services[1], offers=(offer(count=2),))
    made = msgspec.structs.replace(made, services=(made.services[0], train, *made.services[2:]))
    found = after(made, planned(made), Late(service="truck", by_s=HOUR), now_h=1)
    for most in (0, 1):
        terms = Terms(seconds=None, turns=200, stability_fen=1, most_moved=most, unrestricted=True)
        said = options(found, SystemClock(), terms)

        assert all(len(one.moved) <= most for one in said.options)
        assert said.unrestricted is not None
        assert check(said.instance, said.unrestricted.plan) == ()


def events(made: Instance, chosen: int, by: int) -> list[Disruption]:
    """Return what may happen to a random instance."""
    some: list[Disruption] = [
        Full(node=made.nodes[chosen % len(made.nodes)].id, band=Band.CHILLED, litres=by * 500),
        Joined(consignment=consignment("new", made.nodes[0].id, made.nodes[1].id)),
    ]
    some += [Cancelled(service=one.id) for one in made.services]
    some += [Late(service=one.id, by_s=by * HOUR) for one in made.services]
    some += [Suffered(consignment=one.id, shelf_life_s=by * HOUR, exposure_s=by * HOUR) for one in made.consignments]
    return [some[chosen % len(some)], some[by * 7 % len(some)]]


@settings(max_examples=EXAMPLES, deadline=None)
@given(made=instances(), chosen=st.integers(0, 60), by=st.integers(0, 30), now_h=st.integers(2, 60))
def test_whatever_happens_every_answer_is_a_plan_and_none_is_dearer_than_the_first(
    made: Instance, chosen: int, by: int, now_h: int
) -> None:
    plan = planned(made)
    if check(made, plan):
        return
    happened = list(dict.fromkeys(events(made, chosen, by)))
    found = after(made, plan, *happened, now_h=now_h)
    others = options(found, SystemClock(), FEW)

    assert all(check(found.instance, one.plan) == () for one in others.options)
    assert all(one.plan.cost.total <= found.plan.cost.total for one in others.options)
    assert others == options(found, SystemClock(), FEW)


@settings(max_examples=EXAMPLES, deadline=None)
@given(made=instances(), chosen=st.integers(0, 60), by=st.integers(0, 30), now_h=st.integers(2, 60))
def test_the_judge_says_of_what_differs_what_he_says_of_the_whole(
    made: Instance, chosen: int, by: int, now_h: int
) -> None:
    plan = planned(made)
    happened = list(dict.fromkeys(events(made, chosen, by)))
    found = Standing(made, plan).after(happened, now_h * HOUR)
    spoilt = [
        plan,
        found.plan,
        msgspec.structs.replace(found.plan, routes=found.plan.routes[1:]),
        msgspec.structs.replace(found.plan, routes=found.plan.routes[:1] * 2),
        msgspec.structs.replace(found.plan, bookings=plan.bookings[:1] * 2, unplanned=plan.unplanned),
        msgspec.structs.replace(plan, bookings=found.plan.bookings),
    ]
    for before in (plan, spoilt[3], spoilt[4]):
        record = Record(made, before)
        for one in spoilt:
            for now in (made, found.instance):
                assert sorted(map(str, record.again(now, one))) == sorted(map(str, check(now, one)))
