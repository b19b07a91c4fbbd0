"""The first answer after a cancelled service is the repair that replanning finds, from tables that were kept."""

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from routing_samples.tiny import DAY, HOUR, consignment, instance, instances, node, offer, service

from coldport.clock import SystemClock
from coldport.errors import NotFoundError
from routing.disruption import Cancelled
from routing.model import Instance, Lock
from routing.repair import Standing
from routing.replan import Terms, replan
from routing.result import Plan
from routing.search import Effort, search
from routing.validate import check

EXAMPLES = int(os.environ.get("COLDPORT_EXAMPLES", "40"))


def two_trains(**given: object) -> Instance:
    """A consignment from a over b to c: a truck first, then one of two trains."""
    return instance(
        [node("a"), node("b"), node("c")],
        [
            service("truck", "a", "b", 10, 12),
            service("train", "b", "c", 40, 60),
            service("next-train", "b", "c", 80, 100, offers=(offer(unit_fen=150_000),)),
        ],
        [consignment("k", "a", "c", due_s=5 * DAY, latest_s=9 * DAY)],
        **given,
    )


def planned(made: Instance) -> Plan:
    return search(made, Effort(turns=50), SystemClock())


def way(plan: Plan) -> list[str]:
    return [leg.service for route in plan.routes for leg in route.legs]


@pytest.mark.parametrize("now_h", [1, 20])
def test_goods_of_a_cancelled_train_go_by_the_next_one_from_where_they_are(now_h: int) -> None:
    standing = Standing(two_trains(), planned(two_trains()))
    found = standing.repaired(["train"], now_h * HOUR)

    assert found is not None
    assert (found.hit, found.stranded) == (("k",), ())
    assert way(found.plan) == ["truck", "next-train"]


def test_what_cannot_be_booked_any_more_is_not_taken() -> None:
    standing = Standing(two_trains(), planned(two_trains()))
    found = standing.repaired(["truck"], 9 * HOUR)

    assert found is not None
    assert [one.consignment for one in found.plan.unplanned] == ["k"]


def test_goods_that_cannot_arrive_any_more_are_named() -> None:
    found = Standing(two_trains(), planned(two_trains())).repaired(["train", "next-train"], 20 * HOUR)

    assert found is not None
    assert found.stranded == ("k",)


def test_asking_changes_nothing_for_the_next_question() -> None:
    standing = Standing(two_trains(), planned(two_trains()))
    first = standing.repaired(["train"], HOUR)

    assert standing.repaired([], HOUR) is not None
    assert way(standing.repaired([], HOUR).plan) == ["truck", "train"]  # type: ignore[union-attr]
    assert standing.repaired(["train"], HOUR) == first


def test_locks_on_those_hit_and_services_that_have_left_are_a_question_for_replan() -> None:
    locked = two_trains(locks=(Lock(consignment="k", use="train"),))

    assert Standing(locked, planned(locked)).repaired(["train"], HOUR) is None
    assert Standing(two_trains(), planned(two_trains())).repaired(["truck"], 11 * HOUR) is None


def test_a_service_that_does_not_run_is_refused() -> None:
    with pytest.raises(NotFoundError, match="no service 'none' runs"):
        Standing(two_trains(), planned(two_trains())).repaired(["none"], HOUR)


@settings(max_examples=EXAMPLES // 2, deadline=None)
@given(made=instances(), chosen=st.integers(0, 20), now_h=st.integers(0, 60))
def test_it_is_the_repair_of_replan_and_the_judge_lets_it_pass(made: Instance, chosen: int, now_h: int) -> None:
    plan = planned(made)
    if not made.services or check(made, plan):
        return
    cancelled = made.services[chosen % len(made.services)].id
    found = Standing(made, plan).repaired([cancelled], now_h * HOUR)
    if found is None:
        return
    slow = replan(made, plan, [Cancelled(service=cancelled)], now_h * HOUR, SystemClock(), Terms(seconds=0.02))

    assert check(slow.instance, found.plan) == ()
    assert (found.hit, found.stranded) == (slow.hit, slow.stranded)
    assert found.plan.routes == next(one.plan for one in slow.options if one.name == "repair").routes
