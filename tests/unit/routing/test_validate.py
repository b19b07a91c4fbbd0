"""The judge names each kind of violation when it is planted in a plan it lets pass otherwise."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from msgspec.structs import replace
from routing_samples.by_hand import plan_of, whole
from routing_samples.tiny import HOUR, consignment, instance, node, offer, service

from routing.judge.rules import Rule
from routing.model import Band, Instance, Lock, Mode, Regime, Status, Storage, Window
from routing.result import Booking, Leg, Plan, Unplanned
from routing.validate import check, reprice

FIRST, SECOND = Leg(service="s1", offer="box"), Leg(service="s2", offer="box")


@dataclass
class Case:
    """Two services from a through b to c, and a consignment k; what a test changes in them, and in the plan."""

    a: dict[str, Any] = field(default_factory=dict)
    b: dict[str, Any] = field(default_factory=dict)
    c: dict[str, Any] = field(default_factory=dict)
    s1: dict[str, Any] = field(default_factory=dict)
    s2: dict[str, Any] = field(default_factory=dict)
    k: dict[str, Any] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)
    spoil: Callable[[Plan], Plan] = lambda plan: plan
    legs: tuple[Leg, ...] = (FIRST, SECOND)

    def instance(self) -> Instance:
        return instance(
            [node("a", **self.a), node("b", **self.b), node("c", **self.c)],
            [
                service("s1", "a", "b", 10, 15, **self.s1),
                service("s2", "b", "c", 20, 30, **self.s2),
                service("back", "b", "a", 16, 18),
                service("again", "a", "b", 19, 19 + 1),
            ],
            [consignment("k", "a", "c", **self.k)],
            **self.given,
        )

    def plan(self) -> Plan:
        made = self.instance()
        return self.spoil(plan_of(made, [whole(made.consignments[0], *self.legs)]))


def spoil(**parts: Any) -> Callable[[Plan], Plan]:
    return lambda plan: replace(plan, **parts)


def spoil_route(**parts: Any) -> Callable[[Plan], Plan]:
    return lambda plan: replace(plan, routes=(replace(plan.routes[0], **parts), *plan.routes[1:]))


def spoil_cost(plan: Plan) -> Plan:
    return replace(plan, cost=replace(plan.cost, freight=plan.cost.freight + 1))


def halves(plan: Plan) -> Plan:
    route = plan.routes[0]
    half = replace(route, mass_g=route.mass_g // 2, litres=route.litres // 2, pallets=route.pallets // 2)
    return replace(plan, routes=(half, half))


CHILLED = {"band": Band.CHILLED, "exposure_s": 4 * HOUR}
COLD_BOX = {"offers": (offer(bands=(Band.CHILLED,)),)}
COLD_A = {"storage": (Storage(band=Band.CHILLED, fen_per_m3_day=0),)}
SHUT = (Window(from_s=0, to_s=HOUR),)

PLANTED = {
    Rule.INSTANCE: Case(spoil=spoil(instance="another")),
    Rule.CONSIGNMENT: Case(spoil=spoil_route(consignment="nobody")),
    Rule.SERVICE: Case(spoil=spoil_route(legs=(FIRST, Leg(service="none", offer="box")))),
    Rule.OFFER: Case(spoil=spoil_route(legs=(FIRST, Leg(service="s2", offer="none")))),
    Rule.CHAIN: Case(spoil=spoil_route(legs=(SECOND,))),
    Rule.DESTINATION: Case(spoil=spoil_route(legs=(FIRST,))),
    Rule.REVISIT: Case(
        legs=(FIRST, Leg(service="back", offer="box"), Leg(service="again", offer="box"), SECOND),
    ),
    Rule.CLOSED: Case(c={"open": SHUT}),
    Rule.GATE_IN: Case(s2={"gate_in_s": 15 * HOUR - 1}),
    Rule.CUSTOMS_CUT_OFF: Case(s2={"customs_s": 15 * HOUR - 1}),
    Rule.DOCUMENTS: Case(s1={"documents_s": HOUR}, k={"documents_s": HOUR + 1}),
    Rule.BOOKING: Case(s1={"booking_s": HOUR}, given={"now_s": HOUR + 1}),
    Rule.REGIME: Case(b={"regimes": (Regime.BONDED,)}, c={"country": "DE"}),
    Rule.CANCELLED: Case(s2={"status": Status.CANCELLED}),
    Rule.BAND: Case(s2={"offers": (offer(bands=(Band.FROZEN,)),)}),
    Rule.FORBIDDEN: Case(s1={"mode": Mode.AIR}, k={"forbidden_modes": (Mode.AIR,)}),
    Rule.FORCED: Case(k={"forced_modes": (Mode.SEA,)}),
    Rule.LATEST: Case(k={"due_s": HOUR, "latest_s": 30 * HOUR - 1}),
    Rule.DWELL: Case(b={"dwell_limit_s": 5 * HOUR - 1}),
    Rule.EXPOSURE: Case(a=COLD_A, s1=COLD_BOX, s2=COLD_BOX, k=CHILLED),
    Rule.SHELF_LIFE: Case(k={"shelf_life_s": 40 * HOUR, "shelf_life_left_s": 10 * HOUR + 1}),
    Rule.PLUGS: Case(
        a=COLD_A,
        b={"storage": (Storage(band=Band.CHILLED, fen_per_m3_day=0, litres=2_999),)},
        s1=COLD_BOX,
        s2=COLD_BOX,
        k=CHILLED,
    ),
    Rule.ROOM: Case(b={"storage": (Storage(band=Band.AMBIENT, fen_per_m3_day=0, litres=2_999),)}),
    Rule.SHORT: Case(spoil=spoil(bookings=(Booking(service="s1", offer="box", units=1),))),
    Rule.IDLE: Case(
        spoil=spoil(bookings=(Booking(service="s1", offer="box", units=2), Booking(service="s2", offer="box", units=1)))
    ),
    Rule.COUNT: Case(k={"pallets": 13}),
    Rule.SERVICE_PLUGS: Case(s1={"offers": (offer(plugs=1),), "plugs": 0}),
    Rule.BOOKED_TWICE: Case(spoil=lambda plan: replace(plan, bookings=plan.bookings * 2)),
    Rule.SPLIT: Case(spoil=halves),
    Rule.LEAST_PART: Case(k={"splittable": True, "least_part_g": 350_001}, spoil=halves),
    Rule.PARTS: Case(spoil=spoil_route(mass_g=699_999)),
    Rule.LOCK: Case(given={"locks": (Lock(consignment="k", use="back"),)}),
    Rule.BOTH: Case(spoil=spoil(unplanned=(Unplanned(consignment="k", reason="too-late"),))),
    Rule.NEITHER: Case(spoil=spoil(routes=(), bookings=())),
    Rule.UNPLANNED_TWICE: Case(
        spoil=spoil(routes=(), bookings=(), unplanned=(Unplanned(consignment="k", reason="too-late"),) * 2)
    ),
    Rule.COST: Case(spoil=spoil_cost),
    Rule.BOUND: Case(spoil=lambda plan: replace(plan, bound_fen=plan.cost.total + 1)),
}

AT_THE_LIMIT = {
    "gate-in": Case(s2={"gate_in_s": 15 * HOUR}),
    "customs": Case(s2={"customs_s": 15 * HOUR}),
    "documents": Case(s1={"documents_s": HOUR}, k={"documents_s": HOUR}),
    "booking": Case(s1={"booking_s": HOUR}, given={"now_s": HOUR}),
    "booking of a locked service": Case(
        s1={"booking_s": HOUR}, given={"now_s": HOUR + 1, "locks": (Lock(consignment="k", use="s1"),)}
    ),
    "regime within a country": Case(b={"regimes": (Regime.BONDED,)}),
    "regime served": Case(b={"regimes": (Regime.GENERAL,)}, c={"country": "DE"}),
    "latest": Case(k={"due_s": HOUR, "latest_s": 30 * HOUR}),
    "dwell": Case(b={"dwell_limit_s": 10 * HOUR}, a={"dwell_limit_s": 10 * HOUR}),
    "exposure": Case(a=COLD_A, s1=COLD_BOX, s2=COLD_BOX, k=CHILLED | {"exposure_s": 5 * HOUR}),
    "cold by a plug": Case(a=COLD_A, b={"plugs": 1}, s1=COLD_BOX, s2=COLD_BOX, k=CHILLED),
    "shelf life": Case(k={"shelf_life_s": 40 * HOUR, "shelf_life_left_s": 10 * HOUR}),
    "room": Case(b={"storage": (Storage(band=Band.AMBIENT, fen_per_m3_day=0, litres=3_000),)}),
    "count": Case(k={"pallets": 12}),
    "plugs on board": Case(s1={"offers": (offer(plugs=1),), "plugs": 1}),
    "parts": Case(k={"splittable": True, "least_part_g": 350_000}, spoil=halves),
    "path lock": Case(given={"locks": (Lock(consignment="k", path=("s1", "s2")),)}),
    "mode lock": Case(given={"locks": (Lock(consignment="k", modes=(Mode.ROAD,)),)}),
    "units held empty": Case(given={"locks": (Lock(service="s1", offer="box", units=3),)}),
    "bound": Case(spoil=lambda plan: replace(plan, bound_fen=plan.cost.total)),
}


@pytest.mark.parametrize("rule", Rule, ids=lambda rule: rule.value)
def test_a_planted_violation_is_named(rule: Rule) -> None:
    case = PLANTED[rule]

    found = check(case.instance(), case.plan())

    assert rule in {violation.rule for violation in found}
    assert all(str(violation).startswith(violation.rule) for violation in found)


ALONE = (
    set(Rule)
    - {Rule.IDLE, Rule.SHORT, Rule.PARTS, Rule.CONSIGNMENT, Rule.SERVICE, Rule.OFFER, Rule.CHAIN}
    - {
        Rule.DESTINATION,
        Rule.BOOKED_TWICE,
        Rule.NEITHER,
        Rule.SPLIT,
        Rule.UNPLANNED_TWICE,
        Rule.BOTH,
    }
)
"""What can be wrong with nothing else being wrong: the rest leaves bookings, cost or the consignment wrong as well."""


@pytest.mark.parametrize("rule", sorted(ALONE))
def test_nothing_else_is_named_where_nothing_else_is_wrong(rule: Rule) -> None:
    case = PLANTED[rule]

    assert {violation.rule for violation in check(case.instance(), case.plan())} == {rule}


@pytest.mark.parametrize("name", AT_THE_LIMIT)
def test_what_just_keeps_to_a_limit_passes(name: str) -> None:
    case = AT_THE_LIMIT[name]
    made, plan = case.instance(), case.plan()
    if name == "parts":
        plan = replace(plan, cost=reprice(made, plan))

    assert check(made, plan) == ()


def test_goods_wait_until_a_place_opens() -> None:
    late = Case(b={"open": (Window(from_s=0, to_s=15 * HOUR), Window(from_s=18 * HOUR, to_s=19 * HOUR))})
    early = Case(
        b={"open": (Window(from_s=0, to_s=15 * HOUR), Window(from_s=18 * HOUR, to_s=19 * HOUR))},
        s2={"gate_in_s": 18 * HOUR - 1},
    )

    assert check(late.instance(), late.plan()) == ()
    assert [one.rule for one in check(early.instance(), early.plan())] == [Rule.GATE_IN]


def test_a_load_class_needs_units_of_its_own() -> None:
    made = Case().instance()
    tea = consignment("t", "a", "c", load_class="tea", mass_g=1, litres=1, pallets=1)
    made = replace(made, consignments=(*made.consignments, tea))
    plan = plan_of(made, [whole(goods, FIRST, SECOND) for goods in made.consignments])

    assert {booking.units for booking in plan.bookings} == {2}
    assert check(made, plan) == ()


@pytest.mark.parametrize(
    "lock",
    [
        Lock(consignment="k", path=("s1", "back")),
        Lock(consignment="k", use="back"),
        Lock(consignment="k", modes=(Mode.RAIL,)),
        Lock(service="back", offer="box", units=1),
    ],
)
def test_every_kind_of_lock_can_be_broken(lock: Lock) -> None:
    case = Case(given={"locks": (lock,)})
    plan = replace(case.plan(), bookings=Case().plan().bookings)

    assert Rule.LOCK in {violation.rule for violation in check(case.instance(), plan)}


def test_only_a_lock_on_modes_lets_a_consignment_stay() -> None:
    for lock, stands in (
        (Lock(consignment="k", modes=(Mode.SEA,)), True),
        (Lock(consignment="k", use="s1"), False),
        (Lock(consignment="k", path=("s1", "s2")), False),
    ):
        made = replace(Case().instance(), locks=(lock,))
        assert (check(made, plan_of(made, [])) == ()) is stands
