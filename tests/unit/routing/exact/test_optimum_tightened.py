"""The optimum is never cheaper for a tighter limit, nor its bound above a plan in parts of whatever sizes pay best."""

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from routing_samples.by_hand import allowed_routes, plan_of
from routing_samples.tiny import HOUR, instances

from coldport.clock import SystemClock
from routing.columns import Pool, best_of
from routing.exact.optimum import optimum
from routing.model import Consignment, Instance
from routing.network import network
from routing.program import Limits
from routing.validate import check

ROUNDING_FEN = 100


def in_small_parts(one: Consignment) -> Consignment:
    return msgspec.structs.replace(one, splittable=True, least_part_g=one.mass_g // 4)


@settings(max_examples=40, deadline=None)
@given(made=instances())
def test_no_plan_in_parts_costs_less_than_the_bound(made: Instance) -> None:
    cut = msgspec.structs.replace(made, consignments=tuple(in_small_parts(one) for one in made.consignments), locks=())
    pool = Pool()
    for one in cut.consignments:
        pool.see(allowed_routes(cut, one))
    proof = optimum(network(cut), 10.0, SystemClock())
    found = best_of(network(cut), pool, plan_of(cut, []), Limits(10.0, gap=0.0), split=True)

    assert found is not None
    assert proof.bound_fen is not None
    assert check(cut, found) == ()
    assert proof.bound_fen <= found.cost.total


@settings(max_examples=25, deadline=None)
@given(made=instances(), what=st.sampled_from(["latest_s", "exposure_s", "units"]))
def test_a_tighter_limit_makes_no_cheaper_plan(made: Instance, what: str) -> None:
    before = optimum(network(made), 10.0, SystemClock())
    after = optimum(network(tightened(made, what)), 10.0, SystemClock())

    if before.plan is None or after.plan is None:
        assert before.plan is not None or after.plan is None
        return
    assert before.plan.cost.total <= after.plan.cost.total * (1 + 1e-5) + ROUNDING_FEN


def tightened(made: Instance, what: str) -> Instance:
    if what == "units":
        services = tuple(
            msgspec.structs.replace(one, offers=tuple(msgspec.structs.replace(some, count=1) for some in one.offers))
            for one in made.services
        )
        return msgspec.structs.replace(made, services=services)
    consignments = tuple(
        msgspec.structs.replace(one, exposure_s=0)
        if what == "exposure_s"
        else msgspec.structs.replace(one, latest_s=max(one.due_s, one.latest_s - 5 * HOUR))
        for one in made.consignments
    )
    return msgspec.structs.replace(made, consignments=consignments)
