"""A plan's price, by figures worked out by hand, and the same to the fen by the judge, who shares no code with it."""

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from routing_samples.by_hand import all_plans, chains, plan_of, whole
from routing_samples.tiny import DAY, HOUR, consignment, instance, instances, node, offer, service

from routing.model import Band, Connection, Consignment, Instance, Lock, Mode, Prices, Regime, Step, Storage, Window
from routing.pricing import connection_s, opens_s, plan_cost, units_cost, units_needed
from routing.result import Booking, Cost, Leg
from routing.validate import check, reprice

LEGS = (Leg(service="s1", offer="box"), Leg(service="s2", offer="box"))


def priced() -> Instance:
    """Return two legs with a figure in every part of the price."""
    box = offer(
        bands=(Band.CHILLED,), unit_fen=1_000, open_fen=50, fen_per_t=300, unit_co2e_g=2_000_000, co2e_g_per_t=1_000_000
    )
    return instance(
        [
            node("a", storage=(Storage(band=Band.CHILLED, fen_per_m3_day=240),)),
            node("b", handling_fen_per_t=700, handling_co2e_g_per_t=500_000),
            node("c", open=(Window(from_s=35 * HOUR, to_s=40 * HOUR),)),
        ],
        [
            service("s1", "a", "b", 10, 15, offers=(box,)),
            service("s2", "b", "c", 20, 30, offers=(box,), duties_ppm={Regime.GENERAL: 10_000, Regime.BONDED: 1}),
        ],
        [
            consignment(
                "k",
                "a",
                "c",
                band=Band.CHILLED,
                mass_g=2_000_000,
                litres=4_000,
                value_fen=1_000_000,
                ready_s=HOUR,
                due_s=32 * HOUR,
                late_fen_per_h=40,
            )
        ],
        prices=Prices(
            source="made up",
            carbon_fen_per_t=1_000,
            time_ppm_per_day=24_000,
            spoilage_ppm_per_h=100,
            exposed_permille=2_000,
        ),
    )


def test_every_part_of_the_price_is_what_the_table_says() -> None:
    made = priced()
    plan = plan_of(made, [whole(made.consignments[0], *LEGS)])

    assert plan.cost == Cost(
        booking=2 * (50 + 2 * 1_000),  # two tonnes in boxes of one
        freight=2 * 300 * 2,
        handling=700 * 2,
        storage=240 * 4 * 9 // 24,  # 4 m3 wait 9 h at a; b has no storage
        duty=10_000,
        time=34 * 1_000,  # taken in at 35 h, ready at 1 h
        late=3 * 40,
        spoilage=5 * 100,  # from 15 h to 20 h at b
        carbon=4 * 2 * 1_000 + 2 * 2 * 1_000 + 1_000,
        co2e_g=4 * 2_000_000 + 2 * 2_000_000 + 1_000_000,
    )
    assert check(made, plan) == ()


def test_a_part_costs_its_share_of_the_mass() -> None:
    made = priced()
    route = whole(made.consignments[0], *LEGS)
    half = replace(route, mass_g=1_000_000, litres=2_000, pallets=1)
    cost = plan_of(made, [half]).cost

    assert (cost.duty, cost.time, cost.late, cost.spoilage) == (5_000, 17_000, 60, 250)


def test_what_stays_costs_what_it_says_and_nothing_else() -> None:
    made = priced()

    assert plan_of(made, []).cost == Cost(unplanned=2_000_000)


def test_a_unit_costs_the_price_of_the_highest_step_reached_and_the_least_taken() -> None:
    stepped = offer(
        unit_fen=100, open_fen=7, min_take=2, steps=(Step(units=5, unit_fen=60), Step(units=3, unit_fen=80))
    )

    assert [units_cost(stepped, units) for units in (0, 1, 2, 3, 4, 5, 6)] == [0, 207, 207, 247, 327, 307, 367]


def test_the_scarcest_of_mass_volume_and_positions_says_how_many_units() -> None:
    box = offer(mass_g=10, litres=20, positions=3)

    assert units_needed(box, [(10, 20, 3)]) == 1
    assert units_needed(box, [(11, 1, 1)]) == 2
    assert units_needed(box, [(1, 41, 1)]) == 3
    assert units_needed(box, [(1, 1, 10)]) == 4
    assert units_needed(box, [(1, 1, 1), (1, 1, 1)]) == 2


def test_a_place_opens_at_its_next_window_and_closes_at_its_end() -> None:
    place = node("a", open=(Window(from_s=10, to_s=20), Window(from_s=30, to_s=40)))

    assert [opens_s(place, at) for at in (0, 10, 19, 20, 39, 40)] == [10, 10, 19, 30, 39, None]
    assert opens_s(node("b"), 5) == 5


def test_a_change_of_modes_may_have_a_time_of_its_own() -> None:
    place = node("a", connection_s=9, connections=(Connection(arriving=Mode.RAIL, leaving=Mode.ROAD, least_s=4),))

    assert connection_s(place, Mode.RAIL, Mode.ROAD) == 4
    assert connection_s(place, Mode.ROAD, Mode.RAIL) == 9


def test_units_that_a_lock_holds_are_booked_and_paid() -> None:
    made = replace(priced(), locks=(Lock(service="s1", offer="box", units=3),))
    plan = plan_of(made, [])

    assert plan.bookings == (Booking(service="s1", offer="box", units=3),)
    assert plan.cost.booking == 50 + 3 * 1_000
    assert check(made, plan) == ()


@given(instances(), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_judge_prices_any_plan_to_the_same_fen_allowed_or_not(made: Instance, dice) -> None:
    routes = []
    for goods in made.consignments:
        ways = list(chains(made, goods))
        if ways:
            routes.append(whole(goods, *dice.choice(ways)))
    plan = plan_of(made, routes)

    assert reprice(made, plan) == plan.cost == plan_cost(made, plan)


def tighter(goods: Consignment) -> list[Consignment]:
    return [
        replace(goods, latest_s=max(goods.due_s, goods.latest_s - 10 * HOUR)),
        replace(goods, exposure_s=min(goods.exposure_s if goods.exposure_s is not None else DAY, 3 * HOUR)),
        replace(goods, documents_s=goods.documents_s + 5 * HOUR),
        replace(goods, forbidden_modes=(Mode.ROAD, Mode.AIR)),
        replace(goods, shelf_life_left_s=goods.shelf_life_left_s + 20 * HOUR),
    ]


@given(instances(most_consignments=2, most_services=7))
@settings(max_examples=60, deadline=None)
def test_no_tighter_limit_lets_a_plan_pass_that_did_not(made: Instance) -> None:
    passing = {plan.routes for plan in all_plans(made)}
    for number, goods in enumerate(made.consignments):
        for one in tighter(goods):
            consignments = (*made.consignments[:number], one, *made.consignments[number + 1 :])
            assert {plan.routes for plan in all_plans(replace(made, consignments=consignments))} <= passing


@given(instances(most_consignments=3, most_services=7))
@settings(max_examples=40, deadline=None)
def test_the_order_of_consignments_changes_no_price(made: Instance) -> None:
    turned = replace(made, consignments=made.consignments[::-1])

    assert sorted(plan.cost.total for plan in all_plans(turned)) == sorted(plan.cost.total for plan in all_plans(made))
