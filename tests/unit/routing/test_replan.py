"""What has left stays as it is, those hit get a way, and nobody is moved for nothing."""

import os

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from routing_samples.tiny import DAY, HOUR, consignment, instance, instances, node, offer, service

from coldport.clock import SystemClock
from coldport.errors import NotFoundError, RefusedError
from routing.disruption import Cancelled, Full, Joined, Late, Suffered, disrupted
from routing.model import Band, Instance, Lock
from routing.replan import Replanned, Terms, replan
from routing.result import Plan
from routing.search import Effort, search
from routing.validate import check

QUICK = Terms(seconds=0.2)
EXAMPLES = int(os.environ.get("COLDPORT_EXAMPLES", "40"))


def two_trains(**given: object) -> Instance:
    """Two consignments from a over b to c: a truck first, then one of two trains."""
    long = {"due_s": 5 * DAY, "latest_s": 9 * DAY}
    return instance(
        [node("a"), node("b"), node("c")],
        [
            service("truck", "a", "b", 10, 12),
            service("train", "b", "c", 40, 60),
            service("next-train", "b", "c", 80, 100, offers=(offer(unit_fen=150_000),)),
        ],
        [consignment("k", "a", "c", **long), consignment("m", "a", "c", **long)],
        **given,
    )


def planned(made: Instance) -> Plan:
    return search(made, Effort(turns=50), SystemClock())


def ways(plan: Plan) -> dict[str, list[str]]:
    return {route.consignment: [leg.service for leg in route.legs] for route in plan.routes}


def after(made: Instance, *happened: object, now_h: int, terms: Terms = QUICK) -> Replanned:
    found = replan(made, planned(made), happened, now_h * HOUR, SystemClock(), terms)
    for option in found.options:
        assert check(found.instance, option.plan) == ()
    return found


def test_a_cancelled_train_sends_its_goods_by_the_next_one() -> None:
    made = two_trains()
    assert ways(planned(made)) == {"k": ["truck", "train"], "m": ["truck", "train"]}
    found = after(made, Cancelled(service="train"), now_h=1)

    assert found.hit == ("k", "m")
    assert found.stranded == ()
    assert ways(found.options[0].plan) == {"k": ["truck", "next-train"], "m": ["truck", "next-train"]}


def test_what_has_left_goes_on_from_where_it_is() -> None:
    found = after(two_trains(), Cancelled(service="train"), now_h=20)

    assert all(legs[0] == "truck" for legs in ways(found.options[0].plan).values())
    assert {lock.use for lock in found.instance.locks} == {"truck"}


def test_goods_that_have_left_and_cannot_arrive_any_more_are_named() -> None:
    found = after(two_trains(), Cancelled(service="train"), Cancelled(service="next-train"), now_h=20)

    assert found.stranded == ("k", "m")
    assert [one.consignment for one in found.options[0].plan.unplanned] == ["k", "m"]


def test_a_late_truck_that_misses_its_train_hits_its_goods() -> None:
    found = after(two_trains(), Late(service="truck", by_s=40 * HOUR), now_h=11)

    assert found.hit == ("k", "m")
    assert ways(found.options[0].plan)["k"] == ["truck", "next-train"]


def test_a_truck_that_is_a_little_late_hits_nobody() -> None:
    found = after(two_trains(), Late(service="truck", by_s=HOUR), now_h=11)

    assert (found.hit, [option.name for option in found.options]) == ((), ["repair"])


def test_a_new_consignment_goes_beside_the_others_and_moves_none() -> None:
    new = consignment("new", "a", "c", due_s=5 * DAY, latest_s=9 * DAY)
    found = after(two_trains(), Joined(consignment=new), now_h=1)

    assert found.hit == ("new",)
    assert found.options[0].moved == ()
    assert set(ways(found.options[0].plan)) == {"k", "m", "new"}


def test_goods_that_an_alarm_took_shelf_life_from_take_the_sooner_train() -> None:
    cold = {"shelf_life_s": 200 * HOUR, "shelf_life_left_s": 60 * HOUR, "due_s": 5 * DAY, "latest_s": 9 * DAY}
    made = instance(
        [node("a"), node("c")],
        [service("slow", "a", "c", 10, 130), service("fast", "a", "c", 40, 60, offers=(offer(unit_fen=400_000),))],
        [consignment("k", "a", "c", **cold)],
    )
    assert ways(planned(made)) == {"k": ["slow"]}
    found = after(made, Suffered(consignment="k", shelf_life_s=80 * HOUR), now_h=1)

    assert ways(found.options[0].plan) == {"k": ["fast"]}


def test_a_place_that_is_full_lets_no_goods_wait_there() -> None:
    found = after(two_trains(), Full(node="b", band=Band.AMBIENT, litres=3_000), now_h=1)

    assert found.hit == ("m",)
    assert len(ways(found.options[0].plan)) == 1


def test_a_frozen_horizon_keeps_what_departs_within_it() -> None:
    found = after(
        two_trains(), Late(service="next-train", by_s=HOUR), now_h=1, terms=Terms(seconds=0.2, freeze_s=12 * HOUR)
    )

    assert {lock.use for lock in found.instance.locks} == {"truck"}


def test_no_option_is_worse_than_the_repaired_plan_and_the_best_stands_first() -> None:
    found = after(two_trains(), Cancelled(service="train"), now_h=1)
    prices = [option.price_fen for option in found.options]
    repaired = next(option for option in found.options if option.name == "repair")

    assert prices == sorted(prices)
    assert prices[0] <= repaired.price_fen
    assert all(option.plan.cost.total <= repaired.plan.cost.total for option in found.options)


@pytest.mark.parametrize(
    "happened", [Cancelled(service="none"), Late(service="none", by_s=1), Suffered(consignment="none")]
)
def test_what_happened_to_nothing_is_refused(happened: object) -> None:
    with pytest.raises(NotFoundError, match="no 'none'"):
        disrupted(two_trains(), [happened], 0)


def test_a_consignment_joins_once() -> None:
    with pytest.raises(RefusedError, match="'k' is planned already"):
        disrupted(two_trains(), [Joined(consignment=consignment("k", "a", "c"))], 0)


def test_shelf_life_that_is_lost_does_not_become_less_than_nothing() -> None:
    made = two_trains()
    goods = msgspec.structs.replace(made.consignments[0], shelf_life_s=100)
    made = msgspec.structs.replace(made, consignments=(goods, made.consignments[1]))
    changed = disrupted(made, [Suffered(consignment="k", shelf_life_s=500, exposure_s=500)], 0)

    assert (changed.consignments[0].shelf_life_s, changed.consignments[0].exposure_s) == (0, None)


def test_a_lock_on_a_train_that_is_cancelled_is_released_and_named() -> None:
    locks = (Lock(consignment="k", use="train"), Lock(service="train", offer="box", units=2))
    found = after(two_trains(locks=locks), Cancelled(service="train"), now_h=1)

    assert found.released == locks
    assert ways(found.options[0].plan)["k"] == ["truck", "next-train"]


@settings(max_examples=EXAMPLES, deadline=None)
@given(made=instances(), chosen=st.integers(0, 20), now_h=st.integers(0, 60))
def test_whatever_service_falls_out_the_judge_lets_every_option_pass(made: Instance, chosen: int, now_h: int) -> None:
    plan = planned(made)
    if not made.services or check(made, plan):
        return
    cancelled = made.services[chosen % len(made.services)].id
    terms = Terms(seconds=0.02)
    found = replan(made, plan, [Cancelled(service=cancelled)], now_h * HOUR, SystemClock(), terms)

    assert found.options
    assert all(check(found.instance, option.plan) == () for option in found.options)
    assert all(cancelled not in legs for option in found.options for legs in ways(option.plan).values())
