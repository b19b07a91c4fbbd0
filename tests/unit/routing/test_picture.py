"""What a screen is told of a plan is what the plan does, by figures worked out by hand."""

from msgspec.structs import replace
from routing_samples.by_hand import all_plans, plan_of, whole
from routing_samples.tiny import HOUR, consignment, instance, node, offer, service

from routing.model import Instance
from routing.picture import picture
from routing.result import Leg, Unplanned

LEGS = (Leg(service="s1", offer="box"), Leg(service="s2", offer="box"))


def two_legs() -> Instance:
    """Return goods from a by b to c, and a place and a service that nobody needs."""
    box = offer(unit_fen=1_000, mass_g=1_000_000, litres=10_000, positions=10)
    return instance(
        [node("a"), node("b"), node("c"), node("d")],
        [
            service("s1", "a", "b", 10, 15, offers=(box,)),
            service("s2", "b", "c", 20, 30, offers=(box,), delay_s=(0, 10 * HOUR)),
            service("s3", "a", "d", 1, 2, offers=(box,)),
        ],
        [consignment("k", "a", "c", mass_g=1_500_000, litres=1_000, pallets=1, ready_s=HOUR, due_s=28 * HOUR)],
    )


def test_a_route_is_shown_with_its_waits_and_how_late_it_comes() -> None:
    made = two_legs()
    shown = picture(made, plan_of(made, [whole(made.consignments[0], *LEGS)]))

    (way,) = shown.goods[0].ways
    assert (way.legs, way.waits_s, way.arrives_s, way.late_s) == (LEGS, (9 * HOUR, 5 * HOUR), 30 * HOUR, 2 * HOUR)
    assert (way.p80_s, way.missed, way.due_chance) == (38 * HOUR, (0.0,), 0.0)


def test_a_leg_is_shown_with_the_cut_off_that_comes_first() -> None:
    made = two_legs()
    late = replace(made.consignments[0], documents_s=12 * HOUR)
    papers = replace(
        made, services=tuple(replace(one, documents_s=13 * HOUR) for one in made.services), consignments=(late,)
    )
    way = picture(papers, plan_of(papers, [whole(late, *LEGS)])).goods[0].ways[0]

    assert [(one.name, one.slack_s) for one in way.cut_offs] == [("documents_s", HOUR), ("documents_s", HOUR)]


def test_only_what_carries_goods_is_shown_and_where_they_come_by() -> None:
    made = two_legs()
    shown = picture(made, plan_of(made, [whole(made.consignments[0], *LEGS)]))

    assert [one.id for one in shown.rides] == ["s1", "s2"]
    assert [one.id for one in shown.places] == ["a", "b", "c"]


def test_a_unit_is_as_full_as_its_scarcest_room() -> None:
    made = two_legs()
    shown = picture(made, plan_of(made, [whole(made.consignments[0], *LEGS)]))

    (booked,) = shown.rides[0].booked
    assert (booked.units, booked.price_fen, booked.filled) == (2, 2_000, 0.75)


def test_goods_that_stay_are_shown_with_the_reason_and_the_price() -> None:
    made = two_legs()
    nothing = next(plan for plan in all_plans(made) if not plan.routes)
    stays = replace(nothing, unplanned=(Unplanned(consignment="k", reason="no-room"),))

    (goods,) = picture(made, stays).goods
    assert (goods.ways, goods.stays, goods.stays_fen) == ((), "no-room", made.consignments[0].unplanned_fen)
